/** Every snapshot of a real server decodes to what that server said was in it. */
import { describe, expect, it } from 'vitest'
import { RdbDecoder, type RdbFault } from '../../../src/codec/rdb/decode.ts'
import type { RdbEvent } from '../../../src/codec/rdb/events.ts'
import { randomChunks, run } from '../../support/every-split.ts'
import {
  Document,
  exact,
  expectedLike,
  fixtureBytes,
  fixtureJson,
  fixtureNames,
  type Json,
  like,
  opcodesLike,
  streamLike,
  valueLike,
} from '../../support/rdb-document.ts'

/** Values that were changed in place, so that their servers call them raw whatever their length. */
const CHANGED_IN_PLACE = ['hll:sparse', 'str:bit']

/**
 * What no file can tell (see encoding.ts): which lists 7.2 and later call listpack, and which short strings
 * lie beside their key. And a server that read an older file (legacy) has converted it.
 */
function isTellable(json: Json, expected: Json): boolean {
  if (json.crafted || json.file.startsWith('legacy')) return false
  if (expected.type === 'string' && expected.encoding !== 'int') {
    return /^redis (6|7|8\.0)/.test(json.server) && !CHANGED_IN_PLACE.includes(expected.key)
  }
  return !(expected.rdb_type === 18 && expected.encoding === 'listpack')
}

describe.each(fixtureNames())('%s', (name) => {
  const json = fixtureJson(name)
  const document = decode(fixtureBytes(name))

  it('has the header, the facts and the checksum', () => {
    expect(document.header).toEqual([
      {
        kind: 'header',
        family: json.magic.startsWith('VALKEY') ? 'valkey' : 'redis',
        version: json.rdb_version,
        known: true,
      },
    ])
    expect(document.aux.map(([key, value], i) => [key, like(json.aux[i]?.[1], value)])).toEqual(json.aux)
    expect(document.resizedb).toEqual(json.resizedb)
    expect(document.functions.map((code, i) => like(json.functions[i], code))).toEqual(json.functions)
    expect(document.slotInfo).toEqual(json.slot_info ?? [])
    const stored = Buffer.from(json.crc64_le_hex, 'hex').reverse().toString('hex')
    expect(document.end).toMatchObject({
      checksum: /^0+$/.test(stored) ? 'absent' : 'good',
      expected: json.rdb_version < 5 ? undefined : stored,
      keys: document.keys.length,
      bytes: json.size,
    })
  })

  it('has what modules left', () => {
    const expected = json.module_aux ?? []
    expect(
      document.moduleAux.map((aux, i) => [
        aux.module,
        aux.when,
        opcodesLike(expected[i]?.[2] ?? [], aux.opcodes),
      ]),
    ).toEqual(expected)
    const meta = json.key_meta ?? []
    expect(
      document.keyMeta.map((record, i) =>
        record.map((entry, j) => ({
          spec_le_u32: entry.spec_le_u32,
          opcodes: opcodesLike(meta[i]?.[j]?.opcodes ?? [], entry.opcodes),
        })),
      ),
    ).toEqual(meta)
  })

  it('has the keys', () => {
    const expected: Json[] = json.keys ?? json.rdb_keys
    expect(document.keys).toHaveLength(expected.length)
    for (const wanted of expected) {
      const found = document.keys.find(
        ({ key }) => key.db === wanted.db && same(like(wanted.key, key.key), wanted.key),
      )
      const what = `${wanted.db}/${JSON.stringify(wanted.key)}`
      if (found === undefined) throw new Error(`no key ${what}`)
      const { key, end } = found
      expect(key.rdbType, what).toBe(wanted.rdb_type)
      expect(key.expireAt ?? null, what).toBe(wanted.expire_ms)
      if (wanted.type !== undefined) {
        expect(key.module?.name ?? key.type, what).toBe(wanted.type)
        expect(key.idle ?? null, what).toBe(wanted.rdb_idle_s)
        expect(key.freq ?? null, what).toBe(wanted.rdb_freq)
        expect([key.position, end!.valueBytes], what).toEqual(wanted.rdb_value_offset_len)
        if (isTellable(json, wanted)) expect(key.encoding, what).toBe(wanted.encoding)
      }
      expectModule(found, wanted.module ?? moduleOf(wanted.value))
      const value = expectedLike(wanted.value, key.type)
      expect(valueLike(wanted.value, found), what).toEqual(value)
      if (Array.isArray(value) && key.type !== 'module') expect(end!.items, what).toBe(value.length)
      if (wanted.rdb_groups !== undefined) {
        const meta = streamLike(found.elements)
        expect(meta, what).toEqual(Object.fromEntries(Object.keys(meta).map((k) => [k, wanted[k]])))
        expect(
          Object.keys(wanted)
            .filter((k) => /^rdb_(?!type|idle_s|freq|value|deleted)/.test(k))
            .sort(),
        ).toEqual(Object.keys(meta).sort())
      }
    }
  })

  it('reads the same from random chunks', () => {
    const input = fixtureBytes(name)
    const whole = run(perKey, [input])
    for (let seed = 1; seed <= 10; seed++) expect(run(perKey, randomChunks(input, seed))).toEqual(whole)
    expect(whole.length).toBe(document.keys.length + 1)
  })
})

function expectModule(found: Document['keys'][number], wanted: Json): void {
  if (wanted === undefined) return
  const { module } = found.key
  expect([module!.name, module!.version, String(module!.id)]).toEqual([wanted.name, wanted.encver, wanted.id])
  expect(opcodesLike(wanted.opcodes, found.elements)).toEqual(wanted.opcodes)
  expect(found.end!.items).toBe(wanted.opcodes.length)
}

/** The older form of a module value in the fixtures. */
function moduleOf(value: Json): Json {
  if (value?.module === undefined) return undefined
  const [name, encver] = value.module
  return { name, encver, id: value.id, opcodes: value.vals }
}

function decode(input: Buffer): Document {
  const document = new Document()
  const faults: RdbFault[] = []
  const decoder = new RdbDecoder({
    detail: 'elements',
    onEvent: document.add,
    onFault: (fault) => faults.push(fault),
  })
  expect(decoder.push(input)).toBe(input.length)
  decoder.end()
  expect(faults).toEqual([])
  expect(decoder.state).toBe('done')
  return document
}

/** One comparable line per key, so that comparing is cheaper than decoding. */
function perKey(emit: (event: string) => void): RdbDecoder {
  let line = ''
  const note = (event: RdbEvent | RdbFault) => {
    line += JSON.stringify(event, (_, value) => (typeof value === 'bigint' ? exact(value) : value))
  }
  return new RdbDecoder({
    detail: 'elements',
    onEvent: (event) => {
      note(event)
      if (event.kind !== 'key-end' && event.kind !== 'end') return
      emit(line)
      line = ''
    },
    onFault: (fault) => {
      note(fault)
      emit(line)
    },
  })
}

function same(a: Json, b: Json): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
