/**
 * JSON strings straight from the bytes of a snapshot into the bytes of our output.
 *
 *   bytes  h i 0a            →   "hi\n"               UTF-8: copied, escaped where JSON wants it
 *   bytes  ff 00             →   {"b64":"/wA="}       anything else
 *
 * A snapshot of a million keys has ten million strings; a JavaScript string of each, and JSON.stringify of
 * that, would cost three times the reading of the file. What is written is what JSON.stringify would write.
 */
import { isUtf8 } from 'node:buffer'
import type { ByteString } from '../bytes/byte-string.ts'
import type { ByteWriter } from '../bytes/byte-writer.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COPY = 0
const ESCAPE = 1
const NOT_ASCII = 2
/** What becomes of a byte: copied, escaped, or part of a longer character. */
const KIND = new Uint8Array(256)
KIND.fill(ESCAPE, 0, 0x20)
KIND.fill(NOT_ASCII, 0x80)
KIND[QUOTE] = ESCAPE
KIND[BACKSLASH] = ESCAPE

/** The letter behind the backslash of a short escape, by byte; 0 where there is none. */
const SHORT = new Uint8Array(256)
for (const [byte, letter] of [
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [QUOTE, '"'],
  [BACKSLASH, '\\'],
] as const) {
  SHORT[byte] = letter.charCodeAt(0)
}
const HEX = Buffer.from('0123456789abcdef')
export const BASE64 = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
const PADDING = 0x3d
const B64_OPEN = '{"b64":"' as ByteString
const B64_CLOSE = '"}' as ByteString

/** The longest escape of one byte: \u0000. */
export const ESCAPE_MAX = 6
/** Up to here a loop beats two calls into native code. Measured. */
const LOOP_MAX = 80
/** Quotes, or what stands around base64. */
const AROUND = 16

/**
 * Writes bytes[start..end) as a JSON value.
 * @returns whether they are UTF-8, and so a string
 */
export function putJsonBytes(out: ByteWriter, bytes: Buffer, start: number, end: number): boolean {
  out.reserve((end - start) * ESCAPE_MAX + AROUND)
  const to = out.bytes
  const from = out.length
  let at = from
  to[at++] = QUOTE
  for (let i = start; i < end; i++) {
    // Four at once, which most are, cost half of what they cost one by one.
    for (; i + 3 < end; i += 4, at += 4) {
      const a = bytes[i]!
      const b = bytes[i + 1]!
      const c = bytes[i + 2]!
      const d = bytes[i + 3]!
      if ((KIND[a]! | KIND[b]! | KIND[c]! | KIND[d]!) !== COPY) break
      to[at] = a
      to[at + 1] = b
      to[at + 2] = c
      to[at + 3] = d
    }
    if (i === end) break
    const byte = bytes[i]!
    const kind = KIND[byte]!
    if (kind === COPY) to[at++] = byte
    else if (kind === ESCAPE) at = putEscape(to, at, byte)
    else return putOther(out, bytes, start, end)
  }
  to[at++] = QUOTE
  out.length = at
  return true
}

/** Writes a byte string as a JSON value. @returns whether it is UTF-8, and so a string */
export function putJsonString(out: ByteWriter, value: ByteString): boolean {
  const length = value.length
  out.reserve(length * ESCAPE_MAX + AROUND)
  const to = out.bytes
  let at = out.length
  to[at++] = QUOTE
  for (let i = 0; i < length; i++) {
    const byte = value.charCodeAt(i)
    const kind = KIND[byte]!
    if (kind === COPY) to[at++] = byte
    else if (kind === ESCAPE) at = putEscape(to, at, byte)
    else return putOther(out, Buffer.from(value, 'latin1'), 0, length)
  }
  to[at++] = QUOTE
  out.length = at
  return true
}

