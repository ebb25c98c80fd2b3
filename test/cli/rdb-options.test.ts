/** The filters and row templates of `rdb keys` and `rdb json`, as typed. */
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import type { FilterArguments } from '../../src/cli/rdb-options.ts'
import { keyFilter } from '../../src/cli/rdb-options.ts'
import { RdbDecoder } from '../../src/codec/rdb/decode.ts'
import type { RdbKeyEnd } from '../../src/codec/rdb/events.ts'
import { alignedRow, keyEventJson, rowTemplate } from '../../src/rdb/row-template.ts'
import { UsageError } from '../../src/usage-error.ts'
import { fixtureBytes, fixtureJson, type Json } from '../support/rdb-document.ts'

const fixture = fixtureJson('redis-8.6.3-all')
const ends: RdbKeyEnd[] = []
const decoder = new RdbDecoder({
  onEvent: (event) => {
    if (event.kind === 'key-end') ends.push(event)
  },
  onFault: () => {},
})
decoder.push(fixtureBytes('redis-8.6.3-all'))

/** Expiry, type byte, name with its length, and as much as the fixture says for the value. */
const BYTES = 9 + 1 + 11 + fixture.keys.find(({ key }: Json) => key === 'ttl:future').rdb_value_offset_len[1]
const FAR = 4_102_444_800_000
const text = (key: Json): string =>
  typeof key === 'string' ? key : Buffer.from(key.hex, 'hex').toString('latin1')

/** Names that a filter lets pass, beside those of the fixture's keys of which `wanted` holds. */
function expectSame(args: FilterArguments, wanted: (key: Json) => boolean, now?: number): void {
  const filter = keyFilter(args, now)
  const passed = ends
    .filter((end) => filter.mayWant(end.of) && filter.wants(end))
    .map(({ of }) => of.key as string)
  const expected: string[] = fixture.keys.filter(wanted).map(({ key }: Json) => text(key))
  expect(passed.sort()).toEqual(expected.sort())
  expect(passed.length).toBeGreaterThan(0)
  expect(passed.length).toBeLessThan(ends.length)
}

describe('a filter', () => {
  it('by name', () => {
    expectSame({ match: 'str:*' }, ({ key }) => text(key).startsWith('str:'))
    expectSame({ regex: '^(hash|set):' }, ({ key }) => /^(hash|set):/.test(text(key)))
    expectSame({ match: '*:int*', regex: '8$' }, ({ key }) => /:int.*8$/.test(text(key)))
  })

  it('by type and database', () => {
    expectSame({ type: 'zset' }, ({ type }) => type === 'zset')
    expectSame({ type: 'List, SET' }, ({ type }) => type === 'list' || type === 'set')
    expectSame({ db: '0' }, ({ db }) => db === 0)
    expectSame({ db: '1..' }, ({ db }) => db > 0)
  })

  it('by expiry', () => {
    expectSame({ expires: 'none' }, ({ expire_ms }) => expire_ms === null)
    expectSame({ expires: 'any' }, ({ expire_ms }) => expire_ms !== null)
    expectSame({ expires: `..${FAR}` }, ({ expire_ms }) => expire_ms !== null && expire_ms <= FAR)
    expectSame({ expires: '..1h' }, ({ expire_ms }) => expire_ms !== null, FAR)
    expectSame({ expires: '2100-01-01T00:00:01Z..' }, ({ expire_ms }) => expire_ms >= FAR + 1000)
  })

  it('by elements and size', () => {
    const itemsOf = new Map(ends.map((end) => [end.of.key, end.items]))
    const bytesOf = new Map(ends.map((end) => [end.of.key, end.bytes]))
    const name = ({ key }: Json) => text(key) as ByteString
    expectSame({ items: '3' }, (key) => itemsOf.get(name(key)) === 3)
    expectSame({ items: '10..' }, (key) => itemsOf.get(name(key))! >= 10)
    expectSame({ bytes: '1kb..' }, (key) => bytesOf.get(name(key))! >= 1024)
    expectSame(
      { bytes: '..50', items: '2..' },
      (key) => bytesOf.get(name(key))! <= 50 && itemsOf.get(name(key))! >= 2,
    )
  })

  it.each([
    { type: 'strings' },
    { db: 'x' },
    { db: '3..1' },
    { items: '-1' },
    { bytes: '5 apples' },
    { expires: 'soon' },
    { expires: '..never' },
    { regex: '(' },
  ])('refuses %o', (args) => {
    expect(() => keyFilter(args)).toThrow(UsageError)
  })
})

describe('a row', () => {
  const key = (name: string) => ends.find(({ of }) => of.key === name)!

  it('follows its template', () => {
    const row = rowTemplate('{db}\\t{type} {key} {items} {bytes} {ttl} {expireAt} {{x}\\\\', FAR - 5500)
    expect(row(key('hash:small'))).toBe('0\thash hash:small 3 40 -1  {x}\\')
    expect(row(key('ttl:future'))).toBe(`0\tstring ttl:future 1 ${BYTES} 6 ${FAR} {x}\\`)
  })

  it('is one line of printable characters for every key', () => {
    for (const row of [alignedRow, rowTemplate('{key} {encoding} {expires}', 0)]) {
      for (const end of ends) expect(row(end)).toMatch(/^[ -~–]+$/)
    }
  })

  it('is a snapshot-key event as JSON', () => {
    expect(ends.map((end) => JSON.parse(keyEventJson(end))).find(({ key }) => key === 'ttl:future')).toEqual({
      v: 1,
      kind: 'snapshot-key',
      db: 0,
      key: 'ttl:future',
      type: 'string',
      encoding: 'embstr',
      items: 1,
      bytes: BYTES,
      position: key('ttl:future').of.position,
      expireAt: FAR,
    })
  })

  it('refuses a field there is not', () => {
    expect(() => rowTemplate('{key} {name}', 0)).toThrow(/no \{name\}/)
    expect(() => rowTemplate('{constructor}', 0)).toThrow(UsageError)
  })
})
