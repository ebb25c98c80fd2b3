/**
 * The JSON form of events: one object a line, schema version 1. docs/EVENTS.md is the promise, this is
 * the code.
 *
 *   {"v":1,"kind":"command","link":1,"side":"master","at":"2026-…Z","pos":[310,358],"db":0,"argv":["SET","k","v"],…}
 *
 * What is unknown is null; what does not apply is absent. Byte strings: json-bytes.ts.
 */
import type { Command } from '../codec/resp/command.ts'
import type { RespValue } from '../codec/resp/values.ts'
import type { Offsets, ReplEvent } from '../replication/events.ts'
import { bytesJson, type Json, rdbStringJson } from './json-bytes.ts'
import { isoTime } from './units.ts'
import { elementsJson } from './value-json.ts'

export const SCHEMA = 1

/**
 * One line of JSON. JSON.stringify escapes the control characters below space; DEL and those behind it
 * (U+009B begins an
 * escape sequence on some terminals) are legal JSON, and no less dangerous.
 */
export function jsonLine(value: object | string | number | boolean | null): string {
  const line = JSON.stringify(value)
  return CONTROLS.test(line) ? line.replace(ALL_CONTROLS, escaped) : line
}

const CONTROLS = /[\x7f-\x9f]/
const ALL_CONTROLS = /[\x7f-\x9f]/g

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** The object of an event, or undefined for events that are never printed (slices of a snapshot). */
export function jsonEvent(event: ReplEvent): { [name: string]: Json } | undefined {
  const fields = fieldsOf(event)
  if (fields === undefined) return undefined
  return {
    v: SCHEMA,
    kind: event.kind,
    link: event.link,
    conn: event.channel ?? 'main',
    connection: event.conn,
    side: event.side,
    at: isoTime(event.at),
    pos: [event.from, event.to],
    ...fields,
  }
}

function fieldsOf(event: ReplEvent): { [name: string]: Json } | undefined {
  switch (event.kind) {
    case 'opened':
      return {
        from: event.replica,
        to: event.master,
        role: event.role,
        ...(event.begin === undefined ? {} : { begin: event.begin }),
      }
    case 'request':
      return { argv: argvJson(event.command) }
    case 'reply':
      return { reply: valueJson(event.value), ...(event.error ? { error: true } : {}) }
    case 'stripped':
      return { capabilities: [...event.capabilities], sent: argvJson(event.sent) }
    case 'resync':
      return {
        mode: event.mode,
        replid: event.replid === undefined ? null : bytesJson(event.replid),
        offset: event.offset ?? null,
        asked:
          event.asked === undefined
            ? null
            : { replid: bytesJson(event.asked.replid), offset: event.asked.offset },
      }
    case 'snapshot-begin':
      return { framing: event.framing, ...(event.bytes === undefined ? {} : { bytes: event.bytes }) }
    case 'snapshot-slice':
    case 'tally':
      return undefined
    case 'snapshot-end':
      return {
        bytes: event.bytes,
        keys: event.keys ?? null,
        rdbVersion: event.rdbVersion ?? null,
        checksum: event.checksum ?? null,
        ms: millis(event.duration),
      }
    case 'snapshot-aux':
      return { name: rdbStringJson(event.name), value: rdbStringJson(event.value) }
    case 'snapshot-key':
      return {
        db: event.db,
        key: rdbStringJson(event.key),
        type: event.type,
        encoding: event.encoding,
        items: event.items,
        bytes: event.bytes,
        ...(event.expireAt === undefined ? {} : { expireAt: event.expireAt }),
        ...(event.value === undefined ? {} : { value: elementsJson(event, event.value) }),
      }
    case 'command':
      return {
        db: event.db ?? null,
        argv: argvJson(event.command),
        ...offsetsJson(event),
        ...(event.tx === undefined ? {} : { tx: event.tx }),
      }
    case 'anchor':
      return { offset: event.offset, by: event.by, held: event.held, correction: event.correction }
    case 'ping':
    case 'getack':
      return offsetsJson(event)
    case 'ack':
      return {
        offset: event.offset,
        ...(event.fsynced === undefined ? {} : { fsynced: event.fsynced }),
        lagBytes: event.lagBytes ?? null,
        lagMs: event.lag === undefined ? null : millis(event.lag),
      }
    case 'live':
      return { offset: event.offset, buffered: event.buffered, ms: millis(event.duration) }
    case 'heartbeat':
      return {}
    case 'gap':
      return { missing: event.missing }
    case 'fault':
      return { code: event.code, detail: event.detail, position: event.position, fatal: event.fatal }
    case 'overflow':
      return { dropped: event.dropped }
    case 'closed':
      return { how: event.how, during: event.during, bytes: { ...event.bytes } }
  }
}

function offsetsJson({ start, end }: Offsets): { [name: string]: Json } {
  return { start: start ?? null, end: end ?? null }
}

/** Arguments; what was beyond what is kept is told by a last element {"more": n}. */
export function argvJson(command: Command): Json[] {
  const argv: Json[] = command.argv().map(bytesJson)
  if (command.argc > argv.length) argv.push({ more: command.argc - argv.length })
  return argv
}

/**
 * A reply. Maps with text keys become objects, others arrays of pairs; integers JSON cannot hold become
 * strings.
 */
export function valueJson(value: RespValue): Json {
  switch (value.type) {
    case 'simple':
    case 'error':
    case 'bulk':
    case 'bignum':
    case 'verbatim':
      return bytesJson(value.value)
    case 'integer':
      return typeof value.value === 'bigint' ? String(value.value) : value.value
    case 'double':
      return Number.isFinite(value.value) ? value.value : doubleText(value.value)
    case 'boolean':
      return value.value
    case 'null':
      return null
    case 'array':
    case 'set':
    case 'push':
      return listJson(value.items.map(valueJson), value.length - value.items.length)
    case 'map':
    case 'attribute':
      return mapJson(value.items, value.length)
  }
}

function listJson(items: Json[], missing: number): Json[] {
  return missing > 0 ? [...items, { more: missing }] : items
}

function mapJson(items: readonly RespValue[], length: number): Json {
  const pairs: [Json, Json][] = []
  for (let i = 0; i + 1 < items.length; i += 2) pairs.push([valueJson(items[i]!), valueJson(items[i + 1]!)])
  const names = new Set(pairs.map(([name]) => name))
  const isObject =
    pairs.length === length && names.size === length && pairs.every(([name]) => typeof name === 'string')
  // defineProperty-like safety: a field may be called __proto__, so the object is built from entries.
  return isObject ? Object.fromEntries(pairs) : listJson(pairs, length - pairs.length)
}

function doubleText(value: number): string {
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
}

function millis(micros: number): number {
  return Math.round(micros) / 1000
}
