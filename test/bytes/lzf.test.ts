import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkLzf, inflating, isPlausibleLzf, LzfScratch } from '../../src/bytes/lzf.ts'
import { MACHINE_INPUT_MAX, MACHINE_OUTPUT_MAX } from '../../src/bytes/lzf-machine.ts'
import { Resumable } from '../../src/bytes/resumable.ts'
import { decodeEverySplit } from '../support/every-split.ts'

/** The format as its description reads, one byte at a time: what it inflates to, and how far it is right. */
function slowly(packed: Uint8Array): { output: number[]; wrong: number } {
  const output: number[] = []
  for (let i = 0; i < packed.length; ) {
    const at = i
    const control = packed[i++]!
    if (control < 32) {
      if (i + control + 1 > packed.length) return { output, wrong: at }
      for (let n = control + 1; n > 0; n--) output.push(packed[i++]!)
      continue
    }
    let length = (control >> 5) + 2
    if (length === 9) length += packed[i++] ?? 0
    const low = packed[i++]
    const distance = ((control & 31) << 8) + (low ?? 0) + 1
    if (low === undefined || distance > output.length) return { output, wrong: at }
    for (; length > 0; length--) output.push(output[output.length - distance]!)
  }
  return { output, wrong: -1 }
}

/** Instructions that are right as long as they are only cut at their ends. */
const instructions = fc
  .array(
    fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 32 }).map((bytes) => [bytes.length - 1, ...bytes]),
      fc
        .tuple(fc.integer({ min: 3, max: 264 }), fc.nat(40))
        .map(([length, back]) => (length < 9 ? [(length - 2) << 5, back] : [0xe0, length - 9, back])),
    ),
    { minLength: 1, maxLength: 60 },
  )
  .map((list) => Buffer.from([2, 1, 2, 3, ...list.flat()]))

function inflate(packed: Buffer, size: number): { wrong: number; bytes: Buffer } {
  const scratch = new LzfScratch()
  const padded = Buffer.concat([Buffer.from('pad'), packed, Buffer.from('pad')])
  const wrong = scratch.inflate(padded, 3, 3 + packed.length, size)
  expect(checkLzf(padded, 3, 3 + packed.length, size)).toBe(wrong)
  return { wrong, bytes: Buffer.from(scratch.bytes.subarray(0, size)) }
}

type Piece = { hex: string } | { fault: string; position: number }

function streamed(packed: number, size: number) {
  return (emit: (piece: Piece) => void) => {
    const blocks: Buffer[] = []
    return new Resumable(
      function* (src) {
        yield* inflating(src, packed, size, (block) => blocks.push(Buffer.from(block)))
        emit({ hex: Buffer.concat(blocks).toString('hex') })
      },
      ({ code, position }) => emit({ fault: code, position }),
    )
  }
}

describe('LZF', () => {
  // Out of snapshots of real servers.
  it.each([
    ['016161e00a00', 'a'.repeat(21)],
    ['0361626361e0ff02e1ff07e13907016263', 'abc'.repeat(200)],
  ])('inflates what a server compressed: %s', (hex, text) => {
    const packed = Buffer.from(hex, 'hex')
    const { wrong, bytes } = inflate(packed, text.length)
    expect(wrong).toBe(-1)
    expect(bytes.toString()).toBe(text)
  })

  it('does what its description says, and finds the same fault everywhere', () => {
    fc.assert(
      fc.property(instructions, fc.nat(2000), (packed, cut) => {
        const input = packed.subarray(0, Math.max(1, packed.length - (cut > 1000 ? 0 : cut % 8)))
        const { output, wrong } = slowly(input)
        const size = Math.max(1, output.length)
        const { wrong: found, bytes } = inflate(input, size)
        if (wrong === -1) {
          expect(found).toBe(-1)
          expect(bytes).toEqual(Buffer.from(output))
          expect(inflate(input, size + 1).wrong).toBe(3 + input.length)
          if (size > 1) expect(inflate(input, size - 1).wrong).toBeGreaterThanOrEqual(3)
        } else expect(found).toBe(3 + wrong)
      }),
      { numRuns: 300 },
    )
  })

  it('takes arbitrary bytes for what they are', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 80 }),
        fc.integer({ min: 1, max: 400 }),
        (bytes, size) => {
          const { output, wrong } = slowly(bytes)
          const { wrong: found } = inflate(Buffer.from(bytes), size)
          expect(found === -1).toBe(wrong === -1 && output.length === size)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('inflates large strings like small ones', () => {
    // Literals and references in turn, until both bounds of the machine are passed.
    const parts: Buffer[] = []
    for (let i = 0; i < 30_000; i++) parts.push(Buffer.from([3, i & 255, i >> 8, 7, 9, 0xe0, i & 15, 3]))
    for (const count of [10, 30_000]) {
      const packed = Buffer.concat(parts.slice(0, count))
      const { output } = slowly(packed)
      const { wrong, bytes } = inflate(packed, output.length)
      expect(wrong).toBe(-1)
      expect(bytes).toEqual(Buffer.from(output))
      if (count > 10) {
        expect(packed.length).toBeGreaterThan(MACHINE_INPUT_MAX)
        expect(output.length).toBeGreaterThan(MACHINE_OUTPUT_MAX)
      }
    }
  })

  it('inflates the same while it streams, in blocks', () => {
    const parts = [Buffer.from([1, 65, 66])]
    for (let i = 0; i < 420; i++) parts.push(Buffer.from([0xff, 255, 255 - (i & 127), 1, i & 255, 66]))
    // The references reach back further than was written at first: shorten those.
    for (let i = 1; i < 40; i++) parts[i]![0] = 0xe0
    for (let i = 1; i < 40; i++) parts[i]![2] = 1
    const packed = Buffer.concat(parts)
    const { output, wrong } = slowly(packed)
    expect(wrong).toBe(-1)
    expect(output.length).toBeGreaterThan(100_000)
    const pieces = decodeEverySplit(streamed(packed.length, output.length), packed, { truncations: false })
    expect(pieces).toEqual([{ hex: Buffer.from(output).toString('hex') }])
  })

  it('is a fault while it streams, wherever it ends or points wrongly', () => {
    const faultOf = (size: number, hex: string) => {
      const packed = Buffer.from(hex, 'hex')
      return decodeEverySplit(streamed(packed.length, size), packed, { truncations: false })
    }
    expect(faultOf(22, '016161e00a00')).toEqual([{ fault: 'LZF_MALFORMED', position: 6 }])
    expect(faultOf(20, '016161e00a00')).toEqual([{ fault: 'LZF_MALFORMED', position: 3 }])
    expect(faultOf(21, '016161e00a')).toEqual([{ fault: 'LZF_MALFORMED', position: 3 }])
    expect(faultOf(21, '016161e00a09')).toEqual([{ fault: 'LZF_MALFORMED', position: 3 }])
  })

  it('knows which lengths cannot be', () => {
    expect(isPlausibleLzf(6, 21)).toBe(true)
    expect(isPlausibleLzf(3, 264)).toBe(true)
    expect(isPlausibleLzf(3, 265)).toBe(false)
    expect(isPlausibleLzf(100, 10)).toBe(false)
    expect(isPlausibleLzf(0, 0)).toBe(false)
  })
})
