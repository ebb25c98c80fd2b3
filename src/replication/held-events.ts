/**
 * HeldEvents: the events of a connection that wait, in order, until it is known what they are.
 *
 *   commands whose offsets are not known yet ─┐
 *   ACKs among them                           ├─► [ … ] ─► told, completed, when the anchor is known
 *   a gap                                     ┘        └─► commands taken back, when they turn out to be none
 *
 * Bounded in number and bytes; who holds decides what to do when it is full.
 */
import type { Micros, ReplEvent } from './events.ts'

const EVENTS_MAX = 10_000
const BYTES_MAX = 1024 * 1024

/** An event, and how many bytes the master had sent when it came. */
export type Held = { readonly event: ReplEvent; readonly passed: number }

export class HeldEvents {
  #held: Held[] = []
  #bytes = 0

  get isFull(): boolean {
    return this.#held.length >= EVENTS_MAX || this.#bytes >= BYTES_MAX
  }

  /** Since when events wait. */
  get since(): Micros | undefined {
    return this.#held[0]?.event.at
  }

  /** The first event of the stream that waits. */
  first: ReplEvent | undefined
  /** How many events of the stream wait. */
  ofStream = 0

  some(test: (event: ReplEvent) => boolean): boolean {
    return this.#held.some(({ event }) => test(event))
  }

  /** Keeps a copy of a borrowed event. */
  take(event: ReplEvent, passed: number): void {
    this.#bytes += event.kind === 'gap' ? 0 : event.to - event.from
    const kept = owned(event)
    if (isOfStream(event)) {
      this.first ??= kept
      this.ofStream++
    }
    this.#held.push({ event: kept, passed })
  }

  /** What looked like a stream was none. */
  dropStream(): void {
    if (this.ofStream === 0) return
    this.#held = this.#held.filter(({ event }) => !isOfStream(event))
    this.#bytes = 0
    this.first = undefined
    this.ofStream = 0
  }

  takeAll(): readonly Held[] {
    const held = this.#held
    this.#held = []
    this.#bytes = 0
    this.first = undefined
    this.ofStream = 0
    return held
  }
}

/** Whether an event speaks of bytes of the command stream. */
export function isOfStream({ kind, side }: ReplEvent): boolean {
  const isStream = kind === 'command' || kind === 'ping' || kind === 'getack' || kind === 'tally'
  return isStream || (kind === 'heartbeat' && side === 'master')
}

/** A copy that outlives what the event lends. */
export function owned(event: ReplEvent): ReplEvent {
  if (event.kind === 'command' || event.kind === 'request') return { ...event, command: event.command.keep() }
  if (event.kind === 'snapshot-slice') return { ...event, slice: Buffer.from(event.slice) }
  return event
}
