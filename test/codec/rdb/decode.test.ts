import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toBytes } from '../../../src/bytes/byte-string.ts'
import { crc64 } from '../../../src/bytes/crc64.ts'
import { RdbDecoder, type RdbFault, type RdbOptions } from '../../../src/codec/rdb/decode.ts'
import type { LongValue, RdbEvent, RdbKeyEnd, RdbString } from '../../../src/codec/rdb/events.ts'
import { decodeEverySplit, type MakeDecoder, mulberry32, run } from '../../support/every-split.ts'
import { bytes, lengthOf, plain, snapshotOf } from '../../support/rdb-bytes.ts'
import { fixtureBytes, fixtureNames } from '../../support/rdb-document.ts'

type Options = Omit<RdbOptions, 'onEvent' | 'onFault'>
type Seen = RdbEvent | (RdbFault & { kind: 'fault' })

function decoding(options: Options = { detail: 'elements' }): MakeDecoder<Seen> {
  return (emit) =>
    new RdbDecoder({ ...options, onEvent: emit, onFault: (fault) => emit({ kind: 'fault', ...fault }) })
}

const isTruncation = (event: Seen) => event.kind === 'fault' && event.code === 'INPUT_TRUNCATED'

/** One line per key: comparing many events of a large file is dearer than decoding it. */
function perKey(options: Options): MakeDecoder<string> {
  return (emit) => {
    let line = ''
    return decoding(options)((event) => {
      if (isTruncation(event)) return
      line += JSON.stringify(event, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
      if (event.kind !== 'key-end' && event.kind !== 'end' && event.kind !== 'fault') return
      emit(line)
      line = ''
    })
  }
}

const small = fixtureNames().filter((name) => fixtureBytes(name).length < 3000)
const large = fixtureNames().filter((name) => fixtureBytes(name).length >= 3000)

describe('under every split', () => {
  it.each(small)('%s reads the same', (name) => {
    const options = { detail: 'elements', maxValueBytes: 32, maxPackedBytes: 40 } as const
    decodeEverySplit(decoding(), fixtureBytes(name), { isEnd: isTruncation })
    decodeEverySplit(decoding(options), fixtureBytes(name), { isEnd: isTruncation })
  })

  it.each(['redis-6.0.16-all', 'redis-8.6.3-all'])('%s reads the same', (name) => {
    const lines = decodeEverySplit(perKey({ detail: 'elements' }), fixtureBytes(name))
    expect(lines.length).toBeGreaterThan(60)
  })

  it('redis-8.6.3-all reads the same piece by piece', () => {
    const options = { detail: 'elements', maxValueBytes: 32, maxPackedBytes: 16 } as const
    decodeEverySplit(perKey(options), fixtureBytes('redis-8.6.3-all'), { truncations: false })
  })
})

describe('the end of a snapshot', () => {
  const name = 'redis-7.0.15-lru'

  it.each([1, 7, 64, 100_000])('is found in chunks of %i bytes, and the rest is left alone', (size) => {
    for (const file of [name, 'redis-7.0.15-nochecksum', 'legacy-v1', 'legacy-v4']) {
      const snapshot = fixtureBytes(file)
      const stream = bytes(snapshot, '*1\r\n$4\r\nPING\r\n'.repeat(20))
      const events: Seen[] = []
      const decoder = decoding()((event) => events.push(event)) as RdbDecoder
      let used = 0
      for (let at = 0; at < stream.length && decoder.state !== 'done'; at += size) {
        used += decoder.push(stream.subarray(at, at + size))
      }
      expect(decoder.state).toBe('done')
      expect(used).toBe(snapshot.length)
      expect(decoder.position).toBe(snapshot.length)
      expect(decoder.push(Buffer.from('more'))).toBe(0)
      decoder.end()
      expect(events.at(-1)).toMatchObject({ kind: 'end', bytes: snapshot.length })
    }
  })

  it('tells a damaged checksum and damaged bytes by the checksum', () => {
    const snapshot = fixtureBytes(name)
    snapshot[snapshot.length - 1]! ^= 1
    const [end] = run(decoding(), [snapshot]).slice(-1)
    expect(end).toMatchObject({ kind: 'end', checksum: 'bad' })
    const aux = Buffer.from(fixtureBytes(name))
    aux[12]! ^= 1
    for (const size of [1, 1000]) {
      const chunks = Array.from({ length: Math.ceil(aux.length / size) }, (_, i) =>
        aux.subarray(i * size, (i + 1) * size),
      )
      expect(run(decoding(), chunks).at(-1)).toMatchObject({ kind: 'end', checksum: 'bad' })
    }
  })

  it('only counts after a fault', () => {
    const decoder = decoding()(() => {}) as RdbDecoder
    expect(decoder.push(Buffer.from('REDIS0011'))).toBe(9)
    expect(decoder.push(Buffer.from([99]))).toBe(1)
    expect(decoder.push(Buffer.alloc(1000))).toBe(1000)
    expect(decoder.state).toBe('faulty')
    expect(decoder.position).toBe(1010)
  })
})

describe('detail', () => {
  it.each(fixtureNames())('%s has the same keys at every detail', (name) => {
    const ends = (options: Options) =>
      run(decoding(options), [fixtureBytes(name)]).filter((event) => event.kind === 'key-end')
    const full = ends({ detail: 'elements' })
    expect(ends({ detail: 'keys' })).toEqual(full)
    expect(ends({ detail: 'keys', maxPackedBytes: 16 })).toEqual(full)
    const nameless = (event: RdbKeyEnd) => ({ ...event, of: { ...event.of, key: '' } })
    expect(ends({ detail: 'sizes' })).toEqual(full.map((event) => nameless(event as RdbKeyEnd)))
  })

  it('tells no elements where none are wanted', () => {
    const kinds = new Set(
      run(decoding({ detail: 'keys' }), [fixtureBytes('redis-8.6.3-all')]).map((e) => e.kind),
    )
    expect([...kinds].sort()).toEqual(
      ['aux', 'end', 'function', 'header', 'key', 'key-end', 'resize-db', 'select-db'].sort(),
    )
  })

  it('names the key of a fault even where names are not wanted', () => {
    const damaged = snapshotOf(
      'REDIS0011',
      [0],
      plain('good'),
      plain('v'),
      [0x14],
      plain('set:broken'),
      plain('x'),
    )
    expect(run(decoding({ detail: 'sizes' }), [damaged]).at(-1)).toMatchObject({
      kind: 'fault',
      code: 'RDB_BAD_PACKED',
      key: 'set:broken',
      keys: 1,
    })
  })
})

describe('values too long to hold', () => {
  const bounds = { detail: 'elements', maxValueBytes: 32, maxPackedBytes: 24 } as const

  it.each(fixtureNames())('%s tells them by length, preview and hash, and all others alike', (name) => {
    const full = stringsOf(run(decoding(), [fixtureBytes(name)]))
    const bounded = stringsOf(run(decoding(bounds), [fixtureBytes(name)]))
    expect(bounded).toEqual(full.map((value) => (isName(value) ? value : shortened(value, 32))))
  })

  it('reads a megabyte with a bound of a kilobyte, plain and compressed', () => {
    const random = mulberry32(7)
    const noise = Buffer.from(Array.from({ length: 1_000_000 }, () => Math.floor(random() * 256)))
    // "ab", then a reference of 264 bytes again and again.
    const count = 4000
    const repeats = Buffer.alloc(3 * count)
    for (let i = 0; i < count; i++) repeats.set([0xe0, 255, 1], 3 * i)
    const packed = bytes([1], 'ab', repeats)
    const size = 2 + 264 * count
    const text = Buffer.from('ab'.repeat(size / 2))
    const snapshot = snapshotOf(
      'REDIS0011',
      bytes([0], plain('noise'), plain(noise)),
      bytes([0], plain('repeats'), [0xc3], lengthOf(packed.length), lengthOf(size), packed),
    )
    const events = run(decoding({ detail: 'elements', maxValueBytes: 1024 }), chunksOf(snapshot, 10_000))
    expect(events.filter((event) => event.kind === 'string').map((event) => event.value)).toEqual([
      { bytes: noise.length, preview: noise.toString('latin1', 0, 64), hash: crc64(noise) },
      { bytes: size, preview: 'ab'.repeat(32), hash: crc64(text) },
    ])
    expect(events.at(-1)).toMatchObject({ kind: 'end', checksum: 'good', keys: 2 })
  })
})

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

function chunksOf(input: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0; at < input.length; at += size) chunks.push(input.subarray(at, at + size))
  return chunks
}

/** Every string in the events, in order. */
function stringsOf(events: readonly Seen[]): unknown[] {
  const found: unknown[] = []
  for (const event of events) {
    if (event.kind === 'key') found.push(event.key)
    if (event.kind === 'string' || event.kind === 'list-item' || event.kind === 'module-value')
      found.push(event.value)
    if (event.kind === 'set-member' || event.kind === 'zset-member') found.push(event.member)
    if (event.kind === 'hash-field') found.push(event.field, event.value)
    if (event.kind === 'stream-entry') found.push(...event.fields)
  }
  return found
}

/** What is not a string at all. */
function isName(value: unknown): boolean {
  return typeof value !== 'string'
}

function shortened(value: unknown, longest: number): unknown {
  const text = value as RdbString
  if (typeof text !== 'string' || text.length <= longest) return value
  const all = toBytes(text)
  return { bytes: all.length, preview: all.toString('latin1', 0, 64), hash: crc64(all) } as LongValue
}
