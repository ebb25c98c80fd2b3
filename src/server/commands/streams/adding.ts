/**
 * Streams that grow and are cut: XADD, XTRIM, XDEL, XSETID.
 *
 * Source: redis 7.0 `src/t_stream.c`.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { bigintArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY } from '../../command-spec.ts'
import {
  compareIds,
  type Id,
  idText,
  isZeroId,
  MAX_ID,
  MIN_ID,
  nextId,
  type U64,
} from '../../dataset/stream-id.ts'
import { StreamValue } from '../../dataset/stream-value.ts'
import { NO_SUCH_KEY, OK, Refusal, type Reply, SYNTAX, wrongArity } from '../../replies.ts'
import { strictId } from './ids.ts'
import { exactly, trim, trimOptions } from './trimming.ts'

/** Longer entries than this are refused (STREAM_LISTPACK_MAX_SIZE). */
const ENTRY_BYTES_MAX = 2 ** 30

const NOT_HIGHER = 'ERR The ID specified in XADD is equal or smaller than the target stream top item'
const TOO_LARGE = 'ERR Elements are too large to be stored'

function xadd(call: Call): Reply {
  const { argv } = call
  const key = argv[1]!
  const options = trimOptions(call, true)
  const { end: idAt, wanted } = options
  const fields = argv.slice(idAt + 1)
  if (fields.length < 2 || fields.length % 2 === 1) throw new Refusal(wrongArity('xadd'))
  if (typeof wanted === 'object' && isZeroId(wanted)) {
    throw new Refusal('ERR The ID specified in XADD must be greater than 0-0')
  }
  const found = call.findForWrite(key, 'stream')
  if (found === undefined && options.noMkstream) return null
  const value = found ?? new StreamValue()
  if (found === undefined) call.add(key, value)
  const id = newId(value, wanted, call.now)
  if (fields.reduce((sum, text) => sum + text.length, 0) > ENTRY_BYTES_MAX) throw new Refusal(TOO_LARGE)
  value.append(id, fields, call.server.settings.limits)
  call.modified(key)
  call.notify('t', 'xadd', key)
  if (trim(value, options) > 0) call.notify('t', 'xtrim', key)
  const words = exactly(argv, value, options)
  words[idAt] = typeof wanted === 'object' ? words[idAt]! : idText(id)
  call.propagate(words)
  return idText(id)
}

function newId({ lastId }: StreamValue, wanted: Id | U64 | undefined, now: number): Id {
  if (compareIds(lastId, MAX_ID) === 0) {
    throw new Refusal('ERR The stream has exhausted the last possible ID, unable to add more items')
  }
  if (wanted === undefined) return now > lastId.ms ? { ms: now, seq: 0 } : nextId(lastId)!
  if (typeof wanted !== 'object') {
    if (wanted !== lastId.ms) return higher({ ms: wanted, seq: 0 }, lastId)
    if (lastId.seq === MAX_ID.seq) throw new Refusal(NOT_HIGHER)
    return nextId(lastId)!
  }
  return higher(wanted, lastId)
}

function higher(id: Id, lastId: Id): Id {
  if (compareIds(id, lastId) <= 0) throw new Refusal(NOT_HIGHER)
  return id
}

function xtrim(call: Call): Reply {
  const options = trimOptions(call, false)
  const key = call.argv[1]!
  const value = call.findForWrite(key, 'stream')
  if (value === undefined) return 0
  const trimmed = trim(value, options)
  if (trimmed > 0) {
    call.notify('t', 'xtrim', key)
    call.propagate(exactly(call.argv, value, options))
    call.modified(key, trimmed)
  }
  return trimmed
}

function xdel(call: Call): Reply {
  const [, key, ...texts] = call.argv as [ByteString, ByteString, ...ByteString[]]
  const value = call.findForWrite(key, 'stream')
  if (value === undefined) return 0
  const deleted = texts.map(strictId).filter((id) => value.delete(id)).length
  if (deleted > 0) {
    call.modified(key, deleted)
    call.notify('t', 'xdel', key)
  }
  return deleted
}

function xsetid(call: Call): Reply {
  const [, key, text, ...options] = call.argv as [ByteString, ByteString, ByteString, ...ByteString[]]
  const id = strictId(text)
  const { added, maxDeletedId } = setidOptions(options, id)
  const value = call.findForWrite(key, 'stream')
  if (value === undefined) throw new Refusal(NO_SUCH_KEY)
  if (value.length > 0 && compareIds(id, value.lastLiveId) < 0) {
    throw new Refusal('ERR The ID specified in XSETID is smaller than the target stream top item')
  }
  if (value.length > 0 && added !== undefined && value.length > added) {
    throw new Refusal('ERR The entries_added specified in XSETID is smaller than the target stream length')
  }
  value.lastId = id
  if (added !== undefined) value.added = added
  if (!isZeroId(maxDeletedId)) value.maxDeletedId = maxDeletedId
  call.changes++
  call.notify('t', 'xsetid', key)
  return OK
}

function setidOptions(
  words: readonly ByteString[],
  id: Id,
): { readonly added: bigint | undefined; readonly maxDeletedId: Id } {
  let added: bigint | undefined
  let maxDeletedId = MIN_ID
  for (let i = 0; i < words.length; i += 2) {
    const name = word(words[i]!)
    const text = words[i + 1]
    if (text === undefined || (name !== 'ENTRIESADDED' && name !== 'MAXDELETEDID')) throw new Refusal(SYNTAX)
    if (name === 'ENTRIESADDED') {
      added = bigintArgument(text)
      if (added < 0n) throw new Refusal('ERR entries_added must be positive')
      continue
    }
    maxDeletedId = strictId(text)
    if (compareIds(id, maxDeletedId) < 0) {
      throw new Refusal('ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id')
    }
  }
  return { added, maxDeletedId }
}

const FAST = ['write', 'fast'] as const

export const addingCommands = defineCommands({
  xadd: { arity: -5, flags: ['write', 'denyoom', 'fast'], keys: ONE_KEY, effect: 'own', run: xadd },
  xtrim: { arity: -4, flags: ['write'], keys: ONE_KEY, effect: 'own', run: xtrim },
  xdel: { arity: -3, flags: [...FAST], keys: ONE_KEY, effect: 'same', run: xdel },
  xsetid: { arity: -3, flags: ['write', 'denyoom', 'fast'], keys: ONE_KEY, effect: 'same', run: xsetid },
})
