/**
 * Requests as a server reads them from its clients: with Redis's own leniency, and refused in Redis's own
 * words.
 *
 *   *2\r\n $3\r\nGET\r\n $1\r\nk\r\n     a command, read argument by argument as it comes
 *   GET k\r\n                            an inline command
 *   *0\r\n  \r\n                         nothing
 *
 * command.ts describes what others say, strictly; this one obeys, as Redis does: what stands behind a CR is
 * taken for the LF, what stands behind a bulk string for its CR LF, and no line is looked at beyond a NUL.
 * Lengths are refused where they are promised, before anything is held for them.
 *
 * Source: redis 7.0 `src/networking.c`, processMultibulkBuffer and processInlineBuffer.
 */
import type { ByteSource } from '../../bytes/byte-source.ts'
import { type ByteString, byteString } from '../../bytes/byte-string.ts'
import { InternTable } from '../../bytes/intern-table.ts'
import { Malformed } from '../../bytes/resumable.ts'
import { splitInline } from './inline.ts'

/** What a server is willing to read at present. */
export type RequestLimits = {
  /** Longest bulk string. */
  bulkBytes(): number
  /** The client has not said who it is: only short requests are read. */
  isStranger(): boolean
}

/** Bytes without a line end that are too many (PROTO_INLINE_MAX_SIZE). */
const LINE_MAX = 64 * 1024
/** Room is made at once for so many arguments at most: more may have been promised than ever come. */
const RESERVED_MAX = 64
const COUNT_MAX = 2 ** 31 - 1
const STRANGER_COUNT = 10
const STRANGER_BYTES = 16 * 1024
/** What has no more digits is below every limit of a length: those are a megabyte at least. */
const SHORT_DIGITS = 4
const ASTERISK = 0x2a
const DOLLAR = 0x24
const MINUS = 0x2d
const CR = 0x0d
const LF = 0x0a
const ZERO = 0x30

/** numberAt() found what is no number. */
const BAD = Number.NaN
const NOTHING: readonly ByteString[] = []
/** Names of commands, fields and options, small numbers: they come again and again, from all clients. */
const words = new InternTable(4096)
/** Looking for a longer one would cost as much as making it. */
const SHORT_WORD = 8

/** Reads one client's requests; what has come of a request that is not whole is kept here. */
export class RequestReader {
  readonly #limits: RequestLimits
  #argv: ByteString[] = []
  /** Arguments that are here, and those that are still to come. */
  #read = 0
  #left = 0
  /** Length of the argument whose length line was read, or -1. */
  #length = -1
  /** Bytes of the arguments that are here. */
  #kept = 0

  constructor(limits: RequestLimits) {
    this.#limits = limits
  }

  /** Length of the argument that is awaited, or -1. */
  get awaitedBytes(): number {
    return this.#length
  }

  /** Bytes of the arguments of a request that is not whole. */
  get keptBytes(): number {
    return this.#left === 0 ? 0 : this.#kept
  }

