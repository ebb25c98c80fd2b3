/** Bits of byte strings beside strings of '0' and '1'. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countOnes, findBit, readField, writeField } from '../../../src/server/dataset/bits.ts'

const bytes = fc
  .array(fc.constantFrom(0, 0, 0, 255, 255, 255, 1, 128, 0x5a), { minLength: 1, maxLength: 40 })
  .map((values) => Buffer.from(values))

/** Bytes, and two places among their bits, in order. */
const ranged = bytes.chain((buffer) =>
  fc
    .tuple(fc.nat(buffer.length * 8 - 1), fc.nat(buffer.length * 8 - 1))
    .map(([a, b]) => ({ buffer, first: Math.min(a, b), last: Math.max(a, b) })),
)

function digits(buffer: Buffer): string {
  return [...buffer].map((byte) => byte.toString(2).padStart(8, '0')).join('')
}

describe('bits', () => {
  it('are counted and found in any range', () => {
    fc.assert(
      fc.property(ranged, fc.constantFrom(0, 1), fc.nat(3), ({ buffer, first, last }, bit, shift) => {
        // Anywhere in memory: four bytes are counted at once only where they are aligned.
        const moved = Buffer.alloc(buffer.length + shift).subarray(shift)
        buffer.copy(moved)
        const shown = digits(buffer).slice(first, last + 1)
        expect(countOnes(moved, first, last)).toBe(shown.replaceAll('0', '').length)
        const at = shown.indexOf(String(bit))
        expect(findBit(moved, bit as 0 | 1, first, last)).toBe(at < 0 ? -1 : first + at)
      }),
      { seed: 82, numRuns: 1000 },
    )
  })

  it('are fields of any width at any place', () => {
    const field = fc.tuple(bytes, fc.integer({ min: 1, max: 64 }), fc.nat(400), fc.bigInt(0n, 2n ** 64n - 1n))
    fc.assert(
      fc.property(field, ([buffer, width, at, value]) => {
        const shown = digits(buffer).padEnd(500, '0')
        expect(readField(buffer, at, width)).toBe(BigInt(`0b${shown.slice(at, at + width)}`))
        const room = Buffer.concat([buffer], 60)
        writeField(room, at, width, value)
        const written = BigInt.asUintN(width, value).toString(2).padStart(width, '0')
        const before = digits(Buffer.concat([buffer], 60))
        expect(digits(room)).toBe(before.slice(0, at) + written + before.slice(at + width))
      }),
      { seed: 83, numRuns: 1000 },
    )
  })
})
