/**
 * Lagging: a shadow that lets units wait until it is told how far it may go.
 *
 *   stream ─► [ waiting units ] ─► advance(to) ─► shadow            passed ≥ to ≥ applied
 *
 * So it can be brought to exactly the offset at which a replica said what it has. What waits is bounded:
 * where a replica is so far behind that it would not fit, the oldest units are applied all the same; then
 * the replica has to come to where the shadow is.
 */
import type { Beginning } from './link-follower.ts'
import { Shadow, type ShadowOptions } from './shadow.ts'
import { type Unit, unitBytes } from './unit.ts'

export type LaggingOptions = ShadowOptions & {
  /** What may wait, in bytes of memory, about. */
  readonly waitingBytesMax: number
}

export class Lagging {
  readonly shadow: Shadow
  readonly #waitingBytesMax: number
  #units: Unit[] = []
  /** Units before it are applied. */
  #first = 0
  #waitingBytes = 0
  /** Offset behind the last unit that has passed. */
  passed = 0
  /** Units that were applied before the replica was known to have them, for want of room. */
  forced = 0

  constructor(options: LaggingOptions) {
    this.shadow = new Shadow(options)
    this.#waitingBytesMax = options.waitingBytesMax
  }

  get isFull(): boolean {
    return this.#waitingBytes > this.#waitingBytesMax
  }

  begin(beginning: Beginning): void {
    this.#units = []
    this.#first = 0
    this.#waitingBytes = 0
    this.shadow.begin(beginning)
    this.passed = beginning.offset
  }

  push(unit: Unit): void {
    this.#units.push(unit)
    this.#waitingBytes += unitBytes(unit)
    this.passed = unit.end
  }

  /** Where too much waits, the oldest of it waits no more. */
  relieve(): void {
    while (this.isFull) {
      this.#apply()
      this.forced++
    }
  }

  /**
   * Applies units up to offset `to`, at most `most` of them.
   * @returns whether nothing is left that ends at or before it
   */
  advance(to: number, most: number): boolean {
    for (let left = most; left > 0; left--) {
      const unit = this.#units[this.#first]
      if (unit === undefined || unit.end > to) return true
      this.#apply()
    }
    return false
  }

  #apply(): void {
    const unit = this.#units[this.#first++]!
    this.#waitingBytes -= unitBytes(unit)
    this.shadow.apply(unit)
    if (this.#first > COMPACT_AT && this.#first * 2 > this.#units.length) {
      this.#units.splice(0, this.#first)
      this.#first = 0
    }
  }
}

const COMPACT_AT = 1024
