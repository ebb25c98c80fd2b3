/**
 * Slow motion: for those who test what a server does while it saves or loads. Each key takes a while longer.
 *
 *   rdb-key-save-delay   500    half a millisecond a key
 *   key-load-delay      -10     a microsecond for each tenth key (Redis throws dice for it)
 *
 * Redis sleeps; here a save in the background and a load give the time to clients, in pauses that timers
 * can keep.
 *
 * Source: redis 7.0 `src/debug.c`, debugDelay.
 */
import type { Settings } from '../config/settings.ts'

/** Pauses are made this long at least. */
const PAUSE_MICROS = 1000

export class SlowMotion {
  /** Microseconds a key. */
  readonly #delay: number
  #keys = 0

  constructor(settings: Settings, parameter: 'rdb-key-save-delay' | 'key-load-delay') {
    const micros = settings.get<number>(parameter)
    this.#delay = micros < 0 ? -1 / micros : micros
  }

  get isOn(): boolean {
    return this.#delay !== 0
  }

  /** A pause is due, for `keys` keys so far. */
  isDue(keys: number): boolean {
    return this.isOn && (keys - this.#keys) * this.#delay >= PAUSE_MICROS
  }

  /** How long to pause for the keys since the last pause, of `keys` so far. */
  pause(keys: number): number {
    const micros = (keys - this.#keys) * this.#delay
    this.#keys = keys
    return micros
  }
}
