/** What is damaged ends in one fault that says where and what; nothing else ever happens. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeEverySplit, run } from '../../support/every-split.ts'
import { bytes, lengthOf, plain, snapshotOf } from '../../support/rdb-bytes.ts'
import { chunksOf, decoding, isTruncation, type Options } from '../../support/rdb-decoding.ts'
import { fixtureBytes, fixtureNames } from '../../support/rdb-document.ts'

const small = fixtureNames().filter((name) => fixtureBytes(name).length < 3000)
const large = fixtureNames().filter((name) => fixtureBytes(name).length >= 3000)

describe('faults', () => {
  const string = (key: string, value: string) => bytes([0], plain(key), plain(value))
  const fault = (input: Buffer, options?: Options) => {
    const events = decodeEverySplit(decoding(options), input, { isEnd: isTruncation })
    return events.find((event) => event.kind === 'fault')
  }

  it.each([
    ['no magic', 'RADIS0011', [], { code: 'RDB_BAD_MAGIC', position: 0 }],
    [
      'a type that does not exist',
      'REDIS0012',
      [string('a', 'b'), [27]],
      { code: 'RDB_UNKNOWN', position: 14, keys: 1 },
    ],
    ['a hole in the types', 'REDIS0012', [[8]], { code: 'RDB_UNKNOWN', position: 9 }],
    ['an opcode that does not exist', 'REDIS0012', [[242]], { code: 'RDB_UNKNOWN', position: 9 }],
    [
      'a module value without opcodes',
      'REDIS0008',
      [[6], plain('m'), Buffer.from('81b5eb2dfffadd6c01', 'hex'), 'anything'],
      { code: 'RDB_UNKNOWN', position: 9, key: 'm', rdbType: 6 },
    ],
    ['a length of unknown form', 'REDIS0011', [[0, 0x82]], { code: 'RDB_BAD_LENGTH', position: 10 }],
    [
      'a string of unknown form',
      'REDIS0011',
      [[0], plain('k'), [0xc4]],
      { code: 'RDB_BAD_STRING', key: 'k' },
    ],
    [
      'a length beyond 2^53',
      'REDIS0011',
      [[2], plain('k'), Buffer.from('81ffffffffffffffff', 'hex')],
      { code: 'RDB_BAD_LENGTH', position: 12, key: 'k', reading: 'the value of a key' },
    ],
    [
      'a compressed string that promises too much',
      'REDIS0011',
      [[0], plain('k'), [0xc3, 3], lengthOf(1e9), [0, 0x61, 0]],
      { code: 'RDB_BAD_STRING', key: 'k' },
    ],
    [
      'a compressed string that points before itself',
      'REDIS0011',
      [[0], plain('k'), [0xc3, 4, 6, 0, 0x61, 0x60, 9]],
      { code: 'LZF_MALFORMED', key: 'k', position: 17 },
    ],
    [
      'a listpack with a wrong total',
      'REDIS0011',
      [[16], plain('h'), plain(Buffer.from('0f0000000200810002 82fffe03ff'.replace(' ', ''), 'hex'))],
      { code: 'RDB_BAD_PACKED', key: 'h', position: 13 },
    ],
    [
      'a hash whose last field has no value',
      'REDIS0011',
      [[16], plain('h'), plain(Buffer.from('0a0000000100816102ff', 'hex'))],
      { code: 'RDB_BAD_PACKED', key: 'h' },
    ],
    [
      'an integer where a listpack belongs',
      'REDIS0011',
      [[16], plain('h'), [0xc0, 1]],
      { code: 'RDB_BAD_PACKED', key: 'h' },
    ],
    [
      'a quicklist node of unknown container',
      'REDIS0011',
      [[18], plain('l'), [1, 3]],
      { code: 'RDB_BAD_VALUE', key: 'l', position: 13 },
    ],
    [
      'a module opcode that does not exist',
      'REDIS0011',
      [[7], plain('m'), Buffer.from('81b5eb2dfffadd6c01', 'hex'), [6]],
      { code: 'RDB_BAD_MODULE_OPCODE', key: 'm', position: 21 },
    ],
    [
      'a score that is no number',
      'REDIS0007',
      [[3], plain('z'), [1], plain('m'), plain('one')],
      { code: 'RDB_BAD_SCORE', key: 'z' },
    ],
    [
      'a stream node without an id',
      'REDIS0011',
      [[15], plain('s'), [1], plain('short')],
      { code: 'RDB_BAD_STREAM' },
    ],
    [
      'an import of more slots than there are',
      'VALKEY080',
      [[243], plain('job'), lengthOf(20_000)],
      { code: 'RDB_LIMIT' },
    ],
  ])('%s', (_, magic, records, expected) => {
    expect(fault(snapshotOf(magic, ...(records as Buffer[])))).toMatchObject(expected)
  })

  it('says what the magic decides: type 22 and opcode 243 differ between the families', () => {
    const hash22 = bytes(
      [22],
      plain('h'),
      [1],
      plain('f'),
      plain('v'),
      [0xff, 0xff, 0xff, 0xff],
      [255, 255, 255, 255],
    )
    const [, , valkey] = run(decoding(), [snapshotOf('VALKEY080', hash22)])
    expect(valkey).toEqual({ kind: 'hash-field', field: 'f', value: 'v', expireAt: undefined })
    const slots = bytes([243], plain('job'), [2, 0, 1, 5, 9])
    const [, imported] = run(decoding(), [snapshotOf('VALKEY080', slots)])
    expect(imported).toEqual({ kind: 'slot-import', job: 'job', slots: [0, 1, 5, 9] })
  })

  it('reads a version it does not know, and says so', () => {
    const [header, key] = run(decoding(), [snapshotOf('REDIS0099', string('k', 'v'))])
    expect(header).toEqual({ kind: 'header', family: 'redis', version: 99, known: false })
    expect(key).toMatchObject({ kind: 'key', key: 'k' })
  })

  it('reads the functions of the 7.0 release candidates', () => {
    const old = bytes([246], plain('lib'), plain('LUA'), [1], plain('described'), plain('return 1'))
    const [, told] = decodeEverySplit(decoding(), snapshotOf('REDIS0010', old), { isEnd: isTruncation })
    expect(told).toEqual({ kind: 'function', code: 'return 1' })
  })

  it('tells where it was when the input ended', () => {
    const whole = snapshotOf('REDIS0011', string('a', 'b'), string('key', 'value'))
    const events = run(decoding(), [whole.subarray(0, 20)])
    expect(events.at(-1)).toMatchObject({
      kind: 'fault',
      code: 'INPUT_TRUNCATED',
      position: 19,
      key: 'key',
      rdbType: 0,
      keys: 1,
      reading: 'the value of a key',
    })
  })

  it('allocates nothing for what a length only promises', () => {
    const before = process.memoryUsage().rss
    for (const type of [0, 1, 2, 3, 4, 5, 10, 11, 14, 15, 16, 18, 19, 20, 21, 22, 24, 26]) {
      const promise = bytes('REDIS0012', [type], plain('k'), Buffer.from('8100000fffffffffff', 'hex'), 'abc')
      for (const detail of ['keys', 'elements'] as const) {
        expect(run(decoding({ detail }), [promise]).at(-1)?.kind).toBe('fault')
      }
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6)
  })
})

describe('any bytes whatsoever', () => {
  it.each(large.concat(small.filter((name) => /module|keymeta|prega|legacy/.test(name))))(
    '%s with a few bytes changed: events and faults, nothing else',
    (name) => {
      const original = fixtureBytes(name)
      const change = fc.tuple(fc.integer({ min: 9, max: original.length - 1 }), fc.nat(255))
      const runs = large.includes(name) ? 15 : 150
      fc.assert(
        fc.property(
          fc.array(change, { minLength: 1, maxLength: 3 }),
          fc.constantFrom('sizes', 'elements'),
          fc.integer({ min: 10, max: original.length }),
          (changes, detail, length) => {
            const input = Buffer.from(original)
            for (const [at, byte] of changes) input[at] = byte
            const options = { detail, maxValueBytes: 32, maxPackedBytes: 64 } as const
            const events = run(decoding(options), [input])
            expect(['end', 'fault']).toContain(events.at(-1)?.kind)
            expect(events.length).toBeLessThan(10 * original.length)
            expect(run(decoding(options), chunksOf(input, 97))).toEqual(events)
            expect(run(decoding(), [input.subarray(0, length)]).length).toBeLessThan(10 * original.length)
          },
        ),
        { numRuns: runs },
      )
    },
  )

  it('noise behind a magic', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom('REDIS0013', 'VALKEY080'),
        (noise, magic) => {
          const input = bytes(magic, Buffer.from(noise))
          const events = run(decoding(), [input])
          expect(['end', 'fault']).toContain(events.at(-1)?.kind)
          expect(run(decoding(), chunksOf(input, 1))).toEqual(events)
        },
      ),
      { numRuns: 500 },
    )
  })
})
