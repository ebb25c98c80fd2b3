/**
 * A snapshot as a document in the form of fixtures/rdb/*.json, out of the events of our decoder.
 *
 * The fixtures abbreviate: text as `{hex}`, `{len, sha256}`, `{count, sha256_of_concat}`. like() renders
 * what we decoded in the form in which the expectation stands, so that a difference shows as a readable
 * diff.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { toBytes } from '../../src/bytes/byte-string.ts'
import type { RdbEvent, RdbKey, RdbKeyEnd, RdbString } from '../../src/codec/rdb/events.ts'

export const FIXTURES = new URL('../../fixtures/rdb/', import.meta.url)

/** Names of all snapshot fixtures, without extension. */
export function fixtureNames(): string[] {
  return readdirSync(FIXTURES)
    .filter((name) => name.endsWith('.rdb'))
    .map((name) => name.slice(0, -4))
}

export function fixtureBytes(name: string): Buffer {
  return readFileSync(new URL(`${name}.rdb`, FIXTURES))
}

// biome-ignore lint/suspicious/noExplicitAny: the fixtures are foreign JSON
export type Json = any

export function fixtureJson(name: string): Json {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FIXTURES), 'utf8'))
}

/** One key with everything that was told about it. */
export type KeyDocument = { key: RdbKey; end: RdbKeyEnd | undefined; elements: RdbEvent[]; meta: Json[] }

/** A decoded snapshot, sorted into what belongs together. */
export class Document {
  readonly header: Json[] = []
  readonly aux: Json[] = []
  readonly resizedb: Json[] = []
  readonly functions: RdbString[] = []
  readonly moduleAux: { module: [string, number]; when: Json; opcodes: Json[] }[] = []
  readonly slotInfo: Json[] = []
  readonly keyMeta: Json[][] = []
  readonly keys: KeyDocument[] = []
  end: Extract<RdbEvent, { kind: 'end' }> | undefined
  /** Where module values go. */
  #values: Json[] = []
  #meta: Json[] = []

