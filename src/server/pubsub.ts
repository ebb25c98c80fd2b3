/**
 * PubSub: who listens to which channel, pattern or shard channel, and delivery to them.
 *
 * Source: redis 7.0 `src/pubsub.c`.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { globMatcher } from '../bytes/glob.ts'
import { Push, type Reply } from './replies.ts'

/** Gets messages out of band. */
export type Subscriber = { deliver(message: Reply): void }

export type PatternSubscribers = {
  readonly matches: (channel: string) => boolean
  readonly subscribers: Set<Subscriber>
}

/** A pattern without subscribers yet. */
export function patternSubscribers(pattern: ByteString): PatternSubscribers {
  return { matches: globMatcher(pattern), subscribers: new Set() }
}

export class PubSub {
  readonly channels = new Map<ByteString, Set<Subscriber>>()
  readonly patterns = new Map<ByteString, PatternSubscribers>()
  readonly shardChannels = new Map<ByteString, Set<Subscriber>>()

  /** @returns to how many it was delivered */
  publish(channel: ByteString, message: ByteString): number {
    let receivers = 0
    for (const subscriber of this.channels.get(channel) ?? []) {
      subscriber.deliver(new Push(['message', channel, message]))
      receivers++
    }
    for (const [pattern, { matches, subscribers }] of this.patterns) {
      if (!matches(channel)) continue
      for (const subscriber of subscribers) {
        subscriber.deliver(new Push(['pmessage', pattern, channel, message]))
        receivers++
      }
    }
    return receivers
  }
}
