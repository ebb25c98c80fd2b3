/**
 * SizeHistogram: median and percentiles of millions of sizes in constant memory, at a few nanoseconds each.
 *
 *   0 … 255        a bucket each
 *   from 256 on    128 buckets to a factor of two: 256–257, 258–259, … 510–511, 512–515, …
 *
 * So a percentile is exact below 256, and less than 0.4 % off above. Number, sum and maximum are exact.
 */
const EXACT = 256
const EXACT_BITS = 8
const STEPS = 128
const STEP_BITS = 7
const BITS_MAX = 53
/** Larger sizes are scaled down before 32-bit arithmetic. */
const WIDE = 0x8000_0000
const SCALE_BITS = 24
const SCALE = 2 ** SCALE_BITS

export class SizeHistogram {
  readonly #buckets = new Float64Array(EXACT + (BITS_MAX - EXACT_BITS) * STEPS)
  samples = 0
  sum = 0
  max = 0

  /** @param size a whole number, not negative */
  add(size: number): void {
    this.#buckets[bucketOf(size)]!++
    this.samples++
    this.sum += size
    if (size > this.max) this.max = size
  }

  get average(): number {
    return this.samples === 0 ? 0 : this.sum / this.samples
  }

  /** The size that `fraction` of the samples do not exceed; 0 without samples. */
  quantile(fraction: number): number {
    let left = Math.max(1, Math.ceil(fraction * this.samples))
    for (let bucket = 0; bucket < this.#buckets.length; bucket++) {
      left -= this.#buckets[bucket]!
      if (left <= 0) return Math.min(middleOf(bucket), this.max)
    }
    return 0
  }
}

function bucketOf(size: number): number {
  if (size < EXACT) return size
  if (size < WIDE) return wideBucket(size, 0)
  return wideBucket(Math.floor(Math.min(size, Number.MAX_SAFE_INTEGER) / SCALE), SCALE_BITS)
}

/** @param scaled bits of the size that `value` lacks */
function wideBucket(value: number, scaled: number): number {
  const bits = 31 - Math.clz32(value)
  const step = (value >>> (bits - STEP_BITS)) & (STEPS - 1)
  return EXACT + (bits + scaled - EXACT_BITS) * STEPS + step
}

function middleOf(bucket: number): number {
  if (bucket < EXACT) return bucket
  const bits = EXACT_BITS + Math.floor((bucket - EXACT) / STEPS)
  const width = 2 ** (bits - STEP_BITS)
  const first = (STEPS + ((bucket - EXACT) % STEPS)) * width
  return first + Math.floor((width - 1) / 2)
}
