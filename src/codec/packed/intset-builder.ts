/**
 * Builds an intset: the packed form of a set whose members are all integers.
 *
 *   u32le width (2, 4 or 8) | u32le count | count sorted integers, little-endian, of that width
 *
 * The width is the smallest that holds all members. (A live server never narrows a set again, so its own
 * bytes may be wider than these.) Source: redis `src/intset.c`.
 */
import { ByteWriter } from '../../bytes/byte-writer.ts'

/** The intset of distinct int64 values, in any order. The list is sorted in place. */
export function buildIntset(members: (number | bigint)[]): Buffer {
  members.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const width = Math.max(widthOf(members[0] ?? 0), widthOf(members[members.length - 1] ?? 0))
  const out = new ByteWriter(8 + members.length * width)
  out.u32le(width)
  out.u32le(members.length)
  for (const member of members) {
    if (width === 8) out.i64le(member)
    else if (width === 4) out.u32le(Number(member))
    else out.u16le(Number(member))
  }
  return out.view()
}

function widthOf(value: number | bigint): 2 | 4 | 8 {
  if (value >= -32768 && value <= 32767) return 2
  return value >= -2147483648 && value <= 2147483647 ? 4 : 8
}
