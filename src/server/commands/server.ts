/**
 * Commands about the server as a whole.
 *
 * Source: redis 7.0 `src/server.c`, `src/db.c`.
 */
import { defineCommands, NO_KEYS } from '../command-spec.ts'

export const serverCommands = defineCommands({
  dbsize: {
    arity: 1,
    flags: ['readonly', 'fast'],
    keys: NO_KEYS,
    effect: 'none',
    run: (call) => call.db.size,
  },
})
