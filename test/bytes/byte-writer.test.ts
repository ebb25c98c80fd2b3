import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteString } from '../../src/bytes/byte-string.ts'
import { ByteWriter } from '../../src/bytes/byte-writer.ts'

describe('a ByteWriter', () => {
  it('writes what DataView writes, whatever it had to grow', () => {
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    const step = fc.oneof(
      fc.record({ kind: fc.constant('u8' as const), value: fc.nat(255) }),
      fc.record({ kind: fc.constant('u16le' as const), value: fc.nat(65535) }),
      fc.record({ kind: fc.constant('u32le' as const), value: fc.nat(0xffffffff) }),
      fc.record({ kind: fc.constant('u32be' as const), value: fc.nat(0xffffffff) }),
      fc.record({ kind: fc.constant('i64le' as const), value: fc.oneof(int64, fc.maxSafeInteger()) }),
      fc.record({ kind: fc.constant('i64be' as const), value: fc.oneof(int64, fc.maxSafeInteger()) }),
      fc.record({ kind: fc.constant('f64le' as const), value: fc.double() }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const writer = new ByteWriter()
        const expected = Buffer.alloc(steps.length * 8)
        const view = new DataView(expected.buffer, expected.byteOffset)
        let at = 0
        for (const { kind, value } of steps) {
          writer[kind](value as number)
          if (kind === 'u8') view.setUint8(at, value as number)
          else if (kind === 'u16le') view.setUint16(at, value as number, true)
          else if (kind === 'u32le') view.setUint32(at, value as number, true)
          else if (kind === 'u32be') view.setUint32(at, value as number)
          else if (kind === 'f64le') view.setFloat64(at, value as number, true)
          else view.setBigInt64(at, BigInt(value), kind === 'i64le')
          at += kind === 'u8' ? 1 : kind === 'u16le' ? 2 : kind.includes('32') ? 4 : 8
        }
        expect(writer.view()).toEqual(expected.subarray(0, at))
      }),
    )
  })

  it('writes strings and buffers of any length alike', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 20 }), (values) => {
        const buffers = values.map((value) => Buffer.from(value))
        const [fromStrings, fromBuffers] = [new ByteWriter(), new ByteWriter()]
        for (const buffer of buffers) {
          fromStrings.put(byteString(buffer))
          fromBuffers.put(buffer)
        }
        expect(fromStrings.view()).toEqual(Buffer.concat(buffers))
        expect(fromBuffers.view()).toEqual(Buffer.concat(buffers))
      }),
    )
  })

  it('gives away what it takes: later writes do not touch it', () => {
    const writer = new ByteWriter()
    writer.put(Buffer.from('first'))
    const taken = writer.take()
    writer.put(Buffer.from('other'))
    expect(taken.toString()).toBe('first')
    expect(writer.view().toString()).toBe('other')
    expect(writer.length).toBe(5)
  })

  it('gives back the room of an unusually large content', () => {
    const writer = new ByteWriter(1024)
    writer.put(Buffer.alloc(1024 * 1024))
    writer.clear()
    expect(writer.length).toBe(0)
    expect(writer.bytes.length).toBe(1024)
  })
})
