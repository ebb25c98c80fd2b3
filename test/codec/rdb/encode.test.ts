/** How the writer behaves: blocks, steps, bounds, losses. That its bytes are right is shown with real servers. */
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../../src/bytes/byte-string.ts'
import { crc64, storedCrc64 } from '../../../src/bytes/crc64.ts'
import { encodeRdb, RdbWriter, standardAux } from '../../../src/codec/rdb/encode.ts'
import { DumpEncoder, encodeDump } from '../../../src/codec/rdb/encode-dump.ts'
import { counted, type RdbEntry, type RdbValue, streamId } from '../../../src/codec/rdb/encode-model.ts'
import {
  type RdbEncodeOptions,
  type RdbLoss,
  RdbLossError,
  type RdbVersion,
  WRITABLE_VERSIONS,
} from '../../../src/codec/rdb/encode-options.ts'
import { BLOCK_BYTES } from '../../../src/codec/rdb/encode-output.ts'
import { moduleId } from '../../../src/codec/rdb/encode-strings.ts'
import { TYPE } from '../../../src/codec/rdb/format.ts'
import { RandomValues } from './encode-dataset.ts'
import { readFixture } from './encode-fixture.ts'

const bytes = (text: string) => text as ByteString
const ZERO = streamId('0-0')

function blocksOf(entries: Iterable<RdbEntry>, options: RdbEncodeOptions = {}): Buffer[] {
  return [...encodeRdb({ databases: [{ db: 0, entries }] }, options)]
}

function lossesOf(
  value: RdbValue,
  version: RdbVersion,
): { losses: RdbLoss['what'][]; type: number | undefined } {
  const losses: RdbLoss['what'][] = []
  const payload = encodeDump(value, { version, onLoss: (loss) => losses.push(loss.what) })
  return { losses, type: payload?.[0] }
}

