/**
 * Hashes that are changed: HSET, HMSET, HSETNX, HDEL, HINCRBY, HINCRBYFLOAT.
 *
 * Source: redis 7.0 `src/t_hash.c`.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { bigintArgument, smallInteger } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { HashValue } from '../../dataset/hash-value.ts'
import { Refusal, type Reply, wrongArity } from '../../replies.ts'
import { extendedArgument, floatSum } from '../strings/counting.ts'

const HSET = 'HSET' as ByteString

/** HSET key field value [field value …]: how many fields are new. */
export function hset(call: Call): Reply {
  const { argv } = call
  if (argv.length % 2 === 1) throw new Refusal(wrongArity(call.command.name))
  const { limits } = call.server.settings
  const hash = hashForWrite(call)
  // One long word and the hash is unpacked before the first field is set: their order shows it.
  if (hash.isPacked && hasLonger(argv, limits.hashValue)) hash.unpack()
  let created = 0
  for (let i = 2; i < argv.length; i += 2) if (hash.set(argv[i]!, argv[i + 1]!, limits)) created++
  call.modified(argv[1]!, argv.length / 2 - 1)
  call.notify('h', 'hset', argv[1]!)
  return created
}

function hasLonger(argv: readonly ByteString[], length: number): boolean {
  for (let i = 2; i < argv.length; i++) if (argv[i]!.length > length) return true
  return false
}

export function hsetnx(call: Call): Reply {
  const [, key, field, value] = call.argv as [ByteString, ByteString, ByteString, ByteString]
  if (call.findForWrite(key, 'hash')?.has(field)) return 0
  hashForWrite(call).set(field, value, call.server.settings.limits)
  call.modified(key)
  call.notify('h', 'hset', key)
  return 1
}

export function hdel(call: Call): Reply {
  const [, key, ...fields] = call.argv as [ByteString, ByteString, ...ByteString[]]
  const hash = call.findForWrite(key, 'hash')
  if (hash === undefined) return 0
  let deleted = 0
  for (const field of fields) {
    if (hash.remove(field)) deleted++
    if (hash.size === 0) break
  }
  if (deleted === 0) return 0
  call.modified(key, deleted)
  call.notify('h', 'hdel', key)
  if (hash.size === 0) {
    call.db.remove(call.db.peek(key)!)
    call.notify('g', 'del', key)
  }
  return deleted
}

/** HINCRBY key field increment */
export function hincrby(call: Call): Reply {
  const [, key, field, text] = call.argv as [ByteString, ByteString, ByteString, ByteString]
  const by = smallInteger(text) ?? bigintArgument(text)
  const old = call.findForWrite(key, 'hash')?.get(field) ?? ZERO
  const small = smallInteger(old)
  let sum: number | bigint = typeof by === 'number' && small !== undefined ? small + by : Number.NaN
  if (!Number.isSafeInteger(sum)) {
    sum = bigintArgument(old, 'ERR hash value is not an integer') + BigInt(by)
    if (BigInt.asIntN(64, sum) !== sum) throw new Refusal('ERR increment or decrement would overflow')
  }
  hashForWrite(call).set(field, String(sum) as ByteString, call.server.settings.limits)
  call.modified(key)
  call.notify('h', 'hincrby', key)
  return sum
}

/** HINCRBYFLOAT key field increment: replicas get the outcome. */
export function hincrbyfloat(call: Call): Reply {
  const [, key, field, text] = call.argv as [ByteString, ByteString, ByteString, ByteString]
  const by = extendedArgument(text)
  if (by.isInfinite) throw new Refusal('ERR value is NaN or Infinity')
  const old = call.findForWrite(key, 'hash')?.get(field) ?? ZERO
  const sum = floatSum(extendedArgument(old, 'ERR hash value is not a float'), by)
  hashForWrite(call).set(field, sum, call.server.settings.limits)
  call.modified(key)
  call.notify('h', 'hincrbyfloat', key)
  call.propagate([HSET, key, field, sum])
  return sum
}

const ZERO = '0' as ByteString

/** The hash at the key of the call; a new one if there is none. */
function hashForWrite(call: Call): HashValue {
  const key = call.argv[1]!
  const found = call.findForWrite(key, 'hash')
  if (found !== undefined) return found
  const made = new HashValue()
  call.add(key, made)
  return made
}
