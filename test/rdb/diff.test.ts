import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ByteString, fromText } from '../../src/bytes/byte-string.ts'
import type { RdbEntry, RdbStream, RdbValue } from '../../src/codec/rdb/encode-model.ts'
import type { RdbEncodeOptions } from '../../src/codec/rdb/encode-options.ts'
import { type Difference, type DiffTotals, diffSnapshots } from '../../src/rdb/diff.ts'
import { differenceJson, differenceText } from '../../src/rdb/diff-text.ts'
import type { SnapshotBytes } from '../../src/rdb/reread.ts'
import { RandomValues } from '../codec/rdb/encode-dataset.ts'
import { fixtureNames } from '../support/rdb-document.ts'
import { fixture, inMemory, snapshotOf } from './snapshot-of.ts'

type Result = { differences: Difference[]; totals: DiffTotals; lines: string[] }

function diff(
  a: SnapshotBytes,
  b: SnapshotBytes,
  options: { strict?: boolean; limit?: number } = {},
): Result {
  const differences: Difference[] = []
  const { strict = false, limit = 100 } = options
  const totals = diffSnapshots(a, b, { strict, limit, onDifference: (one) => differences.push(one) })
  for (const one of differences) JSON.stringify(differenceJson(one))
  return { differences, totals, lines: differences.map((one) => differenceText(one, ['A', 'B'])) }
}

/** The one line that tells the difference between two values of key k. */
function told(a: RdbValue, b: RdbValue, options: RdbEncodeOptions = {}): string {
  const key = fromText('k')
  const { lines, totals } = diff(snapshotOf([{ key, value: a }], options), snapshotOf([{ key, value: b }]))
  expect(totals).toMatchObject({ keys: [1, 1], equal: 0, only: [0, 0], different: 1 })
  expect(lines).toHaveLength(1)
  return lines[0]!.replace(/^differs {2}db 0 {2}\w+ {2}k {2}/, '')
}

const text = (value: string) => value as ByteString
const list = (...items: string[]): RdbValue => ({ type: 'list', items: items.map(text) })
const set = (...members: string[]): RdbValue => ({ type: 'set', members: members.map(text) })
const hash = (...fields: [string, string, number?][]): RdbValue => ({
  type: 'hash',
  fields: fields.map(([field, value, expireAt]) => ({ field: text(field), value: text(value), expireAt })),
  minExpireAt: fields.some((f) => f[2]) ? Math.min(...fields.flatMap((f) => f[2] ?? [])) : undefined,
})
const zset = (...members: [string, number][]): RdbValue => ({
  type: 'zset',
  members: members.map(([member, score]) => ({ member: text(member), score })),
})
const id = (ms: number) => ({ ms: BigInt(ms), seq: 0n })
const stream = (ids: number[], more: Partial<RdbStream> = {}): RdbStream => ({
  type: 'stream',
  entries: ids.map((ms) => ({ id: id(ms), fields: [text('f'), text(`v${ms}`)] })),
  firstId: id(ids[0] ?? 0),
  lastId: id(9),
  maxDeletedId: id(0),
  entriesAdded: ids.length,
  groups: [],
  ...more,
})

