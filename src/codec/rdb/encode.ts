/**
 * RdbWriter: a dataset becomes an RDB file or payload, block by block, as Redis would write it.
 *
 *   REDIS0010 [aux …] [functions …] ( select db [sizes] ( key … ) )* ff crc64
 *
 * The caller calls in that order and takes blocks whenever `full` says so. Small values are written at
 * once; a long one returns steps: run them one by one and take blocks between. So no more than a block and
 * one element (or one packed node) are ever held, and a server can serve its clients between any two steps.
 *
 *   for (const entry of entries) {
 *     const steps = writer.entry(entry)
 *     if (steps) for (const _ of steps) if (writer.full) send(writer.take())
 *     if (writer.full) send(writer.take())
 *   }
 *
 * encodeRdb does just that for a snapshot that can be walked; encode-dump.ts makes DUMP payloads.
 * What the target version cannot hold is reported, see encode-options.ts. Source: redis 7.0 `src/rdb.c`.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { Bytes } from '../../bytes/byte-writer.ts'
import { Crc64 } from '../../bytes/crc64.ts'
import { writeHash } from './encode-hash.ts'
import { writeList } from './encode-list.ts'
import type { RdbEntry, RdbValue } from './encode-model.ts'
import type { RdbEncodeOptions } from './encode-options.ts'
import { RdbOutput, type Steps } from './encode-output.ts'
import { writeSet } from './encode-set.ts'
import { writeStream } from './encode-stream.ts'
import { writeModule, writeString } from './encode-strings.ts'
import { writeZset } from './encode-zset.ts'
import { OPCODE } from './format.ts'

const AUX_SINCE = 7
const FUNCTIONS_SINCE = 10
const AOF_PREAMBLE_SINCE = 8
const AOF_BASE_SINCE = 10
const NO_CHECKSUM = Buffer.alloc(8)

export class RdbWriter {
  readonly #out: RdbOutput
  readonly #crc: Crc64 | undefined
  /** Bytes given away by take(). */
  taken = 0

  /** Writes the magic at once. */
  constructor(options: RdbEncodeOptions = {}) {
    this.#out = new RdbOutput(options)
    this.#crc = (options.checksum ?? true) ? new Crc64() : undefined
    this.#out.writer.put(`REDIS${String(this.#out.version).padStart(4, '0')}` as ByteString)
  }

  /** Whether a block (64 KiB) or more waits to be taken. */
  get full(): boolean {
    return this.#out.full
  }

  /** What was written since the last take(), given away: it is the caller's. */
  take(): Buffer {
    const block = this.#out.writer.take()
    this.#crc?.update(block)
    this.taken += block.length
    return block
  }

  /** A header field. Versions before 7 have none: reported. */
  aux(name: string, value: Bytes | number): void {
    const out = this.#out
    out.open(undefined)
    if (out.version < AUX_SINCE) {
      out.lose('aux', `header fields (${name}) need RDB version 7`)
      return
    }
    out.writer.u8(OPCODE.AUX)
    out.string(name as ByteString)
    out.string(typeof value === 'number' ? (String(value) as ByteString) : value)
  }

  /** A function library: its source with the `#!` line. Before version 10: reported. */
  functionLibrary(code: Bytes): void {
    const out = this.#out
    out.open(undefined)
    if (out.version < FUNCTIONS_SINCE) {
      out.lose('function', 'function libraries need RDB version 10')
      return
    }
    out.writer.u8(OPCODE.FUNCTION2)
    out.string(code)
  }

  /**
   * The database of the entries that follow; `keys` and `expires` are the hint that lets a loader make
   * room.
   */
  selectDb(db: number, sizes?: { readonly keys: number; readonly expires: number }): void {
    const out = this.#out
    out.db = db
    out.writer.u8(OPCODE.SELECT_DB)
    out.length(db)
    if (sizes === undefined || out.version < AUX_SINCE) return
    out.writer.u8(OPCODE.RESIZE_DB)
    out.length(sizes.keys)
    out.length(sizes.expires)
  }

  /**
   * Writes a key, or its beginning: steps that are returned must be run to their end before anything else.
   */
  entry(entry: RdbEntry): Steps | undefined {
    this.#out.open(entry)
    return writeValue(this.#out, entry.value)
  }

  /** The last block: EOF and the checksum of all, zero if none is wanted. */
  end(): Buffer {
    const { writer } = this.#out
    writer.u8(OPCODE.EOF)
    this.#crc?.update(writer.bytes, 0, writer.length)
    writer.put(this.#crc === undefined ? NO_CHECKSUM : stored(this.#crc))
    this.taken += writer.length
    return writer.take()
  }
}

/** Writes one value behind the head of its key; returns the steps that are left to do if it is long. */
export function writeValue(out: RdbOutput, value: RdbValue): Steps | undefined {
  switch (value.type) {
    case 'string':
      return writeString(out, value)
    case 'list':
      return writeList(out, value)
    case 'set':
      return writeSet(out, value)
    case 'hash':
      return writeHash(out, value)
    case 'zset':
      return writeZset(out, value)
    case 'stream':
      return writeStream(out, value)
    case 'module':
      return writeModule(out, value)
  }
}

/** A checksum as snapshots and DUMP payloads store it: eight bytes, little-endian. */
export function stored(crc: Crc64): Buffer {
  return Buffer.from(crc.hex(), 'hex').reverse()
}

export type RdbSnapshot = {
  readonly aux?: Iterable<readonly [name: string, value: Bytes | number]> | undefined
  readonly functions?: Iterable<Bytes> | undefined
  /** Databases without keys are left out by the caller. */
  readonly databases: Iterable<RdbDatabase>
}
export type RdbDatabase = {
  readonly db: number
  readonly sizes?: { readonly keys: number; readonly expires: number } | undefined
  readonly entries: Iterable<RdbEntry>
}

/** The whole snapshot as blocks, each the caller's own; pulled, so the slowest reader sets the pace. */
export function* encodeRdb(snapshot: RdbSnapshot, options: RdbEncodeOptions = {}): Generator<Buffer> {
  const writer = new RdbWriter(options)
  for (const [name, value] of snapshot.aux ?? []) writer.aux(name, value)
  for (const code of snapshot.functions ?? []) {
    writer.functionLibrary(code)
    if (writer.full) yield writer.take()
  }
  for (const { db, sizes, entries } of snapshot.databases) {
    writer.selectDb(db, sizes)
    for (const entry of entries) {
      const steps = writer.entry(entry)
      if (steps !== undefined) for (const _ of steps) if (writer.full) yield writer.take()
      if (writer.full) yield writer.take()
    }
  }
  yield writer.end()
}

/** The header fields that a server writes. */
export type RdbOrigin = {
  readonly redisVersion: string
  /** Unix seconds. */
  readonly createdAt: number
  readonly usedMemory: number
  /** Only where there is a replication history: the db selected on the stream, its id, its offset. */
  readonly replication?: { readonly db: number; readonly id: Bytes; readonly offset: number } | undefined
  readonly isAofBase?: boolean | undefined
}

/** The header fields in the order and under the names that Redis of this RDB version gives them. */
export function* standardAux(origin: RdbOrigin, version = 10): Generator<[string, Bytes | number]> {
  if (version < AUX_SINCE) return
  yield ['redis-ver', origin.redisVersion as ByteString]
  yield ['redis-bits', 64]
  yield ['ctime', origin.createdAt]
  yield ['used-mem', origin.usedMemory]
  if (origin.replication !== undefined) {
    yield ['repl-stream-db', origin.replication.db]
    yield ['repl-id', origin.replication.id]
    yield ['repl-offset', origin.replication.offset]
  }
  const isAofBase = origin.isAofBase === true ? 1 : 0
  if (version >= AOF_PREAMBLE_SINCE)
    yield [version >= AOF_BASE_SINCE ? 'aof-base' : 'aof-preamble', isAofBase]
}
