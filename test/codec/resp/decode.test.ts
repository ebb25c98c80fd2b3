import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ByteString, byteString, fromText } from '../../../src/bytes/byte-string.ts'
import { Resumable } from '../../../src/bytes/resumable.ts'
import { respValues } from '../../../src/codec/resp/decode.ts'
import { encodeValue } from '../../../src/codec/resp/encode.ts'
import { KEEP, type Keep } from '../../../src/codec/resp/limits.ts'
import type { RespValue } from '../../../src/codec/resp/values.ts'
import { decodeEverySplit, type MakeDecoder, randomChunks, run } from '../../support/every-split.ts'

type Seen = { value: RespValue; start: number; end: number } | { fault: string; at: number }

const decoder =
  (keep: Keep = KEEP): MakeDecoder<Seen> =>
  (emit) =>
    new Resumable(
      (src) => respValues(src, emit, keep),
      (fault) => emit({ fault: fault.code, at: fault.position }),
    )

const isEnd = (e: Seen) => 'fault' in e && e.fault === 'INPUT_TRUNCATED'
const values = (input: string | Buffer, keep?: Keep) =>
  decodeEverySplit(decoder(keep), Buffer.from(input as string, 'latin1'), { isEnd }).map((e) =>
    'value' in e ? e.value : e,
  )
const bytes = (text: string) => text as ByteString

