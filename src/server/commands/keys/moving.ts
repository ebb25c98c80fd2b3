/**
 * Keys that change their name or their database: RENAME, COPY, MOVE, SWAPDB.
 *
 * Moving never copies a value: the object goes to the new entry as it is, with its deadline and its age.
 *
 * Source: redis 7.0 `src/db.c`, renameGenericCommand, moveCommand, copyCommand, dbSwapDatabases.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { intArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, NO_KEYS, ONE_KEY, TWO_KEYS } from '../../command-spec.ts'
import type { Database } from '../../dataset/database.ts'
import { type Entry, NEVER } from '../../dataset/entry.ts'
import type { Value } from '../../dataset/value.ts'
import { NO_SUCH_KEY, OK, Refusal, type Reply, SYNTAX } from '../../replies.ts'

const SAME_OBJECT = 'ERR source and destination objects are the same'
const NO_SUCH_DB = 'ERR DB index is out of range'

function rename(call: Call): boolean {
  const [, source, target] = call.argv as [ByteString, ByteString, ByteString]
  const isOnlyIfNew = call.command.name === 'renamenx'
  const entry = call.entryForWrite(source)
  if (entry === undefined) throw new Refusal(NO_SUCH_KEY)
  if (source === target) return !isOnlyIfNew
  const existing = call.entryForWrite(target)
  if (existing !== undefined) {
    if (isOnlyIfNew) return false
    call.db.remove(existing)
  }
  place(call, call.db, target, entry, entry.value)
  call.db.remove(entry)
  call.modified(source, 0)
  call.modified(target, 1)
  call.notify('g', 'rename_from', source)
  call.notify('g', 'rename_to', target)
  return true
}

function move(call: Call): Reply {
  const [, key, index] = call.argv as [ByteString, ByteString, ByteString]
  const to = databaseOf(call, index)
  const from = call.db
  if (to === from) throw new Refusal(SAME_OBJECT)
  const entry = call.entryForWrite(key)
  if (entry === undefined || call.entryForWrite(key, to) !== undefined) return 0
  place(call, to, key, entry, entry.value)
  from.remove(entry)
  call.modified(key, 0, from)
  call.modified(key, 1, to)
  call.notify('g', 'move_from', key, from)
  call.notify('g', 'move_to', key, to)
  return 1
}

function copy(call: Call): Reply {
  const [, source, target, ...options] = call.argv as [ByteString, ByteString, ByteString, ...ByteString[]]
  let to = call.db
  let replaces = false
  for (let i = 0; i < options.length; i++) {
    const name = word(options[i]!)
    if (name === 'REPLACE') replaces = true
    else if (name === 'DB' && i + 1 < options.length) to = databaseOf(call, options[++i]!)
    else throw new Refusal(SYNTAX)
  }
  if (to === call.db && source === target) throw new Refusal(SAME_OBJECT)
  const entry = call.entry(source)
  if (entry === undefined) return 0
  const existing = call.entryForWrite(target, to)
  if (existing !== undefined) {
    if (!replaces) return 0
    to.remove(existing)
  }
  place(call, to, target, entry, entry.value.copy())
  call.modified(target, 1, to)
  call.notify('g', 'copy_to', target, to)
  return 1
}

/** A key that takes over value, deadline and age of another. */
function place(call: Call, db: Database, key: ByteString, from: Entry, value: Value): void {
  const entry = call.add(key, value, db)
  entry.usedAt = from.usedAt
  entry.frequency = from.frequency
  if (from.expireAt !== NEVER) db.expire(entry, from.expireAt)
}

function databaseOf(call: Call, text: ByteString, refusal?: string): Database {
  const db = call.server.databases[intArgument(text, refusal)]
  if (db === undefined) throw new Refusal(NO_SUCH_DB)
  return db
}

function swap(call: Call): Reply {
  // Both must be numbers before either is looked up.
  const [first, second] = [call.argv[1]!, call.argv[2]!]
  intArgument(first, 'ERR invalid first DB index')
  intArgument(second, 'ERR invalid second DB index')
  const one = databaseOf(call, first)
  const two = databaseOf(call, second)
  call.changes++
  if (one === two) return OK
  call.server.watches.replaced(one, two)
  call.server.watches.replaced(two, one)
  one.swap(two)
  for (const db of [one, two]) call.server.blocked.replaced(db.index)
  return OK
}

export const movingCommands = defineCommands({
  rename: {
    arity: 3,
    flags: ['write'],
    keys: TWO_KEYS,
    effect: 'same',
    run: (call) => {
      rename(call)
      return OK
    },
  },
  renamenx: {
    arity: 3,
    flags: ['write', 'fast'],
    keys: TWO_KEYS,
    effect: 'same',
    run: (call) => (rename(call) ? 1 : 0),
  },
  move: { arity: 3, flags: ['write', 'fast'], keys: ONE_KEY, effect: 'same', run: move },
  copy: { arity: -3, flags: ['write', 'denyoom'], keys: TWO_KEYS, effect: 'same', run: copy },
  swapdb: { arity: 3, flags: ['write', 'fast'], keys: NO_KEYS, effect: 'same', run: swap },
})
