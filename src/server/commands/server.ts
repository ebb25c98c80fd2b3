/**
 * Commands about the server and the dataset as a whole.
 *
 * Source: redis 7.0 `src/server.c`, `src/db.c`, `src/debug.c`.
 */
import type { Call } from '../call.ts'
import { defineCommands, NO_KEYS } from '../command-spec.ts'
import { OK, Refusal, type Reply, SYNTAX } from '../replies.ts'

function flushall(call: Call): Reply {
  const mode = call.argv[1]?.toUpperCase()
  if (call.argv.length > 2 || (mode !== undefined && mode !== 'SYNC' && mode !== 'ASYNC'))
    throw new Refusal(SYNTAX)
  for (const db of call.server.databases) {
    for (const entry of db.entries.items) call.db.changing(entry)
    for (const key of call.server.watches.keysIn(db.index)) if (db.peek(key)) call.execution.touched(db, key)
    call.changes += db.size
    db.clear()
  }
  return OK
}

export const serverCommands = defineCommands({
  dbsize: {
    arity: 1,
    flags: ['readonly', 'fast'],
    keys: NO_KEYS,
    effect: 'none',
    run: (call) => call.db.size,
  },
  flushall: { arity: -1, flags: ['write'], keys: NO_KEYS, effect: 'always', run: flushall },
})