describe('the first difference in words', () => {
  it.each([
    [list('a', 'b'), list('a', 'c'), 'item 1: "b" in A, "c" in B'],
    [list('a'), list('a', 'b'), 'item 1: absent in A, "b" in B'],
    [set('a', 'b'), set('b', 'c'), 'member "a": only in A'],
    [set('a'), set('a', 'b'), 'member "b": only in B'],
    [hash(['f', 'v'], ['g', 'w']), hash(['g', 'w'], ['f', 'x']), 'field "f": "v" in A, "x" in B'],
    [hash(['f', 'v']), hash(['f', 'v'], ['g', 'w']), 'field "g": absent in A, "w" in B'],
    [zset(['m', 1]), zset(['m', 1.5]), 'score "m": 1 in A, 1.5 in B'],
    [stream([1, 2, 3]), stream([1, 3]), 'entry 2-0: "f" in A, absent in B'],
    [stream([1, 3]), stream([1, 2, 3]), 'entry 2-0: absent in A, "f" in B'],
    [stream([1]), stream([1], { lastId: id(10) }), 'last id: "9-0" in A, "10-0" in B'],
    [stream([1]), stream([1], { entriesAdded: 7 }), 'entries ever added: 1 in A, 7 in B'],
    [
      { type: 'string', value: text('x'.repeat(90) + 'yz') },
      { type: 'string', value: text('x'.repeat(90) + 'yY') },
      'value: from byte 83: "xxxxxxxyz" in A, "xxxxxxxyY" in B',
    ],
    [{ type: 'string', value: text('1') }, list('1'), 'type: "string" in A, "list" in B'],
  ] satisfies [RdbValue, RdbValue, string][])('%#', (a, b, words) => {
    expect(told(a, b)).toBe(words)
  })

  it('of groups and their pending entries', () => {
    const group = (deliveries: number, names = ['c', 'd']): RdbStream =>
      stream([1, 2], {
        groups: [
          {
            name: text('g'),
            lastId: id(2),
            entriesRead: 2,
            pending: [{ id: id(1), deliveredAt: 5, count: deliveries }],
            consumers: names.map((name, i) => ({
              name: text(name),
              seenAt: 7,
              activeAt: 7,
              pending: i === 0 ? [id(1)] : [],
            })),
          },
        ],
      })
    expect(told(group(1), group(2))).toBe('pending entry "g" 1-0, deliveries: 1 in A, 2 in B')
    expect(told(group(1), group(1, ['d', 'c']))).toBe('entry pending for consumer "g" "c" 1-0: only in A')
    expect(told(group(1), group(1, ['c']))).toBe('consumer "g" "d": only in A')
  })

  it('of field expiry, and of the expiry of keys', () => {
    const at = 4_102_444_800_000
    const key = fromText('k')
    const twelve = { version: 12 } as const
    const a = snapshotOf([{ key, value: hash(['f', 'v', at]), expireAt: at }], twelve)
    const b = snapshotOf([{ key, value: hash(['f', 'v']), expireAt: at }], twelve)
    expect(diff(a, b).lines).toEqual([
      'differs  db 0  hash  k  field "f", expiry: 2100-01-01T00:00:00.000Z in A, none in B',
    ])
    const c = snapshotOf([{ key, value: hash(['f', 'v', at]) }], twelve)
    expect(diff(a, c).lines).toEqual([
      'differs  db 0  hash  k  expiry: 2100-01-01T00:00:00.000Z in A, none in B',
    ])
  })
})

