import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ByteString, byteString } from '../../../src/bytes/byte-string.ts'
import type { MaybeLong } from '../../../src/bytes/long-bytes.ts'
import { Resumable } from '../../../src/bytes/resumable.ts'
import { commands } from '../../../src/codec/resp/command.ts'
import { encodeCommand } from '../../../src/codec/resp/encode.ts'
import { splitInline } from '../../../src/codec/resp/inline.ts'
import { KEEP, type Keep } from '../../../src/codec/resp/limits.ts'
import { decodeEverySplit, type MakeDecoder, randomChunks, run } from '../../support/every-split.ts'

type Seen =
  | { name: string; argv: readonly MaybeLong[]; argc: number; start: number; end: number }
  | { blank: [number, number] }
  | { fault: string; at: number }

const decoder =
  (options: { inline: boolean; keep?: Keep } = { inline: true }): MakeDecoder<Seen> =>
  (emit) =>
    new Resumable(
      (src) =>
        commands(
          src,
          {
            command: (c, start, end) => emit({ name: c.name, argv: c.argv(), argc: c.argc, start, end }),
            blank: (start, end) => emit({ blank: [start, end] }),
            leaves: () => false,
          },
          options,
        ),
      (fault) => emit({ fault: fault.code, at: fault.position }),
    )

const isEnd = (e: Seen) => 'fault' in e && e.fault === 'INPUT_TRUNCATED'
const decode = (input: string, options?: { inline: boolean; keep?: Keep }) =>
  decodeEverySplit(decoder(options), Buffer.from(input, 'latin1'), { isEnd })

