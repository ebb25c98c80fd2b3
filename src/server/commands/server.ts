/**
 * Commands about the server as a whole.
 *
 * Source: redis 7.0 `src/server.c`, `src/db.c`, `src/lolwut.c`.
 */
import { integerArgument, word } from '../arguments.ts'
import type { Call } from '../call.ts'
import { defineCommands, NO_KEYS } from '../command-spec.ts'
import { REDIS_VERSION } from '../persistence/snapshot-facts.ts'
import { type Reply, Verbatim } from '../replies.ts'

const MICROS = 1_000_000

function time({ server }: Call): Reply {
  const now = server.clock.now()
  return [String(Math.floor(now / MICROS)), String(now % MICROS)]
}

/** Numbers that the drawings of old versions take: 5 three, 6 two. */
const SIZES = new Map([
  [5, 3],
  [6, 2],
])

/** Draws nothing, but reads what the drawings would take. */
function lolwut({ argv }: Call): Reply {
  if (argv.length > 2 && word(argv[1]!) === 'VERSION') {
    const version = integerArgument(argv[2]!)
    for (const size of argv.slice(3, 3 + (SIZES.get(version) ?? 0))) integerArgument(size)
  }
  return new Verbatim('txt', `Redis ver. ${REDIS_VERSION}\n`)
}

const SPEC = { keys: NO_KEYS, effect: 'none' } as const

export const serverCommands = defineCommands({
  dbsize: { ...SPEC, arity: 1, flags: ['readonly', 'fast'], run: (call) => call.db.size },
  time: { ...SPEC, arity: 1, flags: ['loading', 'stale', 'fast'], run: time },
  lolwut: {
    ...SPEC,
    arity: -1,
    flags: ['readonly', 'fast'],
    run: lolwut,
  },
})
