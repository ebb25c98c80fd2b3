/**
 * LATENCY: spikes by kind of event, and how long commands take. Source: redis 7.0 `src/latency.c`,
 * latencyCommand.
 */
import type { Call } from '../call.ts'
import { type Command, defineCommands, NO_KEYS } from '../command-spec.ts'
import type { LatencyEvent } from '../latency-monitor.ts'
import { Pairs, Refusal, type Reply, Status, shown, Verbatim } from '../replies.ts'
import type { ServerState } from '../server-state.ts'

const HELP = [
  'LATENCY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'DOCTOR',
  '    Return a human readable latency analysis report.',
  'GRAPH <event>',
  '    Return an ASCII latency graph for the <event> class.',
  'HISTORY <event>',
  '    Return time-latency samples for the <event> class.',
  'LATEST',
  '    Return the latest latency samples for all events.',
  'RESET [<event> ...]',
  '    Reset latency data of one or more <event> classes.',
  '    (default: reset all data for all event classes)',
  'HISTOGRAM [COMMAND ...]',
  '    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.',
  '    If no commands are specified then all histograms are replied.',
  'HELP',
  '    Prints this help.',
]

function latest({ server }: Call): Reply {
  return [...server.latencies.events].map(([name, { samples, maxMs }]) => {
    const last = samples.at(-1)!
    return [name, last.at, last.ms, maxMs]
  })
}

function history({ server, argv }: Call): Reply {
  const event = server.latencies.events.get(argv[2]!)
  return (event?.samples ?? []).map(({ at, ms }) => [at, ms])
}

/** Columns of the graph, and levels of a column. */
const COLUMNS = 80
const LEVELS = '_o#'

/** One column a sample, one of four levels in each of four rows, newest to the right. */
function graph({ server, argv }: Call): Reply {
  const event = server.latencies.events.get(argv[2]!)
  if (event === undefined) throw new Refusal(`ERR No samples available for event '${shown(argv[2]!)}'`)
  return new Verbatim('txt', graphText(argv[2]!, event))
}

const ROWS = 4

function graphText(name: string, { samples, maxMs }: LatencyEvent): string {
  const shown = samples.slice(-COLUMNS).map(({ ms }) => ms)
  const high = Math.max(...shown)
  const low = Math.min(...shown)
  const range = Math.max(1, high - low)
  const steps = ROWS * LEVELS.length
  const rows = Array.from({ length: ROWS }, (_, row) =>
    shown
      .map((ms) => {
        const step = Math.round(((ms - low) / range) * (steps - 1)) - (ROWS - 1 - row) * LEVELS.length
        return step < 0 ? ' ' : step >= LEVELS.length ? '|' : LEVELS[step]!
      })
      .join('')
      .trimEnd(),
  )
  return `${name} - high ${high} ms, low ${low} ms (all time high ${maxMs} ms)\n${'-'.repeat(COLUMNS)}\n${rows.join('\n')}\n`
}

function doctor({ server }: Call): Reply {
  return new Verbatim('txt', advice(server))
}

function advice({ settings, latencies }: ServerState): string {
  if (settings.get<number>('latency-monitor-threshold') === 0) {
    return (
      'Latency monitoring is disabled in this server. ' +
      'Use "CONFIG SET latency-monitor-threshold <milliseconds>" to enable it.\n'
    )
  }
  if (latencies.events.size === 0) return 'No latency spike was observed since monitoring began.\n'
  const lines = [...latencies.events].map(([name, { samples, maxMs }]) => {
    const average = samples.reduce((sum, { ms }) => sum + ms, 0) / samples.length
    return `${name}: ${samples.length} spikes, average ${average.toFixed(1)} ms, worst ${maxMs} ms`
  })
  return `${lines.join('\n')}\n`
}

function histograms({ server, argv }: Call): Reply {
  const names = argv.slice(2).map((name) => name.toLowerCase())
  const isWanted = ({ name, latencies }: Command): boolean =>
    latencies.samples > 0 &&
    (names.length === 0 || names.some((one) => one === name || name.startsWith(`${one}|`)))
  return new Pairs(
    [...server.table.everything()].filter(isWanted).flatMap((command): Reply[] => {
      const { name, latencies } = command
      const told = ['calls', latencies.samples, 'histogram_usec', new Pairs(latencies.cumulative().flat())]
      return [name, new Pairs(told)]
    }),
  )
}

const FLAGS = ['admin', 'noscript', 'loading', 'stale'] as const
const SPEC = { keys: NO_KEYS, effect: 'none', flags: [...FLAGS] } as const

export const latencyCommands = defineCommands({
  latency: {
    arity: -2,
    flags: [],
    keys: NO_KEYS,
    effect: 'none',
    run: () => null,
    subcommands: {
      latest: { ...SPEC, arity: 2, run: latest },
      history: { ...SPEC, arity: 3, run: history },
      graph: { ...SPEC, arity: 3, run: graph },
      doctor: { ...SPEC, arity: 2, run: doctor },
      reset: { ...SPEC, arity: -2, run: ({ server, argv }) => server.latencies.reset(argv.slice(2)) },
      histogram: { ...SPEC, arity: -2, run: histograms },
      help: {
        ...SPEC,
        flags: ['loading', 'stale'],
        arity: 2,
        run: () => HELP.map((line) => new Status(line)),
      },
    },
  },
})
