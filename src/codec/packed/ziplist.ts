/**
 * Ziplist: small collections up to Redis 6.2, read only.
 *
 *   u32 total bytes │ u32 offset of the last entry │ u16 entries (65535: count them) │ entry … │ ff
 *
 *   entry:  prevlen  size of the entry before: one byte below 254, else fe + u32
 *           00llllll …            string, 6-bit length         c0 d0 e0 f0 …   integer of 16, 32, 64, 24 bits
 *           01llllll llllllll …   14-bit length, big-endian    fe …            8 bits
 *           80 u32 (big-endian) … 32-bit length                f1 … fd         the integers 0 … 12
 *
 * Source: redis `src/ziplist.c`.
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
  LONG,
  PENDING,
  positionIn,
  TEXT,
  type Window,
} from './cursor.ts'

const HEADER = 10
const COUNT_UNKNOWN = 0xffff
const TERMINATOR = 0xff
const BIG_PREVLEN = 0xfe

export class ZiplistCursor implements ElementCursor {
  readonly window: Window
  bytes: Buffer
  start = 0
  end = 0
  integer: number | bigint = 0
  length = 0
  readonly packed = 0
  readonly #place: BlobPlace
  readonly #longest: number
  /** Offset in the blob of the entry that is read next; 0 before the header. */
  #offset = 0
  /** Size of the entry before it, 0 before the first. */
  #previous = 0
  #seen = 0
  #tail = 0
  #expected = 0

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
    if (this.#offset === 0 && !this.#header()) return PENDING
    const bytes = window.bytes
    const at = window.index
    const here = window.limit - at
    if (here === 0) return declined(window, 1)
    let previous = bytes[at]!
    if (previous === TERMINATOR) return this.#terminate()
    let head = 1
    if (previous === BIG_PREVLEN) {
      head = 5
      if (here < head) return declined(window, head)
      previous = bytes.readUInt32LE(at + 1)
    }
    if (previous !== this.#previous) throw this.#damaged('ziplist entry with a wrong prevlen')
    if (here <= head) return declined(window, head + 1)
    const lead = bytes[at + head]!
    const code = at + head + 1
    const width = headOf(lead)
    if (width < 0) throw this.#damaged(`ziplist entry of unknown form ${lead}`)
    head += 1 + width
    if (here < head) return declined(window, head)
    let body = 0
    let form: Form = INTEGER
    if (lead < 0xc0) {
      form = TEXT
      if (lead < 0x40) body = lead
      else body = lead < 0x80 ? ((lead & 63) << 8) | bytes[code]! : bytes.readUInt32BE(code)
    } else if (width === 0) this.integer = (lead & 15) - 1
    else this.integer = width === 8 ? int64(bytes, code) : bytes.readIntLE(code, width)
    const size = head + body
    if (this.#offset + size >= this.#place.size) throw this.#damaged('ziplist entry is cut off')
    const isLong = form === TEXT && body > this.#longest
    if (!isLong && here < size) return declined(window, size)
    this.#offset += size
    this.#previous = size
    this.#seen++
    this.length = body
    if (isLong) {
      window.index = at + head
      return LONG
    }
    this.bytes = bytes
    this.start = at + head
    this.end = at + size
    window.index = at + size
    return form
  }

  #header(): boolean {
    const window = this.window
    if (window.limit - window.index < HEADER) return window.wants(HEADER) ?? false
    const total = window.bytes.readUInt32LE(window.index)
    if (total !== this.#place.size) throw this.#damaged(`ziplist that says it has ${total} bytes`)
    this.#tail = window.bytes.readUInt32LE(window.index + 4)
    this.#expected = window.bytes.readUInt16LE(window.index + 8)
    window.index += HEADER
    this.#offset = HEADER
    return true
  }

  #terminate(): Form {
    if (this.#offset !== this.#place.size - 1) throw this.#damaged('ziplist that ends early')
    checkEnd(this.#place, this.#tail, this.#offset - this.#previous, this.#expected, this.#seen)
    this.window.index++
    return END
  }

  #damaged(what: string): Error {
    return damaged(this.#place, this.#offset, what)
  }
}

/** Checks a complete ziplist at bytes[start..) without looking at its entries. Returns their number. */
export function checkZiplist(bytes: Buffer, start: number, place: BlobPlace): number {
  const size = place.size
  const last = start + size - 1
  if (size <= HEADER || bytes.readUInt32LE(start) !== size || bytes[last] !== TERMINATOR) {
    throw damaged(place, 0, 'ziplist with a wrong total or no terminator')
  }
  let count = 0
  let before = 0
  let at = start + HEADER
  while (at < last) {
    let previous = bytes[at]!
    let head = 1
    if (previous === BIG_PREVLEN) {
      if (last - at <= 5) throw damaged(place, at - start, 'ziplist entry is cut off')
      previous = bytes.readUInt32LE(at + 1)
      head = 5
    }
    if (previous !== before) throw damaged(place, at - start, 'ziplist entry with a wrong prevlen')
    const lead = bytes[at + head]!
    const width = headOf(lead)
    if (width < 0) throw damaged(place, at - start, `ziplist entry of unknown form ${lead}`)
    let length = head + 1 + width
    if (lead < 0x40) length += lead
    else if (lead < 0x80) length += ((lead & 63) << 8) | bytes[at + head + 1]!
    else if (lead < 0xc0 && last - at > length) length += bytes.readUInt32BE(at + head + 1)
    before = length
    at += length
    count++
  }
  if (at !== last) throw damaged(place, size, 'ziplist entry is cut off')
  const tail = bytes.readUInt32LE(start + 4)
  checkEnd(place, tail, size - 1 - before, bytes.readUInt16LE(start + 8), count)
  return count
}

/** The two promises of the header that only a full walk can check. */
function checkEnd(place: BlobPlace, tail: number, lastAt: number, expected: number, count: number): void {
  if (tail !== lastAt)
    throw damaged(place, 4, `ziplist that says its last entry is at ${tail}, not ${lastAt}`)
  if (expected !== COUNT_UNKNOWN && expected !== count) {
    throw damaged(place, 8, `ziplist that says it has ${expected} entries and has ${count}`)
  }
}

/**
 * Bytes between the lead byte and the body of a string, or after the lead byte of an integer; -1: no such
 * form.
 */
function headOf(lead: number): number {
  if (lead < 0x40) return 0
  if (lead < 0x80) return 1
  switch (lead) {
    case 0x80:
      return 4
    case 0xc0:
      return 2
    case 0xd0:
      return 4
    case 0xe0:
      return 8
    case 0xf0:
      return 3
    case 0xfe:
      return 1
    default:
      return lead > 0xf0 && lead < 0xfe ? 0 : -1
  }
}