  /**
   * The words of the next request (none: it was empty), or undefined: more bytes are wanted.
   * @throws Malformed whose detail are Redis's words
   */
  next(src: ByteSource): readonly ByteString[] | undefined {
    if (this.#left === 0) {
      const first = src.peek()
      if (first === undefined) return undefined
      if (first !== ASTERISK) return inlineRequest(src)
      const count = this.#count(src)
      if (count === undefined) return undefined
      if (count <= 0) return NOTHING
      this.#left = count
      this.#argv = new Array(Math.min(count, RESERVED_MAX))
      this.#read = 0
      this.#kept = 0
    }
    const argv = this.#argv
    while (this.#left > 0) {
      const word = this.#argument(src)
      if (word === undefined) return undefined
      argv[this.#read++] = word
      this.#kept += word.length
      this.#left--
    }
    return argv
  }

  #count(src: ByteSource): number | undefined {
    const short = shortNumber(src)
    if (short >= 0 && short <= STRANGER_COUNT) {
      src.index = lineEnd
      return short
    }
    const end = returnOf(src, 'too big mbulk count string')
    if (end === undefined) return undefined
    const count = numberAt(src.bytes, src.index + 1, end)
    if (!(count <= COUNT_MAX)) throw refusal('invalid multibulk length')
    if (count > STRANGER_COUNT && this.#limits.isStranger()) throw refusal('unauthenticated multibulk length')
    src.index = end + 2
    return count
  }

  #bulkLength(src: ByteSource): number | undefined {
    const { bytes, index } = src
    const short = bytes[index] === DOLLAR ? shortNumber(src) : -1
    if (short >= 0) {
      src.index = lineEnd
      return short
    }
    const end = returnOf(src, 'too big bulk count string')
    if (end === undefined) return undefined
    if (bytes[index] !== DOLLAR) {
      throw refusal(`expected '$', got '${String.fromCharCode(bytes[index]!)}'`)
    }
    const length = numberAt(bytes, index + 1, end)
    if (!(length >= 0 && length <= this.#limits.bulkBytes())) throw refusal('invalid bulk length')
    if (length > STRANGER_BYTES && this.#limits.isStranger()) throw refusal('unauthenticated bulk length')
    src.index = end + 2
    return length
  }

  #argument(src: ByteSource): ByteString | undefined {
    if (this.#length < 0) {
      const length = this.#bulkLength(src)
      if (length === undefined) return undefined
      this.#length = length
    }
    const end = src.index + this.#length
    if (end + 2 > src.limit) return src.wants(this.#length + 2)
    const word =
      this.#length <= SHORT_WORD
        ? words.exact(src.bytes, src.index, end)
        : byteString(src.bytes, src.index, end)
    src.index = end + 2
    this.#length = -1
    return word
  }
}

/** Second result of shortNumber(): the index behind its line. */
let lineEnd = 0

/** The number of a line as most are: one to four digits, and all of it here. -1: look again, carefully. */
function shortNumber({ bytes, index, limit }: ByteSource): number {
  const first = bytes[index + 1]! - ZERO
  // A zero may be one too many in front of others.
  if (!(first > 0 && first <= 9)) return -1
  let value = first
  const last = Math.min(index + SHORT_DIGITS + 1, limit - 2)
  for (let at = index + 2; at <= last; at++) {
    const digit = bytes[at]! - ZERO
    if (digit >= 0 && digit <= 9) value = value * 10 + digit
    else if (bytes[at] === CR) {
      lineEnd = at + 2
      return value
    } else return -1
  }
  return -1
}

/** Window index of the CR that ends the line at hand, where the byte behind it is here too. */
function returnOf(src: ByteSource, tooLong: string): number | undefined {
  const { bytes, index, limit } = src
  for (let at = index; at < limit; at++) {
    const byte = bytes[at]!
    if (byte === CR) return at + 1 < limit ? at : src.wants(at + 2 - index)
    if (byte === 0) break
  }
  if (limit - index > LINE_MAX) throw refusal(tooLong)
  return src.wants(src.available + 1)
}

/** The integer that stands there as Redis would print it, or BAD. */
function numberAt(bytes: Buffer, start: number, end: number): number {
  const isNegative = bytes[start] === MINUS
  const first = isNegative ? start + 1 : start
  if (first >= end || end - first > 19) return BAD
  if (bytes[first] === ZERO && (isNegative || end - first > 1)) return BAD
  let value = 0
  for (let at = first; at < end; at++) {
    const digit = bytes[at]! - ZERO
    if (digit < 0 || digit > 9) return BAD
    value = value * 10 + digit
  }
  // Beyond 64 bits is no integer; below the lowest limit the difference does not matter.
  return isNegative ? (value > 2 ** 63 ? BAD : -value) : value
}

/** The words of a line. */
function inlineRequest(src: ByteSource): readonly ByteString[] | undefined {
  const { bytes, index, limit } = src
  const found = bytes.indexOf(LF, index)
  const nul = bytes.indexOf(0, index)
  const isWhole = found !== -1 && found < limit && (nul === -1 || nul > found)
  if (!isWhole) {
    if (limit - index > LINE_MAX) throw refusal('too big inline request')
    return src.wants(src.available + 1)
  }
  const words = splitInline(
    byteString(bytes, index, bytes[found - 1] === CR && found > index ? found - 1 : found),
  )
  if (words === undefined) throw refusal('unbalanced quotes in request')
  src.index = found + 1
  return words
}

function refusal(words: string): Malformed {
  return new Malformed('REQUEST_REFUSED', words)
}
