/**
 * SHA-1 of short messages, as five words. For what fits into one block (55 bytes) it takes a seventh of the
 * time of the engine's own, which makes an object of each; the rest is left to that one.
 *
 *   words  a digest: five 32-bit numbers, 20 bytes from the highest on
 *
 * For digests of datasets, where there are several for each key. Nothing here keeps a secret.
 *
 * Source: FIPS 180-4, 6.1.2.
 */
import { createHash } from 'node:crypto'
import type { Bytes } from './byte-writer.ts'

/** A digest. */
export type Words = Int32Array

const WORDS = 5
/** A block is 64 bytes: the message, a bit, and its length in eight. */
const SHORT_MAX = 55
const BITS_AT = 15

const schedule = new Int32Array(80)
const state = new Int32Array(WORDS)

/** All zero. */
export function noWords(): Words {
  return new Int32Array(WORDS)
}

/** words = words xor sha1(bytes) */
export function xorSha1(words: Words, bytes: Bytes): void {
  if (bytes.length > SHORT_MAX) {
    const hash = createHash('sha1')
    const digest = (typeof bytes === 'string' ? hash.update(bytes, 'latin1') : hash.update(bytes)).digest()
    for (let i = 0; i < WORDS; i++) words[i]! ^= digest.readInt32BE(4 * i)
    return
  }
  schedule.fill(0, 0, BITS_AT + 1)
  const { length } = bytes
  for (let i = 0; i < length; i++) {
    const byte = typeof bytes === 'string' ? bytes.charCodeAt(i) : bytes[i]!
    schedule[i >> 2]! |= byte << (24 - 8 * (i & 3))
  }
  hashBlock(length)
  for (let i = 0; i < WORDS; i++) words[i]! ^= state[i]!
}

/** words = sha1(words) */
export function rehash(words: Words): void {
  schedule.fill(0, 0, BITS_AT + 1)
  schedule.set(words)
  hashBlock(4 * WORDS)
  words.set(state)
}

/** 40 hexadecimal digits. */
export function hexOf(words: Words): string {
  return [...words].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

/** Of the message of so many bytes that stands in the schedule, into the state. */
function hashBlock(length: number): void {
  const w = schedule
  w[length >> 2]! |= 0x80 << (24 - 8 * (length & 3))
  w[BITS_AT] = 8 * length
  for (let i = BITS_AT + 1; i < 80; i++) {
    const x = w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!
    w[i] = (x << 1) | (x >>> 31)
  }
  let [a, b, c, d, e] = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0]
  for (let i = 0; i < 80; i++) {
    let mixed: number
    if (i < 20) mixed = ((b & c) | (~b & d)) + 0x5a827999
    else if (i < 40) mixed = (b ^ c ^ d) + 0x6ed9eba1
    else if (i < 60) mixed = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
    else mixed = (b ^ c ^ d) + 0xca62c1d6
    const next = (((a << 5) | (a >>> 27)) + e + w[i]! + mixed) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  state[0] = 0x67452301 + a
  state[1] = 0xefcdab89 + b
  state[2] = 0x98badcfe + c
  state[3] = 0x10325476 + d
  state[4] = 0xc3d2e1f0 + e
}
