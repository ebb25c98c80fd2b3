/**
 * Commands of publish and subscribe.
 *
 * A (UN)SUBSCRIBE of several names gives several replies. Messages leave the server at once; that PUBLISH is
 * propagated as well lets the clients of replicas hear them.
 *
 * Source: redis 7.0 `src/pubsub.c`.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { globMatcher } from '../../bytes/glob.ts'
import type { Call } from '../call.ts'
import {
  ALL_KEYS,
  type CommandFlag,
  defineCommands,
  type Handler,
  NO_KEYS,
  ONE_KEY,
} from '../command-spec.ts'
import type { SubscriptionKind } from '../pubsub.ts'
import { Push, Refusal, type Reply, Several, Status, shown, wrongArity } from '../replies.ts'

function subscribe(call: Call, kind: SubscriptionKind, word: string): Reply {
  const { session, server } = call
  // Within EXEC only the older ones are allowed, for compatibility.
  if (session.isExecuting && kind === 'shardChannels') {
    throw new Refusal("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client")
  }
  const replies = call.argv.slice(1).map((name) => {
    server.pubsub.subscribe(session, kind, name)
    return new Push([word, name, session.subscriptions!.count(kind)])
  })
  return new Several(replies)
}

function unsubscribe(call: Call, kind: SubscriptionKind, word: string): Reply {
  const { session, server } = call
  const count = (): number => session.subscriptions?.count(kind) ?? 0
  const names = call.argv.length > 1 ? call.argv.slice(1) : [...(session.subscriptions?.[kind] ?? [])]
  if (names.length === 0) return new Push([word, null, count()])
  const replies = names.map((name) => {
    server.pubsub.unsubscribe(session, kind, name)
    return new Push([word, name, count()])
  })
  return new Several(replies)
}

function publish(call: Call): Reply {
  const [, channel, message] = call.argv as [ByteString, ByteString, ByteString]
  const { pubsub } = call.server
  call.propagate(call.argv, call.db, false)
  return call.command.name === 'publish'
    ? pubsub.publish(channel, message)
    : pubsub.publishToShard(channel, message)
}

function channels(call: Call, kind: 'channels' | 'shardChannels'): Reply {
  const [, , pattern, ...more] = call.argv
  if (more.length > 0) throw wrongUse(call)
  const names = [...call.server.pubsub.names(kind)]
  return pattern === undefined ? names : names.filter(globMatcher(pattern))
}

function subscriberCounts(call: Call, kind: 'channels' | 'shardChannels'): Reply {
  return call.argv.slice(2).flatMap((name) => [name, call.server.pubsub.subscriberCount(kind, name)])
}

function wrongUse(call: Call): Refusal {
  const name = call.argv[1]!.slice(0, 128)
  return new Refusal(
    `ERR unknown subcommand or wrong number of arguments for '${shown(name)}'. Try PUBSUB HELP.`,
  )
}

const HELP = [
  'PUBSUB <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'CHANNELS [<pattern>]',
  "    Return the currently active channels matching a <pattern> (default: '*').",
  'NUMPAT',
  '    Return number of subscriptions to patterns.',
  'NUMSUB [<channel> ...]',
  '    Return the number of subscribers for the specified channels, excluding',
  '    pattern subscriptions(default: no channels).',
  'SHARDCHANNELS [<pattern>]',
  "    Return the currently active shard level channels matching a <pattern> (default: '*').",
  'SHARDNUMSUB [<shardchannel> ...]',
  '    Return the number of subscribers for the specified shard level channel(s)',
  'HELP',
  '    Prints this help.',
]

const LISTENING = ['pubsub', 'noscript', 'loading', 'stale'] as const
const ASKING = ['pubsub', 'loading', 'stale'] as const
const SENDING = ['pubsub', 'loading', 'stale', 'fast'] as const

/** One of the six commands that begin or end listening. */
function listening(arity: number, keys: typeof NO_KEYS, run: Handler) {
  return { arity, flags: LISTENING, keys, effect: 'none', run } as const
}

function asking(arity: number, run: Handler, flags: readonly CommandFlag[] = ASKING) {
  return { arity, flags, keys: NO_KEYS, effect: 'none', run } as const
}

export const pubsubCommands = defineCommands({
  subscribe: listening(-2, NO_KEYS, (call) => subscribe(call, 'channels', 'subscribe')),
  unsubscribe: listening(-1, NO_KEYS, (call) => unsubscribe(call, 'channels', 'unsubscribe')),
  psubscribe: listening(-2, NO_KEYS, (call) => subscribe(call, 'patterns', 'psubscribe')),
  punsubscribe: listening(-1, NO_KEYS, (call) => unsubscribe(call, 'patterns', 'punsubscribe')),
  ssubscribe: listening(-2, ALL_KEYS, (call) => subscribe(call, 'shardChannels', 'ssubscribe')),
  sunsubscribe: listening(-1, ALL_KEYS, (call) => unsubscribe(call, 'shardChannels', 'sunsubscribe')),
  publish: { arity: 3, flags: SENDING, keys: NO_KEYS, effect: 'always', run: publish },
  spublish: { arity: 3, flags: SENDING, keys: ONE_KEY, effect: 'always', run: publish },
  pubsub: {
    ...asking(-2, () => {
      throw new Refusal(wrongArity('pubsub'))
    }, []),
    subcommands: {
      channels: asking(-2, (call) => channels(call, 'channels')),
      numsub: asking(-2, (call) => subscriberCounts(call, 'channels')),
      numpat: asking(2, (call) => call.server.pubsub.count('patterns')),
      shardchannels: asking(-2, (call) => channels(call, 'shardChannels')),
      shardnumsub: asking(-2, (call) => subscriberCounts(call, 'shardChannels')),
      help: asking(2, () => HELP.map((line) => new Status(line)), ['loading', 'stale']),
    },
  },
})
