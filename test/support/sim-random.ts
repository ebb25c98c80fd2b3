/**
 * Chance from a seed (ports.ts, Random): the same seed gives the same numbers for ever, so a seed is a whole
 * scenario.
 *
 *   const random = new SimRandom(7)
 *   random.fork('network')        a stream of its own: what one part asks for does not disturb the others
 *
 * The generator is sfc32 (public domain, from PractRand): four words of state, no multiplication.
 */
import type { Random } from '../../src/ports.ts'

const WORD = 2 ** 32
const WARM_UP = 12

export class SimRandom implements Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number, salt = 0) {
    this.#a = seed >>> 0
    this.#b = Math.floor(seed / WORD) >>> 0
    this.#c = salt >>> 0
    for (let i = 0; i < WARM_UP; i++) this.#next()
  }

  below(n: number): number {
    if (n <= WORD) return Math.floor((this.#next() / WORD) * n)
    return Math.floor(((this.#next() * 2 ** 16 + (this.#next() >>> 16)) / 2 ** 48) * n)
  }

  hex(length: number): string {
    let text = ''
    while (text.length < length) text += this.#next().toString(16).padStart(8, '0')
    return text.slice(0, length)
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.below(10_000) < percent * 100
  }

  /** A whole number from `low` up to and including `high`. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  /** Small ones more often than large ones: even over the number of digits. */
  skewed(low: number, high: number): number {
    const share = this.#next() / WORD
    return Math.round(low * (high / low) ** share)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }

  /** Another stream of numbers, which depends on this one's state and on the name. */
  fork(name: string): SimRandom {
    let salt = this.#next()
    for (let i = 0; i < name.length; i++) salt = Math.imul(salt ^ name.charCodeAt(i), 0x01000193)
    return new SimRandom(this.#next(), salt)
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) >>> 0
    this.#counter = (this.#counter + 1) >>> 0
    this.#a = (this.#b ^ (this.#b >>> 9)) >>> 0
    this.#b = (this.#c + (this.#c << 3)) >>> 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) >>> 0
    return sum
  }
}
