import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildIntset } from '../../../src/codec/packed/intset-builder.ts'

function read(set: Buffer): bigint[] {
  const [width, count] = [set.readUInt32LE(0), set.readUInt32LE(4)]
  expect(set.length).toBe(8 + width * count)
  return Array.from({ length: count }, (_, i) => {
    const at = 8 + i * width
    return width === 8 ? set.readBigInt64LE(at) : BigInt(set.readIntLE(at, width))
  })
}

describe('an intset', () => {
  it('holds its members sorted, in the smallest width', () => {
    const any = fc.oneof(
      fc.integer({ min: -40000, max: 40000 }).map(BigInt),
      fc.integer().map(BigInt),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    )
    fc.assert(
      fc.property(fc.uniqueArray(any, { maxLength: 80 }), (members) => {
        const mixed = members.map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n))
        const set = buildIntset(mixed)
        const sorted = [...members].sort((a, b) => (a < b ? -1 : 1))
        expect(read(set)).toEqual(sorted)
        const fits = (bits: number) => members.every((n) => BigInt.asIntN(bits, n) === n)
        expect(set.readUInt32LE(0)).toBe(fits(16) ? 2 : fits(32) ? 4 : 8)
      }),
      { numRuns: 500 },
    )
  })
})
