/**
 * Histogram: medians and percentiles of any number of samples in constant memory.
 *
 * Buckets grow geometrically, 16 to a factor of two, so a percentile is off by at most 4.5 %. The maximum is
 * exact. Bucket 0 is for what is below 1; the array is as long as the largest sample needs, at most some
 * sixteen thousand.
 */
const STEPS = 16
/** Buckets of small whole numbers, which most samples are. */
const SMALL = Uint16Array.from({ length: 256 }, (_, value) => bucketOf(value))

export class Histogram {
  readonly #buckets: number[] = []
  samples = 0
  max = 0

  /** @param value not negative */
  add(value: number): void {
    const bucket = SMALL[value] ?? bucketOf(value)
    const buckets = this.#buckets
    while (buckets.length <= bucket) buckets.push(0)
    buckets[bucket]!++
    this.samples++
    if (value > this.max) this.max = value
  }

  /** The value that `fraction` of the samples do not exceed; undefined without samples. */
  quantile(fraction: number): number | undefined {
    if (this.samples === 0) return undefined
    let left = Math.ceil(fraction * this.samples)
    for (let bucket = 0; bucket < this.#buckets.length; bucket++) {
      left -= this.#buckets[bucket]!
      if (left <= 0) return bucket === 0 ? 0 : Math.min(2 ** ((bucket - 0.5) / STEPS), this.max)
    }
    return this.max
  }
}

function bucketOf(value: number): number {
  return value < 1 ? 0 : 1 + Math.floor(Math.log2(value) * STEPS)
}
