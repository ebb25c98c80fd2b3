/** Latencies in Redis's buckets: beside a naive count, and with the figures of a real server. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LatencyHistogram } from '../../src/server/latency-histogram.ts'
import { RawClient } from '../support/raw-client.ts'
import { describeWithRedis, startRedis } from '../support/real-redis.ts'

function of(micros: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram()
  for (const value of micros) histogram.add(value)
  return histogram
}

describe('latencies', () => {
  const calls = fc.array(
    fc.oneof(fc.nat(300), fc.nat(2_000_000), fc.double({ min: 0.001, max: 5, noNaN: true })),
    {
      minLength: 1,
    },
  )

  it('have percentiles of less than 1 % above the truth', () => {
    fc.assert(
      fc.property(calls, fc.nat(100), (values, percent) => {
        const sorted = values.map((value) => Math.min(1e6, Math.max(0.001, value))).sort((a, b) => a - b)
        const exact = sorted[Math.max(1, Math.floor((percent / 100) * sorted.length + 0.5)) - 1]!
        const told = of(values).percentile(percent)
        const [low, high] = percent === 0 ? [0.99, 1] : [1, 1.01]
        expect(told).toBeGreaterThanOrEqual(exact * low - 0.001)
        expect(told).toBeLessThanOrEqual(exact * high + 0.001)
      }),
    )
  })

  it('add up to all calls', () => {
    fc.assert(
      fc.property(calls, (values) => {
        const told = of(values).cumulative()
        expect(told.at(-1)![1]).toBe(values.length)
        for (const [micros, count] of told) {
          // The last bucket of a level goes a little further.
          const least = values.filter((value) => value <= micros).length
          const most = values.filter((value) => Math.min(1e6, value) <= (micros + 1) * 1.01).length
          expect(count).toBeGreaterThanOrEqual(least)
          expect(count).toBeLessThanOrEqual(most)
        }
      }),
    )
  })

  it('of 50 ms are told as 50.069', () => {
    expect(of([50_050]).percentile(50)).toBe(50_069.503)
    expect(of([50_050]).percentile(0)).toBe(49_807.36)
  })
})

describeWithRedis('LATENCY HISTOGRAM', (server) => {
  it('has the levels of the real server', async () => {
    await using redis = await startRedis({ server })
    const client = await RawClient.open(redis.port)
    await client.command('CONFIG', 'RESETSTAT')
    for (let seconds = 0.0000005; seconds < 0.5; seconds *= 2) {
      await client.command('DEBUG', 'SLEEP', String(seconds))
    }
    const reply = JSON.stringify(await client.command('LATENCY', 'HISTOGRAM', 'debug'))
    const levels = [...reply.matchAll(/"value":(\d+)/g)].map(([, value]) => Number(value)).slice(1)
    const theirs = levels.filter((_, i) => i % 2 === 0)
    const every = of(Array.from({ length: 21 }, (_, i) => 2 ** i))
      .cumulative()
      .map(([micros]) => micros)
    expect(theirs.length).toBeGreaterThan(5)
    expect(theirs.filter((level) => !every.includes(level))).toEqual([])
    await client.close()
  })
})
