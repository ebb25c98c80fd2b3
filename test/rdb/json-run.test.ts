/** What a run of records writes is what KeyJson writes of them one by one, to the byte. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import { encodeRdb } from '../../src/codec/rdb/encode.ts'
import type { RdbEntry } from '../../src/codec/rdb/encode-model.ts'
import { RandomValues } from '../codec/rdb/encode-dataset.ts'
import { randomChunks } from '../support/every-split.ts'
import { chunksOf } from '../support/rdb-decoding.ts'
import { fixtureBytes, fixtureNames } from '../support/rdb-document.ts'
import { jsonOf } from './json-lines.ts'

/** With a wish, however generous, every record goes through the grammar. */
const GRAMMAR = 1e9

function snapshot(entries: readonly RdbEntry[], compress = true, db = 0): Buffer {
  return Buffer.concat([...encodeRdb({ databases: [{ db, entries }] }, { compress })])
}

function dataset(seed: number, keys: number): RdbEntry[] {
  const values = new RandomValues(seed)
  return Array.from({ length: keys }, (_, i): RdbEntry => {
    const key = `${i % 3 === 0 ? values.text(60) : 'key:'}${i}` as ByteString
    const expireAt = values.below(4) === 0 ? values.below(2 ** 42) : undefined
    return { key, expireAt, value: values.value() }
  })
}

async function expectSame(input: Buffer, pieces: readonly Buffer[] = [input]): Promise<void> {
  const grammar = await jsonOf([input], {}, GRAMMAR)
  const { text, json } = await jsonOf(pieces)
  expect(text).toBe(grammar.text)
  expect([json.keys, json.end, json.fault]).toEqual([grammar.json.keys, grammar.json.end, grammar.json.fault])
}

const string = (key: string, value: string | Buffer): RdbEntry => ({
  key: key as ByteString,
  value: { type: 'string', value: value as ByteString | Buffer },
})

describe('a run of records', () => {
  it.each(fixtureNames())('writes %s as the grammar does', async (name) => {
    await expectSame(fixtureBytes(name))
  })

  it.each([1, 2, 3, 4])('writes random values as the grammar does, seed %i', async (seed) => {
    for (const compress of [true, false]) {
      const input = snapshot(dataset(seed, 400), compress, seed)
      await expectSame(input)
      for (const size of [100, 5000, 128 * 1024]) await expectSame(input, chunksOf(input, size))
      await expectSame(input, randomChunks(input, seed))
    }
  })

  it('writes every character, and bytes that are none, as the grammar does', async () => {
    const characters = Array.from({ length: 0x11000 }, (_, i) => i * 16 + (i % 16)).filter(
      (code) => code < 0x110000 && (code < 0xd800 || code > 0xdfff),
    )
    const texts = chunked(characters, 40).map((codes, i) =>
      string(`t${i}`, Buffer.from(String.fromCodePoint(...codes))),
    )
    const edges = [0, 0x1f, 0x20, 0x22, 0x5c, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf].concat([
      0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
    ])
    const twos = edges.flatMap((a) => edges.map((b) => [a, b]))
    const threes = twos.flatMap((two) => edges.map((c) => [...two, c]))
    const fours = threes.flatMap((three) => [0x41, 0x80, 0xbf, 0xc0].map((d) => [...three, d]))
    const raws = [...twos, ...threes, ...fours].map((bytes, i) => string(`r${i}`, Buffer.from(bytes)))
    await expectSame(snapshot([...texts, ...raws], false))
  })

  it('writes strings of every length and alignment, with what must be escaped anywhere in them', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.string({ maxLength: 40, unit: 'binary' }), fc.string({ maxLength: 100 })), {
          minLength: 1,
          maxLength: 40,
        }),
        async (values) => {
          await expectSame(snapshot(values.map((value, i) => string(`k${i}`, Buffer.from(value)))))
        },
      ),
      { numRuns: 80 },
    ))

  it('leaves what is too large for it, and goes on behind it', async () => {
    const entries = Array.from({ length: 3000 }, (_, i) =>
      string(`k${i}`, i % 300 === 50 ? Buffer.alloc(200_000, i % 7) : `value ${i}\n`.repeat(20)),
    )
    for (const compress of [true, false]) {
      const input = snapshot(entries, compress)
      await expectSame(input, chunksOf(input, 128 * 1024))
    }
  })

  it.each([11, 12, 13, 14])('writes as much of what is damaged, seed %i', async (seed) => {
    const original = snapshot(dataset(seed, 25), seed % 2 === 0)
    const change = fc.tuple(fc.integer({ min: 9, max: original.length - 1 }), fc.nat(255))
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const input = Buffer.from(original)
        for (const [at, byte] of changes) input[at] = byte
        await expectSame(input)
      }),
      { numRuns: 80 },
    )
  })
})

function chunked<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
}
