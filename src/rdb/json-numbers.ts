/**
 * Numbers as JSON: what a double holds exactly as a number, other integers as strings, and what JSON has no
 * number for ("inf", "-inf", "nan") as strings.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { ByteWriter } from '../bytes/byte-writer.ts'
import { putShortest, SHORTEST_MAX } from './shortest-double.ts'

const ZERO = 0x30
const MINUS = 0x2d
const POINT = 0x2e
const QUOTE = 0x22
/** Numbers below this are written by a loop, which beats the call into native code. */
const SMALL = 1_000_000_000
const SMALL_DIGITS = 9
const WIDE = 1e15
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
  if (!Number.isFinite(value)) {
    out.put((Number.isNaN(value) ? '"nan"' : value > 0 ? '"inf"' : '"-inf"') as ByteString)
    return
  }
  if (Number.isInteger(value)) {
    putNumber(out, value)
    return
  }
  // Most scores that are not whole have few decimals. n / 1000 is correctly rounded, and so is what the
  // decimal text of it means: if they are equal, that text is the value.
  const thousandths = Math.round(value * 1000)
  if (thousandths / 1000 === value && thousandths > 0 && thousandths < SMALL) putThousandths(out, thousandths)
  else putOther(out, value)
}

function putOther(out: ByteWriter, value: number): void {
  out.reserve(1 + SHORTEST_MAX)
  const sign = value < 0 ? 1 : 0
  const end = putShortest(out.bytes, out.length + sign, Math.abs(value))
  if (end < 0) {
    out.put(String(value) as ByteString)
    return
  }
  if (sign > 0) out.bytes[out.length] = MINUS
  out.length = end
}

function putNumber(out: ByteWriter, value: number): void {
  if (value > -SMALL && value < SMALL && !Object.is(value, -0)) putDigits(out, value)
  else if (value >= SMALL && value < WIDE) {
    const high = Math.floor(value / SMALL)
    putDigits(out, high)
    putDigits(out, value - high * SMALL, SMALL_DIGITS)
  } else out.put((Object.is(value, -0) ? '-0' : String(value)) as ByteString)
}

function putThousandths(out: ByteWriter, value: number): void {
  const whole = Math.floor(value / 1000)
  let rest = value - whole * 1000
  putDigits(out, whole)
  out.u8(POINT)
  for (let unit = 100; rest > 0; unit /= 10) {
    const digit = Math.floor(rest / unit)
    out.u8(ZERO + digit)
    rest -= digit * unit
  }
}

/** A whole number between -SMALL and SMALL. @param least digits that are written, zeros before the others */
function putDigits(out: ByteWriter, value: number, least = 1): void {
  out.reserve(DIGITS_MAX)
  const bytes = out.bytes
  let left = value | 0
  if (left < 0) {
    bytes[out.length++] = MINUS
    left = -left
  }
  let digits = 1
  for (let rest = left; rest >= 10; rest = (rest / 10) | 0) digits++
  const begin = out.length
  let end = begin + Math.max(digits, least)
  out.length = end
  while (end > begin) {
    const tenth = (left / 10) | 0
    bytes[--end] = ZERO + left - tenth * 10
    left = tenth
  }
}
