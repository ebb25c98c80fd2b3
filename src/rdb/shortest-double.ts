/**
 * Doubles as the shortest decimal text that means them, as JavaScript prints them, and the way back: for the
 * usual ones, a few times faster than the engine, which makes a string of each.
 *
 *   v × 10^k = p + e exactly, with 16 digits before the point        p the rounded product, e its error
 *   m = the nearest whole number
 *
 *   m / 10^k is v       16 digits suffice; so may 15, which are m without its last digit
 *   otherwise           17 digits: m rounded down, and one more out of what was cut off
 *
 * As long as m is at most 2^53 and k at most 22, m / 10^k is one division of exact numbers, and so the very
 * number that its text means (Clinger 1990). There is at most one text of 15 digits for a double; of several
 * with 16 JavaScript wants the nearest, and so does this. Where anything is close to a tie, and outside of
 * 0.00001 … 10^15, nothing is said, and the caller asks the engine.
 *
 * Source: Dekker, "A floating-point technique for extending the available precision" (1971), for the error.
 */
const POWERS = Array.from({ length: 23 }, (_, k) => Number(`1e${k}`))
/** Multiplied by it, a double falls into two halves whose products are exact. */
const SPLITTER = 2 ** 27 + 1
const DIGITS = 16
const EXACT = 2 ** 53
const LEAST = 1e-5
const MOST = 1e15
/** Less than this from a whole number, it is certainly the nearest. */
const CLEAR = 0.499
const HALF = 1e8
const HALF_DIGITS = 8

const MINUS = 0x2d
const ZERO = 0x30
const POINT = 0x2e

/** The longest text that is written. */
export const SHORTEST_MAX = 32

/** Writes a positive number that is not whole at `to`. Returns where it ends, or -1 with nothing said. */
export function putShortest(into: Uint8Array, to: number, value: number): number {
  if (!(value >= LEAST && value < MOST)) return -1
  const k = DIGITS - 1 - magnitude(value)
  const power = POWERS[k]!
  const product = value * power
  const whole = Math.round(product)
  if (product < MOST || whole > EXACT) return -1
  // Of a product this large all is whole but the error; `beyond` is what the exact one has beyond `whole`.
  const beyond = product - whole + productError(value, power, product)
  const more = Math.round(beyond)
  const rest = beyond - more
  const nearest = whole + more
  if (!(Math.abs(rest) < CLEAR) || nearest > EXACT) return -1
  if (nearest / power === value) {
    const shorter = Math.round(nearest / 10)
    return shorter / POWERS[k - 1]! === value
      ? putDigits(into, to, shorter, k - 1)
      : putDigits(into, to, nearest, k)
  }
  const below = rest < 0 ? nearest - 1 : nearest
  const tenths = (rest < 0 ? rest + 1 : rest) * 10
  const last = Math.round(tenths)
  if (!(Math.abs(tenths - last) < CLEAR) || last === 0 || last === 10) return -1
  return putDigits(into, to, below, k, last)
}

/** Of v, the 1 in 10^1 ≤ v < 10^2; approximately at the edges. */
function magnitude(value: number): number {
  let exponent = 0
  if (value >= 1) while (value >= POWERS[exponent + 1]!) exponent++
  else for (exponent = -1; value * POWERS[-exponent]! < 1; ) exponent--
  return exponent
}

/** What a × b lacks of the exact product. */
function productError(a: number, b: number, product: number): number {
  const aTop = top(a)
  const bTop = top(b)
  const aLow = a - aTop
  const bLow = b - bTop
  return aTop * bTop - product + aTop * bLow + aLow * bTop + aLow * bLow
}

function top(value: number): number {
  const wide = value * SPLITTER
  return wide - (wide - value)
}

/** Writes digits / 10^k, without zeros at its end. @param last one more digit behind them, not 0 */
function putDigits(into: Uint8Array, to: number, digits: number, k: number, last = 0): number {
  let left = digits
  let decimals = k
  if (last === 0) {
    for (; decimals > 0 && left % 10 === 0; decimals--) left /= 10
  }
  const before = Math.floor(left / POWERS[decimals]!)
  let at = putWhole(into, to, before, 1)
  if (decimals === 0) return at
  into[at++] = POINT
  at = putWhole(into, at, left - before * POWERS[decimals]!, decimals)
  if (last !== 0) into[at++] = ZERO + last
  return at
}

/** @param least digits that are written, zeros before the others */
function putWhole(into: Uint8Array, to: number, value: number, least: number): number {
  let size = 1
  while (size < DIGITS && POWERS[size]! <= value) size++
  const end = to + Math.max(size, least)
  const high = Math.floor(value / HALF)
  const middle = Math.max(to, end - HALF_DIGITS)
  putSmall(into, middle, end, value - high * HALF)
  putSmall(into, to, middle, high)
  return end
}

/** Fills into[from..end) with the digits of a number that is small enough for 32-bit arithmetic. */
function putSmall(into: Uint8Array, from: number, end: number, value: number): void {
  let left = value | 0
  for (let at = end; at > from; ) {
    const tenth = (left / 10) | 0
    into[--at] = ZERO + left - tenth * 10
    left = tenth
  }
}

const VALUE = new Float64Array(1)
const BITS = new Uint32Array(VALUE.buffer)

/** The distance to the next double; NaN for powers of two, which have two of them. */
function spacing(value: number): number {
  VALUE[0] = value
  if (BITS[0] === 0 && (BITS[1]! & 0xfffff) === 0) return Number.NaN
  BITS[0] = 0
  BITS[1] = ((BITS[1]! >>> 20) - 52) << 20
  return VALUE[0]
}

/** The double that a plain decimal text bytes[start..end) of at most 17 digits means; NaN: not said. */
export function decimalAt(bytes: Uint8Array, start: number, end: number): number {
  const isNegative = bytes[start] === MINUS
  let digits = 0
  let count = 0
  let last = 0
  let point = end
  for (let at = isNegative ? start + 1 : start; at < end; at++) {
    const digit = bytes[at]! - ZERO
    if (digit === POINT - ZERO && point === end) point = at
    else if (digit < 0 || digit > 9) return Number.NaN
    else if (count < DIGITS) {
      digits = digits * 10 + digit
      if (digits > 0) count++
    } else if (count++ === DIGITS) last = digit
    else return Number.NaN
  }
  // Behind the point and not after the sixteenth digit.
  const k = end - point - 1 - (count > DIGITS ? 1 : 0)
  if (k < 0 || k > 22 || count === 0 || digits > EXACT) return Number.NaN
  const value = count > DIGITS ? corrected(digits, last, POWERS[k]!) : digits / POWERS[k]!
  return isNegative ? -value : value
}

/** (digits + last / 10) / power, where digits / power would only be near it. */
function corrected(digits: number, last: number, power: number): number {
  const near = digits / power
  const step = spacing(near)
  const value = near + step * Math.round(lacks(near, digits, last, power) / (step * power))
  const isSure = Math.abs(lacks(value, digits, last, power)) < spacing(value) * power * CLEAR
  return isSure ? value : Number.NaN
}

function lacks(value: number, digits: number, last: number, power: number): number {
  const product = value * power
  return digits - product - productError(value, power, product) + last / 10
}
