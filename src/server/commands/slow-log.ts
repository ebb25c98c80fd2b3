/** SLOWLOG: which commands took long. Source: redis 7.0 `src/slowlog.c`, slowlogCommand. */
import { integerArgument } from '../arguments.ts'
import type { Call } from '../call.ts'
import { defineCommands, NO_KEYS } from '../command-spec.ts'
import { OK, Refusal, type Reply, Status } from '../replies.ts'

const COUNT_DEFAULT = 10
const BAD_COUNT = 'ERR count should be greater than or equal to -1'

const HELP = [
  'SLOWLOG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'GET [<count>]',
  '    Return top <count> entries from the slowlog (default: 10, -1 mean all).',
  '    Entries are made of:',
  '    id, timestamp, time in microseconds, arguments array, client IP and port,',
  '    client name',
  'LEN',
  '    Return the length of the slowlog.',
  'RESET',
  '    Reset the slowlog.',
  'HELP',
  '    Prints this help.',
]

function get({ argv, server }: Call): Reply {
  if (argv.length > 3) {
    throw new Refusal(
      `ERR unknown subcommand or wrong number of arguments for '${argv[1]}'. Try SLOWLOG HELP.`,
    )
  }
  const count = argv[2] === undefined ? COUNT_DEFAULT : integerArgument(argv[2], BAD_COUNT)
  if (count < -1) throw new Refusal(BAD_COUNT)
  return server.slowLog
    .newest(count === -1 ? Number.POSITIVE_INFINITY : count)
    .map(({ id, at, micros, argv: words, client, clientName }) => [id, at, micros, words, client, clientName])
}

const SPEC = { keys: NO_KEYS, effect: 'none', flags: ['admin', 'loading', 'stale'] } as const

export const slowLogCommands = defineCommands({
  slowlog: {
    arity: -2,
    flags: [],
    keys: NO_KEYS,
    effect: 'none',
    run: () => null,
    subcommands: {
      get: { ...SPEC, arity: -2, run: get },
      len: { ...SPEC, arity: 2, run: ({ server }) => server.slowLog.length },
      reset: {
        ...SPEC,
        arity: 2,
        run: ({ server }) => {
          server.slowLog.reset()
          return OK
        },
      },
      help: {
        ...SPEC,
        flags: ['loading', 'stale'],
        arity: 2,
        run: () => HELP.map((line) => new Status(line)),
      },
    },
  },
})
