/**
 * RecordedPace: when something that was recorded is due now.
 *
 *   recorded   ├──────── 2 s ────────┤
 *   at speed 4 ├ 0.5 s ┤
 *
 * What we had to wait for (a peer that is slower than the recorded one) moves all that follows.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Micros } from '../replication/events.ts'

/** Whether whoever waits is still wanted is looked at so often. */
const STEP_MS = 200

export class RecordedPace {
  readonly #speed: number
  readonly #now: () => Micros
  /** The same moment, recorded and now. */
  #recorded: Micros | undefined
  #played: Micros = 0

  /** @param speed 1: as recorded; Infinity: without waiting */
  constructor(speed: number, now: () => Micros) {
    this.#speed = speed
    this.#now = now
  }

  get hasBegun(): boolean {
    return this.#recorded !== undefined
  }

  /** What was recorded at `at` happens now. */
  begin(at: Micros): void {
    this.#recorded = at
    this.#played = this.#now()
  }

  /** When something recorded at `at` is due: now, before the beginning or without pace. */
  due(at: Micros): Micros {
    if (this.#recorded === undefined || this.#speed === Number.POSITIVE_INFINITY) return this.#now()
    return this.#played + Math.round((at - this.#recorded) / this.#speed)
  }

  /** Resolves when it is due, or nobody is there any longer. */
  async until(at: Micros, isGone: () => boolean): Promise<void> {
    while (!isGone()) {
      const left = (this.due(at) - this.#now()) / 1000
      if (left <= 0) return
      await pause(Math.min(left, STEP_MS))
    }
  }
}
