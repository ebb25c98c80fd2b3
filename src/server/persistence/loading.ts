/**
 * Loading: how far a dataset that is being read has come, whether from disk at the start or from a
 * master. While it is on, clients are answered -LOADING (gate.ts), and INFO persistence tells how long yet.
 *
 *   begin(now, 700 MB) ─► loadedBytes = 10 MB … ─► end()
 *
 * Not here: the reading (disk-loading.ts; a replica's link).
 *
 * Source: redis 7.0 `src/rdb.c`, startLoading; `src/server.c`, genRedisInfoString.
 */
import type { Instant } from '../../ports.ts'

const MICROS = 1_000_000

export class Loading {
  isOn = false
  /** The dataset that was there before is read on meanwhile (repl-diskless-load swapdb). */
  isAside = false
  startedAt: Instant = 0
  /** 0 where nobody knows: a master that streams its snapshot does not say. */
  totalBytes = 0
  loadedBytes = 0
  /** The memory that the writer of the snapshot said it took (used-mem); 0 if it did not. */
  usedMemory = 0

  begin(now: Instant, totalBytes = 0, isAside = false): void {
    this.isOn = true
    this.isAside = isAside
    this.startedAt = now
    this.totalBytes = totalBytes
    this.loadedBytes = 0
    this.usedMemory = 0
  }

  end(): void {
    this.isOn = false
  }

  /** The total, or a bad guess: memory is what is known of a snapshot whose length is not. */
  get #expectedBytes(): number {
    return this.totalBytes === 0 ? this.usedMemory : this.totalBytes
  }

  get percent(): number {
    if (this.#expectedBytes === 0) return 0
    const percent = (this.loadedBytes / this.#expectedBytes) * 100
    return this.totalBytes === 0 ? Math.min(percent, 99.99) : percent
  }

  /** Seconds it may still take, from how long it took so far. */
  secondsLeft(now: Instant): number {
    const elapsed = Math.floor(now / MICROS) - Math.floor(this.startedAt / MICROS)
    if (elapsed <= 0) return 1
    const left = Math.max(1, this.#expectedBytes - this.loadedBytes)
    return Math.floor((elapsed * left) / (this.loadedBytes + 1))
  }
}
