/** Requests under every split, and beside the strict reader wherever both have something to say. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../../src/bytes/byte-string.ts'
import { Resumable } from '../../../src/bytes/resumable.ts'
import { encodeCommand } from '../../../src/codec/resp/encode.ts'
import { RequestReader } from '../../../src/codec/resp/request.ts'
import { decodeEverySplit, type MakeDecoder } from '../../support/every-split.ts'

type Seen = readonly string[] | { readonly fault: string }

const decoder =
  (isStranger: boolean): MakeDecoder<Seen> =>
  (emit) =>
    new Resumable(
      function* (src) {
        const reader = new RequestReader({ bulkBytes: () => 1_000_000, isStranger: () => isStranger })
        for (;;) {
          const argv = reader.next(src)
          if (argv !== undefined) emit(argv)
          else if (src.ended) return
          else yield
        }
      },
      ({ detail }) => emit({ fault: detail }),
    )

const decode = (input: string | Buffer, isStranger = false): Seen[] =>
  decodeEverySplit(decoder(isStranger), Buffer.isBuffer(input) ? input : Buffer.from(input, 'latin1'))

describe('requests', () => {
  it('are arrays of bulk strings, lines, and nothing', () => {
    expect(decode('*2\r\n$3\r\nGET\r\n$0\r\n\r\n*0\r\n*-1\r\nECHO "a b"\r\n\r\n\nPING\n')).toEqual([
      ['GET', ''],
      [],
      [],
      ['ECHO', 'a b'],
      [],
      [],
      ['PING'],
    ])
  })

  it('take whatever stands where a line end should', () => {
    expect(decode('*1\rx$4\rxPINGxx*1\r\n$1\r\na\r\n')).toEqual([['PING'], ['a']])
  })

  it.each([
    ['*x\r\n', 'invalid multibulk length'],
    ['*+1\r\n', 'invalid multibulk length'],
    ['*01\r\n', 'invalid multibulk length'],
    ['*2147483648\r\n', 'invalid multibulk length'],
    ['*1\r\n+a\r\n', "expected '$', got '+'"],
    ['*1\r\n$-1\r\n', 'invalid bulk length'],
    ['*1\r\n$1000001\r\n', 'invalid bulk length'],
    ['*1\r\n$99999999999999999999\r\n', 'invalid bulk length'],
    ['a "b\r\n', 'unbalanced quotes in request'],
  ])('%j: %s', (input, fault) => {
    expect(decode(input)).toEqual([{ fault }])
  })

  it('are short while nobody knows who sends them', () => {
    expect(decode('*11\r\n', true)).toEqual([{ fault: 'unauthenticated multibulk length' }])
    expect(decode('*1\r\n$16385\r\n', true)).toEqual([{ fault: 'unauthenticated bulk length' }])
    expect(decode(`*10\r\n${'$1\r\na\r\n'.repeat(10)}`, true)).toEqual([[...'aaaaaaaaaa']])
  })

  it('come out as they went in, whatever they hold', () => {
    const word = fc
      .uint8Array({ maxLength: 30 })
      .map((bytes) => Buffer.from(bytes).toString('latin1') as ByteString)
    const request = fc.array(word, { minLength: 1, maxLength: 15 })
    fc.assert(
      fc.property(fc.array(request, { maxLength: 5 }), (requests) => {
        expect(decode(Buffer.concat(requests.map(encodeCommand)))).toEqual(requests)
      }),
      { numRuns: 30 },
    )
  })

  it('hold long words', () => {
    const long = 'x'.repeat(100_000) as ByteString
    expect(decode(encodeCommand(['SET', long, 'v'] as ByteString[]))).toEqual([['SET', long, 'v']])
  })
})
