/**
 * AckLag: how far behind an ACK is, in bytes and in time.
 *
 *   master's stream  ──── 120 ────── 480 ─ 512 ┊ ACK of 480      32 bytes, and the time since byte 480 passed
 *
 * Everything here is in positions: an offset that is known only later (anchor.ts) has a position all the
 * same.
 */
import type { Micros } from './events.ts'
import { OffsetClock } from './offset-clock.ts'

export type Lag = { readonly lagBytes: number; readonly lag: Micros | undefined }

export class AckLag {
  readonly #clock = new OffsetClock()
  #last: { readonly position: number; readonly lag: Micros | undefined } | undefined

  /** The stream has reached `position` at `time`. */
  mark(position: number, time: Micros): void {
    this.#clock.mark(position, time)
  }

  /** The lag of an ACK of `position`, seen at `now` when the stream had reached `passed`. */
  measure(position: number, passed: number, now: Micros): Lag {
    const lagBytes = Math.max(0, passed - position)
    // A replica repeats its ACK every second: with nothing outstanding that is no news, and no lag that
    // grows.
    const isRepeated = lagBytes === 0 && this.#last?.position === position
    const lag = isRepeated ? this.#last?.lag : this.#since(position, now)
    this.#last = { position, lag }
    this.#clock.acknowledge(position)
    return { lagBytes, lag }
  }

  #since(position: number, now: Micros): Micros | undefined {
    const passedAt = this.#clock.passedAt(position)
    return passedAt === undefined ? undefined : Math.max(0, now - passedAt)
  }
}
