/**
 * Zipmap: small hashes up to Redis 2.4, read only.
 *
 *   u8 pairs (254 and more: count them) │ length key length free value padding │ … │ ff
 *
 *   length   one byte below 254, else fe + u32, little-endian
 *   free     one byte: how many padding bytes follow the value
 *
 * Keys and values come out one after the other.
 * Source: redis `src/zipmap.c`.
 */
import {
  type BlobPlace,
  damaged,
  declined,
  type ElementCursor,
  END,
  type Form,
  LONG,
  positionIn,
  TEXT,
  type Window,
} from './cursor.ts'

const BIG_LENGTH = 0xfe
const TERMINATOR = 0xff

export class ZipmapCursor implements ElementCursor {
  readonly window: Window
  bytes: Buffer
  start = 0
  end = 0
  readonly integer = 0
  length = 0
  readonly packed = 0
  readonly #place: BlobPlace
  readonly #longest: number
  #offset = 0
  #seen = 0
  #expected = 0
  /** Padding behind a long value, still to be skipped. */
  #owed = 0

  /** @param longest a string beyond this is LONG. */
  constructor(window: Window, place: BlobPlace, longest: number) {
    this.window = window
    this.bytes = window.bytes
    this.#place = place
    this.#longest = longest
  }

  get position(): number {
    return positionIn(this.#place, this.#offset)
  }

  next(): Form {
    const window = this.window
    if (this.#offset === 0) {
      if (window.index === window.limit) return declined(window, 1)
      this.#expected = window.bytes[window.index++]!
      this.#offset = 1
    }
    if (this.#owed > 0) {
      if (window.limit - window.index < this.#owed) return declined(window, this.#owed)
      window.index += this.#owed
      this.#owed = 0
    }
    const bytes = window.bytes
    const at = window.index
    const here = window.limit - at
    if (here === 0) return declined(window, 1)
    const isValue = (this.#seen & 1) === 1
    let body = bytes[at]!
    let head = 1
    if (body === TERMINATOR) return this.#terminate(isValue)
    if (body === BIG_LENGTH) {
      head = 5
      if (here < head) return declined(window, head)
      body = bytes.readUInt32LE(at + 1)
    }
    let padding = 0
    if (isValue) {
      if (here <= head) return declined(window, head + 1)
      padding = bytes[at + head++]!
    }
    const size = head + body + padding
    if (this.#offset + size >= this.#place.size) throw this.#damaged('zipmap entry is cut off')
    const isLong = body > this.#longest
    if (!isLong && here < size) return declined(window, size)
    this.#offset += size
    this.#seen++
    this.length = body
    if (isLong) {
      this.#owed = padding
      window.index = at + head
      return LONG
    }
    this.bytes = bytes
    this.start = at + head
    this.end = this.start + body
    window.index = at + size
    return TEXT
  }

  #terminate(isValue: boolean): Form {
    if (isValue) throw this.#damaged('zipmap key without a value')
    if (this.#offset !== this.#place.size - 1) throw this.#damaged('zipmap that ends early')
    if (this.#expected < BIG_LENGTH && this.#expected * 2 !== this.#seen) {
      throw this.#damaged(`zipmap that says it has ${this.#expected} pairs and has ${this.#seen / 2}`)
    }
    this.window.index++
    return END
  }

  #damaged(what: string): Error {
    return damaged(this.#place, this.#offset, what)
  }
}
