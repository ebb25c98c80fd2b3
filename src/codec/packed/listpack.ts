/**
 * Listpack, the reading half: small collections since Redis 7.0, and the nodes of every stream.
 *
 *   u32 total bytes │ u16 elements (65535: count them) │ element … │ ff            all little-endian
 *
 *   element:  0vvvvvvv                     7-bit unsigned       10llllll …            string, 6-bit length
 *             110vvvvv vvvvvvvv            13-bit signed        1110llll llllllll …   string, 12-bit length
 *             f1 f2 f3 f4 …                16, 24, 32, 64 bits  f0 u32 …              string, 32-bit length
 *   then backlen: the size of the above in base 128, most significant group first, the high bit set on every
 *   byte but the first, so that it can be read from behind.
 *
 * Source: redis `src/listpack.c`.
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

const HEADER = 6
const COUNT_UNKNOWN = 0xffff
const TERMINATOR = 0xff

export class ListpackCursor implements ElementCursor {
  readonly window: Window
  bytes: Buffer
  start = 0
  end = 0
  integer: number | bigint = 0
  length = 0
  readonly packed = 0
  readonly #place: BlobPlace
  readonly #longest: number
  /** Offset in the blob of what is read next; 0 before the header. */
  #offset = 0
  #seen = 0
  #expected = 0
  /** Size of a long string whose backlen is still to be read. */
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
    if (this.#offset === 0 && !this.#header()) return PENDING
    if (this.#owed !== 0 && !this.#settle()) return PENDING
    const bytes = window.bytes
    const at = window.index
    const here = window.limit - at
    if (here === 0) return declined(window, 1)
    const lead = bytes[at]!
    let head = 1
    let body = 0
    let form: Form = INTEGER
    if (lead < 0x80) this.integer = lead
    else if (lead < 0xc0) {
      form = TEXT
      body = lead & 63
    } else if (lead < 0xf0) {
      if (here < 2) return declined(window, 2)
      head = 2
      if (lead < 0xe0) this.integer = (((lead << 8) | bytes[at + 1]!) << 19) >> 19
      else {
        form = TEXT
        body = ((lead & 15) << 8) | bytes[at + 1]!
      }
    } else if (lead === TERMINATOR) return this.#terminate()
    else {
      head = headOf(lead)
      if (head === 0) throw damaged(this.#place, this.#offset, `listpack element of unknown form ${lead}`)
      if (here < head) return declined(window, head)
      if (lead === 0xf0) {
        form = TEXT
        body = bytes.readUInt32LE(at + 1)
      } else this.integer = head === 9 ? int64(bytes, at + 1) : bytes.readIntLE(at + 1, head - 1)
    }
    const size = head + body
    const whole = size + backlenSize(size)
    if (this.#offset + whole >= this.#place.size) throw this.#damaged('listpack element is cut off')
    if (form === TEXT && body > this.#longest) {
      window.index = at + head
      this.length = body
      this.#owed = size
      this.#offset += size
      return LONG
    }
    if (here < whole) return declined(window, whole)
    if (!isBacklen(bytes, at + size, size)) throw this.#damaged('listpack element with a wrong backlen')
    this.bytes = bytes
    this.start = at + head
    this.end = at + size
    this.#offset += whole
    this.#seen++
    window.index = at + whole
    return form
  }

  #header(): boolean {
    const window = this.window
    if (window.limit - window.index < HEADER) return window.wants(HEADER) ?? false
    const total = window.bytes.readUInt32LE(window.index)
    if (total !== this.#place.size) {
      throw this.#damaged(`listpack that says it has ${total} bytes`)
    }
    this.#expected = window.bytes.readUInt16LE(window.index + 4)
    window.index += HEADER
    this.#offset = HEADER
    return true
  }

  #settle(): boolean {
    const window = this.window
    const length = backlenSize(this.#owed)
    if (window.limit - window.index < length) return window.wants(length) ?? false
    if (!isBacklen(window.bytes, window.index, this.#owed)) {
      throw this.#damaged('listpack element with a wrong backlen')
    }
    window.index += length
    this.#offset += length
    this.#owed = 0
    this.#seen++
    return true
  }

  #terminate(): Form {
    if (this.#offset !== this.#place.size - 1) throw this.#damaged('listpack that ends early')
    if (this.#expected !== COUNT_UNKNOWN && this.#expected !== this.#seen) {
      throw this.#damaged(`listpack that says it has ${this.#expected} elements and has ${this.#seen}`)
    }
    this.window.index++
    return END
  }

  #damaged(what: string): Error {
    return damaged(this.#place, this.#offset, what)
  }
}

/** Checks a complete listpack at bytes[start..) without looking at its elements. Returns their number. */
export function checkListpack(bytes: Buffer, start: number, place: BlobPlace): number {
  const size = place.size
  const last = start + size - 1
  if (size <= HEADER || bytes.readUInt32LE(start) !== size || bytes[last] !== TERMINATOR) {
    throw damaged(place, 0, 'listpack with a wrong total or no terminator')
  }
  let count = 0
  let at = start + HEADER
  while (at < last) {
    const lead = bytes[at]!
    let length: number
    if (lead < 0x80) length = 1
    else if (lead < 0xc0) length = 1 + (lead & 63)
    else if (lead < 0xe0) length = 2
    else if (lead < 0xf0) length = 2 + (((lead & 15) << 8) | bytes[at + 1]!)
    else {
      length = headOf(lead)
      if (length === 0) throw damaged(place, at - start, `listpack element of unknown form ${lead}`)
      if (lead === 0xf0 && last - at > length) length += bytes.readUInt32LE(at + 1)
    }
    if (length < 128) {
      if (bytes[at + length] !== length)
        throw damaged(place, at - start, 'listpack element with a wrong backlen')
      at += length + 1
    } else {
      const next = at + length + backlenSize(length)
      if (next > last) throw damaged(place, at - start, 'listpack element is cut off')
      if (!isBacklen(bytes, at + length, length)) {
        throw damaged(place, at - start, 'listpack element with a wrong backlen')
      }
      at = next
    }
    count++
  }
  if (at !== last) throw damaged(place, size, 'listpack element is cut off')
  const expected = bytes.readUInt16LE(start + 4)
  if (expected !== COUNT_UNKNOWN && expected !== count) {
    throw damaged(place, 4, `listpack that says it has ${expected} elements and has ${count}`)
  }
  return count
}

/** Bytes before the body of the forms f0 … f4; 0 for forms that do not exist. */
function headOf(lead: number): number {
  switch (lead) {
    case 0xf0:
      return 5
    case 0xf1:
      return 3
    case 0xf2:
      return 4
    case 0xf3:
      return 5
    case 0xf4:
      return 9
    default:
      return 0
  }
}

/** The writer's thresholds are one less than base 128 would allow, from the second on. */
function backlenSize(size: number): number {
  if (size < 128) return 1
  if (size < 16383) return 2
  if (size < 2097151) return 3
  return size < 268435455 ? 4 : 5
}

function isBacklen(bytes: Buffer, at: number, size: number): boolean {
  let left = size
  for (let i = at + backlenSize(size) - 1; i > at; i--) {
    if (bytes[i] !== ((left & 127) | 128)) return false
    left = Math.floor(left / 128)
  }
  return bytes[at] === left
}
