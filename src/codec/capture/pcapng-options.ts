/**
 * Options of a pcapng block: a list of (code, length, value padded to four bytes), ended by code 0 or by
 * the block. A length that leaves the block ends the list: the packet beside it is still good.
 * Source: draft-ietf-opsawg-pcapng, "Options".
 */
import type { ByteOrder } from './byte-order.ts'
import { NO_COMMENTS } from './capture-event.ts'

export const OPTION = {
  COMMENT: 1,
  SECTION_HARDWARE: 2,
  SECTION_SYSTEM: 3,
  SECTION_APPLICATION: 4,
  INTERFACE_NAME: 2,
  INTERFACE_DESCRIPTION: 3,
  INTERFACE_TIME_RESOLUTION: 9,
  INTERFACE_CHECK_LENGTH: 13,
  INTERFACE_TIME_OFFSET: 14,
} as const

export type Option = { readonly code: number; readonly value: Buffer }

/** The options in bytes[start..end); values are borrowed. */
export function readOptions(bytes: Buffer, start: number, end: number, order: ByteOrder): Option[] {
  const options: Option[] = []
  for (let at = start; at + 4 <= end; ) {
    const code = order.u16(bytes, at)
    const stop = at + 4 + order.u16(bytes, at + 2)
    if (code === 0 || stop > end) break
    options.push({ code, value: bytes.subarray(at + 4, stop) })
    at = stop + (-(stop - start) & 3)
  }
  return options
}

/** The text of the first option with this code, or ''. */
export function textOf(options: readonly Option[], code: number): string {
  const option = options.find((o) => o.code === code)
  return option === undefined ? '' : text(option.value)
}

/** Every opt_comment, in order. */
export function commentsOf(options: readonly Option[]): readonly string[] {
  const comments = options.filter((o) => o.code === OPTION.COMMENT).map((o) => text(o.value))
  return comments.length === 0 ? NO_COMMENTS : comments
}

/** UTF-8; some writers end it with a zero byte although a length stands before it. */
function text(value: Buffer): string {
  const zero = value.indexOf(0)
  return value.toString('utf8', 0, zero < 0 ? value.length : zero)
}
