import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ByteSource } from '../../src/bytes/byte-source.ts'
import { Malformed, type Program, Resumable } from '../../src/bytes/resumable.ts'
import { decodeEverySplit, type MakeDecoder } from '../support/every-split.ts'

type Seen = { at: number; bytes: string } | { fault: string; at: number }

/** A toy grammar: one length byte, then so many bytes; 0xff is malformed. */
const lengthPrefixed: MakeDecoder<Seen> = (emit) =>
  new Resumable(
    function* (src: ByteSource): Program {
      for (;;) {
        let length: number | undefined
        let body: Buffer | undefined
        const at = src.position
        while ((length = src.u8()) === undefined) {
          if (src.ended) return
          yield
        }
        if (length === 0xff) throw new Malformed('TOY_BAD_LENGTH', 'ff', at)
        while ((body = src.take(length)) === undefined) yield
        emit({ at, bytes: body.toString('hex') })
      }
    },
    (fault) => emit({ fault: fault.code, at: fault.position }),
  )

const isTruncation = (e: Seen) => 'fault' in e && e.fault === 'INPUT_TRUNCATED'

describe('a program over a ByteSource', () => {
  it('reads the same under every split, with absolute positions', () => {
    const input = Buffer.from('0000' + '03616263' + '01ff' + '05'.padEnd(12, '7a'), 'hex')
    expect(decodeEverySplit(lengthPrefixed, input, { isEnd: isTruncation })).toEqual([
      { at: 0, bytes: '' },
      { at: 1, bytes: '' },
      { at: 2, bytes: '616263' },
      { at: 6, bytes: 'ff' },
      { at: 8, bytes: '7a7a7a7a7a' },
    ])
  })

  it('reports malformed bytes once, with their position, and only counts after that', () => {
    const input = Buffer.from('0161ff0161', 'hex')
    expect(decodeEverySplit(lengthPrefixed, input, { isEnd: isTruncation })).toEqual([
      { at: 0, bytes: '61' },
      { fault: 'TOY_BAD_LENGTH', at: 2 },
    ])
    const decoder = lengthPrefixed(() => {}) as Resumable
    for (const byte of input) decoder.push(Buffer.from([byte]))
    expect(decoder.source.position).toBe(5)
  })

  it('reports an input that ends inside a value', () => {
    const events: Seen[] = []
    const decoder = lengthPrefixed((e) => events.push(e))
    decoder.push(Buffer.from('0561', 'hex'))
    decoder.end()
    expect(events).toEqual([{ fault: 'INPUT_TRUNCATED', at: 1 }])
  })

  it('gives back exactly what was put in, for any values and any chunks', () => {
    const values = fc.array(fc.uint8Array({ maxLength: 254 }), { maxLength: 30 })
    fc.assert(
      fc.property(values, (list) => {
        const input = Buffer.concat(list.map((v) => Buffer.concat([Buffer.from([v.length]), v])))
        const seen = decodeEverySplit(lengthPrefixed, input, { truncations: false })
        expect(seen.map((e) => 'bytes' in e && e.bytes)).toEqual(
          list.map((v) => Buffer.from(v).toString('hex')),
        )
      }),
      { numRuns: 25 },
    )
  })

  it('joins a large value from small chunks in linear time', () => {
    const size = 32 * 1024 * 1024
    let got = 0
    const decoder = new Resumable(
      function* (src): Program {
        let body: Buffer | undefined
        while ((body = src.take(size)) === undefined) yield
        got = body.length
      },
      () => {},
    )
    const chunk = Buffer.alloc(64 * 1024)
    for (let sent = 0; sent < size; sent += chunk.length) decoder.push(chunk)
    expect(got).toBe(size)
  })
})
