/**
 * Builds a listpack: the packed form of small collections and of list and stream nodes since Redis 7.0.
 *
 *   u32le total bytes | u16le count | ( encoding+data | backlen )* | ff
 *
 *   0xxxxxxx 7-bit uint   10xxxxxx string ≤ 63   110xxxxx int13   1110xxxx string ≤ 4095
 *   f0 string, u32le length   f1 int16   f2 int24   f3 int32   f4 int64
 *
 * backlen is the size of encoding+data in groups of seven bits, most significant first, the high bit set on
 * all but the first, so that it can be read backwards. Canonical decimal text is stored as integer.
 *
 * Source: redis `src/listpack.c`; the boundaries are in test-vectors of real servers.
 */
import { type Bytes, ByteWriter } from '../../bytes/byte-writer.ts'
import { canonicalInteger } from './canonical-integer.ts'

const HEADER = 6
/** A count field of this value means: unknown, walk and count. */
const COUNT_UNKNOWN = 65535

export class ListpackBuilder {
  count = 0
  readonly #out = new ByteWriter(1024)

  constructor() {
    this.reset()
  }

  /** Size in bytes if it were finished now. */
  get byteLength(): number {
    return this.#out.length + 1
  }

  /** Starts a new, empty listpack. Borrowed results of finish() end here. */
  reset(): void {
    this.count = 0
    this.#out.clear()
    this.#out.u32le(0)
    this.#out.u16le(0)
  }

  /** Appends a byte string, as integer where it is canonical decimal text. */
  add(value: Bytes): void {
    const integer = canonicalInteger(value)
    if (integer === undefined) this.#addString(value)
    else this.addInteger(integer)
  }

  /** Appends an integer in the range of int64. */
  addInteger(value: number | bigint): void {
    const out = this.#out
    this.count++
    out.reserve(16)
    const before = out.length
    if (typeof value === 'bigint') {
      out.u8(0xf4)
      out.i64le(value)
    } else if (value >= 0 && value <= 127) out.u8(value)
    else if (value >= -4096 && value <= 4095) {
      out.u8(0xc0 | ((value >> 8) & 0x1f))
      out.u8(value)
    } else if (value >= -32768 && value <= 32767) {
      out.u8(0xf1)
      out.u16le(value)
    } else if (value >= -8388608 && value <= 8388607) {
      out.u8(0xf2)
      out.u16le(value)
      out.u8(value >> 16)
    } else if (value >= -2147483648 && value <= 2147483647) {
      out.u8(0xf3)
      out.u32le(value)
    } else {
      out.u8(0xf4)
      out.i64le(value)
    }
    out.u8(out.length - before)
  }

  /** Appends all entries of another listpack. */
  addEntriesOf(other: ListpackBuilder): void {
    this.#out.put(other.#out.bytes.subarray(HEADER, other.#out.length))
    this.count += other.count
  }

  /** The complete listpack, borrowed until the next reset(). Nothing may be added after this. */
  finish(): Buffer {
    const out = this.#out
    out.u8(0xff)
    out.setU32le(0, out.length)
    out.setU16le(4, Math.min(this.count, COUNT_UNKNOWN))
    return out.view()
  }

  #addString(value: Bytes): void {
    const out = this.#out
    const size = value.length
    this.count++
    out.reserve(size + 10)
    const before = out.length
    if (size <= 63) out.u8(0x80 | size)
    else if (size <= 4095) {
      out.u8(0xe0 | (size >>> 8))
      out.u8(size)
    } else {
      out.u8(0xf0)
      out.u32le(size)
    }
    out.put(value)
    this.#backlen(out.length - before)
  }

  /** The limits are one below what the groups could hold: real servers compare with "less than". */
  #backlen(size: number): void {
    const out = this.#out
    if (size <= 127) {
      out.u8(size)
      return
    }
    const groups = size < 16383 ? 2 : size < 2097151 ? 3 : size < 268435455 ? 4 : 5
    out.u8(Math.floor(size / 2 ** (7 * (groups - 1))))
    for (let group = groups - 2; group >= 0; group--) out.u8(0x80 | ((size >>> (7 * group)) & 127))
  }
}

/** Bytes that addInteger() appends for a number that is not negative. */
export function integerEntrySize(value: number): number {
  if (value <= 4095) return value <= 127 ? 2 : 3
  if (value <= 32767) return 4
  return value <= 8388607 ? 5 : value <= 2147483647 ? 6 : 10
}
