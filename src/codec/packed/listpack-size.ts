/**
 * How many bytes something takes in a listpack, without building one: Redis cuts stream nodes by it.
 *
 * See listpack-builder.ts for the encodings.
 */
import type { Bytes } from '../../bytes/byte-writer.ts'
import { canonicalInteger } from './canonical-integer.ts'

/** Of one without elements: header and end. */
export const EMPTY_LISTPACK_BYTES = 7

/** Of an element that is a byte string; canonical decimal text is stored as an integer. */
export function textEntryBytes(text: Bytes): number {
  const { length } = text
  const integer = length <= 20 ? canonicalInteger(text) : undefined
  if (integer !== undefined) return integerEntryBytes(integer)
  return withBacklen(length + (length <= 63 ? 1 : length <= 4095 ? 2 : 5))
}

/** Of an element that is an integer of 64 bits. */
export function integerEntryBytes(value: number | bigint): number {
  if (value >= -4096 && value <= 4095) return value >= 0 && value <= 127 ? 2 : 3
  if (value >= -32768 && value <= 32767) return 4
  if (value >= -8388608 && value <= 8388607) return 5
  return value >= -2147483648 && value <= 2147483647 ? 6 : 10
}

function withBacklen(size: number): number {
  if (size <= 127) return size + 1
  return size + (size < 16383 ? 2 : size < 2097151 ? 3 : size < 268435455 ? 4 : 5)
}
