/**
 * StreamId: `milliseconds-sequence`, the name of a stream's entry, and its place in the order.
 *
 * Both halves have 64 bits. Nearly always they are small, so a half is a number where that is exact, and a
 * bigint beyond; JavaScript compares the two with each other correctly.
 *
 * Source: redis 7.0 `src/t_stream.c`, streamGenericParseIDOrReply, streamIncrID, streamDecrID.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { strictInteger } from '../arguments.ts'

/** 0 … 2^64 - 1; a bigint only above Number.MAX_SAFE_INTEGER. */
export type U64 = number | bigint

export type Id = { readonly ms: U64; readonly seq: U64 }

const MAX = 2n ** 64n - 1n

export const MIN_ID: Id = { ms: 0, seq: 0 }
export const MAX_ID: Id = { ms: MAX, seq: MAX }

export function u64(value: bigint): U64 {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}

export function compareIds(a: Id, b: Id): number {
  if (a.ms !== b.ms) return a.ms < b.ms ? -1 : 1
  return a.seq === b.seq ? 0 : a.seq < b.seq ? -1 : 1
}

export function isZeroId({ ms, seq }: Id): boolean {
  return ms === 0 && seq === 0
}

export function idText({ ms, seq }: Id): ByteString {
  return `${ms}-${seq}` as ByteString
}

/** The id right behind this one; undefined behind the last. */
export function nextId({ ms, seq }: Id): Id | undefined {
  if (seq !== MAX) return { ms, seq: plus(seq, 1) }
  return ms === MAX ? undefined : { ms: plus(ms, 1), seq: 0 }
}

/** The id right before this one; undefined before the first. */
export function previousId({ ms, seq }: Id): Id | undefined {
  if (seq !== 0) return { ms, seq: plus(seq, -1) }
  return ms === 0 ? undefined : { ms: plus(ms, -1), seq: MAX }
}

/** The sum must be one of 0 … 2^64 - 1. */
export function plus(value: U64, more: U64): U64 {
  if (typeof value === 'number' && typeof more === 'number') {
    const sum = value + more
    if (sum <= Number.MAX_SAFE_INTEGER) return sum
  }
  return u64(BigInt(value) + BigInt(more))
}

/** a - b as a signed number of 64 bits, as C has it. */
export function difference(a: U64, b: U64): number | bigint {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return BigInt.asIntN(64, BigInt(a) - BigInt(b))
}

/** Longer ones are not even looked at. */
const TEXT_MAX = 127

/** `ms-seq`, or `ms` alone with `seq` as given; undefined for anything else. */
export function parseId(text: string, seq: U64): Id | undefined {
  if (text.length > TEXT_MAX) return undefined
  const dash = text.indexOf('-')
  const ms = half(dash < 0 ? text : text.slice(0, dash))
  const second = dash < 0 ? seq : half(text.slice(dash + 1))
  return ms === undefined || second === undefined ? undefined : { ms, seq: second }
}

const DIGITS = /^\d{1,15}$/
const LENIENT = /^[ \t-\r]*([+-]?)(\d+)$/

/** As C's strtoull reads it, which takes spaces, signs and zeros in front; but no proper negative number. */
function half(text: string): U64 | undefined {
  if (DIGITS.test(text)) return Number(text)
  const found = LENIENT.exec(text)
  if (found === null) return undefined
  const strict = strictInteger(text)
  if (strict !== undefined) return strict < 0n ? undefined : u64(strict)
  const value = BigInt(found[2]!)
  if (value > MAX) return undefined
  return u64(found[1] === '-' ? BigInt.asUintN(64, -value) : value)
}
