/**
 * Commands about the server as a whole.
 *
 * Source: redis 7.0 `src/server.c`, `src/db.c`, `src/lolwut.c`.
 */
import type { Call } from '../call.ts'
import { defineCommands, NO_KEYS } from '../command-spec.ts'
import { REDIS_VERSION } from '../persistence/snapshot-facts.ts'
import { type Reply, Verbatim } from '../replies.ts'

const MICROS = 1_000_000

function time({ server }: Call): Reply {
  const now = server.clock.now()
  return [String(Math.floor(now / MICROS)), String(now % MICROS)]
}

const SPEC = { keys: NO_KEYS, effect: 'none' } as const

export const serverCommands = defineCommands({
  dbsize: { ...SPEC, arity: 1, flags: ['readonly', 'fast'], run: (call) => call.db.size },
  time: { ...SPEC, arity: 1, flags: ['loading', 'stale', 'fast'], run: time },
  lolwut: {
    ...SPEC,
    arity: -1,
    flags: ['readonly', 'fast'],
    run: () => new Verbatim('txt', `Redis ver. ${REDIS_VERSION}\n`),
  },
})
