/** Sets in both their forms, beside a plain Set. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../../src/bytes/byte-string.ts'
import { SetValue } from '../../../src/server/dataset/set-value.ts'
import { ENCODING_LIMITS } from '../../../src/server/dataset/value.ts'

describe('a set', () => {
  it('is what a Set would be, as integers or as anything', () => {
    const member = fc.oneof(
      fc.integer({ min: -30, max: 30 }).map(String),
      fc.bigInt({ min: -(2n ** 63n) - 2n, max: 2n ** 63n + 1n }).map(String),
      fc.constantFrom('x', '007', '', '-0'),
    )
    const step = fc.tuple(fc.boolean(), member)
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 100, size: 'max' }),
        fc.constantFrom(5, 512),
        (steps, setIntsetEntries) => {
          const limits = { ...ENCODING_LIMITS, setIntsetEntries }
          const set = new SetValue()
          const model = new Set<string>()
          for (const [adds, text] of steps) {
            const one = text as ByteString
            expect(adds ? set.add(one, limits) : set.remove(one)).toBe(
              adds ? !model.has(text) : model.has(text),
            )
            if (adds) model.add(text)
            else model.delete(text)
            expect(set.size).toBe(model.size)
            expect(set.has(one)).toBe(adds)
          }
          const sorted = [...model].sort()
          expect([...set.members()].sort()).toEqual(sorted)
          expect([...set.rdb().members].sort()).toEqual(sorted)
          expect([...set.copy().members()].sort()).toEqual(sorted)
          expect(Array.from({ length: set.size }, (_, place) => set.at(place)).sort()).toEqual(sorted)
          if (set.encoding() === 'intset') {
            const byValue = (a: string, b: string) => (BigInt(a) < BigInt(b) ? -1 : 1)
            expect([...set.members()]).toEqual([...model].sort(byValue))
          }
          expect(set.copy()).toMatchObject({ size: set.size, sizeBytes: set.sizeBytes })
        },
      ),
      { numRuns: 200 },
    )
  })

  it('does not share what it copied', () => {
    for (const first of ['1', 'x'] as ByteString[]) {
      const set = new SetValue()
      set.add(first, ENCODING_LIMITS)
      const copy = set.copy()
      copy.remove(first)
      expect([...set.members()]).toEqual([first])
    }
  })
})
