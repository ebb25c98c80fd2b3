/**
 * KeyDelay: snapshots that are slow on purpose, for tests: so many microseconds for each key that is written
 * (rdb-key-save-delay) or read (key-load-delay). A negative number is a microsecond for every so many keys.
 *
 *   reached(keys) ─► isDue ─► whoever writes or reads waits for take() microseconds, and goes on
 *
 * Redis sleeps, in a process that can be killed when it has slept enough; here clients are served meanwhile,
 * no key takes longer than some seconds and no snapshot a minute longer than it would: it must end.
 *
 * Source: redis 7.0 `src/debug.c`, debugDelay.
 */

/** What is less is not worth a timer. */
const LEAST_MICROS = 1000
/** What one key may take. */
const KEY_MOST_MICROS = 5_000_000
/** What all keys of one snapshot may: who waits for its end, having killed a child in vain, must see it. */
const ALL_MOST_MICROS = 60_000_000
/** A wait is no longer, for the parameter may be changed meanwhile. */
const MOST_MICROS = 100_000

/** What is loaded at a time where each key has its delay. */
export const SLOW_PIECE_BYTES = 512

export class KeyDelay {
  readonly #perKey: () => number
  #owed = 0
  /** Owed since the beginning. */
  #granted = 0
  #keys = 0

  /** @param perKey microseconds, as they are now; 0: none */
  constructor(perKey: () => number) {
    this.#perKey = perKey
  }

  get isOn(): boolean {
    return this.#perKey() !== 0 && this.#granted < ALL_MOST_MICROS
  }

  /** So many keys were written or read since the beginning. */
  reached(keys: number): void {
    const more = keys - this.#keys
    this.#keys = keys
    const micros = Math.min(this.#perKey(), KEY_MOST_MICROS)
    if (micros === 0) return
    const wanted = micros > 0 ? more * micros : more / -micros
    const granted = Math.min(wanted, ALL_MOST_MICROS - this.#granted)
    this.#granted += granted
    this.#owed += granted
  }

  /** It is time to wait. */
  get isDue(): boolean {
    return this.#owed >= LEAST_MICROS && this.#perKey() !== 0
  }

  /** How long to wait now; 0: not at all. */
  take(): number {
    if (!this.isDue) return 0
    const part = Math.min(this.#owed, MOST_MICROS)
    this.#owed -= part
    return part
  }
}
