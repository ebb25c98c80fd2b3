/**
 * ByteWriter: a buffer that grows behind a cursor. All encoders write through it.
 *
 *   bytes  [ written … ][ room … ]
 *          0       length ▲      ▲ bytes.length
 *
 * Room grows by doubling, so n bytes cost O(n) copies. Two ways out: view() borrows what is written until the
 * next write or clear(); take() gives it away for good, and the writer starts a fresh buffer.
 *
 * Not done here: any format, any limit. Who fills a writer decides when to take what it holds.
 */
import type { ByteString } from './byte-string.ts'

/** Bytes as an encoder accepts them: at rest, or a buffer that stays unchanged until they are written. */
export type Bytes = ByteString | Buffer

const ROOM_MIN = 256
/** A loop over chars beats the call into native code up to about this length (measured). */
const SHORT = 24
const TWO_32 = 0x1_0000_0000

export class ByteWriter {
  bytes: Buffer
  length = 0
  readonly #room: number

  /** @param room bytes to begin with, also after take() and after clear() of a buffer grown far beyond it. */
  constructor(room = ROOM_MIN) {
    this.#room = Math.max(room, ROOM_MIN)
    this.bytes = Buffer.allocUnsafeSlow(this.#room)
  }

  /** Makes sure that `extra` bytes fit behind `length`. */
  reserve(extra: number): void {
    const need = this.length + extra
    if (need <= this.bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(need, this.bytes.length * 2))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
  }

  u8(value: number): void {
    if (this.length === this.bytes.length) this.reserve(1)
    this.bytes[this.length++] = value
  }

  u16le(value: number): void {
    this.reserve(2)
    this.bytes[this.length++] = value
    this.bytes[this.length++] = value >>> 8
  }

  u32le(value: number): void {
    this.reserve(4)
    this.setU32le(this.length, value)
    this.length += 4
  }

  u32be(value: number): void {
    this.reserve(4)
    this.bytes[this.length++] = value >>> 24
    this.bytes[this.length++] = value >>> 16
    this.bytes[this.length++] = value >>> 8
    this.bytes[this.length++] = value
  }

  /** Eight bytes, two's complement. A number must be a safe integer; a bigint is cut to 64 bits. */
  i64le(value: number | bigint): void {
    this.reserve(8)
    if (typeof value === 'bigint') {
      this.bytes.writeBigInt64LE(BigInt.asIntN(64, value), this.length)
    } else {
      this.setU32le(this.length, value)
      this.setU32le(this.length + 4, Math.floor(value / TWO_32))
    }
    this.length += 8
  }

  /** Eight bytes, two's complement, most significant first. A number must be a safe integer. */
  i64be(value: number | bigint): void {
    if (typeof value === 'number') {
      this.u32be(Math.floor(value / TWO_32))
      this.u32be(value)
      return
    }
    this.reserve(8)
    this.bytes.writeBigInt64BE(BigInt.asIntN(64, value), this.length)
    this.length += 8
  }

  f64le(value: number): void {
    this.reserve(8)
    this.bytes.writeDoubleLE(value, this.length)
    this.length += 8
  }

  /** The bytes themselves. */
  put(value: Bytes): void {
    const size = value.length
    this.reserve(size)
    if (typeof value !== 'string') value.copy(this.bytes, this.length)
    else if (size > SHORT) this.bytes.write(value, this.length, 'latin1')
    else {
      const { bytes, length } = this
      for (let i = 0; i < size; i++) bytes[length + i] = value.charCodeAt(i)
    }
    this.length += size
  }

  /** Overwrites four written bytes. */
  setU32le(at: number, value: number): void {
    this.bytes[at] = value
    this.bytes[at + 1] = value >>> 8
    this.bytes[at + 2] = value >>> 16
    this.bytes[at + 3] = value >>> 24
  }

  /** Overwrites two written bytes. */
  setU16le(at: number, value: number): void {
    this.bytes[at] = value
    this.bytes[at + 1] = value >>> 8
  }

  /** What is written, borrowed until the next write or clear(). */
  view(): Buffer {
    return this.bytes.subarray(0, this.length)
  }

  /** Forgets what is written. Room far beyond the usual is given back. */
  clear(): void {
    this.length = 0
    if (this.bytes.length > this.#room * 64) this.bytes = Buffer.allocUnsafeSlow(this.#room)
  }

  /** What is written, given away: the writer starts anew in another buffer. */
  take(): Buffer {
    const taken = this.view()
    this.bytes = Buffer.allocUnsafeSlow(this.#room)
    this.length = 0
    return taken
  }
}