/** Writes bytes that are known to be part of a UTF-8 text as the inside of a JSON string. */
export function putEscaped(out: ByteWriter, bytes: Buffer, start = 0, end = bytes.length): void {
  out.reserve((end - start) * ESCAPE_MAX)
  const to = out.bytes
  let at = out.length
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (KIND[byte] === ESCAPE) at = putEscape(to, at, byte)
    else to[at++] = byte
  }
  out.length = at
}

/** Writes base64. Of a value in several parts each but the last has a length that is a multiple of 3. */
export function putBase64(out: ByteWriter, bytes: Buffer, start = 0, end = bytes.length): void {
  const size = Math.ceil((end - start) / 3) * 4
  out.reserve(size)
  const to = out.bytes
  if (size > LOOP_MAX) {
    to.write(bytes.toString('base64', start, end), out.length, 'latin1')
    out.length += size
    return
  }
  let at = out.length
  let i = start
  for (; i + 2 < end; i += 3) {
    const group = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!
    to[at++] = BASE64[group >>> 18]!
    to[at++] = BASE64[(group >>> 12) & 63]!
    to[at++] = BASE64[(group >>> 6) & 63]!
    to[at++] = BASE64[group & 63]!
  }
  if (i < end) {
    const isPair = i + 1 < end
    const group = (bytes[i]! << 16) | (isPair ? bytes[i + 1]! << 8 : 0)
    to[at++] = BASE64[group >>> 18]!
    to[at++] = BASE64[(group >>> 12) & 63]!
    to[at++] = isPair ? BASE64[(group >>> 6) & 63]! : PADDING
    to[at++] = PADDING
  }
  out.length = at
}

/** What stands before and behind the inside of a value that is, or is not, UTF-8. */
export function around(isText: boolean): readonly [ByteString, ByteString] {
  return isText ? TEXT_AROUND : BASE64_AROUND
}
const TEXT_AROUND = ['"' as ByteString, '"' as ByteString] as const
const BASE64_AROUND = [B64_OPEN, B64_CLOSE] as const

/** Tells whether bytes that come in blocks are UTF-8 as a whole. */
export class Utf8Check {
  /** False as soon as a block is wrong. What is still open at the end is wrong too: see end(). */
  isGood = true
  /** The beginning of a character whose rest is in the next block. */
  #rest: Buffer = Buffer.alloc(0)

  add(block: Buffer): void {
    if (!this.isGood) return
    const bytes = this.#rest.length === 0 ? block : Buffer.concat([this.#rest, block])
    const whole = wholeCharacters(bytes)
    this.isGood = isUtf8(bytes.subarray(0, whole)) && bytes.length - whole < 4
    this.#rest = Buffer.from(bytes.subarray(whole))
  }

  end(): boolean {
    return this.isGood && this.#rest.length === 0
  }
}

/** The length of `bytes` without a character that may go on in the next block. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) return bytes.length
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return length > back ? bytes.length - back : bytes.length
    }
  }
  return bytes.length
}

function putEscape(to: Buffer, at: number, byte: number): number {
  to[at] = BACKSLASH
  const letter = SHORT[byte]!
  if (letter !== 0) {
    to[at + 1] = letter
    return at + 2
  }
  to[at + 1] = 0x75
  to[at + 2] = 0x30
  to[at + 3] = 0x30
  to[at + 4] = HEX[byte >>> 4]!
  to[at + 5] = HEX[byte & 15]!
  return at + ESCAPE_MAX
}

/** What a character of ASCII is inside of a JSON string. */
export function escapeOf(byte: number): Buffer {
  const text = Buffer.from([byte, 0, 0, 0, 0, 0])
  return text.subarray(0, KIND[byte] === ESCAPE ? putEscape(text, 0, byte) : 1)
}

function putOther(out: ByteWriter, bytes: Buffer, start: number, end: number): boolean {
  const isText = isUtf8(bytes.subarray(start, end))
  const [open, close] = around(isText)
  out.put(open)
  if (isText) putEscaped(out, bytes, start, end)
  else putBase64(out, bytes, start, end)
  out.put(close)
  return isText
}
