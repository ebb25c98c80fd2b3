/**
 * A snapshot written anew in another version of the format, so that other servers load it.
 *
 *   record ─► events, kept while they are few ─► writer
 *        └──► or only counted, and read again while they are written
 *
 * So memory is bounded by what is kept of one record, and by the longest single element of a collection,
 * which the writer wants in one piece. Strings of any length pass in pieces (and are then not compressed).
 *
 * Header fields are carried over as they are. What the version has no form for is reported key by key, and
 * what can be written without it is written.
 */

import type { ByteString } from '../bytes/byte-string.ts'
import { RdbWriter } from '../codec/rdb/encode.ts'
import type { RdbValue } from '../codec/rdb/encode-model.ts'
import type { RdbVersion } from '../codec/rdb/encode-options.ts'
import type { RdbElement, RdbEvent, RdbHeader, RdbKey, RdbKeyEnd, RdbString } from '../codec/rdb/events.ts'
import { hasLong, remembersAdded, sizeOf } from './convert-elements.ts'
import { type ConvertLoss, LossReport } from './convert-loss.ts'
import { collectionOf, ValueSummary } from './convert-value.ts'
import {
  HOLDABLE_BYTES,
  lengthAt,
  magicOf,
  type RecordSpan,
  readLongString,
  readRange,
  readRecord,
  type SnapshotBytes,
  snapshotSteps,
  spanOf,
} from './reread.ts'

export type RdbConvertOptions = {
  readonly version: RdbVersion
  readonly onLoss: (loss: ConvertLoss) => void
  readonly onProgress?: ((position: number, size: number) => void) | undefined
}

export type RdbConvertTotals = {
  /** Written. */
  readonly keys: number
  readonly losses: number
  readonly checksum: 'good' | 'absent' | 'bad'
  /** Keys by the module that a server needs for them. */
  readonly modules: ReadonlyMap<string, number>
}

/** Strings up to this size are kept. */
const HELD_BYTES = 1024 * 1024
const KEPT_EVENTS_MAX = 32 * 1024
const KEPT_BYTES_MAX = 4 * 1024 * 1024
/** What a module value may take in memory. */
const MODULE_BYTES_MAX = 512 * 1024 * 1024
const AUX_SINCE = 7
const MODULES_SINCE = 8

/**
 * The snapshot in the other version, in blocks that are the caller's own.
 * @returns what there was @throws DamagedSnapshot
 */
export function* convertToRdb(
  bytes: SnapshotBytes,
  options: RdbConvertOptions,
): Generator<Buffer, RdbConvertTotals, void> {
  const converter = new RdbConverter(bytes, options)
  const { writer } = converter
  let told: { event: RdbEvent; position: number }[] = []
  const read = { detail: 'elements', maxValueBytes: HELD_BYTES } as const
  for (const at of snapshotSteps(bytes, read, (event, position) => told.push({ event, position }))) {
    const batch = told
    told = []
    for (const { event, position } of batch) {
      const steps = converter.event(event, position)
      if (steps !== undefined) for (const _ of steps) if (writer.full) yield writer.take()
      if (writer.full) yield writer.take()
    }
    options.onProgress?.(at, bytes.size)
  }
  yield writer.end()
  return converter.totals()
}

class RdbConverter {
  readonly writer: RdbWriter
  readonly #bytes: SnapshotBytes
  readonly #version: RdbVersion
  readonly #losses: LossReport
  #magic: Buffer = Buffer.alloc(0)
  #db: number | undefined
  #sizes: { db: number; keys: number; expires: number } | undefined
  #hasMetadata = false
  /** Elements of the present key, as long as they are kept. */
  #kept: RdbElement[] | undefined
  #keptBytes = 0
  #summary = new ValueSummary()
  #keys = 0
  #checksum: RdbConvertTotals['checksum'] = 'absent'
  readonly #modules = new Map<string, number>()

  constructor(bytes: SnapshotBytes, { version, onLoss }: RdbConvertOptions) {
    this.#bytes = bytes
    this.#version = version
    this.#losses = new LossReport(onLoss)
    this.writer = new RdbWriter({
      version,
      onLoss: ({ what, detail }) => {
        if (what === 'stream' || what === 'module') this.#keys--
        this.#losses.lose(what, detail)
      },
    })
  }