describe('a snapshot', () => {
  it.each([
    ['redis-7.0.15-empty', 10],
    ['redis-6.0.16-empty', 9],
    ['redis-7.0.15-repl-aux', 10],
  ] as const)('begins as %s does, and is the same file where that is empty', (name, version) => {
    const { file, aux, keys } = readFixture(name)
    const told = new Map(aux)
    const number = (field: string) => Number(told.get(field))
    const origin = {
      redisVersion: told.get('redis-ver')!,
      createdAt: number('ctime'),
      usedMemory: number('used-mem'),
      replication: told.has('repl-id')
        ? { db: number('repl-stream-db'), id: bytes(told.get('repl-id')!), offset: number('repl-offset') }
        : undefined,
    }
    const ours = Buffer.concat([
      ...encodeRdb({ aux: standardAux(origin, version), databases: [] }, { version }),
    ])
    if (keys.length === 0) expect(ours).toEqual(file)
    else expect(file.subarray(0, ours.length - 9)).toEqual(ours.subarray(0, -9))
  })

  it('ends with the checksum of all before, or with zeros where none is wanted', () => {
    const entries = new RandomValues(1).entries(200)
    const file = Buffer.concat(blocksOf(entries))
    expect(storedCrc64(file, file.length - 8)).toBe(crc64(file, 0, file.length - 8))
    const without = Buffer.concat(blocksOf(entries, { checksum: false }))
    expect(without.readBigUInt64LE(without.length - 8)).toBe(0n)
    expect(without.subarray(0, -8).equals(file.subarray(0, -8))).toBe(true)
  })

  it('comes in blocks of one size, whatever it holds', () => {
    const big = counted(300_000, function* () {
      for (let i = 0; i < 300_000; i++) yield { member: bytes(`member:${i}`), score: i }
    })
    const blocks = blocksOf(
      [
        { key: bytes('zset'), value: { type: 'zset', members: big } },
        { key: bytes('string'), value: { type: 'string', value: Buffer.alloc(5_000_000, 'x') } },
        { key: bytes('text'), value: { type: 'string', value: bytes('y'.repeat(3_000_000)) } },
      ],
      { compress: false },
    )
    const sizes = blocks.map((block) => block.length)
    expect(blocks.length).toBeGreaterThan(150)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(BLOCK_BYTES * 2 + 64)
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(BLOCK_BYTES)
  })

  it('is pulled: no element is asked for before the blocks ahead of it are taken', () => {
    let asked = 0
    const members = counted(1_000_000, function* () {
      for (let i = 0; i < 1_000_000; i++) {
        asked++
        yield { member: bytes(`member:${i}`), score: i }
      }
    })
    const file = encodeRdb({
      databases: [{ db: 0, entries: [{ key: bytes('k'), value: { type: 'zset', members } }] }],
    })
    file.next()
    file.next()
    expect(asked).toBeLessThan(20_000)
  })

  it('writes a long list the same whether its nodes were staged or counted', () => {
    const items = Array.from({ length: 60_000 }, (_, i) => bytes(`item:${i}`))
    const whole = encodeDump({ type: 'list', items }, { compress: false })!
    let walks = 0
    const walked = counted(items.length, () => {
      walks++
      return items[Symbol.iterator]()
    })
    const file = Buffer.concat(
      blocksOf([{ key: bytes('k'), value: { type: 'list', items: walked } }], { compress: false }),
    )
    expect(walks).toBe(2)
    expect(file.includes(whole.subarray(1, -10))).toBe(true)
    const few = counted(100, () => {
      walks++
      return items.slice(0, 100)[Symbol.iterator]()
    })
    blocksOf([{ key: bytes('k'), value: { type: 'list', items: few } }])
    expect(walks).toBe(3)
  })

  it('takes a string in pieces, and refuses pieces of another length than was said', () => {
    const piece = Buffer.alloc(100_000, 'p')
    const value = (length: number): RdbValue => ({
      type: 'string',
      value: { length, pieces: [piece, piece] },
    })
    const whole = encodeDump({ type: 'string', value: Buffer.concat([piece, piece]) }, { compress: false })
    expect(encodeDump(value(200_000))!.equals(whole!)).toBe(true)
    expect(() => encodeDump(value(200_001))).toThrow('200000 bytes where 200001 were said')
  })

  it('refuses collections that hold other than they said', () => {
    const plain = true
    const three = counted(4, () => [bytes('a'), bytes('b'), bytes('c')][Symbol.iterator]())
    expect(() => encodeDump({ type: 'set', members: three, plain })).toThrow('3 elements where 4 were said')
  })
})

describe('a DumpEncoder', () => {
  it('makes each payload as if it were its first, and gives it away', () => {
    const random = new RandomValues(5)
    const encoder = new DumpEncoder()
    const values = Array.from({ length: 100 }, () => random.value())
    const hex = (payload: Buffer | undefined) => payload!.toString('hex')
    const kept = values.map((value) => encoder.encode(value))
    expect(kept.map(hex)).toEqual(values.map((value) => hex(encodeDump(value))))
  })

  it('keeps a collection plain that a server keeps plain', () => {
    const encoder = new DumpEncoder({ version: 12 })
    const one = bytes('1')
    const expireAt = 4_102_444_800_000
    const types = (plain: boolean) => [
      encoder.encode({ type: 'set', members: [one], plain })![0],
      encoder.encode({ type: 'zset', members: [{ member: one, score: 1 }], plain })![0],
      encoder.encode({ type: 'hash', fields: [{ field: one, value: one }], plain })![0],
      encoder.encode({
        type: 'hash',
        fields: [{ field: one, value: one, expireAt }],
        minExpireAt: expireAt,
        plain,
      })![0],
    ]
    expect(types(false)).toEqual([
      TYPE.SET_INTSET,
      TYPE.ZSET_LISTPACK,
      TYPE.HASH_LISTPACK,
      TYPE.HASH_LISTPACK_EX,
    ])
    expect(types(true)).toEqual([TYPE.SET, TYPE.ZSET_2, TYPE.HASH, TYPE.HASH_METADATA])
  })
})

