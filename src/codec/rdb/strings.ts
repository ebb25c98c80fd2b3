/**
 * The strings of an RDB file: keys, values, elements, and every packed blob.
 *
 *   length │ bytes                            plain
 *   c0 i8, c1 i16, c2 i32                     an integer, which stands for its decimal text
 *   c3 │ length │ length │ LZF bytes          compressed: bytes here, bytes inflated
 *
 * A StringCursor declines until the whole string is in the window, if it is no longer than asked for; of a
 * longer one it consumes the head and leaves the bytes to longString(), which never holds more than a block.
 * What is inflated lies in one scratch buffer, until the next call.
 *
 * Source: redis `src/rdb.c`, rdbGenericLoadStringObject.
 */
import type { ByteSource } from '../../bytes/byte-source.ts'
import { badLzf, checkLzf, isPlausibleLzf, LzfScratch } from '../../bytes/lzf.ts'
import { Malformed } from '../../bytes/resumable.ts'
import {
  type BlobPlace,
  declined,
  type ElementCursor,
  END,
  type Form,
  INTEGER,
  LONG,
  PENDING,
  TEXT,
} from '../packed/cursor.ts'
import { STRING_FORM } from './format.ts'
import { readLength } from './lengths.ts'

const EMPTY = Buffer.alloc(0)
/** The longest text of a 64-bit integer: whoever checks a string for being one needs its bytes. */
export const INTEGER_TEXT_MAX = 20

export class StringCursor implements ElementCursor {
  readonly window: ByteSource
  bytes: Buffer = EMPTY
  start = 0
  end = 0
  integer = 0
  length = 0
  packed = 0
  readonly #longest: number
  readonly #inflates: boolean
  #left = 0
  /** Bytes the string just read took in the file. */
  #taken = 0
  readonly #scratch: LzfScratch

  /**
   * @param longest what next() answers as LONG is longer than this.
   * @param inflates false: next() checks compressed strings, and their bytes are not to be had.
   * @param scratch where they are inflated
   */
  constructor(window: ByteSource, longest: number, inflates: boolean, scratch = new LzfScratch()) {
    this.window = window
    this.#scratch = scratch
    this.#longest = longest
    this.#inflates = inflates
  }

  get position(): number {
    return this.window.position
  }

  /** Makes next() answer END after so many strings. */
  expect(count: number): void {
    this.#left = count
  }

  next(): Form {
    if (this.#left === 0) return END
    const form = this.read(this.#longest, this.#inflates)
    if (form !== PENDING) this.#left--
    return form
  }

  /** The next string as value of a key: as next() reads, but not counted. */
  value(): Form {
    return this.read(this.#longest, this.#inflates)
  }

  /** The next string, whatever was expected, with its bytes unless it is longer than `longest`. */
  read(longest: number, inflates = true): Form {
    const src = this.window
    const at = src.index
    const here = src.limit - at
    if (here === 0) return declined(src, 1)
    const bytes = src.bytes
    const lead = bytes[at]!
    let head = 1
    let length = lead
    if (lead >= 0x40) {
      if (lead >= 0xc0) return this.#special(lead & 63, longest, inflates)
      if (lead < 0x80) {
        if (here < 2) return declined(src, 2)
        head = 2
        length = ((lead & 63) << 8) | bytes[at + 1]!
      } else {
        const wide = readLength(src)
        if (wide === undefined) return PENDING
        head = src.index - at
        src.index = at
        length = wide
      }
    }
    this.length = length
    this.packed = 0
    if (length > longest) {
      src.index = at + head
      return LONG
    }
    if (here < head + length) return declined(src, head + length)
    this.#taken = head + length
    this.bytes = bytes
    this.start = at + head
    this.end = at + head + length
    src.index = this.end
    return TEXT
  }

  /** Where the blob lies that was just read (TEXT), or whose head was just read (LONG). */
  place(form: Form): BlobPlace {
    const position = this.window.position
    const isCompressed = this.packed > 0
    const back = form === LONG ? 0 : isCompressed ? this.#taken : this.length
    return { size: this.length, position: position - back, isCompressed }
  }

  #special(kind: number, longest: number, inflates: boolean): Form {
    if (kind === STRING_FORM.LZF) return this.#compressed(longest, inflates)
    const src = this.window
    const width = 1 << kind
    if (kind > STRING_FORM.INT32) {
      throw new Malformed('RDB_BAD_STRING', `string of unknown form ${kind}`, src.position)
    }
    if (src.limit - src.index <= width) return declined(src, 1 + width)
    this.integer = src.bytes.readIntLE(src.index + 1, width)
    this.packed = 0
    src.index += 1 + width
    return INTEGER
  }

  #compressed(longest: number, inflates: boolean): Form {
    const src = this.window
    const at = src.index
    src.index++
    const packed = readLength(src)
    const size = packed === undefined ? undefined : readLength(src)
    const head = src.index - at
    src.index = at
    if (packed === undefined || size === undefined) return declined(src, head + src.need)
    if (!isPlausibleLzf(packed, size)) {
      throw new Malformed(
        'RDB_BAD_STRING',
        `${packed} compressed bytes cannot be ${size} bytes`,
        src.position,
      )
    }
    this.length = size
    this.packed = packed
    if (size > longest) {
      src.index = at + head
      return LONG
    }
    const taken = head + packed
    if (src.limit - at < taken) return declined(src, taken)
    const from = at + head
    let wrong: number
    if (inflates || size <= INTEGER_TEXT_MAX) {
      wrong = this.#scratch.inflate(src.bytes, from, from + packed, size)
      this.bytes = this.#scratch.bytes
      this.start = 0
      this.end = size
    } else wrong = checkLzf(src.bytes, from, from + packed, size)
    if (wrong >= 0) throw badLzf(src.positionOf(wrong))
    this.#taken = taken
    src.index = at + taken
    return TEXT
  }
}

/**
 * Whether bytes[start..end) are the canonical decimal text of a signed 64-bit integer.
 * Source: redis `src/util.c`, string2ll.
 */
export function isInteger64(bytes: Buffer, start: number, end: number): boolean {
  const isNegative = bytes[start] === 0x2d
  const first = isNegative ? start + 1 : start
  const digits = end - first
  if (digits < 1 || digits > 19) return false
  const lead = bytes[first]!
  if (lead === 0x30) return digits === 1 && !isNegative
  for (let i = first; i < end; i++) {
    const digit = bytes[i]! - 0x30
    if (digit < 0 || digit > 9) return false
  }
  if (digits < 19) return true
  const limit = isNegative ? '9223372036854775808' : '9223372036854775807'
  return bytes.toString('latin1', first, end) <= limit
}
