/**
 * Tracking: clients that keep copies of keys and want to be told when those change (CLIENT TRACKING).
 *
 * Source: redis 7.0 `src/tracking.c`.
 */
import type { ByteString } from '../bytes/byte-string.ts'

export class Tracking {
  /** Names of keys that some client keeps, and what to do when they change. */
  readonly #kept = new Map<ByteString, Set<() => void>>()

  readonly clients = 0

  get keys(): number {
    return this.#kept.size
  }

  get items(): number {
    return [...this.#kept.values()].reduce((sum, kept) => sum + kept.size, 0)
  }

  readonly prefixes = 0

  /** All keys were changed at once. */
  flushed(): void {
    for (const key of [...this.#kept.keys()]) this.touched(key)
  }

  touched(key: ByteString): void {
    if (this.#kept.size === 0) return
    const invalidations = this.#kept.get(key)
    if (invalidations === undefined) return
    this.#kept.delete(key)
    for (const invalidate of invalidations) invalidate()
  }
}
