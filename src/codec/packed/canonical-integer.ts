/**
 * Which byte strings are integers: the decimal text of an int64 exactly as Redis itself would print it.
 *
 *   "0" "-1" "9223372036854775807" are;   "" "-0" "+1" "007" " 1" "1.5" "9223372036854775808" are not
 *
 * Every packed encoding and the RDB string form store such strings as integers, so that the text can be made
 * again from the number without loss. Source: redis `src/util.c`, string2ll.
 */
import { byteString } from '../../bytes/byte-string.ts'
import type { Bytes } from '../../bytes/byte-writer.ts'

const DIGITS_MAX = 20
/** Fifteen digits always fit a double exactly. */
const DIGITS_EXACT = 15
const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

/**
 * The integer that `value` is the canonical text of, or undefined.
 * It is a number where a number is exact, else a bigint.
 */
export function canonicalInteger(value: Bytes): number | bigint | undefined {
  const size = value.length
  if (size === 0 || size > DIGITS_MAX) return undefined
  if (typeof value !== 'string') {
    return startsInteger(value[0]!) ? canonicalInteger(byteString(value)) : undefined
  }
  const negative = value.charCodeAt(0) === 0x2d
  const first = negative ? 1 : 0
  const digits = size - first
  const lead = value.charCodeAt(first)
  if (lead === 0x30) return size === 1 ? 0 : undefined
  let total = 0
  for (let i = first; i < size; i++) {
    const digit = value.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return undefined
    total = total * 10 + digit
  }
  if (digits === 0) return undefined
  if (digits <= DIGITS_EXACT) return negative ? -total : total
  return exact(BigInt(value))
}

function exact(integer: bigint): number | bigint | undefined {
  if (integer < INT64_MIN || integer > INT64_MAX) return undefined
  const number = Number(integer)
  return Number.isSafeInteger(number) ? number : integer
}

function startsInteger(byte: number): boolean {
  return byte === 0x2d || (byte >= 0x30 && byte <= 0x39)
}
