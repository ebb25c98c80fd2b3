/**
 * What a run of records tells is what the grammar tells of them: of every fixture, of random datasets, under
 * every split, and of the same with bytes changed.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../../src/bytes/byte-string.ts'
import { RdbDecoder } from '../../../src/codec/rdb/decode.ts'
import { encodeRdb } from '../../../src/codec/rdb/encode.ts'
import type { RdbEntry } from '../../../src/codec/rdb/encode-model.ts'
import type { RdbEvent } from '../../../src/codec/rdb/events.ts'
import { decodeEverySplit, type MakeDecoder, run } from '../../support/every-split.ts'
import { chunksOf } from '../../support/rdb-decoding.ts'
import { fixtureBytes, fixtureNames } from '../../support/rdb-document.ts'
import { RandomValues } from './encode-dataset.ts'

/** How many records came by which way. */
type Ways = { run: number; grammar: number }

/** The end of each key and all else that is no key, as text; of a fault, what does not depend on the split. */
function told(isRun: boolean, ways: Ways = { run: 0, grammar: 0 }): MakeDecoder<string> {
  return (emit) => {
    const tell = (event: RdbEvent) =>
      emit(JSON.stringify(event, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)))
    return new RdbDecoder({
      detail: 'sizes',
      onEvent: (event) => {
        if (event.kind === 'key-end') ways.grammar++
        if (event.kind !== 'key') tell(event)
      },
      ...(isRun
        ? {
            onRecord: (record) => {
              ways.run++
              tell(record.keyEnd())
            },
          }
        : {}),
      onFault: (fault) => emit(`fault ${JSON.stringify(fault)}`),
    })
  }
}

const isTruncation = (line: string) => line.includes('INPUT_TRUNCATED')

function dataset(seed: number, keys: number): RdbEntry[] {
  const values = new RandomValues(seed)
  return Array.from({ length: keys }, (_, i): RdbEntry => {
    const key = `${i % 3 === 0 ? values.text(60) : 'key:'}${i}` as ByteString
    const expireAt = values.below(4) === 0 ? 4_102_444_800_000 + values.below(1e9) : undefined
    return { key, expireAt, value: values.value() }
  })
}

function snapshot(entries: readonly RdbEntry[], compress = true): Buffer {
  return Buffer.concat([...encodeRdb({ databases: [{ db: 0, entries }] }, { compress })])
}

describe('a run of records', () => {
  it.each(fixtureNames())('tells what the grammar tells of %s', (name) => {
    const input = fixtureBytes(name)
    const grammar = run(told(false), [input])
    expect(run(told(true), [input])).toEqual(grammar)
    for (const size of [1, 13, 100, 1000, 20_000]) {
      expect(run(told(true), chunksOf(input, size)), `chunks of ${size}`).toEqual(grammar)
    }
  })

  it.each([1, 2, 3])('tells the same of random values, seed %i', (seed) => {
    for (const compress of [true, false]) {
      const input = snapshot(dataset(seed, 400), compress)
      const ways = { run: 0, grammar: 0 }
      expect(run(told(true, ways), [input])).toEqual(run(told(false), [input]))
      // Only what is rare is left: without this, the test might compare the grammar with itself.
      expect(ways.run).toBeGreaterThan(5 * ways.grammar)
    }
  })

  it('tells the same under every split', () => {
    const input = snapshot(dataset(7, 60))
    const lines = decodeEverySplit(told(true), input, { isEnd: isTruncation })
    expect(lines).toEqual(run(told(false), [input]))
  })

  it('goes on behind a record that it left to the grammar', () => {
    const small = { type: 'string', value: 'v'.repeat(100) as ByteString } as const
    const large = { type: 'string', value: 'w'.repeat(300_000) as ByteString } as const
    const entries = Array.from(
      { length: 4000 },
      (_, i): RdbEntry => ({ key: `k${i}` as ByteString, value: i % 500 === 250 ? large : small }),
    )
    const input = snapshot(entries, false)
    const ways = { run: 0, grammar: 0 }
    expect(run(told(true, ways), chunksOf(input, 1_000_000))).toEqual(run(told(false), [input]))
    expect(ways.grammar).toBeLessThan(40)
  })

  it.each([11, 12, 13, 14])('finds the same faults, seed %i', (seed) => {
    const original = snapshot(dataset(seed, 25), seed % 2 === 0)
    const change = fc.tuple(fc.integer({ min: 9, max: original.length - 1 }), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const input = Buffer.from(original)
        for (const [at, byte] of changes) input[at] = byte
        const grammar = run(told(false), [input])
        expect(run(told(true), [input])).toEqual(grammar)
      }),
      { numRuns: 150 },
    )
  })
})
