/**
 * ExtendedFloat: the 80-bit floating point numbers (C's `long double` on x86-64) in which Redis reckons
 * INCRBYFLOAT and HINCRBYFLOAT. Doubles would give other digits: 5.1 + 0.1 is not the same in both.
 *
 *   value = (negative ? -1 : 1) × mantissa × 2^exponent       mantissa < 2^64, exponent ≥ -16445
 *
 * Exact where the processor is exact: a sum or a decimal numeral is formed without loss and then rounded
 * once, to nearest, ties to even, gradually underflowing. There is no NaN, because Redis refuses it on both
 * ends.
 *
 * Source: IEEE 754 extended precision; redis 7.0 `src/util.c`, string2ld and ld2string (LD_STR_HUMAN:
 * `%.17Lf` without trailing zeros).
 */
export type ExtendedFloat = {
  readonly isNegative: boolean
  readonly isInfinite: boolean
  readonly mantissa: bigint
  readonly exponent: number
}

const PRECISION = 64
const EXPONENT_MIN = -16445
/** The largest finite value is just below 2^16384. */
const BITS_MAX = 16384
/** MAX_LONG_DOUBLE_CHARS */
const CHARS_MAX = 5 * 1024
/** Beyond these powers of ten nothing but infinity or zero is left. */
const DECIMAL_MAX = 4940
const DECIMAL_MIN = -4975
const FRACTION_DIGITS = 17

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i
const HEXADECIMAL = /^([+-]?)0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?$/i
const INFINITE = /^([+-]?)inf(?:inity)?$/i

/**
 * The number that `text` spells as C's strtold reads it, the whole word; undefined where Redis says "not a
 * valid float": other text, NaN, finite numerals that overflow, or that vanish entirely.
 */
export function parseExtended(text: string): ExtendedFloat | undefined {
  if (text.length === 0 || text.length >= CHARS_MAX) return undefined
  const infinite = INFINITE.exec(text)
  if (infinite !== null) return infinity(infinite[1] === '-')
  const decimal = DECIMAL.exec(text)
  if (decimal !== null) return fromDecimal(decimal)
  const hexadecimal = HEXADECIMAL.exec(text)
  return hexadecimal === null ? undefined : fromHexadecimal(hexadecimal)
}

/** The rounded sum; undefined for ∞ + -∞, which is no number. */
export function addExtended(a: ExtendedFloat, b: ExtendedFloat): ExtendedFloat | undefined {
  if (a.isInfinite || b.isInfinite) {
    if (!a.isInfinite) return b
    return !b.isInfinite || a.isNegative === b.isNegative ? a : undefined
  }
  const exponent = Math.min(a.exponent, b.exponent)
  const sum = scaled(a, exponent) + scaled(b, exponent)
  const isNegative = sum < 0n
  return rounded(isNegative, isNegative ? -sum : sum, 1n, exponent)
}

/** As Redis stores it: no exponent, at most 17 digits behind the point, no zeros at the end, no `-0`. */
export function extendedText({ isNegative, isInfinite, mantissa, exponent }: ExtendedFloat): string {
  const sign = isNegative ? '-' : ''
  if (isInfinite) return `${sign}inf`
  if (mantissa === 0n) return '0'
  if (exponent >= 0) return sign + String(mantissa << BigInt(exponent))
  const shift = BigInt(-exponent)
  const units = nearest(mantissa * 10n ** BigInt(FRACTION_DIGITS), 1n << shift)
  if (units === 0n) return '0'
  const digits = String(units).padStart(FRACTION_DIGITS + 1, '0')
  const fraction = digits.slice(-FRACTION_DIGITS).replace(/0+$/, '')
  return `${sign}${digits.slice(0, -FRACTION_DIGITS)}${fraction === '' ? '' : `.${fraction}`}`
}

function fromDecimal([, sign, whole = '', fraction = '', power = '0']: RegExpExecArray) {
  if (whole === '' && fraction === '') return undefined
  const isNegative = sign === '-'
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  if (digits === '') return zero(isNegative)
  const exponent = Number(power) - fraction.length
  const magnitude = exponent + digits.length
  if (magnitude > DECIMAL_MAX || magnitude < DECIMAL_MIN) return undefined
  const value = BigInt(digits)
  const result =
    exponent >= 0
      ? rounded(isNegative, value * 10n ** BigInt(exponent), 1n, 0)
      : rounded(isNegative, value, 10n ** BigInt(-exponent), 0)
  return accepted(result)
}

function fromHexadecimal([, sign, whole = '', fraction = '', power = '0']: RegExpExecArray) {
  if (whole === '' && fraction === '') return undefined
  const isNegative = sign === '-'
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  if (digits === '') return zero(isNegative)
  const exponent = Number(power) - 4 * fraction.length
  const magnitude = exponent + 4 * digits.length
  if (magnitude > BITS_MAX + 4 || magnitude < EXPONENT_MIN - 4) return undefined
  return accepted(rounded(isNegative, BigInt(`0x${digits}`), 1n, exponent))
}

/** A numeral that was not zero and not infinite must not have become so. */
function accepted(value: ExtendedFloat): ExtendedFloat | undefined {
  return !value.isInfinite && value.mantissa !== 0n ? value : undefined
}

function zero(isNegative: boolean): ExtendedFloat {
  return { isNegative, isInfinite: false, mantissa: 0n, exponent: 0 }
}

function infinity(isNegative: boolean): ExtendedFloat {
  return { isNegative, isInfinite: true, mantissa: 0n, exponent: 0 }
}

function scaled({ isNegative, mantissa, exponent }: ExtendedFloat, to: number): bigint {
  const value = mantissa << BigInt(exponent - to)
  return isNegative ? -value : value
}

/** numerator / denominator × 2^exponent, rounded to 64 bits. */
function rounded(isNegative: boolean, numerator: bigint, denominator: bigint, exponent: number) {
  if (numerator === 0n) return zero(isNegative)
  // The quotient gets 64 bits or one more; the second rounding below is the only one, for nothing is cut
  // here.
  let shift = bits(numerator) - bits(denominator) - PRECISION
  shift = Math.max(shift, EXPONENT_MIN - exponent)
  let mantissa = quotient(numerator, denominator, shift)
  if (bits(mantissa) > PRECISION) mantissa = quotient(numerator, denominator, ++shift)
  const result = { isNegative, isInfinite: false, mantissa, exponent: exponent + shift }
  return bits(mantissa) + result.exponent > BITS_MAX ? infinity(isNegative) : result
}

function quotient(numerator: bigint, denominator: bigint, shift: number): bigint {
  return shift >= 0
    ? nearest(numerator, denominator << BigInt(shift))
    : nearest(numerator << BigInt(-shift), denominator)
}

/** The whole number nearest to a quotient; of two, the even one. */
function nearest(numerator: bigint, denominator: bigint): bigint {
  const whole = numerator / denominator
  const twice = 2n * (numerator - whole * denominator)
  return twice > denominator || (twice === denominator && (whole & 1n) === 1n) ? whole + 1n : whole
}

function bits(value: bigint): number {
  return value === 0n ? 0 : (value.toString(16).length - 1) * 4 + bitsOfDigit(value)
}

function bitsOfDigit(value: bigint): number {
  return Number.parseInt(value.toString(16)[0]!, 16).toString(2).length
}
