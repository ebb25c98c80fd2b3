/**
 * ByteString: bytes at rest.
 *
 * Keys, values and arguments of Redis are bytes, not text. In motion they are slices of a network chunk
 * (Buffer, borrowed, never kept). At rest they become a ByteString: a JavaScript string in which one char
 * is one byte (latin1). Such strings are comparable with ===, usable as Map keys, ordered as memcmp orders,
 * and cost 46 bytes for a 24-byte value where a Buffer view costs 104 and pins its whole chunk.
 *
 * This file also knows the two ways bytes may leave us: quoted as redis-cli quotes them (never a control
 * character), and as JSON (UTF-8 text, or {"b64": …} where the bytes are not UTF-8).
 */
import { isUtf8 } from 'node:buffer'

declare const brand: unique symbol
export type ByteString = string & { readonly [brand]: true }

/** The longest there can be: V8's longest string is 24 bytes short of Redis's longest bulk. */
export const BYTE_STRING_MAX = 2 ** 29 - 24

/**
 * What toString('latin1') comes down to: present in every Node, in no documentation, and a tenth faster for
 * short strings.
 */
type Latin1Buffer = Buffer & { latin1Slice(start: number, end: number): string }

/** Bytes `start`..`end` of a buffer, at most to its end, as an owned ByteString. */
export function byteString(bytes: Buffer, start = 0, end = bytes.length): ByteString {
  return (bytes as Latin1Buffer).latin1Slice(start, Math.min(end, bytes.length)) as ByteString
}

/** Text (any Unicode) as the ByteString of its UTF-8 encoding. */
export function fromText(text: string): ByteString {
  return isAscii(text) ? (text as ByteString) : byteString(Buffer.from(text, 'utf8'))
}

/** The bytes of a ByteString, in a buffer of its own. */
export function toBytes(value: ByteString): Buffer {
  return Buffer.from(value, 'latin1')
}

/** The UTF-8 text of a ByteString, or undefined where its bytes are not UTF-8. */
export function toText(value: ByteString): string | undefined {
  if (isAscii(value)) return value
  const bytes = toBytes(value)
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined
}

/** A byte string as the path of a file. */
export function pathText(value: string): string {
  return toText(value as ByteString) ?? value
}

/** What stands in our JSON for a byte string: its text, or the bytes in base64 where they are not UTF-8. */
export type JsonBytes = string | { readonly b64: string }

export function toJson(value: ByteString): JsonBytes {
  return toText(value) ?? { b64: toBytes(value).toString('base64') }
}

const NEEDS_QUOTES = /[^\x21-\x7e]|["'\\]/
const NOT_PRINTABLE = /[^\x20-\x7e]|["\\]/g
const NAMED: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
  '"': '\\"',
  '\\': '\\\\',
}

/**
 * Quoted as redis-cli prints a string: `"a\x00b\r\n"`. The result is printable ASCII only.
 * Source: redis `src/sds.c`, sdscatrepr.
 */
export function quoted(value: string): string {
  return `"${value.replace(NOT_PRINTABLE, (c) => NAMED[c] ?? `\\x${hex(c)}`)}"`
}

/** As a person types it: bare where that is unambiguous, quoted otherwise. Printable ASCII only. */
export function readable(value: string): string {
  return value.length === 0 || NEEDS_QUOTES.test(value) ? quoted(value) : value
}

function hex(char: string): string {
  // A char above 0xff cannot come from the wire; text from elsewhere is shown by its UTF-8 bytes.
  const code = char.charCodeAt(0)
  if (code < 256) return code.toString(16).padStart(2, '0')
  return [...Buffer.from(char, 'utf8')].map((b) => b.toString(16).padStart(2, '0')).join('\\x')
}

function isAscii(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) > 0x7f) return false
  return true
}
