/**
 * PubSub: who listens to which channel, pattern or shard channel, and delivery to them.
 *
 *   PUBLISH  ─► message  to subscribers of the channel,  pmessage  to those of every pattern that matches
 *   SPUBLISH ─► smessage to subscribers of the shard channel
 *
 * Source: redis 7.0 `src/pubsub.c`.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { globMatcher } from '../bytes/glob.ts'
import { Push, type Reply } from './replies.ts'

export type SubscriptionKind = 'channels' | 'patterns' | 'shardChannels'

/** What one client listens to. */
export class Subscriptions {
  readonly channels = new Set<ByteString>()
  readonly patterns = new Set<ByteString>()
  readonly shardChannels = new Set<ByteString>()

  get size(): number {
    return this.channels.size + this.patterns.size + this.shardChannels.size
  }

  /** The number a reply to (UN)SUBSCRIBE shows: shard channels are counted apart. */
  count(kind: SubscriptionKind): number {
    return kind === 'shardChannels' ? this.shardChannels.size : this.channels.size + this.patterns.size
  }
}

/** Gets messages out of band. */
export type Subscriber = { subscriptions: Subscriptions | undefined; deliver(message: Reply): void }

type Pattern = { readonly matches: (channel: string) => boolean; readonly subscribers: Set<Subscriber> }

export class PubSub {
  readonly #channels = new Map<ByteString, Set<Subscriber>>()
  readonly #patterns = new Map<ByteString, Pattern>()
  readonly #shardChannels = new Map<ByteString, Set<Subscriber>>()

  /** Number of patterns that anybody listens to. */
  get patternCount(): number {
    return this.#patterns.size
  }

  /** Channels that somebody listens to. */
  names(kind: 'channels' | 'shardChannels'): Iterable<ByteString> {
    return (kind === 'channels' ? this.#channels : this.#shardChannels).keys()
  }

  /** How many listen to a channel, not counting patterns. */
  subscriberCount(kind: 'channels' | 'shardChannels', name: ByteString): number {
    return (kind === 'channels' ? this.#channels : this.#shardChannels).get(name)?.size ?? 0
  }

  subscribe(subscriber: Subscriber, kind: SubscriptionKind, name: ByteString): void {
    subscriber.subscriptions ??= new Subscriptions()
    subscriber.subscriptions[kind].add(name)
    const known = this.#subscribers(kind, name)
    if (known !== undefined) known.add(subscriber)
    else if (kind === 'patterns') {
      this.#patterns.set(name, { matches: globMatcher(name), subscribers: new Set([subscriber]) })
    } else (kind === 'channels' ? this.#channels : this.#shardChannels).set(name, new Set([subscriber]))
  }

  unsubscribe(subscriber: Subscriber, kind: SubscriptionKind, name: ByteString): void {
    if (subscriber.subscriptions?.[kind].delete(name) !== true) return
    const subscribers = this.#subscribers(kind, name)!
    subscribers.delete(subscriber)
    if (subscribers.size > 0) return
    if (kind === 'patterns') this.#patterns.delete(name)
    else (kind === 'channels' ? this.#channels : this.#shardChannels).delete(name)
  }

  /** A client has gone, or begins anew (RESET): it listens to nothing. */
  gone(subscriber: Subscriber): void {
    const { subscriptions } = subscriber
    if (subscriptions === undefined) return
    for (const kind of ['channels', 'patterns', 'shardChannels'] as const) {
      for (const name of subscriptions[kind]) this.unsubscribe(subscriber, kind, name)
    }
    subscriber.subscriptions = undefined
  }

  /** @returns to how many it was delivered */
  publish(channel: ByteString, message: ByteString): number {
    let receivers = this.#deliver(this.#channels.get(channel), ['message', channel, message])
    for (const [pattern, { matches, subscribers }] of this.#patterns) {
      if (matches(channel)) receivers += this.#deliver(subscribers, ['pmessage', pattern, channel, message])
    }
    return receivers
  }

  /** @returns to how many it was delivered */
  publishToShard(channel: ByteString, message: ByteString): number {
    return this.#deliver(this.#shardChannels.get(channel), ['smessage', channel, message])
  }

  #deliver(subscribers: ReadonlySet<Subscriber> | undefined, items: readonly Reply[]): number {
    if (subscribers === undefined) return 0
    const message = new Push(items)
    for (const subscriber of subscribers) subscriber.deliver(message)
    return subscribers.size
  }

  #subscribers(kind: SubscriptionKind, name: ByteString): Set<Subscriber> | undefined {
    if (kind === 'patterns') return this.#patterns.get(name)?.subscribers
    return (kind === 'channels' ? this.#channels : this.#shardChannels).get(name)
  }
}
