/**
 * A sink is where events go. Synchronous in; what it makes of them may be written slowly behind it.
 */
import type { ReplEvent } from '../replication/events.ts'

export interface Sink {
  /** Borrowed: what the event lends is valid until this returns. */
  event(event: ReplEvent): void
  /** No more events. */
  end(): void
}

/** One listener for many sinks, in order. */
export function fanOut(sinks: readonly Sink[]): Sink {
  return {
    event: (event) => {
      for (const sink of sinks) sink.event(event)
    },
    end: () => {
      for (const sink of sinks) sink.end()
    },
  }
}
