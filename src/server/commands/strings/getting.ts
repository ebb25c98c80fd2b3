/**
 * Strings that are read, and what may happen to them on that occasion: GETDEL, GETEX.
 *
 * Source: redis 7.0 `src/t_string.c`.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { integerArgument } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { NEVER } from '../../dataset/entry.ts'
import type { Reply } from '../../replies.ts'
import { deadline, expiryOptions } from './expiry-options.ts'

const DEL = 'DEL' as ByteString
const UNLINK = 'UNLINK' as ByteString
const PERSIST = 'PERSIST' as ByteString
const PEXPIREAT = 'PEXPIREAT' as ByteString

export function get(call: Call): Reply {
  return call.find(call.argv[1]!, 'string')?.content ?? null
}

export function mget(call: Call): Reply {
  return call.argv.slice(1).map((key) => {
    const value = call.entry(key)?.value
    return value?.type === 'string' ? value.content : null
  })
}

export function strlen(call: Call): Reply {
  return call.find(call.argv[1]!, 'string')?.length ?? 0
}

/** GETRANGE key start end: both ends included, negative ones count from the end. */
export function getrange(call: Call): Reply {
  const [first, last] = [integerArgument(call.argv[2]!), integerArgument(call.argv[3]!)]
  const value = call.find(call.argv[1]!, 'string')
  if (value === undefined || (first < 0 && last < 0 && first > last)) return ''
  const { length } = value
  const start = Math.max(0, first < 0 ? length + first : first)
  const end = Math.min(length, Math.max(0, last < 0 ? length + last : last) + 1)
  return start < end ? value.range(start, end) : ''
}

export function getdel(call: Call): Reply {
  const key = call.argv[1]!
  const old = call.find(key, 'string')?.content
  if (old === undefined) return null
  call.remove(key)
  call.propagate([DEL, key])
  call.notify('g', 'del', key)
  return old
}

/** GETEX key [EX …|PERSIST]: sent on as what happened to the deadline, if anything did. */
export function getex(call: Call): Reply {
  const { argv, db, server } = call
  const key = argv[1]!
  const { unit, time, persists } = expiryOptions(argv, 2, 'getex')
  const value = call.find(key, 'string')
  if (value === undefined) return null
  const reply = value.content
  const entry = db.peek(key)!
  if (unit !== undefined) {
    const { at, text } = deadline(call, unit, time!)
    if (unit.endsWith('AT') && at <= call.now && !server.isReplica) {
      call.remove(key)
      call.propagate([server.settings.lazyExpire ? UNLINK : DEL, key])
      call.notify('g', 'del', key)
    } else {
      db.expire(entry, at)
      call.modified(key)
      call.propagate([PEXPIREAT, key, text])
      call.notify('g', 'expire', key)
    }
  } else if (persists && entry.expireAt !== NEVER) {
    db.expire(entry, NEVER)
    call.modified(key)
    call.propagate([PERSIST, key])
    call.notify('g', 'persist', key)
  }
  return reply
}
