/**
 * Deadlines of keys: set, read, taken away.
 *
 * Replicas are told absolute times only (PEXPIREAT), so that a slow link does not lengthen a key's life; a
 * deadline that has passed already is a deletion, unless it is our master who says so: then the key stays
 * until the master deletes it.
 *
 * Source: redis 7.0 `src/expire.c`, expireGenericCommand, ttlGenericCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { bigintArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY } from '../../command-spec.ts'
import { type Entry, NEVER } from '../../dataset/entry.ts'
import { Refusal, type Reply, shown } from '../../replies.ts'

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)

export type Unit = 'seconds' | 'ms'

/** `ERR invalid expire time in 'set' command` */
export function invalidExpireTime(call: Call): Refusal {
  return new Refusal(`ERR invalid expire time in '${call.command.name}' command`)
}

/**
 * The deadline that an argument asks for, unix milliseconds. Kept as a number, it is rounded beyond the
 * year 287396.
 * @param base 0 for an absolute time, the present for a relative one
 * @throws Refusal where it is no integer or leaves 64 bits
 */
export function deadline(call: Call, text: ByteString, unit: Unit, base: number): bigint {
  let when = bigintArgument(text)
  if (unit === 'seconds') {
    if (when > INT64_MAX / 1000n || when < INT64_MIN / 1000n) throw invalidExpireTime(call)
    when *= 1000n
  }
  if (when > INT64_MAX - BigInt(base)) throw invalidExpireTime(call)
  return when + BigInt(base)
}

type Conditions = { readonly nx: boolean; readonly xx: boolean; readonly gt: boolean; readonly lt: boolean }

function conditions(words: readonly ByteString[]): Conditions {
  const found = { nx: false, xx: false, gt: false, lt: false }
  for (const text of words) {
    const name = word(text).toLowerCase()
    if (!Object.hasOwn(found, name)) throw new Refusal(`ERR Unsupported option ${shown(text)}`)
    found[name as keyof typeof found] = true
  }
  if (found.nx && (found.xx || found.gt || found.lt)) {
    throw new Refusal('ERR NX and XX, GT or LT options at the same time are not compatible')
  }
  if (found.gt && found.lt) {
    throw new Refusal('ERR GT and LT options at the same time are not compatible')
  }
  return found
}

function allows({ nx, xx, gt, lt }: Conditions, { expireAt }: Entry, when: number): boolean {
  if (nx && expireAt !== NEVER) return false
  if (xx && expireAt === NEVER) return false
  // Not to expire is later than any deadline.
  if (gt && (expireAt === NEVER || when <= expireAt)) return false
  return !(lt && expireAt !== NEVER && when >= expireAt)
}

function expire(call: Call, unit: Unit, base: number): Reply {
  const [, key, time, ...options] = call.argv as [ByteString, ByteString, ByteString, ...ByteString[]]
  const wanted = conditions(options)
  const exact = deadline(call, time, unit, base)
  const when = Number(exact)
  const entry = call.entryForWrite(key)
  if (entry === undefined || !allows(wanted, entry, when)) return 0
  if (setDeadline(call, entry, when)) {
    const name = call.command.name === 'pexpireat' ? call.argv[0]! : ('PEXPIREAT' as ByteString)
    call.propagate([name, key, String(exact) as ByteString, ...options])
    call.notify('g', 'expire', key)
  }
  return 1
}

/**
 * Gives a key its deadline, or deletes it (and propagates that) where the deadline has passed.
 * @returns whether the key is still there
 */
export function setDeadline(call: Call, entry: Entry, when: number): boolean {
  const { key } = entry
  if (expiresAtOnce(call, when)) {
    call.remove(key)
    call.propagate([(call.server.settings.lazyExpire ? 'UNLINK' : 'DEL') as ByteString, key])
    call.notify('g', 'del', key)
    return false
  }
  call.db.expire(entry, when)
  call.modified(key)
  return true
}

/** Whether a deadline has passed and it is ours to act upon it. */
export function expiresAtOnce(call: Call, when: number): boolean {
  return when <= call.now && call.execution.origin !== 'master' && !call.server.isReplica
}

function persist(call: Call): Reply {
  const key = call.argv[1]!
  const entry = call.entryForWrite(key)
  if (entry === undefined || entry.expireAt === NEVER) return 0
  call.db.expire(entry, NEVER)
  call.modified(key)
  call.notify('g', 'persist', key)
  return 1
}

const NO_KEY = -2
const NO_DEADLINE = -1

function timeToLive(call: Call, unit: Unit, isAbsolute: boolean): Reply {
  const entry = call.glance(call.argv[1]!)
  if (entry === undefined) return NO_KEY
  if (entry.expireAt === NEVER) return NO_DEADLINE
  const ms = isAbsolute ? entry.expireAt : Math.max(0, entry.expireAt - call.now)
  return unit === 'ms' ? ms : Math.floor((ms + 500) / 1000)
}

const SETS = { arity: -3, flags: ['write', 'fast'], keys: ONE_KEY, effect: 'own' } as const
const READS = { arity: 2, flags: ['readonly', 'fast'], keys: ONE_KEY, effect: 'none' } as const

export const expiryCommands = defineCommands({
  expire: { ...SETS, run: (call) => expire(call, 'seconds', call.now) },
  pexpire: { ...SETS, run: (call) => expire(call, 'ms', call.now) },
  expireat: { ...SETS, run: (call) => expire(call, 'seconds', 0) },
  pexpireat: { ...SETS, run: (call) => expire(call, 'ms', 0) },
  persist: { arity: 2, flags: ['write', 'fast'], keys: ONE_KEY, effect: 'same', run: persist },
  ttl: { ...READS, run: (call) => timeToLive(call, 'seconds', false) },
  pttl: { ...READS, run: (call) => timeToLive(call, 'ms', false) },
  expiretime: { ...READS, run: (call) => timeToLive(call, 'seconds', true) },
  pexpiretime: { ...READS, run: (call) => timeToLive(call, 'ms', true) },
})
