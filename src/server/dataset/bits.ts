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

/** What can be joined; its bytes are asked for when it is its turn, so that never all are there at once. */
export type BitSource = { readonly length: number; readonly bytes: Buffer }

/** All sources joined bit by bit; shorter ones go on with zeros. NOT takes the first alone. */
export function joinBits(operation: BitOperation, sources: readonly BitSource[]): Buffer {
  const joined = Buffer.alloc(sources.reduce((longest, { length }) => Math.max(longest, length), 0))
  sources.forEach((source, i) => {
    if (i === 0) source.bytes.copy(joined)
    else join(operation, joined, source.bytes)
  })
  if (operation === 'NOT') flip(joined)
  return joined
}

type Words = Int32Array | Buffer

function flip(bytes: Buffer): void {
  const words = wordsOf(bytes, 0, bytes.length)
  for (let i = 0; i < words.length; i++) words[i] = ~words[i]!
  for (let i = words.length * 4; i < bytes.length; i++) bytes[i] = ~bytes[i]!
}

function join(operation: BitOperation, into: Buffer, source: Buffer): void {
  let from = 0
  if (isAligned(source, 0)) {
    const words = wordsOf(source, 0, source.length)
    joinFrom(operation, wordsOf(into, 0, source.length), words, 0)
    from = words.length * 4
  }
  joinFrom(operation, into, source, from)
  if (operation === 'AND') into.fill(0, source.length)
}

function joinFrom(operation: BitOperation, into: Words, source: Words, from: number): void {
  const { length } = source
  if (operation === 'OR') for (let i = from; i < length; i++) into[i]! |= source[i]!
  else if (operation === 'XOR') for (let i = from; i < length; i++) into[i]! ^= source[i]!
  else for (let i = from; i < length; i++) into[i]! &= source[i]!
}

function onesOf(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555)
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** Ones in the bytes start … end (exclusive), four bytes at a time where they are aligned. */
function onesOfBytes(bytes: Buffer, start: number, end: number): number {
  let ones = 0
  let at = start
  for (; at < end && !isAligned(bytes, at); at++) ones += onesOf(bytes[at]!)
  const words = wordsOf(bytes, at, end)
  for (let i = 0; i < words.length; i++) ones += onesOf(words[i]!)
  for (at += words.length * 4; at < end; at++) ones += onesOf(bytes[at]!)
  return ones
}

/** The first byte from … to that is not `same` (0 or 0xff), or `to`. */
function firstOther(bytes: Buffer, same: number, from: number, to: number): number {
  let at = from
  for (; at < to && !isAligned(bytes, at); at++) if (bytes[at] !== same) return at
  const words = wordsOf(bytes, at, to)
  const sameWord = same === 0 ? 0 : -1
  let i = 0
  while (i < words.length && words[i] === sameWord) i++
  at += i * 4
  while (at < to && bytes[at] === same) at++
  return at
}

function isAligned(bytes: Buffer, at: number): boolean {
  return (bytes.byteOffset + at) % 4 === 0
}

function wordsOf(bytes: Buffer, from: number, to: number): Int32Array {
  return from < to ? new Int32Array(bytes.buffer, bytes.byteOffset + from, (to - from) >>> 2) : NO_WORDS
}

const NO_WORDS = new Int32Array(0)
