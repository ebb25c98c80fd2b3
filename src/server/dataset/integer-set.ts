/**
 * IntegerSet: a sorted array of 64-bit integers, as small sets of integers are kept.
 *
 * A number where a number is exact, else a bigint; the two compare as they should. Look-up is a binary
 * search; adding and removing move what is behind, which is why a set leaves this form when it grows
 * (set-max-intset-entries). Compare redis `src/intset.c`.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { canonicalInteger } from '../../codec/packed/canonical-integer.ts'
import { inserted } from './short-array.ts'

export class IntegerSet {
  #integers: (number | bigint)[] = []

  get length(): number {
    return this.#integers.length
  }

  /** 'wrong-type' for what is no integer as Redis would print it. */
  add(member: ByteString): boolean | 'wrong-type' {
    const integer = canonicalInteger(member)
    if (integer === undefined) return 'wrong-type'
    const integers = this.#integers
    const at = this.#place(integer)
    if (integers[at] === integer) return false
    this.#integers = inserted(integers, at, integer)
    return true
  }

  has(member: ByteString): boolean {
    const integer = canonicalInteger(member)
    return integer !== undefined && this.#integers[this.#place(integer)] === integer
  }

  remove(member: ByteString): boolean {
    const integer = canonicalInteger(member)
    if (integer === undefined) return false
    const at = this.#place(integer)
    if (this.#integers[at] !== integer) return false
    this.#integers.splice(at, 1)
    return true
  }

  /** The member at a place of the order. */
  at(index: number): ByteString {
    return String(this.#integers[index]!) as ByteString
  }

  *members(): Generator<ByteString> {
    for (const integer of this.#integers) yield String(integer) as ByteString
  }

  /** Index of the first that is not less. */
  #place(integer: number | bigint): number {
    const integers = this.#integers
    let low = 0
    let high = integers.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (integers[middle]! < integer) low = middle + 1
      else high = middle
    }
    return low
  }
}
