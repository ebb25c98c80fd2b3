/**
 * Bits of byte strings, numbered as Redis numbers them: bit 0 is the highest of byte 0.
 *
 *   byte     0                 1
 *   bit      0 1 2 3 4 5 6 7   8 9 …
 *
 * Fields are integers of 1 to 64 bits that begin anywhere. Nothing here knows a command, and nothing grows a
 * buffer; what is read behind the end is zero.
 *
 * Source: redis 7.0 `src/bitops.c`.
 */

/** Ones among the bits first … last (both included, within the bytes). */
export function countOnes(bytes: Buffer, first: number, last: number): number {
  const [from, to] = [Math.floor(first / 8), Math.floor(last / 8)]
  const [head, tail] = [bytes[from]! & (0xff >> (first % 8)), bytes[to]! & (0xff << (7 - (last % 8)))]
  if (from === to) return onesOf(head & tail)
  return onesOf(head) + onesOf(tail & 0xff) + onesOfBytes(bytes, from + 1, to)
}

/** The first bit of that value among first … last (both included, within the bytes); -1 if there is none. */
export function findBit(bytes: Buffer, bit: 0 | 1, first: number, last: number): number {
  const [from, to] = [Math.floor(first / 8), Math.floor(last / 8)]
  const flip = bit === 1 ? 0 : 0xff
  let byte = (bytes[from]! ^ flip) & (0xff >> (first % 8))
  let at = from
  if (byte === 0 && at < to) {
    at = firstOther(bytes, flip, from + 1, to)
    byte = bytes[at]! ^ flip
  }
  const found = at * 8 + Math.clz32(byte) - 24
  return byte === 0 || found > last ? -1 : found
}

/** The unsigned integer in `width` bits from bit `at`. */
export function readField(bytes: Buffer, at: number, width: number): bigint {
  const first = Math.floor(at / 8)
  const end = Math.floor((at + width - 1) / 8)
  let value = 0n
  for (let i = first; i <= end; i++) value = (value << 8n) | BigInt(bytes[i] ?? 0)
  return BigInt.asUintN(width, value >> BigInt(end * 8 + 7 - (at + width - 1)))
}

/** Writes the lowest `width` bits of `value` from bit `at`; the bytes must be there. */
export function writeField(bytes: Buffer, at: number, width: number, value: bigint): void {
  let rest = BigInt.asUintN(width, value)
  for (let left = width, end = at + width; left > 0; ) {
    const index = Math.floor((end - 1) / 8)
    const count = Math.min(left, end - index * 8)
    const shift = index * 8 + 8 - end
    const mask = ((1 << count) - 1) << shift
    bytes[index] = (bytes[index]! & ~mask) | ((Number(rest & 0xffn) << shift) & mask)
    rest >>= BigInt(count)
    left -= count
    end -= count
  }
}

export type BitOperation = 'AND' | 'OR' | 'XOR' | 'NOT'

/** All sources joined bit by bit; shorter ones go on with zeros. NOT takes the first alone. */
export function joinBits(operation: BitOperation, sources: readonly Buffer[]): Buffer {
  const joined = Buffer.alloc(Math.max(0, ...sources.map(({ length }) => length)))
  sources[0]?.copy(joined)
  if (operation === 'NOT') for (let i = 0; i < joined.length; i++) joined[i] = ~joined[i]!
  else for (const source of sources.slice(1)) join(operation, joined, source)
  return joined
}

function join(operation: BitOperation, into: Buffer, source: Buffer): void {
  const { length } = source
  if (operation === 'OR') for (let i = 0; i < length; i++) into[i]! |= source[i]!
  else if (operation === 'XOR') for (let i = 0; i < length; i++) into[i]! ^= source[i]!
  else {
    for (let i = 0; i < length; i++) into[i]! &= source[i]!
    into.fill(0, length)
  }
}

function onesOf(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555)
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** Four bytes at a time where the buffer is long enough for it to pay. */
function onesOfBytes(bytes: Buffer, start: number, end: number): number {
  let ones = 0
  let at = start
  for (; at < end && (bytes.byteOffset + at) % 4 !== 0; at++) ones += onesOf(bytes[at]!)
  if (at >= end) return ones
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (end - at) >>> 2)
  for (let i = 0; i < words.length; i++) ones += onesOf(words[i]!)
  for (at += words.length * 4; at < end; at++) ones += onesOf(bytes[at]!)
  return ones
}

/** The first byte from … to that is not `same`, or `to`. */
function firstOther(bytes: Buffer, same: number, from: number, to: number): number {
  let at = from
  while (at < to && bytes[at] === same) at++
  return at
}
