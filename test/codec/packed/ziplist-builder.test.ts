import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ByteString, byteString } from '../../../src/bytes/byte-string.ts'
import { ZiplistBuilder } from '../../../src/codec/packed/ziplist-builder.ts'

/** A second, naive reader, which checks each prevlen, the tail and the count. */
function read(list: Buffer): ByteString[] {
  expect(list.readUInt32LE(0)).toBe(list.length)
  const out: ByteString[] = []
  let at = 10
  let last = 10
  let previous = 0
  while (list[at] !== 0xff) {
    last = at
    const back = list[at++]!
    expect(back === 254 ? list.readUInt32LE((at += 4) - 4) : back).toBe(previous)
    const first = list[at++]!
    const text = (size: number) => byteString(list.subarray(at, (at += size)))
    const number = (size: number) => list.readIntLE((at += size) - size, size)
    let value: string | number | bigint
    if (first < 0x40) value = text(first)
    else if (first < 0x80) value = text(((first & 63) << 8) | list[at++]!)
    else if (first === 0x80) value = text(list.readUInt32BE((at += 4) - 4))
    else if (first === 0xc0) value = number(2)
    else if (first === 0xd0) value = number(4)
    else if (first === 0xe0) value = list.readBigInt64LE((at += 8) - 8)
    else if (first === 0xf0) value = number(3)
    else if (first === 0xfe) value = number(1)
    else value = first - 0xf1
    out.push(String(value) as ByteString)
    previous = at - last
  }
  expect(at).toBe(list.length - 1)
  expect(list.readUInt32LE(4)).toBe(last)
  expect(list.readUInt16LE(8)).toBe(Math.min(out.length, 65535))
  return out
}

function build(values: readonly ByteString[]): Buffer {
  const builder = new ZiplistBuilder()
  for (const value of values) builder.add(value)
  const before = builder.byteLength
  const list = builder.finish()
  expect(list.length).toBe(before)
  return list
}

const boundary = fc
  .record({ bits: fc.integer({ min: 0, max: 63 }), off: fc.integer({ min: -2, max: 2 }), sign: fc.boolean() })
  .map(({ bits, off, sign }) => (sign ? -(2n ** BigInt(bits)) : 2n ** BigInt(bits)) + BigInt(off))
const value = fc.oneof(
  boundary.map((n) => String(n) as ByteString),
  fc.integer({ min: -20, max: 20 }).map((n) => String(n) as ByteString),
  fc.uint8Array({ maxLength: 300, size: 'max' }).map((bytes) => byteString(Buffer.from(bytes))),
)

describe('a ziplist', () => {
  it('reads back as what was added', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), (values) => {
        expect(read(build(values))).toEqual(values)
      }),
      { numRuns: 500 },
    )
  })

  it.each([63, 64, 251, 252, 253, 254, 16383, 16384])('holds %i bytes, before and behind others', (size) => {
    const text = 'x'.repeat(size) as ByteString
    const values = ['1' as ByteString, text, text, 'y' as ByteString]
    expect(read(build(values))).toEqual(values)
  })

  it('says so when it has more entries than its header can count', () => {
    const many = Array.from({ length: 70_000 }, (_, i) => String(i) as ByteString)
    expect(read(build(many))).toEqual(many)
  })

  it('is empty when nothing was added', () => {
    expect(build([]).toString('hex')).toBe('0b0000000a0000000000ff')
  })
})
