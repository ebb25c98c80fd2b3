/**
 * MEMORY: where the memory went, as far as it can be told (memory.ts says how it is estimated).
 *
 * Source: redis 7.0 `src/object.c`, memoryCommand.
 */
import { integerArgument, word } from '../arguments.ts'
import type { Call } from '../call.ts'
import { defineCommands, NO_KEYS } from '../command-spec.ts'
import { STARTUP_BYTES } from '../memory.ts'
import { bufferMemory } from '../replication/buffer-memory.ts'
import { Double, OK, Pairs, Refusal, type Reply, Status, SYNTAX, Verbatim } from '../replies.ts'

const HELP = [
  'MEMORY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'DOCTOR',
  '    Return memory problems reports.',
  'MALLOC-STATS',
  '    Return internal statistics report from the memory allocator.',
  'PURGE',
  '    Attempt to purge dirty pages for reclamation by the allocator.',
  'STATS',
  '    Return information about the memory usage of the server.',
  'USAGE <key> [SAMPLES <count>]',
  '    Return memory in bytes used by <key> and its value. Nested values are',
  '    sampled up to <count> times (default: 5, 0 means sample all).',
  'HELP',
  '    Prints this help.',
]

function usage(call: Call): Reply {
  const options = call.argv.slice(3)
  for (let i = 0; i < options.length; i += 2) {
    const value = options[i + 1]
    if (word(options[i]!) !== 'SAMPLES' || value === undefined) throw new Refusal(SYNTAX)
    if (integerArgument(value) < 0) throw new Refusal(SYNTAX)
  }
  const entry = call.execution.lookup(call.db, call.argv[2]!, 'silent')
  return entry === undefined ? null : Math.round(entry.sizeBytes)
}

function stats({ server }: Call): Reply {
  const dataset = Math.round(server.memory.used)
  const buffers = bufferMemory(server)
  const overhead = STARTUP_BYTES + buffers.total
  const total = dataset + overhead
  const peak = Math.max(total, Math.round(server.memory.peak) + STARTUP_BYTES)
  const keys = server.databases.reduce((sum, db) => sum + db.size, 0)
  const rss = server.surroundings.facts.residentBytes()
  const percent = (part: number, whole: number): Double => new Double(whole === 0 ? 0 : (part / whole) * 100)
  const databases = server.databases
    .filter((db) => db.size > 0)
    .flatMap((db): Reply[] => [
      `db.${db.index}`,
      new Pairs([
        'overhead.hashtable.main',
        0,
        'overhead.hashtable.expires',
        0,
        'overhead.hashtable.slot-to-keys',
        0,
      ]),
    ])
  return new Pairs([
    ...['peak.allocated', peak, 'total.allocated', total, 'startup.allocated', STARTUP_BYTES],
    ...['replication.backlog', buffers.backlog, 'clients.slaves', buffers.replicas],
    ...['clients.normal', server.limits.clientsBytes, 'cluster.links', 0],
    ...['aof.buffer', 0, 'lua.caches', 0, 'functions.caches', 0],
    ...databases,
    ...['overhead.total', overhead, 'keys.count', keys],
    ...['keys.bytes-per-key', keys === 0 ? 0 : Math.floor(dataset / keys)],
    ...['dataset.bytes', dataset, 'dataset.percentage', percent(dataset, dataset)],
    ...['peak.percentage', percent(total, peak)],
    ...['allocator.allocated', total, 'allocator.active', total, 'allocator.resident', total],
    ...['allocator-fragmentation.ratio', new Double(1), 'allocator-fragmentation.bytes', 0],
    ...['allocator-rss.ratio', new Double(1), 'allocator-rss.bytes', 0],
    ...['rss-overhead.ratio', new Double(rss / total), 'rss-overhead.bytes', rss - total],
    ...['fragmentation', new Double(rss / total), 'fragmentation.bytes', rss - total],
  ])
}

function doctor({ server }: Call): Reply {
  const rss = server.surroundings.facts.residentBytes()
  const total = Math.round(server.memory.used) + STARTUP_BYTES + bufferMemory(server).total
  const told = `${total} bytes are estimated for the dataset and the server, ${rss} bytes are resident.\n`
  return new Verbatim('txt', told)
}

const SPEC = { keys: NO_KEYS, effect: 'none', flags: [] } as const

export const memoryCommands = defineCommands({
  memory: {
    arity: -2,
    flags: [],
    keys: NO_KEYS,
    effect: 'none',
    run: () => null,
    subcommands: {
      usage: {
        arity: -3,
        flags: ['readonly'],
        keys: { first: 2, last: 2, step: 1 },
        effect: 'none',
        run: usage,
      },
      stats: { ...SPEC, arity: 2, run: stats },
      doctor: { ...SPEC, arity: 2, run: doctor },
      'malloc-stats': {
        ...SPEC,
        arity: 2,
        run: () => new Verbatim('txt', 'Stats not supported for the current allocator'),
      },
      purge: { ...SPEC, arity: 2, run: () => OK },
      help: {
        ...SPEC,
        flags: ['loading', 'stale'],
        arity: 2,
        run: () => HELP.map((line) => new Status(line)),
      },
    },
  },
})