  readonly add = (event: RdbEvent): void => {
    switch (event.kind) {
      case 'header':
        this.header.push(event)
        break
      case 'aux':
        this.aux.push([event.name, event.value])
        break
      case 'resize-db':
        this.resizedb.push([event.db, event.keys, event.expires])
        break
      case 'function':
        this.functions.push(event.code)
        break
      case 'slot-info':
        this.slotInfo.push([event.slot, event.keys, event.expires])
        break
      case 'module-aux': {
        this.#values = []
        const { name, version } = event.module
        this.moduleAux.push({ module: [name, version], when: event.when, opcodes: this.#values })
        break
      }
      case 'key-meta':
        this.#values = []
        this.#meta.push({ spec_le_u32: event.spec, opcodes: this.#values })
        break
      case 'module-value':
        this.#values.push(event)
        break
      case 'key':
        this.#values = []
        if (this.#meta.length > 0) this.keyMeta.push(this.#meta)
        this.keys.push({ key: event, end: undefined, elements: [], meta: this.#meta })
        this.#meta = []
        break
      case 'key-end': {
        const last = this.keys[this.keys.length - 1]!
        last.end = event
        last.elements.push(...this.#values)
        this.#values = []
        break
      }
      case 'end':
        this.end = event
        break
      case 'select-db':
      case 'slot-import':
        break
      default:
        this.keys[this.keys.length - 1]!.elements.push(event)
    }
  }
}

/** Decoded text in the form of its expectation. */
export function like(expected: Json, actual: RdbString | undefined): Json {
  if (actual === undefined) return undefined
  if (typeof actual !== 'string') return { long: actual }
  const bytes = toBytes(actual)
  if (typeof expected !== 'object' || expected === null) return bytes.toString('latin1')
  if ('hex' in expected) return { hex: bytes.toString('hex') }
  return { len: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** Decoded module values in the form of `opcodes`. */
export function opcodesLike(expected: Json[], actual: Json[]): Json[] {
  return actual.map((event, i) => [
    event.opcode === 'string' ? 'str' : event.opcode,
    event.opcode === 'string' ? like(expected[i]?.[1], event.value) : exact(event.value),
  ])
}

/** Integers above 2^53 stand as decimal text. */
export function exact(value: number | bigint | undefined): Json {
  return typeof value === 'bigint' ? String(value) : value
}

/**
 * The value of a key in the form of `expected`. Sets, hashes and sorted sets are sorted on both sides,
 * because a server answers in an order of its own.
 */
export function valueLike(expected: Json, document: KeyDocument): Json {
  const { key, elements } = document
  switch (key.type) {
    case 'string':
      return elements.map((e) => e.kind === 'string' && like(expected, e.value))[0]
    case 'list': {
      const values = elements.map((e) => (e.kind === 'list-item' ? (e.value as string) : ''))
      if (Array.isArray(expected)) return values.map((value, i) => like(expected[i], value as RdbString))
      const concat = createHash('sha256')
        .update(Buffer.from(values.join(''), 'latin1'))
        .digest('hex')
      return { count: values.length, sha256_of_concat: concat }
    }
    case 'set':
      return sorted(elements.map((e) => e.kind === 'set-member' && loose(e.member)))
    case 'zset':
      return sorted(elements.map((e) => e.kind === 'zset-member' && [loose(e.member), score(e.score)]))
    case 'hash': {
      const isTimed = Array.isArray(expected) && expected.some((pair: Json) => pair.length === 3)
      return sorted(
        elements.map((e) => {
          if (e.kind !== 'hash-field') return e
          const pair: Json[] = [loose(e.field), loose(e.value)]
          return isTimed ? [...pair, e.expireAt ?? null] : pair
        }),
      )
    }
    case 'stream':
      return elements
        .filter((e) => e.kind === 'stream-entry')
        .map((e) => [e.id, e.fields.map((field) => loose(field))])
    case 'module':
      return expected
  }
}

/** An expected value in the same order and form as valueLike() answers. */
export function expectedLike(expected: Json, type: string): Json {
  if (type === 'zset') return sorted(expected.map(([member, text]: Json) => [member, score(scoreOf(text))]))
  return type === 'set' || type === 'hash' ? sorted(expected) : expected
}

/** The metadata of a stream, named as in the fixtures. */
export function streamLike(elements: readonly RdbEvent[]): Json {
  const meta: Json = {}
  const groups: Json[] = []
  const producers: Json[] = []
  for (const e of elements) {
    const group = groups[groups.length - 1]
    if (e.kind === 'stream-state') {
      Object.assign(meta, { rdb_length: exact(e.length), rdb_last: e.lastId })
      if (e.firstId !== undefined) {
        Object.assign(meta, {
          rdb_first: e.firstId,
          rdb_maxdel: e.maxDeletedId,
          rdb_added: exact(e.entriesAdded),
        })
      }
    } else if (e.kind === 'stream-group') {
      const entries_read = exact(e.entriesRead) ?? null
      groups.push({ name: loose(e.name), last: e.lastId, entries_read, pel: [], consumers: [] })
    } else if (e.kind === 'group-pending') group.pel.push([e.id, e.deliveredAt, exact(e.deliveries)])
    else if (e.kind === 'group-consumer') {
      const active_ms = e.activeAt ?? null
      group.consumers.push({ name: loose(e.name), seen_ms: e.seenAt, active_ms, pel: [] })
    } else if (e.kind === 'consumer-pending') group.consumers[group.consumers.length - 1].pel.push(e.id)
    else if (e.kind === 'stream-idmp') {
      Object.assign(meta, { rdb_idmp_duration: e.durationSeconds, rdb_idmp_maxsize: e.maxSize })
    } else if (e.kind === 'idmp-producer') producers.push({ pid: loose(e.producer), entries: [] })
    else if (e.kind === 'idmp-entry') producers[producers.length - 1].entries.push([loose(e.iid), e.id])
    else if (e.kind === 'idmp-totals') {
      Object.assign(meta, { rdb_iids_added: e.added, rdb_iids_dup: e.duplicates, rdb_producers: producers })
    }
  }
  return { ...meta, rdb_groups: groups }
}

/** Text as itself where it is printable ASCII, otherwise as hex. */
function loose(value: RdbString): Json {
  if (typeof value !== 'string') return { long: value }
  return /^[\x20-\x7e]*$/.test(value) ? (value as string) : { hex: toBytes(value).toString('hex') }
}

function score(value: number): string {
  return Object.is(value, -0) ? '0' : String(value)
}

function scoreOf(text: string): number {
  return text === 'inf' ? Infinity : text === '-inf' ? -Infinity : Number(text)
}

function sorted(list: Json[]): Json[] {
  return [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}
