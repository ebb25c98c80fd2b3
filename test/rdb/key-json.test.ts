/** rdb json: every snapshot of a real server as it is known to be, under every split, and values larger than memory. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import { encodeRdb } from '../../src/codec/rdb/encode.ts'
import type { RdbEntry } from '../../src/codec/rdb/encode-model.ts'
import { randomChunks } from '../support/every-split.ts'
import {
  expectedLike,
  fixtureBytes,
  fixtureJson,
  fixtureNames,
  type Json,
  like,
} from '../support/rdb-document.ts'
import { bytesOf, fieldsOf, jsonOf, KeepInMemory } from './json-lines.ts'

const FAR = 4_102_444_800_000

describe.each(fixtureNames())('%s', (name) => {
  const fixture = fixtureJson(name)
  const input = fixtureBytes(name)

  it('has the keys and values that its server said', async () => {
    const { records, json } = await jsonOf([input])
    const expected: Json[] = fixture.keys ?? fixture.rdb_keys
    expect(json.fault).toBeUndefined()
    expect(records).toHaveLength(expected.length)
    for (const wanted of expected) {
      const record = records.find(
        ({ db, key }) => db === wanted.db && same(like(wanted.key, bytesOf(key) as ByteString), wanted.key),
      )
      const what = JSON.stringify(wanted.key)
      if (record === undefined) throw new Error(`no key ${what}`)
      expect(record.expireAt ?? null, what).toBe(wanted.expire_ms)
      if (wanted.type !== undefined && record.type !== 'module') expect(record.type, what).toBe(wanted.type)
      if (wanted.value !== undefined && record.type !== 'module') {
        expect(valueLike(wanted.value, record), what).toEqual(expectedLike(wanted.value, record.type))
      }
      if (wanted.rdb_groups !== undefined) {
        expect(record.value.groups.map((group: Json) => bytesOf(group.name))).toEqual(
          wanted.rdb_groups.map((group: Json) => plain(group.name)),
        )
        expect(record.value.lastId, what).toBe(wanted.rdb_last)
      }
    }
  })

  it('writes the same from any pieces', async () => {
    const whole = await jsonOf([input])
    for (let seed = 1; seed <= 8; seed++)
      expect((await jsonOf(randomChunks(input, seed))).text).toBe(whole.text)
    const singles = Array.from(input, (_, i) => input.subarray(i, i + 1))
    expect((await jsonOf(singles)).text).toBe(whole.text)
  })
})

describe('what is too long for memory', () => {
  const text = `${'Größe 5"\n'.repeat(150_000)}end` as string
  const long = Buffer.from(text).toString('latin1') as ByteString
  const noise = Buffer.alloc(1_500_001, 'ab\xff\x00c', 'latin1').toString('latin1') as ByteString
  const entries: RdbEntry[] = [
    { key: 'text', value: { type: 'string', value: long } },
    { key: 'noise', value: { type: 'string', value: noise } },
    { key: 'list', value: { type: 'list', items: ['a', long, 'b', noise, 'c'] } },
    { key: 'set', value: { type: 'set', members: ['a', long] } },
    {
      key: 'zset',
      value: {
        type: 'zset',
        members: [
          { member: long, score: 1.5 },
          { member: 'm', score: -2 },
        ],
      },
    },
    {
      key: 'object',
      value: {
        type: 'hash',
        fields: [
          { field: 'f', value: long },
          { field: 'g', value: noise },
        ],
      },
    },
    {
      key: 'fields',
      value: {
        type: 'hash',
        fields: [
          { field: 'f', value: long },
          { field: noise, value: 'v' },
        ],
      },
    },
    { key: 'wide', value: { type: 'hash', fields: wideHash(), minExpireAt: FAR } },
    { key: 'stream', value: longStream() },
  ] as RdbEntry[]
  const pieces = [...encodeRdb({ databases: [{ db: 0, entries }] }, { version: 12 })]
  const value = async (key: string): Promise<Json> => {
    const { records } = await jsonOf(pieces, { names: [(name) => name === key] })
    expect(KeepInMemory.open).toBe(0)
    return records[0].value
  }

  function wideHash() {
    return Array.from({ length: 40_000 }, (_, i) => ({
      field: `field "${i}"`,
      value: `value ${i}`.repeat(4),
      ...(i === 39_999 ? { expireAt: FAR } : {}),
    }))
  }

  function longStream() {
    const id = (seq: bigint) => ({ ms: 1n, seq })
    return {
      type: 'stream',
      entries: [
        { id: id(1n), fields: ['f', long] },
        { id: id(2n), fields: [noise, 'v'] },
        { id: id(3n), fields: [noise, 'w'] },
      ],
      lastId: id(3n),
      firstId: id(1n),
      maxDeletedId: id(0n),
      entriesAdded: 3,
      groups: [],
    }
  }

  it('is written whole', async () => {
    const made = KeepInMemory.made
    expect(await value('text')).toBe(text)
    expect(bytesOf(await value('noise'))).toBe(noise)
    expect((await value('list')).map(bytesOf)).toEqual(['a', long, 'b', noise, 'c'])
    expect((await value('set')).map(bytesOf).sort()).toEqual(['a', long].sort())
    expect((await value('zset')).sort()).toEqual(
      [
        [text, 1.5],
        ['m', -2],
      ].sort(),
    )
    expect(KeepInMemory.made).toBeGreaterThan(made)
  })

  it('has the form that its last field demands', async () => {
    const object = await value('object')
    expect(Object.keys(object)).toEqual(['f', 'g'])
    expect([object.f, bytesOf(object.g)]).toEqual([text, noise])
    expect(fieldsOf(await value('fields'))).toEqual([
      ['f', long, null],
      [noise, 'v', null],
    ])
    const wide = await value('wide')
    const wanted = wideHash().map((field) => [field.field, field.value, field.expireAt ?? null])
    expect(fieldsOf(wide).sort()).toEqual(wanted.sort())
  })

  it('is written whole in streams, names that entries share too', async () => {
    const { entries } = await value('stream')
    expect(entries.map(([, fields]: Json) => fieldsOf(fields))).toEqual([
      [['f', long, null]],
      [[noise, 'v', null]],
      [[noise, 'w', null]],
    ])
  })

  it('is forgotten if its size is not wanted', async () => {
    const { records } = await jsonOf(pieces, { bytes: { low: 0, high: 100 } })
    expect(records.map(({ key }) => key)).toEqual([])
    const { records: some } = await jsonOf(pieces, { items: { low: 5, high: 6 } })
    expect(some.map(({ key }) => key)).toEqual(['list'])
    expect(bytesOf(some[0].value[3])).toBe(noise)
    expect(KeepInMemory.open).toBe(0)
  })
})

describe('damage', () => {
  const input = fixtureBytes('redis-8.6.3-all')

  it('leaves whole lines only, in any pieces', async () => {
    const whole = (await jsonOf([input])).text.split('\n')
    for (let cut = 9; cut < input.length - 9; cut += 487) {
      const { text, json } = await jsonOf(randomChunks(input.subarray(0, cut), cut))
      expect(json.fault?.code).toBe('INPUT_TRUNCATED')
      const lines = text.split('\n')
      expect(lines).toEqual([...whole.slice(0, lines.length - 1), ''])
      expect(json.fault?.keys).toBe(lines.length - 1)
    }
  })

  it('never throws, whatever the bytes', async () => {
    const mutations = fc.array(fc.tuple(fc.nat(input.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 20,
    })
    await fc.assert(
      fc.asyncProperty(mutations, fc.nat(), async (changes, seed) => {
        const bytes = Buffer.from(input)
        for (const [at, byte] of changes) bytes[at] = byte
        const { json } = await jsonOf(randomChunks(bytes, seed))
        expect(json.fault !== undefined || json.end !== undefined).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

it('stops after as many keys as are wanted', async () => {
  const input = fixtureBytes('redis-7.0.15-all')
  const all = (await jsonOf([input])).text.split('\n')
  const { text, json } = await jsonOf(randomChunks(input, 3), {}, 5)
  expect(text.split('\n')).toEqual([...all.slice(0, 5), ''])
  expect([json.left, json.fault]).toEqual([0, undefined])
})

/** The value of a record in the form of the fixtures. */
function valueLike(expected: Json, { type, value }: Json): Json {
  switch (type) {
    case 'string':
      return like(expected, bytesOf(value) as ByteString)
    case 'list': {
      const values = value.map(bytesOf)
      if (Array.isArray(expected)) return values.map((item: Json, i: number) => like(expected[i], item))
      return { count: values.length, sha256_of_concat: like({ len: 0 }, values.join('')).sha256 }
    }
    case 'set':
      return sorted(value.map((member: Json) => loose(bytesOf(member))))
    case 'zset':
      return sorted(value.map(([member, score]: Json) => [loose(bytesOf(member)), scoreText(score)]))
    case 'hash': {
      const isTimed = expected.some((pair: Json) => pair.length === 3)
      return sorted(
        fieldsOf(value).map(([field, of, expireAt]) => [
          loose(field),
          loose(of),
          ...(isTimed ? [expireAt] : []),
        ]),
      )
    }
    default:
      return value.entries.map(([id, fields]: Json) => [
        id,
        fieldsOf(fields).flatMap(([f, v]) => [loose(f), loose(v)]),
      ])
  }
}

function plain(text: Json): string {
  return typeof text === 'string' ? text : Buffer.from(text.hex, 'hex').toString('latin1')
}

function scoreText(score: number | string): string {
  if (typeof score === 'number') return Object.is(score, -0) ? '0' : String(score)
  return score === 'inf' ? 'Infinity' : score === '-inf' ? '-Infinity' : 'NaN'
}

function loose(value: string): Json {
  return /^[\x20-\x7e]*$/.test(value) ? value : { hex: Buffer.from(value, 'latin1').toString('hex') }
}

function sorted(list: Json[]): Json[] {
  return [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

function same(a: Json, b: Json): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
