import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ByteString, byteString } from '../../../src/bytes/byte-string.ts'
import { integerEntrySize, ListpackBuilder } from '../../../src/codec/packed/listpack-builder.ts'

/** A second, naive reader: forwards by the encodings, checking each backlen on the way. */
function read(pack: Buffer): ByteString[] {
  expect(pack.readUInt32LE(0)).toBe(pack.length)
  const out: ByteString[] = []
  let at = 6
  while (pack[at] !== 0xff) {
    const start = at
    const first = pack[at++]!
    const text = (size: number) => byteString(pack.subarray(at, (at += size)))
    const number = (size: number) => String(BigInt.asIntN(size * 8, little(pack, (at += size) - size, size)))
    let value: string
    if (first < 0x80) value = String(first)
    else if (first < 0xc0) value = text(first & 63)
    else if (first < 0xe0) value = String(((((first & 31) << 8) | pack[at++]!) ^ 4096) - 4096)
    else if (first < 0xf0) value = text(((first & 15) << 8) | pack[at++]!)
    else if (first === 0xf0) value = text(pack.readUInt32LE((at += 4) - 4))
    else value = number([2, 3, 4, 8][first - 0xf1]!)
    out.push(value as ByteString)
    const size = at - start
    expect(backwards(pack, (at += size < 128 ? 1 : size < 16383 ? 2 : size < 2097151 ? 3 : 4))).toBe(size)
  }
  expect(at).toBe(pack.length - 1)
  expect(pack.readUInt16LE(4)).toBe(Math.min(out.length, 65535))
  return out
}

/** A backlen as it is read from its end. */
function backwards(pack: Buffer, end: number): number {
  let size = 0
  for (let at = end - 1, shift = 0; ; at--, shift += 7) {
    size += (pack[at]! & 127) * 2 ** shift
    if ((pack[at]! & 128) === 0) return size
  }
}

function little(bytes: Buffer, at: number, size: number): bigint {
  let value = 0n
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i]!)
  return value
}

function build(values: readonly (ByteString | Buffer)[]): Buffer {
  const builder = new ListpackBuilder()
  for (const value of values) builder.add(value)
  const before = builder.byteLength
  const pack = builder.finish()
  expect(pack.length).toBe(before)
  return pack
}

const integer = fc.oneof(
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
  fc.integer({ min: -70000, max: 70000 }).map(BigInt),
  fc
    .record({
      bits: fc.integer({ min: 0, max: 63 }),
      off: fc.integer({ min: -2, max: 2 }),
      sign: fc.boolean(),
    })
    .map(({ bits, off, sign }) => (sign ? -(2n ** BigInt(bits)) : 2n ** BigInt(bits)) + BigInt(off)),
)
const value = fc.oneof(
  integer.map((n) => String(n) as ByteString),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => byteString(Buffer.from(bytes))),
  fc.constantFrom('', '-', '-0', '007', '+1', ' 1', '1.5', '00').map((text) => text as ByteString),
)

describe('a listpack', () => {
  it('reads back as what was added, from strings and from buffers', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), (values) => {
        expect(read(build(values))).toEqual(values)
        expect(build(values.map((v) => Buffer.from(v, 'latin1')))).toEqual(build(values))
      }),
      { numRuns: 500 },
    )
  })

  it.each([63, 64, 124, 125, 126, 4095, 4096, 16377, 16378, 16379, 2097145, 2097146])(
    'holds %i bytes',
    (n) => {
      const text = 'x'.repeat(n) as ByteString
      expect(read(build([text, text]))[1]).toBe(text)
    },
  )

  it('says so when it has more entries than its header can count', () => {
    const many = Array.from({ length: 70_000 }, (_, i) => String(i) as ByteString)
    expect(build(many).readUInt16LE(4)).toBe(65535)
    expect(read(build(many))).toEqual(many)
  })

  it('knows the size of an integer before it is added', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(127, 128, 4095, 4096, 32767, 32768)),
        (n) => {
          const builder = new ListpackBuilder()
          const before = builder.byteLength
          builder.addInteger(n)
          expect(builder.byteLength - before).toBe(integerEntrySize(n))
        },
      ),
    )
  })

  it('joins two', () => {
    const [one, two] = [new ListpackBuilder(), new ListpackBuilder()]
    one.add('a' as ByteString)
    two.add('b' as ByteString)
    two.addInteger(3)
    one.addEntriesOf(two)
    expect(read(one.finish())).toEqual(['a', 'b', '3'])
  })
})
