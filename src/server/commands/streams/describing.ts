/**
 * Streams described: XINFO STREAM (FULL), GROUPS, CONSUMERS.
 *
 * Source: redis 7.0 `src/t_stream.c`, xinfoCommand and xinfoReplyWithStreamInfo.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { integerArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { type CommandSpec, defineCommands, NO_KEYS } from '../../command-spec.ts'
import type { Consumer, ConsumerGroup, Pending } from '../../dataset/consumer-group.ts'
import { radixNodes } from '../../dataset/radix-nodes.ts'
import { idText } from '../../dataset/stream-id.ts'
import type { StreamValue } from '../../dataset/stream-value.ts'
import { NO_SUCH_KEY, Pairs, Refusal, type Reply, shown } from '../../replies.ts'
import { badSubcommand, helpReply } from './groups.ts'
import { entriesReply, entryReply } from './ranging.ts'

/** Entries and pending ones that FULL shows. */
const COUNT_DEFAULT = 10

function stream(call: Call): Reply {
  const value = streamOf(call)
  const words = call.argv.slice(3)
  const facts: Reply[] = [
    ...['length', value.length],
    ...['radix-tree-keys', value.nodes.length],
    ...['radix-tree-nodes', radixNodes(firstIds(value))],
    ...['last-generated-id', idText(value.lastId)],
    ...['max-deleted-entry-id', idText(value.maxDeletedId)],
    ...['entries-added', value.added],
    ...['recorded-first-entry-id', idText(value.firstId)],
  ]
  if (words.length === 0) {
    const [first] = value.ascending()
    const [last] = value.descending()
    return new Pairs([
      ...facts,
      ...['groups', value.groupCount],
      ...['first-entry', first === undefined ? null : entryReply(first)],
      ...['last-entry', last === undefined ? null : entryReply(last)],
    ])
  }
  const count = fullCount(call.argv, words)
  return new Pairs([
    ...facts,
    ...['entries', entriesReply(value.ascending(), count)],
    ...['groups', value.sortedGroups.map((group) => fullGroup(value, group, count))],
  ])
}

function* firstIds(value: StreamValue) {
  for (const { firstId } of value.nodes.ascending()) yield firstId
}

/** Undefined: all. */
function fullCount(
  argv: readonly ByteString[],
  [full, count, number]: readonly ByteString[],
): number | undefined {
  const isCount = count !== undefined && word(count) === 'COUNT'
  if (word(full!) !== 'FULL' || argv.length === 5 || argv.length > 6 || (argv.length === 6 && !isCount)) {
    throw badSubcommand(argv, 'XINFO')
  }
  if (number === undefined) return COUNT_DEFAULT
  const given = integerArgument(number)
  return given < 0 ? COUNT_DEFAULT : given === 0 ? undefined : given
}

function fullGroup(value: StreamValue, group: ConsumerGroup, count: number | undefined): Reply {
  return new Pairs([
    ...['name', group.name],
    ...['last-delivered-id', idText(group.lastId)],
    ...['entries-read', group.entriesRead ?? null],
    ...['lag', lag(value, group)],
    ...['pel-count', group.pending.length],
    ...['pending', first(group.pending.ascending(), count, pendingOfGroup)],
    ...['consumers', group.sortedConsumers.map((consumer) => fullConsumer(consumer, count))],
  ])
}

function pendingOfGroup({ id, consumer, deliveredAt, count }: Pending): Reply {
  return [idText(id), consumer.name, deliveredAt, count]
}

function fullConsumer({ name, seenAt, pending }: Consumer, count: number | undefined): Reply {
  return new Pairs([
    ...['name', name],
    ...['seen-time', seenAt],
    ...['pel-count', pending.length],
    ...['pending', first(pending.ascending(), count, pendingOfConsumer)],
  ])
}

function pendingOfConsumer({ id, deliveredAt, count }: Pending): Reply {
  return [idText(id), deliveredAt, count]
}

function first<T>(items: Iterable<T>, count: number | undefined, show: (item: T) => Reply): Reply[] {
  const reply: Reply[] = []
  for (const item of items) {
    reply.push(show(item))
    if (reply.length === count) break
  }
  return reply
}

/** How many entries the group has still to get; null where that cannot be told. */
function lag(value: StreamValue, { lastId, entriesRead }: ConsumerGroup): Reply {
  if (value.added === 0n) return 0
  const isCounted = entriesRead !== undefined && !value.hasGapFrom(lastId)
  const read = isCounted ? entriesRead : value.countUpTo(lastId)
  return read === undefined ? null : value.added - read
}

function groups(call: Call): Reply {
  const value = streamOf(call)
  return value.sortedGroups.map(
    (group) =>
      new Pairs([
        ...['name', group.name],
        ...['consumers', group.consumers.size],
        ...['pending', group.pending.length],
        ...['last-delivered-id', idText(group.lastId)],
        ...['entries-read', group.entriesRead ?? null],
        ...['lag', lag(value, group)],
      ]),
  )
}

function consumers(call: Call): Reply {
  const [, , key, name] = call.argv as [ByteString, ByteString, ByteString, ByteString]
  const group = streamOf(call).group(name)
  if (group === undefined)
    throw new Refusal(`NOGROUP No such consumer group '${shown(name)}' for key name '${shown(key)}'`)
  return group.sortedConsumers.map(({ name: consumer, pending, seenAt }) => {
    const idle = Math.max(0, call.now - seenAt)
    return new Pairs([...['name', consumer], ...['pending', pending.length], ...['idle', idle]])
  })
}

function streamOf(call: Call): StreamValue {
  const value = call.find(call.argv[2]!, 'stream')
  if (value === undefined) throw new Refusal(NO_SUCH_KEY)
  return value
}

const HELP = [
  'XINFO <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'CONSUMERS <key> <groupname>',
  '    Show consumers of <groupname>.',
  'GROUPS <key>',
  '    Show the stream consumer groups.',
  'STREAM <key> [FULL [COUNT <count>]',
  '    Show information about the stream.',
  'HELP',
  '    Prints this help.',
]

const SUBCOMMAND = {
  flags: ['readonly'],
  keys: { first: 2, last: 2, step: 1 },
  effect: 'none',
} as const satisfies Partial<CommandSpec>

export const describingCommands = defineCommands({
  xinfo: {
    arity: -2,
    flags: [],
    keys: NO_KEYS,
    effect: 'none',
    run: (call) => {
      throw badSubcommand(call.argv, 'XINFO')
    },
    subcommands: {
      stream: { ...SUBCOMMAND, arity: -3, run: stream },
      groups: { ...SUBCOMMAND, arity: 3, run: groups },
      consumers: { ...SUBCOMMAND, arity: 4, run: consumers },
      help: {
        arity: 2,
        flags: ['loading', 'stale'],
        keys: NO_KEYS,
        effect: 'none',
        run: () => helpReply(HELP),
      },
    },
  },
})
