/** Hashes beside a Map, packed and as a table. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../../src/bytes/byte-string.ts'
import { HashValue } from '../../../src/server/dataset/hash-value.ts'

const LIMITS = { hashEntries: 8, hashValue: 6 }
const text = fc.constantFrom(
  '',
  'a',
  'b',
  'c',
  'd',
  'e',
  'long',
  'longer',
  'longest',
) as fc.Arbitrary<ByteString>
const number = fc.nat(40).map((n) => `f${n}` as ByteString)
const field = fc.oneof({ weight: 20, arbitrary: number }, { weight: 1, arbitrary: text })

type Step = readonly [name: 'set' | 'remove' | 'copy', ByteString, ByteString]
const step: fc.Arbitrary<Step> = fc.tuple(fc.constantFrom('set', 'set', 'remove', 'copy'), field, text)

describe('HashValue', () => {
  it('holds what a Map would hold, packed in its order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let hash = new HashValue()
        const model = new Map<ByteString, ByteString>()
        let mustBePacked = true
        for (const [name, key, value] of steps) {
          if (name === 'set') {
            expect(hash.set(key, value, LIMITS)).toBe(!model.has(key))
            model.set(key, value)
            if (model.size > LIMITS.hashEntries || key.length > 6 || value.length > 6) mustBePacked = false
          } else if (name === 'remove') expect(hash.remove(key)).toBe(model.delete(key))
          else hash = hash.copy()
          const held = [...hash.rdb().fields].map((one) => [one.field, one.value])
          expect(hash.encoding()).toBe(mustBePacked ? 'listpack' : 'hashtable')
          expect(hash.size).toBe(model.size)
          if (mustBePacked) expect(held).toEqual([...model])
          else expect(held.sort()).toEqual([...model].sort())
          expect(hash.get(key)).toBe(model.get(key))
        }
        const made = new HashValue()
        if (!mustBePacked) made.unpack()
        for (const [key, value] of model) made.set(key, value, { hashEntries: 1e9, hashValue: 1e9 })
        expect(hash.sizeBytes).toBe(made.sizeBytes)
      }),
      { seed: 84, numRuns: 300 },
    )
  })

  it('finds any of many fields at once, and removes in any order', () => {
    const hash = new HashValue()
    const names = Array.from({ length: 20_000 }, (_, i) => `field:${(i * 7919) % 20_000}` as ByteString)
    for (const name of names) hash.set(name, name, { hashEntries: 512, hashValue: 64 })
    const index = names.length - 1
    expect(hash.fieldAt(index)).toBe(hash.valueAt(index))
    for (const name of names) expect(hash.remove(name)).toBe(true)
    expect(hash.size).toBe(0)
  })
})
