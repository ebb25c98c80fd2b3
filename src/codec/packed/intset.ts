/**
 * Intset, the reading half: small sets of integers.
 *
 *   u32 width (2, 4 or 8) │ u32 count │ count signed integers of that width, ascending     all little-endian
 *
 * Source: redis `src/intset.c`.
 */
import {
  type BlobPlace,
  damaged,
  declined,
  type ElementCursor,
  END,
  type Form,
  INTEGER,
  int64,
  positionIn,
  type Window,
} from './cursor.ts'

const HEADER = 8

export class IntsetCursor implements ElementCursor {
  readonly window: Window
  readonly bytes: Buffer
  readonly start = 0
  readonly end = 0
  readonly length = 0
  readonly packed = 0
  integer: number | bigint = 0
  readonly #place: BlobPlace
  /** Bytes per integer; 0 before the header. */
  #width = 0
  #left = 0
  #count = 0

  constructor(window: Window, place: BlobPlace) {
    this.window = window
    this.bytes = window.bytes
    this.#place = place
  }

  get position(): number {
    return positionIn(this.#place, HEADER + (this.#count - this.#left) * this.#width)
  }

  next(): Form {
    const window = this.window
    if (this.#width === 0) {
      if (window.limit - window.index < HEADER) return declined(window, HEADER)
      this.#width = widthOf(window.bytes, window.index, this.#place)
      this.#count = this.#left = window.bytes.readUInt32LE(window.index + 4)
      window.index += HEADER
    }
    const width = this.#width
    if (this.#left === 0) return END
    if (window.limit - window.index < width) return declined(window, width)
    const before = this.integer
    const at = window.index
    this.integer = width === 8 ? int64(window.bytes, at) : window.bytes.readIntLE(at, width)
    if (this.#left < this.#count && this.integer <= before) {
      const offset = HEADER + (this.#count - this.#left) * width
      throw damaged(this.#place, offset, 'intset that is not in ascending order')
    }
    window.index = at + width
    this.#left--
    return INTEGER
  }
}

/** Checks a complete intset at bytes[start..). Returns the number of its members. */
export function checkIntset(bytes: Buffer, start: number, place: BlobPlace): number {
  if (place.size < HEADER) throw damaged(place, 0, 'intset without a header')
  const width = widthOf(bytes, start, place)
  const end = start + place.size
  let at = start + HEADER
  if (width === 2) {
    for (let before = -Infinity; at < end; at += 2) {
      const value = bytes[at]! | ((bytes[at + 1]! << 24) >> 16)
      if (value <= before) break
      before = value
    }
  } else if (width === 4) {
    for (let before = -Infinity; at < end; at += 4) {
      const value = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
      if (value <= before) break
      before = value
    }
  } else {
    for (let high = -Infinity, low = -1; at < end; at += 8) {
      const nextHigh = bytes.readInt32LE(at + 4)
      const nextLow = bytes.readUInt32LE(at)
      if (nextHigh < high || (nextHigh === high && nextLow <= low)) break
      high = nextHigh
      low = nextLow
    }
  }
  if (at < end) throw damaged(place, at - start, 'intset that is not in ascending order')
  return (place.size - HEADER) / width
}

function widthOf(bytes: Buffer, at: number, place: BlobPlace): number {
  const width = bytes.readUInt32LE(at)
  if (width !== 2 && width !== 4 && width !== 8) throw damaged(place, 0, `intset of ${width}-byte integers`)
  const count = bytes.readUInt32LE(at + 4)
  if (HEADER + count * width !== place.size)
    throw damaged(place, 4, `intset that says it has ${count} members`)
  return width
}
