import { describe, expect, it } from 'vitest'
import { toBytes } from '../../../src/bytes/byte-string.ts'
import { crc64 } from '../../../src/bytes/crc64.ts'
import type { RdbDecoder } from '../../../src/codec/rdb/decode.ts'
import type { LongValue, RdbKeyEnd, RdbString } from '../../../src/codec/rdb/events.ts'
import { decodeEverySplit, type MakeDecoder, mulberry32, run } from '../../support/every-split.ts'
import { bytes, lengthOf, plain, snapshotOf } from '../../support/rdb-bytes.ts'
import { chunksOf, decoding, isTruncation, type Options, type Seen } from '../../support/rdb-decoding.ts'
import { fixtureBytes, fixtureNames } from '../../support/rdb-document.ts'

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
