/**
 * Numbers as JSON: what a double holds exactly as a number, other integers as strings, and what JSON has no number
 * for ("inf", "-inf", "nan") as strings.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { ByteWriter } from '../bytes/byte-writer.ts'

const ZERO = 0x30
const MINUS = 0x2d
const QUOTE = 0x22
/** Numbers below this are written by a loop, which beats the call into native code. */
const SMALL = 1_000_000_000
const DIGITS_MAX = 12

/** An integer; one that is no safe integer comes as bigint and is written as a string. */
export function putInteger(out: ByteWriter, value: number | bigint): void {
  if (typeof value === 'bigint') putQuotedInteger(out, value)
  else putNumber(out, value)
}

/** The decimal text of an integer, in quotes. */
export function putQuotedInteger(out: ByteWriter, value: number | bigint): void {
  out.u8(QUOTE)
  if (typeof value === 'bigint') out.put(String(value) as ByteString)
  else putNumber(out, value)
  out.u8(QUOTE)
}

/** A score. */
export function putDouble(out: ByteWriter, value: number): void {
  if (Number.isFinite(value)) putNumber(out, value)
  else out.put((Number.isNaN(value) ? '"nan"' : value > 0 ? '"inf"' : '"-inf"') as ByteString)
}

function putNumber(out: ByteWriter, value: number): void {
  if (!(Number.isInteger(value) && value > -SMALL && value < SMALL) || Object.is(value, -0)) {
    out.put((Object.is(value, -0) ? '-0' : String(value)) as ByteString)
    return
  }
  out.reserve(DIGITS_MAX)
  const bytes = out.bytes
  let left = value
  if (left < 0) {
    bytes[out.length++] = MINUS
    left = -left
  }
  let end = out.length + 1
  for (let rest = left; rest >= 10; rest = (rest / 10) | 0) end++
  out.length = end
  do {
    bytes[--end] = ZERO + (left % 10)
    left = (left / 10) | 0
  } while (left > 0)
}