describe('comparing snapshots', () => {
  it.each(fixtureNames())('%s is equal to itself, and to nothing else in it', (name) => {
    const { differences, totals } = diff(fixture(name), fixture(name), { strict: true })
    expect(differences).toEqual([])
    expect(totals).toMatchObject({ only: [0, 0], different: 0, twice: [0, 0], equal: totals.keys[0] })
    const empty = diff(fixture(name), snapshotOf([]), { limit: 1000 })
    expect(empty.totals.only).toEqual([totals.keys[0], 0])
    expect(empty.differences.filter((d) => d.kind === 'only')).toHaveLength(totals.keys[0])
  })

  it('does not mind compression, packing or order; strictly it does mind the encoding', () => {
    const entries = new RandomValues(1).entries(80)
    const plain = {
      compress: false,
      limits: { hashEntries: 0, setIntsetEntries: 0, zsetEntries: 0, listNodeSize: 1 },
    }
    const a = snapshotOf(entries)
    const b = snapshotOf([...entries].reverse().map(shuffled), plain)
    expect(diff(a, b).lines).toEqual([])
    const strict = diff(a, b, { strict: true })
    expect(strict.totals.different).toBeGreaterThan(0)
    expect(strict.lines.every((line) => line.includes('encoding: '))).toBe(true)
  })

  it('tells databases apart', () => {
    const entries = [{ key: fromText('k'), value: list('a') }]
    const { lines } = diff(snapshotOf(entries, {}, 0), snapshotOf(entries, {}, 3))
    expect(lines).toEqual(['only in A  db 0  list  k', 'only in B  db 3  list  k'])
  })

  it('counts all and tells as many as it may', () => {
    const some = Array.from({ length: 50 }, (_, i) => ({ key: fromText(`k${i}`), value: list('a') }))
    const { totals, differences } = diff(snapshotOf(some), snapshotOf([]), { limit: 7 })
    expect(totals.only).toEqual([50, 0])
    expect(differences).toHaveLength(7)
    expect(diff(snapshotOf([]), snapshotOf(some), { limit: 7 }).differences).toHaveLength(7)
  })

  it('tells a key that stands twice', () => {
    const twice = [1, 2].map((i) => ({ key: fromText('k'), value: list(String(i)) }))
    const { lines, totals } = diff(snapshotOf(twice), snapshotOf(twice))
    expect(lines.map((line) => line.slice(0, 10))).toEqual(['twice in A', 'twice in B'])
    expect(totals).toMatchObject({ twice: [1, 1], equal: 1 })
  })

  it('tells libraries of functions', () => {
    const { lines } = diff(fixture('redis-7.0.15-functions-only'), snapshotOf([]))
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.every((line) => line.startsWith('only in A  function library '))).toBe(true)
  })

  it('finds one changed element among very many', () => {
    const many = Array.from({ length: 60_000 }, (_, i) => `m${i}`)
    const other = many.map((m, i) => (i === 41_234 ? 'changed' : m))
    expect(told(list(...many), list(...other))).toBe('item 41234: "m41234" in A, "changed" in B')
    expect(told(set(...many), set(...other.reverse()))).toMatch(/^member "(m41234|changed)": only in [AB]$/)
  })

  it('compares long strings byte by byte, however they are stored', () => {
    const long = Buffer.alloc(5_000_000, 'abcdefgh')
    const changed = Buffer.from(long)
    changed[4_321_000] = 0x58
    const of = (value: Buffer, compress: boolean) =>
      snapshotOf([{ key: fromText('k'), value: { type: 'string', value } }], { compress })
    expect(diff(of(long, true), of(long, false)).lines).toEqual([])
    expect(diff(of(long, true), of(changed, false)).lines).toEqual([
      `differs  db 0  string  k  value, from byte 4321000: "${'abcdefgh'.repeat(5)}" in A, ` +
        `"X${'bcdefgha'.repeat(5).slice(0, 39)}" in B`,
    ])
  })

  it('finds exactly the keys that were changed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const random = new RandomValues(seed)
        const before = random.entries(30)
        const changed = new Map<string, string>()
        const after = before.flatMap((entry): RdbEntry[] => {
          const what = random.below(8)
          const key = entry.key as string
          if (what === 0) {
            changed.set(key, 'only')
            return []
          }
          if (what === 1) {
            changed.set(key, 'differs')
            return [{ ...entry, expireAt: (entry.expireAt ?? 4e12) + 1 }]
          }
          if (what === 2) {
            changed.set(key, 'differs')
            return [{ ...entry, value: mutated(entry.value, random) }]
          }
          return [entry]
        })
        const { differences, totals } = diff(snapshotOf(before), snapshotOf(after))
        expect(new Map(differences.map((d) => ['key' in d ? d.key : '', d.kind]))).toEqual(changed)
        expect(totals.equal).toBe(30 - changed.size)
        // The same seen from the other side.
        expect(diff(snapshotOf(after), snapshotOf(before)).totals.different).toBe(totals.different)
      }),
      { numRuns: 8 },
    )
  })

  it('ends in an answer or a damaged snapshot, whatever the bytes', () => {
    const bytes = Buffer.alloc(fixture('redis-7.0.15-all').size)
    fixture('redis-7.0.15-all').read(bytes, 0)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const mutant = Buffer.from(bytes)
        mutant[at] = value
        try {
          const { totals } = diff(inMemory(bytes), inMemory(mutant))
          expect(totals.keys[0]).toBeGreaterThan(0)
        } catch (error) {
          expect(String(error)).toContain('damaged at byte')
        }
      }),
      { numRuns: 80 },
    )
  })
})

function shuffled(entry: RdbEntry): RdbEntry {
  const { value } = entry
  if (value.type === 'set') return { ...entry, value: { ...value, members: [...value.members].reverse() } }
  if (value.type === 'zset') return { ...entry, value: { ...value, members: [...value.members].reverse() } }
  if (value.type === 'hash') return { ...entry, value: { ...value, fields: [...value.fields].reverse() } }
  return entry
}

/** The value with one element changed. */
function mutated(value: RdbValue, random: RandomValues): RdbValue {
  const change = <T>(list: Iterable<T>, how: (one: T) => T): T[] => {
    const all = [...list]
    const at = random.below(all.length)
    all[at] = how(all[at]!)
    return all
  }
  const longer = (one: ByteString | Buffer) => text(`${one}~changed~`)
  switch (value.type) {
    case 'string':
      return { ...value, value: longer(value.value as ByteString) }
    case 'list':
      return { ...value, items: change(value.items, longer) }
    case 'set':
      return { ...value, members: change(value.members, longer) }
    case 'zset':
      return { ...value, members: change(value.members, (m) => ({ ...m, score: m.score === 77 ? 78 : 77 })) }
    case 'hash':
      return { ...value, fields: change(value.fields, (f) => ({ ...f, value: longer(f.value) })) }
    case 'stream':
      return {
        ...value,
        entries: change(value.entries, (e) => ({ ...e, fields: [...e.fields, text('n'), text('')] })),
      }
    default:
      throw new Error(value.type)
  }
}
