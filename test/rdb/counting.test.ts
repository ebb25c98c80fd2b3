/** What stats and top gather in bounded memory, against what unbounded memory says. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import type { RdbKeyEnd } from '../../src/codec/rdb/events.ts'
import { Largest } from '../../src/rdb/largest.ts'
import { Prefixes } from '../../src/rdb/prefixes.ts'
import { SizeHistogram } from '../../src/rdb/size-histogram.ts'
import { mulberry32 } from '../support/every-split.ts'

function keyEnd(key: string, bytes: number, position = 0): RdbKeyEnd {
  const of = {
    kind: 'key',
    db: 0,
    key: key as ByteString,
    type: 'string',
    encoding: 'raw',
    rdbType: 0,
    expireAt: undefined,
    idle: undefined,
    freq: undefined,
    module: undefined,
    position,
  } as const
  return { kind: 'key-end', of, items: 1, bytes, valueBytes: bytes }
}

describe('SizeHistogram', () => {
  it('is exact below 256 and less than 0.4 % off above', () => {
    const sizes = fc.array(fc.oneof(fc.nat(300), fc.nat(1e6), fc.maxSafeNat()), {
      minLength: 1,
      maxLength: 300,
    })
    fc.assert(
      fc.property(sizes, fc.double({ min: 0, max: 1, noNaN: true }), (all, fraction) => {
        const histogram = new SizeHistogram()
        for (const size of all) histogram.add(size)
        const sorted = all.toSorted((a, b) => a - b)
        const exact = sorted[Math.max(0, Math.ceil(fraction * all.length) - 1)]!
        const told = histogram.quantile(fraction)
        if (exact < 256) expect(told).toBe(exact)
        else expect(Math.abs(told - exact) / exact).toBeLessThan(0.004)
        expect([histogram.max, histogram.samples]).toEqual([sorted.at(-1), all.length])
      }),
      { numRuns: 500 },
    )
  })

  it('says 0 of nothing', () => {
    const histogram = new SizeHistogram()
    expect([histogram.quantile(0.5), histogram.average, histogram.max]).toEqual([0, 0, 0])
  })
})

describe('Largest', () => {
  it('keeps what sorting would put first', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50)), fc.integer({ min: 1, max: 20 }), (sizes, room) => {
        const largest = new Largest(room, ({ bytes }) => bytes)
        for (const [position, size] of sizes.entries()) largest.add(keyEnd('k', size, position))
        const wanted = sizes.toSorted((a, b) => b - a).slice(0, room)
        expect(largest.sorted().map(({ bytes }) => bytes)).toEqual(wanted)
      }),
    )
  })
})

describe('Prefixes', () => {
  it('counts a key in each of its prefixes up to the depth', () => {
    const prefixes = new Prefixes(':', 2)
    for (const [key, bytes] of [
      ['a:b:c', 10],
      ['a:x', 5],
      ['a:b:d:e', 3],
      [':', 1],
      ['plain', 7],
      [`${'long'.repeat(100)}:x`, 100],
    ] as const) {
      prefixes.add(keyEnd(key, bytes))
    }
    expect(prefixes.largest(9)).toEqual([
      { prefix: 'a:', keys: 3, bytes: 18, items: 3, missing: 0 },
      { prefix: 'a:b:', keys: 2, bytes: 13, items: 2, missing: 0 },
      { prefix: ':', keys: 1, bytes: 1, items: 1, missing: 0 },
    ])
    expect(prefixes.others).toMatchObject({ keys: 2, bytes: 107 })
    expect(prefixes.isApproximate).toBe(false)
  })

  it('never says too much, lacks at most what it admits, and has every large one', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = mulberry32(seed)
      const prefixes = new Prefixes('::', 1, 40)
      const exact = new Map<string, number>()
      for (let i = 0; i < 5000; i++) {
        const prefix = `${Math.floor(400 * random() ** 4)}::`
        const bytes = 1 + Math.floor(random() * 100)
        exact.set(prefix, (exact.get(prefix) ?? 0) + bytes)
        prefixes.add(keyEnd(`${prefix}${i}`, bytes))
      }
      const told = prefixes.largest(100)
      expect(told.length).toBeLessThanOrEqual(40)
      expect(prefixes.isApproximate).toBe(true)
      for (const { prefix, bytes, missing } of told) {
        expect(bytes).toBeLessThanOrEqual(exact.get(prefix)!)
        expect(bytes + missing).toBeGreaterThanOrEqual(exact.get(prefix)!)
      }
      const known = new Set<string>(told.map(({ prefix }) => prefix))
      const bound = Math.max(...told.map(({ missing }) => missing))
      for (const [prefix, bytes] of exact) if (bytes > 2 * bound) expect(known.has(prefix)).toBe(true)
      expect(known.has([...exact].sort((a, b) => b[1] - a[1])[0]![0])).toBe(true)
    }
  })
})
