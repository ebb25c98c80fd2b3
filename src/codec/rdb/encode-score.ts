/**
 * Scores of sorted sets as the text, or the integer, that packed encodings and old RDB versions hold.
 *
 *   Redis 6.0     integers below 2^52 as digits; else C's %.17g:  1e+17  0.10000000000000001  -0
 *   Redis 7.0     integers up to 2^62 as integers; else the same
 *   since 7.2     integers up to 2^62 as integers; else the shortest digits:  0.1  1.5e-10
 *
 * (Redis finds the shortest digits by an algorithm that now and then gives one more; we do not imitate that.)
 * All of them read back to the same double; each server writes its own way, and so do we for it.
 * Source: redis `src/util.c` (d2string, double2ll), `deps/fpconv`; checked on 6.0, 7.0, 8.0.
 */
import type { ByteString } from '../../bytes/byte-string.ts'

const INTEGER_MAX = 2 ** 62
const DIGITS_MAX = 2 ** 52
const PRECISION = 17
/** %g writes an exponent below this power of ten. */
const PLAIN_FROM = -4
/** Eighteen digits exactly, the last a 5. */
const TIE = /\.\d{16}50*e/

/** The score as an integer where a 7.0 listpack holds one; a bigint beyond the safe numbers. */
export function scoreInteger(score: number): number | bigint | undefined {
  if (!Number.isInteger(score) || Math.abs(score) > INTEGER_MAX) return undefined
  // Adding 0 makes the negative zero positive, as the cast to an integer does in Redis.
  return Number.isSafeInteger(score) ? score + 0 : BigInt(score)
}

/** As Redis up to 7.0 prints a score. */
export function scoreText(score: number): ByteString {
  if (Object.is(score, -0)) return '-0' as ByteString
  if (Number.isInteger(score) && Math.abs(score) < DIGITS_MAX) return String(score) as ByteString
  // At most nine digits before the point and six behind: the shortest text is the exact one.
  if (Number.isInteger(score * 64) && Math.abs(score) < 1e9) return String(score) as ByteString
  return general(score)
}

/** As Redis since 7.2 prints a score that is not an integer. */
export function shortScoreText(score: number): ByteString {
  if (!Number.isFinite(score)) return named(score)
  const { sign, digits, exponent } = parts(score.toExponential())
  const size = digits.length
  const point = exponent + 1 - size
  if (point >= 0 && exponent < size + 7) return (sign + digits + '0'.repeat(point)) as ByteString
  if (point < 0 && (point > -7 || Math.abs(exponent) < 4)) return plain(sign, digits, exponent)
  const mantissa = size > 1 ? `${digits[0]}.${digits.slice(1)}` : digits
  return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}` as ByteString
}

/** C's %.17g. */
function general(value: number): ByteString {
  if (!Number.isFinite(value)) return named(value)
  const { sign, digits, exponent } = parts(rounded(value))
  if (exponent >= PLAIN_FROM && exponent < PRECISION) return plain(sign, digits, exponent)
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits
  const power = String(Math.abs(exponent)).padStart(2, '0')
  return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${power}` as ByteString
}

/** Seventeen digits. JavaScript rounds a tie up, C to the even digit: both read back alike. */
function rounded(value: number): string {
  const text = value.toExponential(PRECISION - 1)
  const longer = value.toExponential(PRECISION)
  const isTie = longer.includes('5e') && TIE.test(value.toExponential(40))
  if (!isTie) return text
  const down = longer.replace('5e', 'e')
  return Number(down.charAt(down.indexOf('e') - 1)) % 2 === 0 ? down : text
}

/** Digits without trailing zeros, and the power of ten of the first. */
function parts(exponential: string): { sign: string; digits: string; exponent: number } {
  const at = exponential.indexOf('e')
  const sign = exponential.startsWith('-') ? '-' : ''
  const digits = exponential.slice(sign.length, at).replace('.', '').replace(/0+$/, '')
  return { sign, digits: digits === '' ? '0' : digits, exponent: Number(exponential.slice(at + 1)) }
}

function plain(sign: string, digits: string, exponent: number): ByteString {
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}` as ByteString
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  const rest = digits.slice(exponent + 1)
  return (sign + whole + (rest === '' ? '' : `.${rest}`)) as ByteString
}

function named(value: number): ByteString {
  return (Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf') as ByteString
}
