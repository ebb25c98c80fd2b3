/**
 * Streams beyond what the fixtures hold: entries too large for one event, nodes that contradict themselves.
 */
import { describe, expect, it } from 'vitest'
import { RdbDecoder, type RdbFault } from '../../../src/codec/rdb/decode.ts'
import type { RdbEvent, RdbString } from '../../../src/codec/rdb/events.ts'
import { run } from '../../support/every-split.ts'
import { bytes, lengthOf, listpack, plain, snapshotOf } from '../../support/rdb-bytes.ts'

type Seen = RdbEvent | (RdbFault & { kind: 'fault' })
type Element = string | number

/** A snapshot of one stream with one node, whose id is `ms`-7. */
function streamOf(elements: readonly Element[], ms = 1000n): Buffer {
  const id = Buffer.alloc(16)
  id.writeBigUInt64BE(ms, 0)
  id.writeBigUInt64BE(7n, 8)
  const state = bytes(lengthOf(2), lengthOf(1000), lengthOf(9), lengthOf(0))
  return snapshotOf('REDIS0009', [15], plain('s'), [1], plain(id), plain(listpack(elements)), state)
}

function decode(input: Buffer, detail: 'keys' | 'elements', options = {}, size = input.length): Seen[] {
  const chunks: Buffer[] = []
  for (let at = 0; at < input.length; at += size) chunks.push(input.subarray(at, at + size))
  return run<Seen>(
    (emit) =>
      new RdbDecoder({
        detail,
        ...options,
        onEvent: emit,
        onFault: (fault) => emit({ kind: 'fault', ...fault }),
      }),
    chunks,
  )
}

const entries = (events: Seen[]) => events.filter((event) => event.kind === 'stream-entry')

// Two entries and a deleted one: the master's fields, other fields, and a smaller sequence at a later ms.
const MASTER: Element[] = [2, 1, 2, 'a', 'b', 0]
const SAME: Element[] = [2, 0, 0, 'v1', 5, 5]
const OTHER: Element[] = [0, 3, -7, 1, 'c', 'v2', 6]
const GONE: Element[] = [3, 4, 1, 'x', 'y', 5]

describe('a stream node', () => {
  it('has ids that count from its own, the master fields, and no deleted entries', () => {
    const events = decode(streamOf([...MASTER, ...SAME, ...OTHER, ...GONE]), 'elements')
    expect(entries(events)).toEqual([
      { kind: 'stream-entry', id: '1000-7', fields: ['a', 'v1', 'b', '5'], more: false },
      { kind: 'stream-entry', id: '1003-0', fields: ['c', 'v2'], more: false },
    ])
    expect(events.find((event) => event.kind === 'key-end')).toMatchObject({ items: 2 })
    expect(events.find((event) => event.kind === 'stream-state')).toMatchObject({
      length: 2,
      lastId: '1000-9',
    })
  })

  it('keeps ids exact beyond 2^53', () => {
    const events = decode(streamOf([...MASTER, ...SAME, ...OTHER, ...GONE], 2n ** 64n - 4n), 'elements')
    expect(entries(events).map((entry) => entry.id)).toEqual([
      '18446744073709551612-7',
      '18446744073709551615-0',
    ])
  })

  it('is the same read piece by piece', () => {
    const input = streamOf([...MASTER, ...SAME, ...OTHER, ...GONE])
    const whole = decode(input, 'elements')
    for (const size of [1, 2, 50]) {
      expect(decode(input, 'elements', { maxPackedBytes: 16 }, size)).toEqual(whole)
    }
  })

  it.each<[string, Element[]]>([
    ['a wrong entry length', [...MASTER, 2, 0, 0, 'v1', 5, 4, ...OTHER, ...GONE]],
    ['fewer entries than it says', [...MASTER, ...SAME, ...OTHER]],
    ['more elements than entries', [...MASTER, ...SAME, ...OTHER, ...GONE, 1]],
    ['a wrong number of deleted entries', [...MASTER, ...SAME, ...SAME, ...OTHER]],
    ['a master entry without its end', [2, 1, 2, 'a', 'b', 1, ...SAME, ...OTHER, ...GONE]],
    ['a negative number of entries', [-1, 0, 0, 0]],
    ['a negative number of fields', [1, 0, 0, 0, 0, 0, 0, -1, 2]],
    ['text where a number belongs', [...MASTER, 'flags', 0, 0, 'v1', 5, 5]],
    ['no master entry', []],
    ['more fields than elements', [1, 0, 1000, 'a']],
  ])('with %s is a fault at every detail', (_, elements) => {
    const input = streamOf(elements)
    for (const detail of ['keys', 'elements'] as const) {
      const fault = decode(input, detail).at(-1)
      expect(fault).toMatchObject({ kind: 'fault', key: 's', rdbType: 15 })
      expect(decode(input, detail, { maxPackedBytes: 16 }, 3).at(-1)).toEqual(fault)
    }
  })

  it('tells a very large entry in parts', () => {
    const fields = Array.from({ length: 40 }, (_, i) => [`field${i}`, `${i}`.repeat(15_000)]).flat()
    const entry: Element[] = [0, 0, 0, fields.length / 2, ...fields, fields.length + 4]
    const input = streamOf([1, 0, 0, 0, ...entry])
    for (const options of [{}, { maxPackedBytes: 1000 }]) {
      const parts = entries(decode(input, 'elements', options, 9999))
      expect(parts.length).toBeGreaterThan(2)
      expect(parts.map((part) => part.more)).toEqual(parts.map((_, i) => i < parts.length - 1))
      const told: RdbString[] = parts.flatMap((part) => [...part.fields])
      expect(told).toEqual(fields)
    }
  })

  it('does not hold field names without end', () => {
    const names = Array.from({ length: 600 }, (_, i) => `${i}`.padEnd(30_000, 'n'))
    const input = streamOf([0, 0, names.length, ...names, 0])
    expect(decode(input, 'elements').at(-1)).toMatchObject({ kind: 'fault', code: 'RDB_LIMIT' })
    expect(decode(input, 'keys').at(-1)).toMatchObject({ kind: 'end' })
  })
})
