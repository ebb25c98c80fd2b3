/** Strings that are replaced, counted and edited, beside plain buffers. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ByteString, byteString } from '../../../src/bytes/byte-string.ts'
import { StringValue } from '../../../src/server/dataset/string-value.ts'

const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array))

type Step = readonly [name: 'replace' | 'edit' | 'append' | 'truncate' | 'integer' | 'copy', Buffer, number]
const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom('replace', 'edit', 'append', 'truncate', 'integer', 'copy'),
  bytes,
  fc.integer({ min: 0, max: 300 }),
)

describe('StringValue', () => {
  it('holds what a plain buffer would hold', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let value = new StringValue('' as ByteString)
        let model: Buffer = Buffer.alloc(0)
        for (const [name, data, at] of steps) {
          if (name === 'replace') {
            value.replace(byteString(data))
            model = data
          } else if (name === 'append') {
            value.append(byteString(data))
            model = Buffer.concat([model, data])
          } else if (name === 'edit') {
            const length = at + data.length
            data.copy(value.edit(length), at)
            model = Buffer.concat([model, Buffer.alloc(Math.max(0, length - model.length))])
            data.copy(model, at)
          } else if (name === 'truncate') {
            const length = Math.min(at, model.length)
            value.truncate(length)
            model = model.subarray(0, length)
          } else if (name === 'integer') {
            value.replaceByInteger(at)
            model = Buffer.from(String(at))
          } else value = value.copy()
          expect(value.length).toBe(model.length)
          expect(value.text).toBe(byteString(model))
          expect(value.bytes.equals(model)).toBe(true)
          expect(value.byteAt(at)).toBe(model[at] ?? 0)
          const end = Math.min(at, model.length)
          expect(value.range(end >> 1, end)).toBe(byteString(model.subarray(end >> 1, end)))
        }
      }),
      { seed: 81 },
    )
  })

  it('does not change what it has lent to a reply', () => {
    const value = StringValue.ofBytes(Buffer.alloc(200_000, 1))
    const [whole, part] = [value.content as Buffer, value.range(0, 150_000) as Buffer]
    value.edit(0).fill(2)
    value.append('x' as ByteString)
    expect(whole.equals(Buffer.alloc(200_000, 1))).toBe(true)
    expect(part.equals(Buffer.alloc(150_000, 1))).toBe(true)
    expect(value.byteAt(0)).toBe(2)
  })

  it('shares nothing with its copy', () => {
    const value = StringValue.ofBytes(Buffer.from('abc'))
    const copy = value.copy()
    copy.edit(0)[0] = 0x78
    expect([value.text, copy.text, copy.encoding()]).toEqual(['abc', 'xbc', 'raw'])
  })

  it('grows without copying each time', () => {
    const value = StringValue.ofBytes(Buffer.alloc(0))
    const rooms = new Set<ArrayBufferLike>()
    for (let i = 0; i < 100_000; i++) rooms.add(value.edit(i + 1).buffer)
    expect(rooms.size).toBeLessThan(30)
  })
})
