import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Crc64, crc64, storedCrc64 } from '../../src/bytes/crc64.ts'

/** Bit by bit, from the definition: reflected polynomial, nothing clever. */
function slowly(bytes: Uint8Array): string {
  let register = 0n
  for (const byte of bytes) {
    register ^= BigInt(byte)
    for (let bit = 0; bit < 8; bit++) {
      register = register & 1n ? (register >> 1n) ^ 0x95ac9329ac4bc9b5n : register >> 1n
    }
  }
  return register.toString(16).padStart(16, '0')
}

describe('CRC-64', () => {
  // Check value as published; the others from captured files of real servers.
  it.each([
    ['', '0000000000000000'],
    ['00', '0000000000000000'],
    ['61', '5fb354025b277b14'],
    [Buffer.from('123456789').toString('hex'), 'e9c6d914c4b8d9ca'],
    ['524544495330303039ff', '74ad0ffbbc7aac9a'],
    ['56414c4b4559303830ff', '236c80c18fa49d43'],
    [Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString('hex'), '88bfa574e806500e'],
  ])('of %s', (hex, expected) => {
    expect(crc64(Buffer.from(hex, 'hex'))).toBe(expected)
  })

  it('is what its definition says, whole and in any pieces', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.nat(300), (bytes, a, b) => {
        const crc = new Crc64()
        const [first, second] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)]
        crc.update(bytes, 0, first)
        crc.update(bytes, first, second)
        crc.update(bytes, second)
        expect(crc.hex()).toBe(slowly(bytes))
        expect(crc64(bytes, first, second)).toBe(slowly(bytes.subarray(first, second)))
      }),
    )
  })

  it('goes on over more than it takes at once', () => {
    const bytes = Buffer.from(Array.from({ length: 100_003 }, (_, i) => (i * 31) >> 3))
    expect(crc64(bytes)).toBe(slowly(bytes))
  })

  it('reads a stored checksum in the same form', () => {
    expect(storedCrc64(Buffer.from('ffcad9b8c414d9c6e9', 'hex'), 1)).toBe('e9c6d914c4b8d9ca')
  })
})
