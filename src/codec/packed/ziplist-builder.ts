/**
 * Builds a ziplist: the packed form of small collections and of list nodes before Redis 7.0.
 *
 *   u32le total bytes | u32le position of the last entry | u16le count | ( prevlen encoding+data )* | ff
 *
 *   prevlen   size of the entry before: one byte below 254, else fe + u32le
 *   00pppppp string ≤ 63   01pppppp +1 string ≤ 16383   80 +4 string    (lengths big-endian)
 *   c0 int16   d0 int32   e0 int64   f0 int24   fe int8   f1 … fd the integers 0 … 12
 *
 * Appending only, so an entry never changes size after the fact. Source: redis 6.0 `src/ziplist.c`.
 */
import { type Bytes, ByteWriter } from '../../bytes/byte-writer.ts'
import { canonicalInteger } from './canonical-integer.ts'

const HEADER = 10
/** A count field of this value means: unknown, walk and count. */
const COUNT_UNKNOWN = 65535
const PREVLEN_LONG = 254

export class ZiplistBuilder {
  count = 0
  readonly #out = new ByteWriter(1024)
  /** Where the last entry starts and how long it is. */
  #tail = HEADER
  #previous = 0

  constructor() {
    this.reset()
  }

  /** Size in bytes if it were finished now. */
  get byteLength(): number {
    return this.#out.length + 1
  }

  /** Starts a new, empty ziplist. Borrowed results of finish() end here. */
  reset(): void {
    this.count = 0
    this.#tail = HEADER
    this.#previous = 0
    this.#out.clear()
    this.#out.reserve(HEADER)
    this.#out.length = HEADER
  }

  /** Appends a byte string, as integer where it is canonical decimal text. */
  add(value: Bytes): void {
    const out = this.#out
    this.count++
    this.#tail = out.length
    if (this.#previous < PREVLEN_LONG) out.u8(this.#previous)
    else {
      out.u8(PREVLEN_LONG)
      out.u32le(this.#previous)
    }
    const integer = canonicalInteger(value)
    if (integer === undefined) this.#string(value)
    else this.#integer(integer)
    this.#previous = out.length - this.#tail
  }

  /** The complete ziplist, borrowed until the next reset(). Nothing may be added after this. */
  finish(): Buffer {
    const out = this.#out
    out.u8(0xff)
    out.setU32le(0, out.length)
    out.setU32le(4, this.#tail)
    out.setU16le(8, Math.min(this.count, COUNT_UNKNOWN))
    return out.view()
  }

  #string(value: Bytes): void {
    const out = this.#out
    const size = value.length
    if (size <= 63) out.u8(size)
    else if (size <= 16383) {
      out.u8(0x40 | (size >>> 8))
      out.u8(size)
    } else {
      out.u8(0x80)
      out.u32be(size)
    }
    out.put(value)
  }

  #integer(value: number | bigint): void {
    const out = this.#out
    if (typeof value === 'bigint') {
      out.u8(0xe0)
      out.i64le(value)
    } else if (value >= 0 && value <= 12) out.u8(0xf1 + value)
    else if (value >= -128 && value <= 127) {
      out.u8(0xfe)
      out.u8(value)
    } else if (value >= -32768 && value <= 32767) {
      out.u8(0xc0)
      out.u16le(value)
    } else if (value >= -8388608 && value <= 8388607) {
      out.u8(0xf0)
      out.u16le(value)
      out.u8(value >> 16)
    } else if (value >= -2147483648 && value <= 2147483647) {
      out.u8(0xd0)
      out.u32le(value)
    } else {
      out.u8(0xe0)
      out.i64le(value)
    }
  }
}
