/**
 * LatencyHistogram: how long a command took, all its calls, in constant memory (LATENCY HISTOGRAM, INFO
 * latencystats). The buckets are Redis's, so that the same calls give the same figures.
 *
 *   nanoseconds    0 … 255    one bucket each
 *                256 … 511    buckets of 2, and of twice as much for each further power of two:
 *                             each figure has eight bits, and is off by less than 1 %
 *
 * What a percentile says is the most that a value in its bucket may be. More than a second counts as one.
 *
 * Source: redis 7.0 `src/server.c` (updateCommandLatencyHistogram), `src/latency.c` (fillCommandCDF),
 * `deps/hdr_histogram`, with two significant digits.
 */
const NANOS = 1000
const NANOS_MAX = 1_000_000_000
/** Bits of a figure below its first. */
const BITS = 7
const HALF = 2 ** BITS
/** Where LATENCY HISTOGRAM begins. */
const FIRST_LEVEL = 1024

export class LatencyHistogram {
  /** As long as the largest sample needs: at most some three thousand. */
  readonly #buckets: number[] = []
  samples = 0

  add(micros: number): void {
    const bucket = bucketOf(Math.min(NANOS_MAX, Math.max(1, Math.round(micros * NANOS))))
    const buckets = this.#buckets
    while (buckets.length <= bucket) buckets.push(0)
    buckets[bucket]!++
    this.samples++
  }

  /** Microseconds that so many percent of the calls did not exceed; of 0 percent, the shortest. */
  percentile(percent: number): number {
    let left = Math.max(1, Math.floor((percent / 100) * this.samples + 0.5))
    const bucket = this.#buckets.findIndex((count) => {
      left -= count
      return left <= 0
    })
    return (percent === 0 ? lowest(bucket) : highest(bucket)) / NANOS
  }

  /** Calls that took up to about 1, 2, 4 … microseconds; without those that are as many as the one before. */
  cumulative(): [micros: number, calls: number][] {
    const found: [number, number][] = []
    let sum = 0
    let from = 0
    for (let level = FIRST_LEVEL; sum < this.samples; level *= 2) {
      const last = bucketOf(level)
      const before = sum
      for (; from <= last; from++) sum += this.#buckets[from] ?? 0
      if (sum > before) found.push([Math.floor(highest(last) / NANOS), sum])
    }
    return found
  }
}

function bucketOf(nanos: number): number {
  const shift = Math.max(0, 31 - Math.clz32(nanos) - BITS)
  return shift * HALF + (nanos >>> shift)
}

function lowest(bucket: number): number {
  const shift = Math.max(0, Math.floor(bucket / HALF) - 1)
  return (bucket - shift * HALF) * 2 ** shift
}

function highest(bucket: number): number {
  return lowest(bucket + 1) - 1
}