  totals(): RdbConvertTotals {
    return { keys: this.#keys, losses: this.#losses.count, checksum: this.#checksum, modules: this.#modules }
  }

  /** Takes the next event. Steps that are returned must be run before the next. */
  event(event: RdbEvent, position: number): Iterable<void> | undefined {
    switch (event.kind) {
      case 'header':
        this.#magic = magicOf(event as RdbHeader)
        break
      case 'aux':
        this.#aux(event.name, event.value)
        break
      case 'function':
        this.#losses.open(0, undefined)
        if (typeof event.code === 'string') this.writer.functionLibrary(event.code)
        else this.#losses.lose('function', 'a function library is too long to be held')
        break
      case 'module-aux':
        this.#losses.open(0, undefined)
        this.#losses.lose('module-aux', `module ${event.module.name} keeps data beside the keys`)
        break
      case 'resize-db':
        this.#sizes = event
        break
      case 'key-meta':
        this.#hasMetadata = true
        break
      case 'key':
        this.#begin(event)
        break
      case 'key-end':
        return this.#end(event, spanOf(event, position))
      case 'end':
        this.#checksum = event.checksum
        break
      case 'select-db':
      case 'slot-info':
      case 'slot-import':
      case 'module-value':
        break
      default:
        this.#element(event)
    }
    return undefined
  }

  #aux(name: RdbString, value: RdbString): void {
    this.#losses.open(0, undefined)
    if (typeof name !== 'string' || typeof value !== 'string') {
      this.#losses.lose('aux', 'a header field is too long to be held')
    } else if (this.#version >= AUX_SINCE) this.writer.aux(name, value)
    // The others are about the file, not about what is in it.
    else if (name === 'lua') this.#losses.lose('aux', 'scripts need RDB version 7')
  }

  #begin(key: RdbKey): void {
    this.#kept = typeof key.key === 'string' ? [] : undefined
    this.#keptBytes = 0
    this.#summary = new ValueSummary()
    this.#losses.open(key.db, key.key)
    if (this.#hasMetadata) this.#losses.lose('key-metadata', 'metadata that modules keep about the key')
    this.#hasMetadata = false
    if (key.db === this.#db) return
    this.#db = key.db
    this.writer.selectDb(key.db, this.#sizes?.db === key.db ? this.#sizes : undefined)
  }

  #element(event: RdbElement): void {
    this.#summary.add(event)
    if (remembersAdded(event)) this.#losses.lose('idempotence', 'what recognises repeated XADDs')
    const kept = this.#kept
    if (kept === undefined) return
    this.#keptBytes += sizeOf(event)
    const isTooMuch = kept.length >= KEPT_EVENTS_MAX || this.#keptBytes > KEPT_BYTES_MAX
    if (isTooMuch || hasLong(event)) this.#kept = undefined
    else kept.push(event)
  }

  #end(end: RdbKeyEnd, span: RecordSpan): Iterable<void> | undefined {
    const { of } = end
    const name = this.#name(of)
    const value = name === undefined ? undefined : this.#value(end, span)
    if (name === undefined || value === undefined) {
      this.#losses.lose('too-long', `a key of ${end.bytes} bytes has something that is too long to be held`)
      return undefined
    }
    this.#keys++
    const { expireAt, idle, freq } = of
    return this.writer.entry({ key: name, value, expireAt, idleSeconds: idle, frequency: freq })
  }

  /** Undefined where it is too long for a string. */
  #name(key: RdbKey): ByteString | undefined {
    if (typeof key.key === 'string') return key.key
    if (key.key.bytes > HOLDABLE_BYTES) return undefined
    for (const event of this.#again(key)) if (event.kind === 'key') return event.key as ByteString
    return undefined
  }

  /** Undefined where something in it is too long to be held. */
  #value(end: RdbKeyEnd, span: RecordSpan): RdbValue | undefined {
    const { of, items } = end
    if (of.type === 'module') return this.#module(of, span)
    if (of.type === 'string') return this.#string(of, span)
    const kept = this.#kept
    if (kept !== undefined) return collectionOf(of, items, this.#summary, () => kept)
    // A string that cannot be held would be found only in the middle of what is written.
    if (span.valueBytes > HOLDABLE_BYTES)
      for (const event of this.#again(of)) if (hasLong(event)) return undefined
    return collectionOf(of, items, this.#summary, () => this.#again(of))
  }

  #string(key: RdbKey, span: RecordSpan): RdbValue {
    const kept = this.#kept?.[0]
    if (kept?.kind === 'string') return { type: 'string', value: kept.value as ByteString }
    for (const event of readRecord(this.#bytes, this.#magic, key.position, {
      detail: 'elements',
      maxValueBytes: HELD_BYTES,
    })) {
      if (event.kind !== 'string') continue
      const { value } = event
      if (typeof value === 'string') return { type: 'string', value }
      return { type: 'string', value: { length: value.bytes, pieces: readLongString(this.#bytes, span) } }
    }
    throw new Error(`${this.#bytes.name} changed while it was read`)
  }

  #module({ module }: RdbKey, span: RecordSpan): RdbValue | undefined {
    if (span.valueBytes > MODULE_BYTES_MAX) return undefined
    const { name, version } = module!
    if (this.#version >= MODULES_SINCE) this.#modules.set(name, (this.#modules.get(name) ?? 0) + 1)
    const value = Buffer.allocUnsafe(span.valueBytes)
    let filled = 0
    for (const piece of readRange(this.#bytes, span.endsAt - span.valueBytes, span.valueBytes)) {
      filled += piece.copy(value, filled)
    }
    const { size } = lengthAt(value, 0)
    return { type: 'module', name, encodingVersion: version, payload: value.subarray(size) }
  }

  #again(key: RdbKey): Generator<RdbEvent> {
    return readRecord(this.#bytes, this.#magic, key.position, {
      detail: 'elements',
      maxValueBytes: HOLDABLE_BYTES,
    })
  }
}
