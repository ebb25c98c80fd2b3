/**
 * OffsetClock: when did offset N pass? Needed to say how long an ACK took.
 *
 *   marks:  (120, 10:00:00.1) (480, 10:00:00.2) (512, 10:00:01.0) …       offset after a chunk, time of
 *   that chunk
 *   passedAt(300) → 10:00:00.2                                             the first chunk that reached it
 *
 * One mark a chunk, not a command. Acknowledged marks are dropped; when too many are outstanding (a replica
 * that does not answer), every second one is forgotten: the answer gets coarser, the memory does not grow.
 */
import type { Micros } from './events.ts'

const MARKS_MAX = 4096

export class OffsetClock {
  #offsets: number[] = []
  #times: Micros[] = []
  /** Marks before this index are acknowledged; they are cut off now and then. */
  #first = 0

  /** The stream has reached `offset` at `time`. */
  mark(offset: number, time: Micros): void {
    const last = this.#offsets.length - 1
    if (last >= this.#first && this.#offsets[last]! >= offset) return
    this.#offsets.push(offset)
    this.#times.push(time)
    if (this.#offsets.length - this.#first > MARKS_MAX) this.#thinOut()
  }

  /** When `offset` passed, or undefined if that was before the first mark or is still to come. */
  passedAt(offset: number): Micros | undefined {
    let low = this.#first
    let high = this.#offsets.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#offsets[middle]! < offset) low = middle + 1
      else high = middle
    }
    return this.#times[low]
  }

  /** Forgets what lies before `offset`; the mark that reached it is kept, ACKs repeat. */
  acknowledge(offset: number): void {
    while (this.#first < this.#offsets.length && this.#offsets[this.#first]! < offset) this.#first++
    if (this.#first > MARKS_MAX || this.#first === this.#offsets.length) this.#cut()
  }

  #cut(): void {
    this.#offsets = this.#offsets.slice(this.#first)
    this.#times = this.#times.slice(this.#first)
    this.#first = 0
  }

  #thinOut(): void {
    this.#cut()
    const keep = (_: number, i: number) => i % 2 === 1
    this.#offsets = this.#offsets.filter(keep)
    this.#times = this.#times.filter(keep)
  }
}
