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

  /**
   * Samples by powers of two: `[1, n]` for those up to 1, `[2, n]` for those up to 2, … without empty
   * ones.
   */
  byPowersOfTwo(): [upTo: number, samples: number][] {
    const counts = new Map<number, number>()
    for (const [bucket, count] of this.#buckets) {
      const power = bucket < 0 ? 0 : Math.floor(bucket / STEPS) + (bucket % STEPS === 0 ? 0 : 1)
      counts.set(power, (counts.get(power) ?? 0) + count)
    }
    return [...counts].sort(([a], [b]) => a - b).map(([power, count]) => [2 ** power, count])
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
