/** Percentiles in constant memory: never off by more than the head comment of the histogram admits. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Histogram } from '../../src/bytes/histogram.ts'
import { heldBy } from '../support/memory.ts'

describe('a histogram', () => {
  it('has no quantile without samples', () => {
    expect(new Histogram().quantile(0.5)).toBeUndefined()
  })

  it('is within 4.5 % of the exact quantile, and never over the maximum', () => {
    const samples = fc.array(
      fc.oneof(fc.nat(10), fc.nat(10_000_000), fc.double({ min: 0, max: 1e12, noNaN: true })),
      {
        minLength: 1,
        maxLength: 200,
      },
    )
    fc.assert(
      fc.property(samples, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, fraction) => {
        const histogram = new Histogram()
        for (const value of values) histogram.add(value)
        const sorted = [...values].sort((a, b) => a - b)
        const exact = sorted[Math.ceil(fraction * sorted.length) - 1]!
        const told = histogram.quantile(fraction)!
        expect(told).toBeLessThanOrEqual(histogram.max)
        expect(histogram.max).toBe(sorted.at(-1))
        // Below one microsecond everything is zero.
        if (exact < 1) expect(told).toBe(0)
        else expect(Math.abs(told / exact - 1)).toBeLessThan(0.045)
      }),
    )
  })

  it('holds no more for more samples', () => {
    const grown = heldBy(() => {
      const histogram = new Histogram()
      for (let i = 0; i < 1_000_000; i++) histogram.add(i * 17)
      return histogram
    })
    expect(grown).toBeLessThan(256 * 1024)
  })
})
