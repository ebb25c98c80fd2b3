/**
 * Where an element of a HyperLogLog counts: its register, and its rank there.
 *
 *   64 bits of hash   ┌ 50 bits: rank = zeros at their low end, and one ┬ 14 bits: register ┐
 *
 * The hash is MurmurHash64A with Redis's seed. JavaScript has no 64-bit integers that are fast, so two halves
 * of 32 bits are carried through; bigints would take thirty times as long.
 *
 * Source: Austin Appleby's MurmurHash2 (public domain); redis 7.0 `src/hyperloglog.c`, hllPatLen.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'

const SEED_LOW = 0xadc83b19 | 0
/** The multiplier 0xc6a4a7935bd1e995. */
const M_HIGH = 0xc6a4a793 | 0
const M_LOW = 0x5bd1e995
const REGISTER_BITS = 14

/** The two halves of a 64-bit number that functions of this file work on; they never run at the same time. */
const h = { low: 0, high: 0 }
const k = { low: 0, high: 0 }

type Halves = { low: number; high: number }

export type Place = { readonly register: number; readonly rank: number }

export function placeOf(element: ByteString): Place {
  hash(element)
  const register = h.low & ((1 << REGISTER_BITS) - 1)
  const low = (h.low >>> REGISTER_BITS) | (h.high << (32 - REGISTER_BITS))
  // A one where the 50 bits end, so that the zeros do.
  const high = (h.high >>> REGISTER_BITS) | (1 << (32 - REGISTER_BITS))
  return { register, rank: 1 + (low === 0 ? 32 + trailingZeros(high) : trailingZeros(low)) }
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word)
}

/** Leaves the hash in `h`. */
function hash(text: ByteString): void {
  const { length } = text
  h.low = length
  h.high = 0
  multiply(h)
  h.low ^= SEED_LOW
  let at = 0
  for (; at + 8 <= length; at += 8) {
    k.low = wordAt(text, at)
    k.high = wordAt(text, at + 4)
    multiply(k)
    k.low ^= k.high >>> 15
    multiply(k)
    h.low ^= k.low
    h.high ^= k.high
    multiply(h)
  }
  if (at < length) {
    for (let i = at; i < length; i++) {
      const shift = (i - at) * 8
      if (shift < 32) h.low ^= text.charCodeAt(i) << shift
      else h.high ^= text.charCodeAt(i) << (shift - 32)
    }
    multiply(h)
  }
  h.low ^= h.high >>> 15
  multiply(h)
  h.low ^= h.high >>> 15
}

function wordAt(text: ByteString, at: number): number {
  return (
    text.charCodeAt(at) |
    (text.charCodeAt(at + 1) << 8) |
    (text.charCodeAt(at + 2) << 16) |
    (text.charCodeAt(at + 3) << 24)
  )
}

/** By the multiplier, modulo 2^64. */
function multiply(value: Halves): void {
  const { low, high } = value
  value.high = (Math.imul(low, M_HIGH) + Math.imul(high, M_LOW) + upperHalf(low)) | 0
  value.low = Math.imul(low, M_LOW)
}

const M_LOW_0 = M_LOW & 0xffff
const M_LOW_1 = M_LOW >>> 16

/** The upper 32 bits of `low` × M_LOW, both unsigned. */
function upperHalf(low: number): number {
  const [a, b] = [low & 0xffff, low >>> 16]
  const middle = b * M_LOW_0 + ((a * M_LOW_0) >>> 16)
  const other = a * M_LOW_1 + (middle & 0xffff)
  return (b * M_LOW_1 + Math.floor(middle / 0x10000) + (other >>> 16)) | 0
}
