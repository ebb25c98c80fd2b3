/**
 * Arguments: words of a command read as numbers and options, refused in Redis's words where they are none.
 *
 * Redis reads integers strictly (no plus sign, no leading zeros or spaces, no "-0") and within 64 bits. Most
 * are small, so a number is a JavaScript number where that is exact and a bigint beyond; who needs all 64
 * bits asks for a bigint.
 *
 * Source: redis 7.0 `src/util.c` (string2ll, string2ld), `src/object.c` (getLongLongFromObjectOrReply).
 */
import { NOT_A_FLOAT, NOT_AN_INTEGER, Refusal } from './replies.ts'

const INTEGER = /^(?:0|-?[1-9]\d{0,18})$/
const MINUS = 0x2d
const ZERO = 0x30
const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)

/** The 64-bit integer that `text` spells exactly as Redis would print it, or undefined. */
export function strictInteger(text: string): bigint | undefined {
  if (text.length > 20 || !INTEGER.test(text)) return undefined
  const value = BigInt(text)
  return value >= INT64_MIN && value <= INT64_MAX ? value : undefined
}

/** Like strictInteger where the value is exact as a number; undefined for what is no such number. */
export function smallInteger(text: string): number | undefined {
  const { length } = text
  const isNegative = text.charCodeAt(0) === MINUS
  const first = isNegative ? 1 : 0
  if (length === first || length > 16) return undefined
  if (text.charCodeAt(first) === ZERO) return length === 1 ? 0 : undefined
  let value = 0
  for (let at = first; at < length; at++) {
    const digit = text.charCodeAt(at) - ZERO
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  if (!Number.isSafeInteger(value)) return undefined
  return isNegative ? -value : value
}

/** @throws Refusal `ERR value is not an integer or out of range`, or the message given */
export function bigintArgument(text: string, refusal: string = NOT_AN_INTEGER): bigint {
  const value = strictInteger(text)
  if (value === undefined) throw new Refusal(refusal)
  return value
}

/**
 * An integer that may be any 64-bit one; as a number, rounded beyond 2^53 (counts, indices and times lose
 * nothing by it).
 * @throws Refusal as bigintArgument
 */
export function integerArgument(text: string, refusal: string = NOT_AN_INTEGER): number {
  return smallInteger(text) ?? Number(bigintArgument(text, refusal))
}

/** @throws Refusal where it is not an integer of low … high */
export function integerInRange(
  text: string,
  low: number,
  high: number,
  refusal: string = NOT_AN_INTEGER,
): number {
  const value = integerArgument(text, refusal)
  if (value < low || value > high) throw new Refusal(refusal)
  return value
}

/** @throws Refusal where it is no integer of 32 bits */
export function intArgument(text: string, refusal?: string): number {
  const value = integerArgument(text, refusal)
  if (value === (value | 0)) return value
  throw new Refusal(refusal ?? `${NOT_IN_RANGE} ${-(2 ** 31)} and ${2 ** 31 - 1}`)
}

const NOT_IN_RANGE = 'ERR value is out of range, value must between'
const FLOAT = /^[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)$/i
const INFINITE = /^([+-]?)inf(?:inity)?$/i
const HEXADECIMAL = /^([+-]?)0x([0-9a-f]+)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?$/i

/** A double as C's strtod reads it, whole word only; undefined for NaN and for what is no number. */
export function floatOf(text: string): number | undefined {
  if (FLOAT.test(text)) return Number(text)
  const infinite = INFINITE.exec(text)
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const hex = HEXADECIMAL.exec(text)
  if (hex === null) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = hex
  const digits = Number.parseInt(whole + fraction, 16)
  return (sign === '-' ? -1 : 1) * digits * 2 ** (Number(exponent) - 4 * fraction.length)
}

/** @throws Refusal `ERR value is not a valid float`, also for what is too large or too small for a double */
export function floatArgument(text: string, refusal: string = NOT_A_FLOAT): number {
  const integer = smallInteger(text)
  if (integer !== undefined) return integer
  const value = floatOf(text)
  if (value === undefined || !isInRange(text, value)) throw new Refusal(refusal)
  return value
}

/** Whether `text`, read as `value`, is neither too large nor too small for a double. */
export function isInRange(text: string, value: number): boolean {
  if (value === 0) return !/^[^ep\0]*[1-9]/i.test(text)
  return Number.isFinite(value) || INFINITE.test(text)
}

/**
 * A double as C reads it who only looks that nothing is left behind: spaces before are skipped, a zero byte
 * ends it, and nothing at all is 0. Undefined for what is no number.
 */
export function looseFloat(text: string): number | undefined {
  const end = text.indexOf('\0')
  const digits = end < 0 ? text : text.slice(0, end)
  return digits === '' ? 0 : floatOf(digits.replace(/^[ \t-\r]+/, ''))
}

/** Upper case for comparing option words: Redis compares them without case, ASCII only, as C's strings. */
export function word(text: string): string {
  const end = text.indexOf('\0')
  if (end >= 0) return word(text.slice(0, end))
  return /[a-z]/.test(text) ? text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()) : text
}

/** Bytes of the words of a request. */
export function bytesOf(argv: readonly string[]): number {
  let sum = 0
  for (const { length } of argv) sum += length
  return sum
}