describe('what a version cannot hold', () => {
  const stream: RdbValue = {
    type: 'stream',
    entries: [{ id: streamId('5-1'), fields: [bytes('f'), bytes('v')] }],
    firstId: streamId('5-1'),
    lastId: streamId('9-0'),
    maxDeletedId: streamId('9-0'),
    entriesAdded: 2,
    groups: [
      {
        name: bytes('g'),
        lastId: ZERO,
        entriesRead: 1,
        pending: [],
        consumers: [{ name: bytes('c'), seenAt: 1000, activeAt: 900, pending: [] }],
      },
    ],
  }
  const hash: RdbValue = {
    type: 'hash',
    fields: [{ field: bytes('f'), value: bytes('v'), expireAt: 4_102_444_800_000 }],
    minExpireAt: 4_102_444_800_000,
  }
  const module: RdbValue = {
    type: 'module',
    name: 'test__rdb',
    encodingVersion: 1,
    payload: Buffer.from([2, 7, 0]),
  }

  it.each(WRITABLE_VERSIONS)('is reported for version %i', (version) => {
    expect(lossesOf(stream, version)).toEqual(
      version < 9
        ? { losses: ['stream'], type: undefined }
        : version === 9
          ? { losses: ['stream-counters', 'stream-counters', 'consumer-active-time'], type: 15 }
          : version === 10
            ? { losses: ['consumer-active-time'], type: 19 }
            : { losses: [], type: 21 },
    )
    expect(lossesOf(hash, version)).toEqual(
      version >= 12 ? { losses: [], type: 25 } : { losses: ['field-expiry'], type: version >= 10 ? 16 : 13 },
    )
    expect(lossesOf(module, version)).toEqual(
      version >= 8 ? { losses: [], type: 7 } : { losses: ['module'], type: undefined },
    )
    expect(lossesOf({ ...module, payload: undefined }, version)).toEqual({
      losses: ['module'],
      type: undefined,
    })
  })

  it('is thrown where nobody listens, with the key, the database and what is missing', () => {
    const writer = new RdbWriter({ version: 8 })
    writer.selectDb(3)
    let caught: unknown
    try {
      writer.entry({ key: bytes('k'), value: stream })
    } catch (error) {
      caught = error
    }
    expect(caught).toBeInstanceOf(RdbLossError)
    expect((caught as RdbLossError).loss).toEqual({
      what: 'stream',
      key: 'k',
      db: 3,
      detail: 'streams need RDB version 9',
    })
  })

  it('is reported for headers, functions and eviction hints too', () => {
    const losses: RdbLoss[] = []
    const writer = new RdbWriter({ version: 6, onLoss: (loss) => losses.push(loss) })
    writer.aux('repl-id', bytes('x'))
    writer.functionLibrary(bytes('#!lua name=l'))
    writer.entry({ key: bytes('k'), value: { type: 'string', value: bytes('v') }, idleSeconds: 7 })
    expect(losses.map((loss) => [loss.what, loss.key])).toEqual([
      ['aux', undefined],
      ['function', undefined],
      ['eviction-hint', 'k'],
    ])
    // Magic, then the key alone: nothing of what was lost is in the file.
    expect(writer.take().toString('latin1')).toBe('REDIS0006\x00\x01k\x01v')
  })
})

describe('a module value', () => {
  it('has the id that its name and version make', () => {
    // From rdb.md, section 9: ids read from files of live servers.
    expect(moduleId('test__rdb', 1).toString(16)).toBe('b5eb2dfffadd6c01')
    expect(moduleId('vectorset', 0)).toBe(13683956169735844864n)
    expect(() => moduleId('short', 0)).toThrow('not a module name')
  })
})
