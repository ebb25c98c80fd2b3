/**
 * RdbOutput: the primitives that all of the RDB writer is made of: lengths, strings, ids, and the head of a
 * key.
 *
 *   length   00xxxxxx | 01xxxxxx +1 | 80 +4 | 81 +8      (big-endian, always the shortest)
 *   string   length, bytes | c0 int8 | c1 int16 | c2 int32 | c3 length length LZF bytes
 *   key      [fc expiry ms] [f8 idle | f9 frequency] type byte, string key
 *
 * Integers: strings of 1 to 11 characters that are the canonical decimal of an int32. LZF: strings longer
 * than 20 bytes, if at least 4 bytes are saved. Both exactly as Redis decides.
 *
 * A value program begins by naming its type; only then is the head written, because the type byte stands
 * before the key and is known after the value was looked at. Source: redis 7.0 `src/rdb.c`.
 */
import { type Bytes, ByteWriter } from '../../bytes/byte-writer.ts'
import { LzfDeflater } from '../../bytes/lzf-deflate.ts'
import { canonicalInteger } from '../packed/canonical-integer.ts'
import { ListpackBuilder } from '../packed/listpack-builder.ts'
import { ZiplistBuilder } from '../packed/ziplist-builder.ts'
import type { RdbEntry, StreamId } from './encode-model.ts'
import {
  DEFAULT_LIMITS,
  type PackingLimits,
  type RdbEncodeOptions,
  type RdbLoss,
  RdbLossError,
  type RdbVersion,
} from './encode-options.ts'
import { OPCODE, STRING_FORM } from './format.ts'

/** Each yield is a moment to take what was written, and to let others work. */
export type Steps = Generator<void, void, void>

/** A block is full at this many bytes. */
export const BLOCK_BYTES = 64 * 1024
const INTEGER_TEXT_MAX = 11
const COMPRESS_MIN = 20
const SAVED_MIN = 4
/** Longer strings are not tried: compressing needs as many bytes again. Redis would try. */
const COMPRESS_MAX = 64 * 1024 * 1024

export class RdbOutput {
  /** Where everything goes; writeCounted (encode-nodes.ts) puts another in its place for a while. */
  writer = new ByteWriter(BLOCK_BYTES + BLOCK_BYTES / 4)
  /** Nodes of a list or stream that wait for their count. */
  readonly staging = new ByteWriter(4096)
  readonly listpack = new ListpackBuilder()
  /** The entries of a stream node, before its master entry is known. */
  readonly body = new ListpackBuilder()
  readonly ziplist = new ZiplistBuilder()
  readonly version: RdbVersion
  readonly limits: PackingLimits
  /** Database of the key being written. */
  db = 0
  readonly #compress: boolean
  readonly #onLoss: ((loss: RdbLoss) => void) | undefined
  readonly #lzf = new LzfDeflater()
  readonly #text = new ByteWriter(4096)
  #entry: RdbEntry | undefined

  constructor(options: RdbEncodeOptions) {
    this.version = options.version ?? 10
    this.limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.#compress = options.compress ?? true
    this.#onLoss = options.onLoss
  }

  /** True when a block's worth of bytes waits. */
  get full(): boolean {
    return this.writer.length >= BLOCK_BYTES
  }

  /** Says whose value comes next; undefined for a value without a key (DUMP). Writes nothing yet. */
  open(entry: RdbEntry | undefined): void {
    this.#entry = entry
  }

  /** Writes the head of the opened key, with the type its value turned out to have. */
  begin(type: number): void {
    const entry = this.#entry
    if (entry !== undefined) this.#attributes(entry)
    this.writer.u8(type)
    if (entry !== undefined) this.string(entry.key)
  }

  /** Reports what the target version cannot hold. Throws RdbLossError where nobody listens. */
  lose(what: RdbLoss['what'], detail: string): void {
    const loss: RdbLoss = { what, key: this.#entry?.key, db: this.db, detail }
    if (this.#onLoss === undefined) throw new RdbLossError(loss)
    this.#onLoss(loss)
  }

  length(value: number | bigint): void {
    const { writer } = this
    if (value < 64) writer.u8(Number(value))
    else if (value < 16384) {
      writer.u8(0x40 | (Number(value) >>> 8))
      writer.u8(Number(value))
    } else if (value <= 0xffff_ffff) {
      writer.u8(0x80)
      writer.u32be(Number(value))
    } else {
      writer.u8(0x81)
      writer.i64be(value)
    }
  }

  string(value: Bytes): void {
    const size = value.length
    if (size <= INTEGER_TEXT_MAX && this.#integer(value)) return
    if (this.compressed(value)) return
    this.length(size)
    this.writer.put(value)
  }

  /** Writes `value` compressed if that pays; else writes nothing. Returns whether it was written. */
  compressed(value: Bytes): boolean {
    const size = value.length
    if (!this.#compress || size <= COMPRESS_MIN || size > COMPRESS_MAX) return false
    let bytes: Buffer
    if (typeof value === 'string') {
      this.#text.clear()
      this.#text.put(value)
      bytes = this.#text.bytes
    } else bytes = value
    const packed = this.#lzf.deflate(bytes, 0, size, size - SAVED_MIN)
    if (packed === undefined) return false
    this.writer.u8(0xc0 | STRING_FORM.LZF)
    this.length(packed.length)
    this.length(size)
    this.writer.put(packed)
    return true
  }

  /** The sixteen bytes of a stream id, as they stand in keys and pending lists. */
  rawId(id: StreamId): void {
    this.writer.i64be(id.ms)
    this.writer.i64be(id.seq)
  }

  /** A stream id as two lengths. */
  idLengths(id: StreamId): void {
    this.length(id.ms)
    this.length(id.seq)
  }

  #attributes(entry: RdbEntry): void {
    const { writer } = this
    const { expireAt, idleSeconds, frequency } = entry
    if (expireAt !== undefined) {
      writer.u8(OPCODE.EXPIRE_MS)
      writer.i64le(expireAt)
    }
    if (idleSeconds === undefined && frequency === undefined) return
    if (this.version < 9) this.lose('eviction-hint', 'idle times and frequencies need RDB version 9')
    else if (idleSeconds !== undefined) {
      writer.u8(OPCODE.IDLE)
      this.length(idleSeconds)
    } else if (frequency !== undefined) {
      writer.u8(OPCODE.FREQ)
      writer.u8(frequency)
    }
  }

  /** Writes `value` as integer if that is its form. */
  #integer(value: Bytes): boolean {
    const integer = canonicalInteger(value)
    if (typeof integer !== 'number') return false
    const { writer } = this
    if (integer >= -128 && integer <= 127) {
      writer.u8(0xc0 | STRING_FORM.INT8)
      writer.u8(integer)
    } else if (integer >= -32768 && integer <= 32767) {
      writer.u8(0xc0 | STRING_FORM.INT16)
      writer.u16le(integer)
    } else if (integer >= -2147483648 && integer <= 2147483647) {
      writer.u8(0xc0 | STRING_FORM.INT32)
      writer.u32le(integer)
    } else return false
    return true
  }
}

/** A collection that yields other than it said would leave a file that nobody can read: better no file. */
export function checkCount(said: number, walked: number): void {
  if (said !== walked) throw new RangeError(`${walked} elements where ${said} were said`)
}
