import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advance, distance } from '../../../src/codec/capture/sequence.ts'

const seq = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.integer({ min: 0xfffffff0, max: 0xffffffff }),
)
const near = fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 })

describe('sequence arithmetic', () => {
  it('measures what was advanced, across the wrap', () => {
    fc.assert(fc.property(seq, near, (from, count) => distance(from, advance(from, count)) === count))
  })

  it('stays within 32 bits and agrees with big integers', () => {
    fc.assert(
      fc.property(seq, near, (from, count) => {
        expect(advance(from, count)).toBe(Number(BigInt.asUintN(32, BigInt(from) + BigInt(count))))
      }),
    )
  })

  it('is antisymmetric: who is ahead is not behind', () => {
    fc.assert(
      fc.property(seq, near, (a, count) => {
        const b = advance(a, count)
        expect(distance(b, a) + distance(a, b)).toBe(0)
      }),
    )
  })
})
