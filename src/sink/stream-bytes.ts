/**
 * StreamBytes: the newest bytes of one side, by position, until somebody has said what they are.
 *
 *   start                                end
 *   ├── kept: owned copies ──┤── lent ──┤          lent: the chunk that is passing
 */
export class StreamBytes {
  /** Position of the first byte that is held, and behind the last. */
  start = 0
  end = 0
  #kept: Buffer[] = []
  #lent: Buffer | undefined
  /** Position of the first byte of #kept[0]; bytes before `start` may still be in it. */
  #base = 0

  /** A chunk passes; it is borrowed until keep(). */
  lend(chunk: Buffer): void {
    this.#lent = chunk
    this.end += chunk.length
  }

  /** Copies what of the lent chunk is still of interest. */
  keep(): void {
    const lent = this.#lent
    this.#lent = undefined
    if (lent === undefined || this.start >= this.end) {
      this.forget(this.end)
      return
    }
    const fresh = Math.max(0, this.start - (this.end - lent.length))
    if (this.#kept.length === 0) this.#base = this.start
    this.#kept.push(Buffer.from(lent.subarray(fresh)))
  }

  /** Bytes before `position` are of no more interest. */
  forget(position: number): void {
    if (position > this.start) this.start = Math.min(position, this.end)
    while (this.#kept.length > 0 && this.#base + this.#kept[0]!.length <= this.start) {
      this.#base += this.#kept.shift()!.length
    }
  }

  /** Bytes that nobody has; what was held before them is let go. */
  lose(missing: number): void {
    this.end += missing
    this.start = this.end
    this.#kept = []
    this.#lent = undefined
  }

  has(position: number): boolean {
    return position >= this.start
  }

  /** Shows the bytes from..to, in parts. */
  copy(from: number, to: number, show: (part: Buffer) => void): void {
    let at = this.#base
    const parts = this.#lent === undefined ? this.#kept : [...this.#kept, this.#lent]
    if (this.#kept.length === 0 && this.#lent !== undefined) at = this.end - this.#lent.length
    for (const part of parts) {
      const first = Math.max(0, from - at)
      const last = Math.min(part.length, to - at)
      if (first < last) show(part.subarray(first, last))
      at += part.length
    }
  }
}
