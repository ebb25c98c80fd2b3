/** JSON out of bytes is what JSON.stringify makes of the same text. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteString, toJson } from '../../src/bytes/byte-string.ts'
import { ByteWriter } from '../../src/bytes/byte-writer.ts'
import { putDouble, putInteger, putQuotedInteger } from '../../src/rdb/json-numbers.ts'
import { putBase64, putEscaped, putJsonBytes, putJsonString, Utf8Check } from '../../src/rdb/json-text.ts'

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text, 'utf8')),
  fc.string({ unit: 'grapheme', maxLength: 200 }).map((text) => Buffer.from(text, 'utf8')),
)

function written(put: (out: ByteWriter) => unknown): string {
  const out = new ByteWriter()
  put(out)
  return out.view().toString('utf8')
}

describe('a JSON string of bytes', () => {
  it('is that of JSON.stringify, or base64', () => {
    fc.assert(
      fc.property(anyBytes, fc.nat(5), (bytes, before) => {
        const wanted = JSON.stringify(toJson(byteString(bytes)))
        const framed = Buffer.concat([Buffer.alloc(before, 0xff), bytes, Buffer.alloc(3, 0x22)])
        let isText: boolean | undefined
        expect(
          written((out) => {
            isText = putJsonBytes(out, framed, before, before + bytes.length)
          }),
        ).toBe(wanted)
        expect(isText).toBe(wanted.startsWith('"'))
        expect(written((out) => putJsonString(out, byteString(bytes)))).toBe(wanted)
      }),
    )
  })

  it('escapes every byte that must be', () => {
    const bytes = Buffer.from(Array.from({ length: 128 }, (_, i) => i))
    expect(written((out) => putJsonBytes(out, bytes, 0, 128))).toBe(JSON.stringify(bytes.toString('latin1')))
  })

  it('comes out the same in blocks', () => {
    fc.assert(
      fc.property(anyBytes, fc.array(fc.nat(40)), (bytes, sizes) => {
        const blocks: Buffer[] = []
        let at = 0
        for (const size of sizes) blocks.push(bytes.subarray(at, (at += size)))
        blocks.push(bytes.subarray(at))
        const check = new Utf8Check()
        for (const block of blocks) check.add(block)
        const isText = typeof toJson(byteString(bytes)) === 'string'
        expect(check.end()).toBe(isText)
        if (!isText) return
        const whole = JSON.stringify(bytes.toString('utf8'))
        const inside = written((out) => {
          for (const block of blocks) putEscaped(out, block)
        })
        expect(`"${inside}"`).toBe(whole)
      }),
    )
  })

  it('is base64 in blocks of three', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(60), (array, third) => {
        const bytes = Buffer.from(array)
        const text = written((out) => {
          putBase64(out, bytes, 0, Math.min(third * 3, bytes.length))
          putBase64(out, bytes, Math.min(third * 3, bytes.length))
        })
        expect(text).toBe(bytes.toString('base64'))
      }),
    )
  })
})

describe('a JSON number', () => {
  const number = (value: number) => written((out) => putDouble(out, value))

  it('reads back as the same double, in the words of JavaScript', () => {
    const decimals = fc
      .tuple(fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), fc.integer({ min: 0, max: 6 }))
      .map(([value, places]) => value / 10 ** places)
    fc.assert(
      fc.property(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), decimals), (value) => {
        expect(number(value)).toBe(Object.is(value, -0) ? '-0' : String(value))
        expect(Object.is(JSON.parse(number(value)), value)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('is a word where JSON has none', () => {
    expect([Infinity, -Infinity, NaN].map(number)).toEqual(['"inf"', '"-inf"', '"nan"'])
  })

  it('is a string where a double is not exact', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (wide) => {
        const value = Number.isSafeInteger(Number(wide)) ? Number(wide) : wide
        const text = written((out) => putInteger(out, value))
        expect(text).toBe(typeof value === 'bigint' ? `"${wide}"` : String(wide))
        expect(written((out) => putQuotedInteger(out, value))).toBe(`"${wide}"`)
      }),
    )
  })
})
