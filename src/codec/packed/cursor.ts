/**
 * PackedCursor: what the packed encodings have in common, seen from outside.
 *
 *   header │ element │ element │ … │ terminator        one after the other, each one a string or an integer
 *
 * A cursor reads from a window. Usually that is the complete blob in memory (PackedWindow): then it never
 * declines, and running out of bytes is damage. A blob too large to hold is pushed through a ByteSource,
 * piece by piece, and the same cursor declines until more is there. So each encoding has one reader,
 * written once:
 *
 *   let form: Form
 *   while ((form = cursor.next()) === PENDING) yield
 *
 * Everything is checked on the way: totals, terminator, bounds of each element, and what an element says
 * about the size of itself (listpack) or of its neighbour (ziplist).
 *
 * Source: redis `src/listpack.c`, `src/ziplist.c`, `src/zipmap.c`, `src/intset.c`, the …ValidateIntegrity
 * functions.
 */
import { Malformed } from '../../bytes/resumable.ts'

/** What next() found: */
export type Form = typeof PENDING | typeof TEXT | typeof INTEGER | typeof LONG | typeof END
/** nothing yet, more bytes are wanted; */
export const PENDING = 0
/** a string, complete and borrowed; */
export const TEXT = 1
/** an integer, which stands for its decimal text; */
export const INTEGER = 2
/** the head of a string that is longer than asked for: its bytes are next in the window; */
export const LONG = 3
/** the end, where it belongs. */
export const END = 4

/** Where unread bytes lie. A ByteSource is one. */
export type Window = {
  readonly bytes: Buffer
  index: number
  readonly limit: number
  /** Declines: so many unread bytes are wanted. */
  wants(need: number): undefined
}

export type ElementCursor = {
  readonly window: Window
  /** After TEXT: the string is bytes[start..end), borrowed until the next call. */
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  /** After INTEGER; a bigint only where a number is not exact. */
  readonly integer: number | bigint
  /** After LONG: the length of the string. */
  readonly length: number
  /**
   * After LONG: 0, and `length` bytes are next in the window, or so many bytes are, which inflate to
   * `length`. Whoever calls next() again consumes them first.
   */
  readonly packed: number
  /** Position in the stream of what comes next, as well as it can be told. */
  readonly position: number
  next(): Form
}

/** Where a blob lies, so that damage can be pointed at. */
export type BlobPlace = {
  /** Length of the blob in bytes; inflated, if it was compressed. */
  readonly size: number
  /** Position in the stream of its first byte, or of the compressed string it was inflated from. */
  readonly position: number
  readonly isCompressed: boolean
}

/** A complete blob in memory, as a window that cannot grow. */
export class PackedWindow implements Window {
  readonly bytes: Buffer
  index: number
  readonly limit: number
  readonly #place: BlobPlace

  constructor(bytes: Buffer, start: number, place: BlobPlace) {
    this.bytes = bytes
    this.index = start
    this.limit = start + place.size
    this.#place = place
  }

  wants(_need: number): undefined {
    throw damaged(this.#place, this.#place.size, 'ends in the middle of an element')
  }
}

/** Declines a call of next(). */
export function declined(window: Window, need: number): typeof PENDING {
  window.wants(need)
  return PENDING
}

/** The fault of a blob that is not what it should be, `offset` bytes from its beginning. */
export function damaged(place: BlobPlace, offset: number, what: string): Malformed {
  const of = place.isCompressed ? `${place.size} bytes inflated` : `${place.size} bytes`
  return new Malformed('RDB_BAD_PACKED', `${what} (at byte ${offset} of ${of})`, positionIn(place, offset))
}

/** Position in the stream of a byte of a blob. Inside a compressed one it is where the string begins. */
export function positionIn(place: BlobPlace, offset: number): number {
  return place.isCompressed ? place.position : place.position + offset
}

/** A signed 64-bit little-endian integer: a number where that is exact. */
export function int64(bytes: Buffer, at: number): number | bigint {
  const value = bytes.readInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at)
  return Number.isSafeInteger(value) ? value : bytes.readBigInt64LE(at)
}
