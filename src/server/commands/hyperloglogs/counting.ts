/**
 * PFADD, PFCOUNT, PFMERGE, PFDEBUG.
 *
 * PFCOUNT is no write command, yet it keeps what it reckoned within the value, and replicas are sent the same
 * PFCOUNT so that their bytes stay equal.
 *
 * Source: redis 7.0 `src/hyperloglog.c`.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { REGISTERS } from '../../dataset/hyperloglog/estimate.ts'
import {
  addElement,
  cache,
  cachedCardinality,
  cardinality,
  decodedRuns,
  emptyHyperLogLog,
  invalidate,
  isSparse,
  looksLikeHyperLogLog,
  makeDense,
  mergeInto,
  raiseRegister,
} from '../../dataset/hyperloglog/hyperloglog.ts'
import type { StringValue } from '../../dataset/string-value.ts'
import { OK, Refusal, type Reply, Status, shown } from '../../replies.ts'

const CORRUPT = 'INVALIDOBJ Corrupted HLL object detected'

export function pfadd(call: Call): Reply {
  const [, key, ...elements] = call.argv as [ByteString, ByteString, ...ByteString[]]
  const bytesMax = call.server.settings.hllSparseBytesMax
  const found = hyperLogLog(call.findForWrite(key, 'string'))
  const value = found ?? emptyHyperLogLog()
  if (found === undefined) call.add(key, value)
  let updates = found === undefined ? 1 : 0
  value.edit(0)
  for (const element of elements) {
    const change = addElement(value, element, bytesMax)
    if (change === 'corrupt') throw new Refusal(CORRUPT)
    if (change === 'changed') updates++
  }
  if (updates === 0) return 0
  invalidate(value)
  call.modified(key, updates)
  call.notify('$', 'pfadd', key)
  return 1
}

export function pfcount(call: Call): Reply {
  const keys = call.argv.slice(1)
  if (keys.length > 1) return cardinality(union(call, keys).ranks)
  const key = keys[0]!
  const value = hyperLogLog(call.find(key, 'string'))
  if (value === undefined) return 0
  const cached = cachedCardinality(value)
  if (cached !== undefined) return cached
  const ranks = new Uint8Array(REGISTERS)
  if (!mergeInto(ranks, value)) throw new Refusal(CORRUPT)
  const count = cardinality(ranks)
  call.db.changing(call.db.peek(key)!)
  cache(value, count)
  call.modified(key)
  return count
}

/** PFMERGE destination [source …]: the destination is one of the sources. */
export function pfmerge(call: Call): Reply {
  const key = call.argv[1]!
  const bytesMax = call.server.settings.hllSparseBytesMax
  const { ranks, hasDense } = union(call, call.argv.slice(1))
  const found = call.findForWrite(key, 'string')
  const value = found ?? emptyHyperLogLog()
  if (found === undefined) call.add(key, value)
  if (hasDense && !makeDense(value)) throw new Refusal(CORRUPT)
  for (let i = 0; i < REGISTERS; i++) if (ranks[i]! > 0) raiseRegister(value, i, ranks[i]!, bytesMax)
  invalidate(value)
  call.modified(key)
  call.notify('$', 'pfadd', key)
  return OK
}

/** PFDEBUG GETREG|DECODE|ENCODING|TODENSE key */
export function pfdebug(call: Call): Reply {
  const [, subcommand, key] = call.argv as [ByteString, ByteString, ByteString]
  const value = hyperLogLog(call.findForWrite(key, 'string'))
  if (value === undefined) throw new Refusal('ERR The specified key does not exist')
  switch (word(subcommand)) {
    case 'GETREG': {
      toDense(call, value)
      const ranks = new Uint8Array(REGISTERS)
      mergeInto(ranks, value)
      return [...ranks]
    }
    case 'DECODE':
      if (!isSparse(value)) throw new Refusal('ERR HLL encoding is not sparse')
      return decodedRuns(value)
    case 'ENCODING':
      return new Status(isSparse(value) ? 'sparse' : 'dense')
    case 'TODENSE':
      return toDense(call, value) ? 1 : 0
    default:
      throw new Refusal(`ERR Unknown PFDEBUG subcommand '${shown(subcommand)}'`)
  }
}

/** Replicas are told, but nobody who watches the key: what it counts is the same. */
function toDense(call: Call, value: StringValue): boolean {
  if (!isSparse(value)) return false
  if (!makeDense(value)) throw new Refusal(CORRUPT)
  call.changes++
  return true
}

/** All of these together; keys that do not exist count nothing. */
function union(call: Call, keys: readonly ByteString[]): { ranks: Uint8Array; hasDense: boolean } {
  const ranks = new Uint8Array(REGISTERS)
  let hasDense = false
  for (const key of keys) {
    const value = hyperLogLog(call.find(key, 'string'))
    if (value === undefined) continue
    if (!isSparse(value)) hasDense = true
    if (!mergeInto(ranks, value)) throw new Refusal(CORRUPT)
  }
  return { ranks, hasDense }
}

function hyperLogLog(value: StringValue | undefined): StringValue | undefined {
  if (value !== undefined && !looksLikeHyperLogLog(value)) {
    throw new Refusal('WRONGTYPE Key is not a valid HyperLogLog string value.')
  }
  return value
}
