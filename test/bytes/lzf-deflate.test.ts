import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LzfDeflater } from '../../src/bytes/lzf-deflate.ts'

/** A second, naive reading of the format: appends byte by byte. */
function inflate(packed: Buffer): Buffer {
  const out: number[] = []
  for (let i = 0; i < packed.length; ) {
    const control = packed[i++]!
    if (control < 32) {
      for (let n = 0; n <= control; n++) out.push(packed[i++]!)
      continue
    }
    let length = control >> 5
    if (length === 7) length += packed[i++]!
    const distance = ((control & 31) << 8) + packed[i++]! + 1
    if (distance > out.length) throw new Error('a copy from before the beginning')
    for (let n = 0; n < length + 2; n++) out.push(out[out.length - distance]!)
  }
  return Buffer.from(out)
}

/** Few letters and repetitions, so that matches of all lengths and distances come about. */
const redundant = fc
  .array(
    fc.record({
      text: fc.uint8Array({ minLength: 1, maxLength: 12, max: 6 }),
      times: fc.integer({ min: 1, max: 120 }),
    }),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.concat(parts.flatMap(({ text, times }) => Array(times).fill(Buffer.from(text)))))

describe('LZF compression', () => {
  const deflater = new LzfDeflater()

  it('is undone by inflating', () => {
    const noise = fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes))
    fc.assert(
      fc.property(fc.oneof(redundant, noise), (input) => {
        const packed = deflater.deflate(input, 0, input.length, input.length * 2 + 64)
        expect(inflate(packed ?? Buffer.alloc(0))).toEqual(input)
      }),
      { numRuns: 500 },
    )
  })

  it('gives equal bytes for equal input, whatever was compressed before', () => {
    fc.assert(
      fc.property(redundant, redundant, (before, input) => {
        deflater.deflate(before, 0, before.length, before.length)
        const used = deflater.deflate(input, 0, input.length, input.length)
        const fresh = new LzfDeflater().deflate(input, 0, input.length, input.length)
        expect(used?.toString('hex')).toBe(fresh?.toString('hex'))
      }),
    )
  })

  it('never gives more than there is room for, and gives up only near that', () => {
    fc.assert(
      fc.property(redundant, fc.nat(400), (input, room) => {
        const whole = deflater.deflate(input, 0, input.length, input.length * 2 + 64)?.length ?? 0
        const packed = deflater.deflate(input, 0, input.length, room)
        expect(packed?.length ?? 0).toBeLessThanOrEqual(room)
        if (whole > 0 && room >= whole + 4) expect(packed?.length).toBe(whole)
      }),
    )
  })

  it('compresses a part of a buffer as if it were the whole', () => {
    const part = Buffer.from('abc'.repeat(200))
    const padded = Buffer.concat([Buffer.from('abcabc'), part, Buffer.from('abcabc')])
    const alone = Buffer.from(deflater.deflate(part, 0, part.length, part.length)!)
    expect(deflater.deflate(padded, 6, 6 + part.length, part.length)).toEqual(alone)
  })

  it('gives the bytes that a real server stores', () => {
    const path = new URL('../../fixtures/rdb/dump-payloads.json', import.meta.url)
    const { entries } = JSON.parse(readFileSync(path, 'utf8'))
    const { payload_hex, logical } = entries.find((e: { key_latin1: string }) => e.key_latin1 === 'str:lzf')
    const text = Buffer.from(logical['redis-7.0.15'].value)
    const packed = deflater.deflate(text, 0, text.length, text.length - 4)!
    // Type, c3, both lengths; at the end version and checksum.
    expect(payload_hex['redis-7.0.15'].slice(10, -20)).toBe(packed.toString('hex'))
  })

  it('stays linear on a long run and on long noise', () => {
    const size = 8 * 1024 * 1024
    const run = Buffer.alloc(size, 'a')
    expect(deflater.deflate(run, 0, size, size)!.length).toBeLessThan(size / 80)
    const noise = Buffer.alloc(size)
    for (let i = 0, x = 1; i < size; i++) noise[i] = (x = Math.imul(x, 1664525) + 1013904223) >>> 24
    expect(deflater.deflate(noise, 0, size, size - 4)).toBeUndefined()
  })
})