describe('commands', () => {
  it('frames arrays of bulk strings, with positions, names in upper case', () => {
    expect(decode('*2\r\n$3\r\ngEt\r\n$3\r\n\r\n\xff\r\n*1\r\n$4\r\nPING\r\n')).toEqual([
      { name: 'GET', argv: ['gEt', '\r\n\xff'], argc: 2, start: 0, end: 22 },
      { name: 'PING', argv: ['PING'], argc: 1, start: 22, end: 36 },
    ])
  })

  it('reads inline commands and counts blank bytes', () => {
    expect(decode('SYNC\r\n\n\r\n*0\r\n*-1\r\nset k "a\\x00b"\n  \r\n')).toEqual([
      { name: 'SYNC', argv: ['SYNC'], argc: 1, start: 0, end: 6 },
      { blank: [6, 7] },
      { blank: [7, 9] },
      { blank: [9, 13] },
      { blank: [13, 18] },
      { name: 'SET', argv: ['set', 'k', 'a\0b'], argc: 3, start: 18, end: 33 },
      { blank: [33, 37] },
    ])
  })

  it('refuses an inline command where only a master may speak', () => {
    expect(decode('*1\r\n$4\r\nPING\r\nPING\r\n', { inline: false })).toEqual([
      { name: 'PING', argv: ['PING'], argc: 1, start: 0, end: 14 },
      { fault: 'RESP_INLINE_COMMAND', at: 14 },
    ])
  })

  it('takes any count below one for nothing, as Redis does, and a stray CR for a blank', () => {
    expect(decode('*-7\r\n\rPING\r\n')).toEqual([
      { blank: [0, 5] },
      { name: 'PING', argv: ['PING'], argc: 1, start: 5, end: 12 },
    ])
    expect(decode('\rx', { inline: false }).at(-1)).toEqual({ fault: 'RESP_BAD_LINE_END', at: 1 })
  })

  it.each<[string, string, number]>([
    ['*1\r\n:5\r\n', 'RESP_BAD_LENGTH', 4],
    ['*1\r\n$-1\r\n', 'RESP_BAD_LENGTH', 5],
    ['*x\r\n', 'RESP_BAD_LENGTH', 1],
    ['*99999999999\r\n', 'RESP_TOO_MANY', 0],
    ['*1\r\n$3\r\nabcd\r\n', 'RESP_BAD_LENGTH', 11],
    ['SET "unbalanced\r\n', 'RESP_BAD_INLINE', 0],
  ])('reports malformed %j as %s at byte %i', (input, code, at) => {
    expect(decode(input).at(-1)).toEqual({ fault: code, at })
  })

  it('describes a large argument and counts arguments beyond what is kept, under every split alike', () => {
    const keep: Keep = { valueBytes: 8, totalBytes: 40, elements: 5, hash: false }
    const large = encodeCommand(['SET', 'k', 'x'.repeat(9)] as ByteString[])
    const many = encodeCommand('RPUSH l 1 2 3 4 5'.split(' ') as ByteString[])
    const heavy = encodeCommand(['A', '12345678', '12345678', '12345678', '123456'] as ByteString[])
    const input = Buffer.concat([large, many, heavy, large]).toString('latin1')
    expect(decode(input, { inline: true, keep }).map((e) => 'argv' in e && [e.argc, e.argv])).toEqual([
      [3, ['SET', 'k', { bytes: 9, preview: 'xxxxxxxxx', sha256: undefined }]],
      [7, ['RPUSH', 'l', '1', '2', '3']],
      [5, ['A', '12345678', '12345678', '12345678', '123456']],
      [3, ['SET', 'k', { bytes: 9, preview: 'xxxxxxxxx', sha256: undefined }]],
    ])
  })

  it('takes a value of many chunks without holding it', () => {
    const size = 64 * 1024 * 1024
    const seen: Seen[] = []
    const target = decoder({ inline: true, keep: { ...KEEP, hash: false } })((e) => seen.push(e))
    target.push(Buffer.from(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${size}\r\n`))
    const chunk = Buffer.alloc(256 * 1024, 'v')
    const before = process.memoryUsage().arrayBuffers
    for (let sent = 0; sent < size; sent += chunk.length) target.push(chunk)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024)
    target.push(Buffer.from('\r\n'))
    expect(seen).toMatchObject([{ argv: ['SET', 'k', { bytes: size }], end: size + 33 }])
  })

  it('decodes what encodeCommand encodes, for any arguments', () => {
    const argv = fc.array(
      fc.uint8Array({ maxLength: 40 }).map((b) => byteString(Buffer.from(b))),
      { minLength: 1, maxLength: 8 },
    )
    fc.assert(
      fc.property(fc.array(argv, { maxLength: 6 }), fc.integer(), (list, seed) => {
        const input = Buffer.concat(list.map(encodeCommand))
        const seen = run(decoder({ inline: false }), randomChunks(input, seed))
        expect(seen.map((e) => 'argv' in e && e.argv)).toEqual(list)
      }),
      { numRuns: 300 },
    )
  })

  it('ends in commands and faults for any bytes whatever, the same under any split', () => {
    const wild = fc.array(
      fc.oneof(
        fc.constantFrom(
          '*2\r\n',
          '*1\r\n',
          '$3\r\n',
          '\r\n',
          '\n',
          '*-1\r\n',
          'abc',
          '$0\r\n',
          '"',
          '*',
          '$',
        ),
        fc.string({ unit: 'binary', maxLength: 5 }),
      ),
      { maxLength: 25 },
    )
    fc.assert(
      fc.property(wild, fc.integer(), fc.boolean(), (parts, seed, inline) => {
        const input = Buffer.from(parts.join(''), 'latin1')
        const make = decoder({ inline })
        expect(run(make, randomChunks(input, seed))).toEqual(run(make, [input]))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('splitInline', () => {
  it.each<[string, string[] | undefined]>([
    ['  a  b ', ['a', 'b']],
    ['"a b" \'c d\'', ['a b', 'c d']],
    ['"\\x41\\n\\"q\\z"', ['A\n"qz']],
    ["'it\\'s'", ["it's"]],
    ['"a"b', undefined],
    ['"open', undefined],
    ['', []],
  ])('%j', (text, words) => {
    expect(splitInline(text)).toEqual(words)
  })
})
