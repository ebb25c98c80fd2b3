/**
 * Digest: 128 bits that stand for something, made in passing.
 *
 *   begin ─► text · number · long · … ─► end ─► lanes[0..4)
 *
 * Four lanes of 32 bits, because that is what JavaScript multiplies fast: the mixing is that of MurmurHash3
 * x86 128, over words of four characters of a latin1 string. Everything that is mixed in is led by its
 * length or kind, so different sequences of parts are different inputs.
 *
 * Digests of the elements of a set are added lane by lane: the sum does not depend on their order.
 *
 * It is a fingerprint, not a seal: equal by accident in one of 2^128, but who wants two different values
 * with the same digest can construct them. Source: Austin Appleby's MurmurHash3 (public domain), the
 * constants.
 */
import type { RdbString } from '../codec/rdb/events.ts'

export type Part = RdbString | number | bigint | undefined

const C1 = 0x239b961b
const C2 = 0xab0e9789 | 0
const C3 = 0x38b34ae5
const C4 = 0xa1e38b93 | 0
const KIND = { NUMBER: 1, TEXT: 2, LONG: 3, BIGINT: 4, NOTHING: 5 } as const

const double = new Float64Array(1)
const halves = new Int32Array(double.buffer)

export class Digest {
  readonly lanes = new Int32Array(4)

  begin(seed: number): void {
    this.lanes.fill(seed)
  }

  part(value: Part): void {
    if (typeof value === 'string') this.text(value)
    else if (typeof value === 'number') this.number(value)
    else if (value === undefined) this.#words(KIND.NOTHING, 0, 0, 0)
    else if (typeof value === 'bigint') {
      this.#words(KIND.BIGINT, 0, 0, 0)
      this.text(String(value))
    } else {
      this.#words(KIND.LONG, value.bytes, 0, 0)
      this.text(value.hash)
      this.text(value.preview)
    }
  }

  number(value: number): void {
    double[0] = value
    this.#words(KIND.NUMBER, halves[0]!, halves[1]!, 0)
  }

  /** Chars up to 0xff; the length is mixed in before them. */
  text(value: string): void {
    const size = value.length
    this.#words(KIND.TEXT, size, 0, 0)
    let at = 0
    for (const whole = size - 15; at < whole; at += 16) {
      this.#words(word(value, at), word(value, at + 4), word(value, at + 8), word(value, at + 12))
    }
    if (at === size) return
    const rest = [0, 0, 0, 0] as [number, number, number, number]
    for (let i = at; i < size; i++) rest[(i - at) >> 2]! |= value.charCodeAt(i) << (((i - at) & 3) * 8)
    this.#words(rest[0], rest[1], rest[2], rest[3])
  }

  /** Mixes the other lanes in as they are. */
  lanesOf(sum: Int32Array): void {
    this.#words(sum[0]!, sum[1]!, sum[2]!, sum[3]!)
  }

  /** The digest stands in `lanes` after this. */
  end(): void {
    const { lanes } = this
    let a = lanes[0]!
    let b = lanes[1]!
    let c = lanes[2]!
    let d = lanes[3]!
    a = (a + b + c + d) | 0
    b = (b + a) | 0
    c = (c + a) | 0
    d = (d + a) | 0
    a = avalanche(a)
    b = avalanche(b)
    c = avalanche(c)
    d = avalanche(d)
    a = (a + b + c + d) | 0
    lanes[0] = a
    lanes[1] = b + a
    lanes[2] = c + a
    lanes[3] = d + a
  }

  #words(k1: number, k2: number, k3: number, k4: number): void {
    const { lanes } = this
    let a = lanes[0]!
    let b = lanes[1]!
    let c = lanes[2]!
    let d = lanes[3]!
    a ^= Math.imul(turned(Math.imul(k1, C1), 15), C2)
    a = (Math.imul((turned(a, 19) + b) | 0, 5) + 0x561ccd1b) | 0
    b ^= Math.imul(turned(Math.imul(k2, C2), 16), C3)
    b = (Math.imul((turned(b, 17) + c) | 0, 5) + 0x0bcaa747) | 0
    c ^= Math.imul(turned(Math.imul(k3, C3), 17), C4)
    c = (Math.imul((turned(c, 15) + d) | 0, 5) + 0x96cd1c35) | 0
    d ^= Math.imul(turned(Math.imul(k4, C4), 18), C1)
    d = (Math.imul((turned(d, 13) + a) | 0, 5) + 0x32ac3b17) | 0
    lanes[0] = a
    lanes[1] = b
    lanes[2] = c
    lanes[3] = d
  }
}

/** Adds `lanes` to a sum whose order does not matter. */
export function addLanes(sum: Int32Array, lanes: Int32Array, at = 0): void {
  sum[at]! += lanes[0]!
  sum[at + 1]! += lanes[1]!
  sum[at + 2]! += lanes[2]!
  sum[at + 3]! += lanes[3]!
}

function word(value: string, at: number): number {
  return (
    value.charCodeAt(at) |
    (value.charCodeAt(at + 1) << 8) |
    (value.charCodeAt(at + 2) << 16) |
    (value.charCodeAt(at + 3) << 24)
  )
}

function turned(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by))
}

function avalanche(value: number): number {
  let mixed = value ^ (value >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
