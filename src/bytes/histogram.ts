/**
 * Histogram: medians and percentiles of any number of samples in constant memory.
 *
 * Buckets grow geometrically, 16 to a factor of two, so a percentile is off by at most 4.5 %. The maximum is
 * exact.
 */
const STEPS = 16

export class Histogram {
  readonly #buckets = new Map<number, number>()
  samples = 0
  max = 0

  /** @param value not negative */
  add(value: number): void {
    const bucket = value < 1 ? -1 : Math.floor(Math.log2(value) * STEPS)
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1)
    this.samples++
    if (value > this.max) this.max = value
  }

  /** The value that `fraction` of the samples do not exceed; undefined without samples. */
  quantile(fraction: number): number | undefined {
    if (this.samples === 0) return undefined
    let left = Math.ceil(fraction * this.samples)
    for (const bucket of [...this.#buckets.keys()].sort((a, b) => a - b)) {
      left -= this.#buckets.get(bucket)!
      if (left <= 0) return bucket < 0 ? 0 : Math.min(2 ** ((bucket + 0.5) / STEPS), this.max)
    }
    return this.max
  }
}
