/**
 * How many different elements a HyperLogLog has seen, from how many of its registers hold which rank.
 *
 * Source: Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), as in redis
 * 7.0 `src/hyperloglog.c`, hllCount: the same additions in the same order, so the same last digit.
 */

export const REGISTERS = 16384
/** Bits of a hash that make the rank. */
const RANK_BITS = 50
/** Ranks that six bits can hold. */
export const RANKS = 64
const ALPHA_INFINITE = 0.7213475204444817

const INT64_MIN = -(2n ** 63n)

/**
 * What no 64 bits can hold (only registers made by hand say such a thing) is what a processor makes of it.
 * @param histogram registers by their rank
 */
export function estimate(histogram: ArrayLike<number>): bigint {
  let z = REGISTERS * tau((REGISTERS - histogram[RANK_BITS + 1]!) / REGISTERS)
  for (let rank = RANK_BITS; rank >= 1; rank--) z = (z + histogram[rank]!) * 0.5
  z += REGISTERS * sigma(histogram[0]! / REGISTERS)
  const count = Math.round((ALPHA_INFINITE * REGISTERS * REGISTERS) / z)
  return count < 2 ** 63 ? BigInt(count) : INT64_MIN
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY
  let [x, y, sum, before] = [share, 1, share, Number.NaN]
  while (sum !== before) {
    x *= x
    before = sum
    sum += x * y
    y += y
  }
  return sum
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let [x, y, sum, before] = [share, 1, 1 - share, Number.NaN]
  while (sum !== before) {
    x = Math.sqrt(x)
    before = sum
    y *= 0.5
    sum -= (1 - x) * (1 - x) * y
  }
  return sum / 3
}