describe('RESP values', () => {
  it.each<[string, RespValue]>([
    ['+OK\r\n', { type: 'simple', value: bytes('OK') }],
    ['-ERR no\r\n', { type: 'error', value: bytes('ERR no') }],
    [':-12\r\n', { type: 'integer', value: -12 }],
    [':9223372036854775807\r\n', { type: 'integer', value: 9223372036854775807n }],
    ['$5\r\na\r\nb\xff\r\n', { type: 'bulk', value: bytes('a\r\nb\xff') }],
    ['$0\r\n\r\n', { type: 'bulk', value: bytes('') }],
    ['$-1\r\n', { type: 'null' }],
    ['*-1\r\n', { type: 'null' }],
    ['_\r\n', { type: 'null' }],
    ['#t\r\n', { type: 'boolean', value: true }],
    [',3.25\r\n', { type: 'double', value: 3.25 }],
    [',-inf\r\n', { type: 'double', value: -Infinity }],
    [',1e300\r\n', { type: 'double', value: 1e300 }],
    [
      '(3492890328409238509324850943850943825024385\r\n',
      { type: 'bignum', value: bytes('3492890328409238509324850943850943825024385') },
    ],
    ['!11\r\nSYNTAX a\r\nb\r\n', { type: 'error', value: bytes('SYNTAX a\r\nb') }],
    ['=8\r\ntxt:Some\r\n', { type: 'verbatim', format: bytes('txt'), value: bytes('Some') }],
    ['*0\r\n', { type: 'array', length: 0, items: [] }],
    [
      '*2\r\n:1\r\n*1\r\n$-1\r\n',
      {
        type: 'array',
        length: 2,
        items: [
          { type: 'integer', value: 1 },
          { type: 'array', length: 1, items: [{ type: 'null' }] },
        ],
      },
    ],
    [
      '%1\r\n+k\r\n~1\r\n:7\r\n',
      {
        type: 'map',
        length: 1,
        items: [
          { type: 'simple', value: bytes('k') },
          { type: 'set', length: 1, items: [{ type: 'integer', value: 7 }] },
        ],
      },
    ],
    ['$?\r\n;4\r\nHell\r\n;1\r\no\r\n;0\r\n', { type: 'bulk', value: bytes('Hello') }],
    [
      '*?\r\n:1\r\n:2\r\n.\r\n',
      {
        type: 'array',
        length: 2,
        items: [
          { type: 'integer', value: 1 },
          { type: 'integer', value: 2 },
        ],
      },
    ],
  ])('decodes %j under every split', (input, expected) => {
    expect(values(`${input}+next\r\n`)).toEqual([expected, { type: 'simple', value: 'next' }])
  })

  it('gives each value its position in the stream', () => {
    const seen = decodeEverySplit(decoder(), Buffer.from('+OK\r\n$2\r\nab\r\n*1\r\n:5\r\n'), { isEnd })
    expect(seen.map((e) => 'start' in e && [e.start, e.end])).toEqual([
      [0, 5],
      [5, 13],
      [13, 21],
    ])
  })

  it.each<[string, string, number]>([
    ['+OK\r\nx', 'RESP_BAD_TYPE', 5],
    ['$3x', 'RESP_BAD_LENGTH', 2],
    ['$-2\r\n', 'RESP_BAD_LENGTH', 0],
    ['$3\r\nabcd\r\n', 'RESP_BAD_LENGTH', 7],
    ['+a\nb\r\n', 'RESP_BAD_LINE_END', 2],
    [':abc\r\n', 'RESP_BAD_NUMBER', 6],
    ['*-2\r\n', 'RESP_BAD_LENGTH', 0],
    ['*99999999999\r\n', 'RESP_TOO_MANY', 0],
    ['#x\r\n', 'RESP_BAD_NUMBER', 4],
  ])('reports malformed %j as %s at byte %i', (input, code, at) => {
    const seen = decodeEverySplit(decoder(), Buffer.from(input), { isEnd })
    expect(seen.at(-1)).toEqual({ fault: code, at })
  })

  it('refuses to follow hostile nesting', () => {
    const seen = decodeEverySplit(decoder(), Buffer.from('*1\r\n'.repeat(200)), { isEnd })
    expect(seen).toEqual([{ fault: 'RESP_TOO_DEEP', at: 129 * 4 }])
  })

  it('describes what is too long to hold, and counts what is too many', () => {
    const keep: Keep = { valueBytes: 10, totalBytes: 25, elements: 4, hash: true }
    const [long, many] = values(
      `$12\r\nabcdefghijkl\r\n*6\r\n${'$1\r\nx\r\n'.repeat(6)}`,
      keep,
    ) as RespValue[]
    expect(long).toEqual({
      type: 'bulk',
      value: {
        bytes: 12,
        preview: 'abcdefghijkl',
        sha256: 'd682ed4ca4d989c134ec94f1551e1ec580dd6d5a6ecde9f3d35e6e4a717fbde4',
      },
    })
    expect(many).toMatchObject({ length: 6, items: [{}, {}, {}, {}] })
  })

  const text = fc.string({ unit: 'binary', maxLength: 20 }).map(fromText)
  const line = text.map((t) => bytes(t.replace(/[\r\n]/g, '')))
  const { value } = fc.letrec<{ value: RespValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      line.map((v): RespValue => ({ type: 'simple', value: v })),
      line.map((v): RespValue => ({ type: 'error', value: v })),
      text.map((v): RespValue => ({ type: 'bulk', value: v })),
      fc.maxSafeInteger().map((v): RespValue => ({ type: 'integer', value: v })),
      fc.constant<RespValue>({ type: 'null' }),
      fc.boolean().map((v): RespValue => ({ type: 'boolean', value: v })),
      fc.double({ noNaN: true }).map((v): RespValue => ({ type: 'double', value: v })),
      fc
        .tuple(fc.constantFrom('array', 'set', 'push'), fc.array(tie('value'), { maxLength: 5 }))
        .map(([type, items]): RespValue => ({ type, length: items.length, items })),
      fc
        .array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 })
        .map((pairs): RespValue => ({ type: 'map', length: pairs.length, items: pairs.flat() })),
    ),
  }))

  it('decodes what encodeValue encodes, for any values', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 5 }), fc.integer(), (list, seed) => {
        const input = Buffer.concat(list.map((v) => encodeValue(v)))
        const seen = run(decoder(), randomChunks(input, seed))
        expect(seen.map((e) => 'value' in e && e.value)).toEqual(list)
      }),
      { numRuns: 300 },
    )
  })

  it('ends in values and faults for any bytes whatever, the same under any split', () => {
    const wild = fc.array(
      fc.oneof(
        fc.constantFrom(
          '*2\r\n',
          '$3\r\n',
          '$?\r\n',
          ';1\r\n',
          '%1\r\n',
          '\r\n',
          '+',
          '-1',
          '|1\r\n',
          '.\r\n',
          '9',
        ),
        fc.string({ unit: 'binary', maxLength: 6 }),
      ),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(wild, fc.integer(), (parts, seed) => {
        const input = Buffer.from(parts.join(''), 'latin1')
        expect(run(decoder(), randomChunks(input, seed))).toEqual(run(decoder(), [input]))
      }),
      { numRuns: 1000 },
    )
  })

  it('allocates nothing for a length that is only promised', () => {
    const before = process.memoryUsage().arrayBuffers
    const decoderOf = decoder()(() => {})
    decoderOf.push(Buffer.from('$9007199254740991\r\nabc'))
    decoderOf.push(Buffer.from('*2147483647\r\n'))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024)
    expect(byteString(Buffer.from('x'))).toBe('x')
  })
})
