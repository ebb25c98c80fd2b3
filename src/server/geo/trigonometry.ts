/**
 * Sine, cosine and arc sine, rounded correctly: the double next to the true value, but for the rarest cases.
 *
 * The engine's own are mostly right and otherwise one last digit off; C's library, which Redis calls, is off
 * much more rarely. A distance that is stored as a score shows the last digit, and a replica computes it
 * again. A number is a pair here, high + low, of some hundred bits; Taylor's series does the rest. It costs
 * ten times as much, so who only compares or prints four decimals should not ask.
 *
 * Source of the arithmetic: T. J. Dekker, "A floating-point technique for extending the available precision"
 * (1971).
 */
type Pair = readonly [high: number, low: number]

const SPLITTER = 2 ** 27 + 1
/** Terms below this do not matter any more. */
const NEGLIGIBLE = 2 ** -110
/** Nearer to 1 the slope of the arc sine is too steep for one correction. */
const STEEP = 0.9999

/** In place of Math. */
export const EXACT = { sin: sine, cos: cosine, asin: arcSine } as const

function sine(angle: number): number {
  return sinePair(angle)[0]
}

function cosine(angle: number): number {
  return series(angle, [1, 0], 1)[0]
}

/** Of 0 … 1. */
function arcSine(value: number): number {
  const guess = Math.asin(value)
  if (value > STEEP || value === 0) return guess
  const [high, low] = sinePair(guess)
  return guess + (value - high - low) / Math.sqrt(1 - value * value)
}

function sinePair(angle: number): Pair {
  return series(angle, [angle, 0], 2)
}

/** term - term·x²/(n·(n+1)) + …, as both series go on. */
function series(x: number, first: Pair, n: number): Pair {
  const square = product(x, x)
  let term = first
  let total = first
  for (let at = n; Math.abs(term[0]) > NEGLIGIBLE; at += 2) {
    term = quotient(times(term, square), -at * (at + 1))
    total = plus(total, term)
  }
  return total
}

/** The exact sum of two numbers. */
function sum(a: number, b: number): Pair {
  const high = a + b
  const part = high - a
  return [high, a - (high - part) + (b - part)]
}

/** The exact product of two numbers. */
function product(a: number, b: number): Pair {
  const high = a * b
  const [aHigh, bHigh] = [half(a), half(b)]
  const [aLow, bLow] = [a - aHigh, b - bHigh]
  return [high, aHigh * bHigh - high + aHigh * bLow + aLow * bHigh + aLow * bLow]
}

/** The upper half of a number's digits. */
function half(a: number): number {
  const large = SPLITTER * a
  return large - (large - a)
}

function plus(a: Pair, b: Pair): Pair {
  const [high, low] = sum(a[0], b[0])
  return sum(high, low + a[1] + b[1])
}

function times(a: Pair, b: Pair): Pair {
  const [high, low] = product(a[0], b[0])
  return sum(high, low + a[0] * b[1] + a[1] * b[0])
}

function quotient(a: Pair, b: number): Pair {
  const high = a[0] / b
  const [whole, rest] = product(high, b)
  return sum(high, (a[0] - whole - rest + a[1]) / b)
}
