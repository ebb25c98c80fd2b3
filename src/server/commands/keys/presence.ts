/**
 * Keys as such: whether they are there, and taking them away.
 *
 * Source: redis 7.0 `src/db.c`, delGenericCommand, existsCommand, typeCommand, touchCommand.
 */

import { globMatcher } from '../../../bytes/glob.ts'
import type { Call } from '../../call.ts'
import { ALL_KEYS, defineCommands, NO_KEYS, ONE_KEY } from '../../command-spec.ts'
import { isFreedLater } from '../../free-effort.ts'
import { type Reply, Status } from '../../replies.ts'

/** DEL, UNLINK: they differ in who frees the memory in Redis; here in what is counted (free-effort.ts). */
function del(call: Call): Reply {
  return remove(call, call.server.settings.get('lazyfree-lazy-user-del'))
}

function unlink(call: Call): Reply {
  return remove(call, true)
}

function remove(call: Call, isLazy: boolean): Reply {
  const { settings, stats } = call.server
  let deleted = 0
  for (const key of call.argv.slice(1)) {
    const value = isLazy ? call.db.peek(key)?.value : undefined
    if (!call.remove(key)) continue
    if (value !== undefined && isFreedLater(value, settings.limits)) stats.lazyFreed++
    call.notify('g', 'del', key)
    deleted++
  }
  return deleted
}

function exists(call: Call): Reply {
  return call.argv.slice(1).filter((key) => call.glance(key) !== undefined).length
}

function touch(call: Call): Reply {
  return call.argv.slice(1).filter((key) => call.entry(key) !== undefined).length
}

function type(call: Call): Reply {
  return new Status(call.glance(call.argv[1]!)?.value.type ?? 'none')
}

function randomKey(call: Call): Reply {
  const { db, execution, random } = call
  execution.notAtomic()
  while (db.size > 0) {
    const entry = db.entries.items[random.below(db.size)]!
    // A replica may not delete what has expired: where everything has, it would look for ever.
    if (!execution.hasGone(db, entry) || db.peek(entry.key) !== undefined) return entry.key
  }
  return null
}

/** It only looks: what has expired is left out, and left to others. */
function keys(call: Call): Reply {
  const matches = globMatcher(call.argv[1]!)
  const { db, execution } = call
  return db.entries.items
    .filter((entry) => matches(entry.key) && !execution.isExpired(entry))
    .map(({ key }) => key)
}

export const presenceCommands = defineCommands({
  del: { arity: -2, flags: ['write'], keys: ALL_KEYS, effect: 'same', run: del },
  unlink: { arity: -2, flags: ['write', 'fast'], keys: ALL_KEYS, effect: 'same', run: unlink },
  exists: { arity: -2, flags: ['readonly', 'fast'], keys: ALL_KEYS, effect: 'none', run: exists },
  touch: { arity: -2, flags: ['readonly', 'fast'], keys: ALL_KEYS, effect: 'none', run: touch },
  type: { arity: 2, flags: ['readonly', 'fast'], keys: ONE_KEY, effect: 'none', run: type },
  randomkey: { arity: 1, flags: ['readonly'], keys: NO_KEYS, effect: 'none', run: randomKey },
  keys: { arity: 2, flags: ['readonly'], keys: NO_KEYS, effect: 'none', run: keys },
})
