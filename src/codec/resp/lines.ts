/**
 * The lines RESP is made of: `<type><payload>\r\n`, read from a ByteSource window.
 *
 *   *3\r\n $3\r\n SET\r\n …        the numbers are decimal, the terminator is CR LF
 *
 * Every function consumes a whole line or declines. Nothing is consumed on a decline.
 */
import type { ByteSource } from '../../bytes/byte-source.ts'
import { type ByteString, byteString, quoted } from '../../bytes/byte-string.ts'
import { Malformed } from '../../bytes/resumable.ts'
import { LIMITS } from './limits.ts'

const CR = 0x0d
const LF = 0x0a
const MINUS = 0x2d
const PLUS = 0x2b

/**
 * The next line without its CR LF; `skip` bytes at its beginning (the type byte) are left out.
 * @param most bytes a line may have before it is a fault
 * @throws Malformed RESP_LINE_TOO_LONG, RESP_BAD_LINE_END
 */
export function line(src: ByteSource, skip: number, most: number = LIMITS.lineBytes): ByteString | undefined {
  const end = lineEnd(src, most)
  if (end === undefined) return undefined
  if (src.bytes[end - 1] !== CR || end - 1 < src.index + skip) {
    throw new Malformed('RESP_BAD_LINE_END', 'a line must end in CR LF', src.positionOf(end))
  }
  const text = byteString(src.bytes, src.index + skip, end - 1)
  src.index = end + 1
  return text
}

/**
 * Window index of the LF that ends the line at hand, or undefined: declines. A line that is too long is so
 * whether its end has come or not: what we say must not depend on how the bytes are cut.
 * @throws Malformed RESP_LINE_TOO_LONG
 */
export function lineEnd(src: ByteSource, most: number = LIMITS.lineBytes): number | undefined {
  const found = src.bytes.indexOf(LF, src.index)
  const end = found === -1 || found >= src.limit ? undefined : found
  if ((end ?? src.limit - 1) - src.index > most) {
    throw new Malformed('RESP_LINE_TOO_LONG', `no line end within ${most} bytes`)
  }
  return end ?? src.wants(src.available + 1)
}

/**
 * The number of a length or count line (`$3`, `*-1`), whose type byte is still in front. NaN stands for `?`
 * (a streamed RESP3 aggregate). Declines until the whole line is here.
 * @throws Malformed RESP_BAD_LENGTH
 */
export function lengthLine(src: ByteSource): number | undefined {
  const { bytes, limit } = src
  let at = src.index + 1
  let value = 0
  let digits = 0
  let negative = false
  for (; at < limit; at++) {
    const byte = bytes[at]!
    if (byte >= 0x30 && byte <= 0x39 && digits < LIMITS.lengthDigits && !Number.isNaN(value)) {
      value = value * 10 + (byte - 0x30)
      digits++
    } else if (byte === CR && (digits > 0 || Number.isNaN(value))) {
      if (at + 1 >= limit) return src.wants(at + 2 - src.index)
      if (bytes[at + 1] !== LF) throw badLength(src, at + 1)
      src.index = at + 2
      return negative ? -value : value
    } else if (digits === 0 && at === src.index + 1 && (byte === MINUS || byte === PLUS)) {
      negative = byte === MINUS
    } else if (at === src.index + 1 && byte === 0x3f) {
      value = Number.NaN
    } else throw badLength(src, at)
  }
  return src.wants(at + 1 - src.index)
}

/** Where a CR LF must stand: consumes it, declines, or throws RESP_BAD_LENGTH. */
export function crlf(src: ByteSource): true | undefined {
  if (src.available < 2) return src.wants(2)
  if (src.bytes[src.index] !== CR || src.bytes[src.index + 1] !== LF) throw missingCrlf(src.position)
  src.index += 2
  return true
}

export function missingCrlf(position: number): Malformed {
  return new Malformed('RESP_BAD_LENGTH', 'a bulk string is longer than its length says: no CR LF', position)
}

function badLength(src: ByteSource, at: number): Malformed {
  const type = String.fromCharCode(src.bytes[src.index]!)
  const got = quoted(byteString(src.bytes, at, at + 1))
  return new Malformed('RESP_BAD_LENGTH', `${got} in the length after "${type}"`, src.positionOf(at))
}
