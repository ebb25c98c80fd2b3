import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressText, parseAddress } from '../../../src/codec/capture/address.ts'
import { endpointsOf, flowKey, reversed } from '../../../src/codec/capture/flow.ts'

const four = fc.uint8Array({ minLength: 4, maxLength: 4 })
const byte = fc.oneof(fc.constant(0), fc.nat(255))
const six = fc.array(byte, { minLength: 16, maxLength: 16 }).map((list) => Uint8Array.from(list))

describe('addresses', () => {
  it('are read back from their text, which Node takes for an address too', () => {
    fc.assert(
      fc.property(fc.oneof(four, six), (address) => {
        const bytes = Buffer.from(address)
        const text = addressText(bytes, 0, bytes.length as 4 | 16)
        expect(isIP(text)).toBe(bytes.length === 4 ? 4 : 6)
        expect(parseAddress(text)).toEqual(bytes)
        // The same shortened form as a URL has, which follows RFC 5952's predecessor in this.
        if (bytes.length === 16) expect(`[${text}]`).toBe(new URL(`http://[${text}]`).hostname)
      }),
    )
  })

  it('agree with Node on what is no address', () => {
    const part = fc.constantFrom('1', '255', '256', '01', '::', ':', '.', 'f', 'fffff', '1.2.3.4', 'g', '')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 9 }), (parts) => {
        const text = parts.join('')
        expect(parseAddress(text) !== undefined, text).toBe(isIP(text) !== 0)
      }),
      { numRuns: 3000 },
    )
  })
})

describe('flow keys', () => {
  it('name both ends, and the other direction exchanges them', () => {
    fc.assert(
      fc.property(fc.oneof(four, six), fc.uint8Array({ minLength: 4, maxLength: 4 }), (address, ports) => {
        const other = Buffer.from(address).map((b) => b ^ 0x55)
        const bytes = Buffer.concat([address, other, ports])
        const { length } = address
        const key = flowKey(bytes, { start: 0, length }, bytes, 2 * length)
        expect(flowKey(bytes, { start: 0, length }, Buffer.from(ports), 0)).toBe(key)
        const { from, to } = endpointsOf(key)
        expect(endpointsOf(reversed(key))).toEqual({ from: to, to: from })
        expect(parseAddress(from.host)).toEqual(Buffer.from(address))
        expect(reversed(reversed(key))).toBe(key)
      }),
    )
  })
})
