/**
 * Walk: what every part of the grammar shares while one snapshot is read.
 *
 * The programs that read values are the same at every detail. Where elements are not wanted, take() and
 * long() answer with an empty string, so that nothing is made into a string that nobody asked for.
 */
import type { ByteSource } from '../../bytes/byte-source.ts'
import { type ByteString, byteString } from '../../bytes/byte-string.ts'
import type { LzfScratch } from '../../bytes/lzf.ts'
import { Malformed } from '../../bytes/resumable.ts'
import { type ElementCursor, type Form, INTEGER, LONG, PENDING } from '../packed/cursor.ts'
import type { LongValue, RdbEvent, RdbString } from './events.ts'
import { LongText, longBytes } from './long-value.ts'
import { StringCursor } from './strings.ts'

/**
 * How much is told. Every byte is walked and checked whatever the detail.
 *   'sizes'      keys without their names: type, encoding, items, bytes, expiry
 *   'keys'       the same with names
 *   'elements'   and every element
 */
export type RdbDetail = 'sizes' | 'keys' | 'elements'

export type WalkOptions = {
  readonly detail: RdbDetail
  /** A longer string is told as LongValue. At least 32. */
  readonly maxValueBytes: number
  /** A longer packed blob is read piece by piece instead of held. */
  readonly maxPackedBytes: number
  readonly onEvent: (event: RdbEvent) => void
  readonly run?: RecordRun | undefined
  /** Where compressed strings are inflated. */
  readonly scratch?: LzfScratch | undefined
}

/** Reads ordinary records faster than the grammar does, and tells them in a way of its own. */
export type RecordRun = {
  /**
   * Begins between two records and consumes as many as are whole and ordinary, perhaps none. It never
   * declines and finds no fault: what it does not consume, the grammar reads. Returns their number.
   */
  read(src: ByteSource, db: number): number
}

/** 64 KiB hold every ordinary value whole; a window of that size costs a decoder nothing. */
export const MAX_VALUE_BYTES = 64 * 1024
/** Servers pack up to 8 KiB by default; 1 MiB leaves room for generous settings. */
export const MAX_PACKED_BYTES = 1024 * 1024

/** Twice what servers pack by default. */
const SHARED_BLOB_MAX = 16 * 1024

/** A number as text is always read whole; a double has at most 24 characters. */
const NUMBER_TEXT_MAX = 32

/** What stands for a string that nobody asked for. */
export const NOTHING = '' as ByteString

export class Walk {
  readonly src: ByteSource
  readonly strings: StringCursor
  readonly names: boolean
  readonly elements: boolean
  readonly emit: (event: RdbEvent) => void
  readonly maxValueBytes: number
  readonly maxPackedBytes: number
  readonly run: RecordRun | undefined
  /** Elements of the present key, so far. */
  items = 0
  /** The packed blob that is being read, as text; elements are cut out of it. */
  #blob: string | undefined
  /** Where it begins in the window. */
  #blobAt = 0

  constructor(src: ByteSource, options: WalkOptions) {
    this.src = src
    this.names = options.detail !== 'sizes'
    this.elements = options.detail === 'elements'
    this.emit = options.onEvent
    this.maxValueBytes = Math.max(options.maxValueBytes, NUMBER_TEXT_MAX)
    this.maxPackedBytes = options.maxPackedBytes
    this.run = options.run
    this.strings = new StringCursor(src, this.maxValueBytes, this.elements, options.scratch)
  }

  /**
   * Elements come out of bytes[start..start+size) until closeBlob(). Cutting strings out of one string
   * costs a fifth of making each from bytes. V8 lets such a cut share the memory of the whole, so a kept
   * element may keep its blob; hence only for blobs of ordinary size.
   */
  openBlob(bytes: Buffer, start: number, size: number): void {
    if (!this.elements || size > SHARED_BLOB_MAX) return
    this.#blob = byteString(bytes, start, start + size)
    this.#blobAt = start
  }

  closeBlob(): void {
    this.#blob = undefined
  }

  /** The element that `cursor` just found (TEXT or INTEGER). */
  take(cursor: ElementCursor, form: Form): ByteString {
    if (!this.elements) return NOTHING
    const blob = this.#blob
    if (blob === undefined || form === INTEGER) return textOf(cursor, form)
    return blob.substring(cursor.start - this.#blobAt, cursor.end - this.#blobAt) as ByteString
  }

  /** The element whose head `cursor` just found (LONG); consumes it. */
  *long(cursor: ElementCursor): Generator<void, RdbString, void> {
    if (this.elements) return yield* longText(cursor)
    yield* longBytes(cursor, ignore)
    return NOTHING
  }

  /** The next string of the file, told whatever the detail: a name. Not for the hot path. */
  *name(longest: number): Generator<void, RdbString, void> {
    let form: Form
    while ((form = this.strings.read(longest)) === PENDING) yield
    return form === LONG ? yield* longText(this.strings) : textOf(this.strings, form)
  }
}

/** The element that `cursor` just found (TEXT or INTEGER), as bytes of its own. */
export function textOf(cursor: ElementCursor, form: Form): ByteString {
  return form === INTEGER
    ? (String(cursor.integer) as ByteString)
    : byteString(cursor.bytes, cursor.start, cursor.end)
}

/** The integer that `cursor` just found. Where the grammar wants one, a string is damage. */
export function integerOf(cursor: ElementCursor, form: Form): number {
  if (form !== INTEGER) {
    throw new Malformed('RDB_BAD_VALUE', 'string where an integer belongs', cursor.position)
  }
  return Number(cursor.integer)
}

/** The string whose head `cursor` just found (LONG), told by length, preview and hash. */
export function* longText(cursor: ElementCursor): Generator<void, LongValue, void> {
  const text = new LongText()
  yield* longBytes(cursor, (block) => text.add(block))
  return text.value()
}

function ignore(): void {}
