/**
 * Strings that are set: SET and its older relatives.
 *
 * Deadlines reach replicas as moments, never as durations: whatever was received, `SET key value PXAT ms` is
 * sent on. SET … GET is sent without GET, whose answer nobody reads there.
 *
 * Source: redis 7.0 `src/t_string.c`, setGenericCommand, msetGenericCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { type Entry, NEVER } from '../../dataset/entry.ts'
import { StringValue } from '../../dataset/string-value.ts'
import { OK, Refusal, type Reply, wrongArity } from '../../replies.ts'
import { type Deadline, deadline, type ExpiryUnit, expiryOptions } from './expiry-options.ts'

const SET = 'SET' as ByteString
const PXAT = 'PXAT' as ByteString

/** SET key value [NX|XX] [GET] [EX …|KEEPTTL] */
export function set(call: Call): Reply {
  const { argv } = call
  const [, key, text] = argv as [ByteString, ByteString, ByteString]
  if (argv.length === 3) {
    store(call, key, text)
    call.notify('$', 'set', key)
    return OK
  }
  const { unit, time, keepsTtl, condition, wantsOld } = expiryOptions(argv, 3, 'set')
  const expiry = unit === undefined ? undefined : deadline(call, unit, time!)
  const old = wantsOld ? (call.find(key, 'string')?.content ?? null) : undefined
  const entry = call.entryForWrite(key)
  if (condition !== undefined && (condition === 'XX') !== (entry !== undefined)) return old ?? null
  if (expiry !== undefined) storeUntil(call, key, text, expiry)
  else {
    storeIn(call, key, entry, text, keepsTtl)
    call.notify('$', 'set', key)
    if (wantsOld) call.propagate(argv.filter((part, i) => i < 3 || word(part) !== 'GET'))
  }
  return wantsOld ? old! : OK
}

export function setnx(call: Call): Reply {
  const [, key, text] = call.argv as [ByteString, ByteString, ByteString]
  const entry = call.entryForWrite(key)
  if (entry !== undefined) return 0
  storeIn(call, key, entry, text)
  call.notify('$', 'set', key)
  return 1
}

/** SETEX, PSETEX key time value */
export function setUntil(call: Call, unit: ExpiryUnit): Reply {
  const [, key, time, text] = call.argv as [ByteString, ByteString, ByteString, ByteString]
  storeUntil(call, key, text, deadline(call, unit, time))
  return OK
}

export function getset(call: Call): Reply {
  const [, key, text] = call.argv as [ByteString, ByteString, ByteString]
  const old = call.find(key, 'string')?.content ?? null
  store(call, key, text)
  call.notify('$', 'set', key)
  call.propagate([SET, key, text])
  return old
}

/** MSET, MSETNX key value [key value …] */
export function setMany(call: Call, onlyNew: boolean): Reply {
  const { argv } = call
  if (argv.length % 2 === 0) throw new Refusal(wrongArity(call.command.name))
  if (onlyNew) {
    for (let i = 1; i < argv.length; i += 2) if (call.entryForWrite(argv[i]!) !== undefined) return 0
  }
  for (let i = 1; i < argv.length; i += 2) {
    store(call, argv[i]!, argv[i + 1]!)
    call.notify('$', 'set', argv[i]!)
  }
  return onlyNew ? 1 : OK
}

/** Puts a string there, whatever was there before. */
function store(call: Call, key: ByteString, text: ByteString): void {
  storeIn(call, key, call.entryForWrite(key), text)
}

/** A string that stays one keeps its object: SET on an existing key allocates nothing. */
function storeIn(
  call: Call,
  key: ByteString,
  entry: Entry | undefined,
  text: ByteString,
  keepsExpiry = false,
): Entry {
  const stored = entry ?? call.add(key, new StringValue(text))
  if (entry?.value.type === 'string') entry.value.replace(text)
  else if (entry !== undefined) entry.value = new StringValue(text)
  if (!keepsExpiry && stored.expireAt !== NEVER) call.db.expire(stored, NEVER)
  call.modified(key)
  return stored
}

function storeUntil(call: Call, key: ByteString, text: ByteString, { at, text: time }: Deadline): void {
  const entry = storeIn(call, key, call.entryForWrite(key), text, true)
  call.notify('$', 'set', key)
  call.db.expire(entry, at)
  call.propagate([SET, key, text, PXAT, time])
  call.notify('g', 'expire', key)
}
