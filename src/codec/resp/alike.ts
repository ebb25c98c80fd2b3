/**
 * Commands that begin as the last one did, passed over and only counted.
 *
 *   *3 $3 SET $5 key:1 $1 x   *3 $3 SET $5 key:2 $1 y   *3 $3 SET $6 key:10 $1 z   *2 $3 DEL …
 *   └─ head ─┘                └─ same ─┘ └─ skipped ─┘  └─ same ─┘                 └─ another
 *
 * A busy stream is one command again and again. Who only counts by name needs neither frame nor name of each:
 * the head is compared where it lies, lengths are read, values stepped over. A quarter of the time of
 * framing.
 *
 * Only what is whole, within limits and without a doubt is passed; whatever is not is left unread, for the
 * grammar in command.ts to judge.
 */
import type { ByteSource } from '../../bytes/byte-source.ts'
import type { Keep } from './limits.ts'

const DOLLAR = 0x24
const CR = 0x0d
const LF = 0x0a
/** Digits of a length, all of which make a number that fits 32 bits. */
const DIGITS_MAX = 9

/**
 * Consumes the commands that follow, as long as they begin with the bytes of window [head, headEnd).
 * @param args arguments of such a command that come behind its head
 * @returns how many commands were consumed
 */
export function passAlike(src: ByteSource, head: number, headEnd: number, args: number, keep: Keep): number {
  const { bytes } = src
  const limit = src.limit
  const size = headEnd - head
  let count = 0
  for (;;) {
    const start = src.index
    if (limit - start < size) return count
    for (let i = 0; i < size; i++) if (bytes[start + i] !== bytes[head + i]) return count
    const end = endOfBulks(bytes, start + size, limit, args, keep.valueBytes)
    if (end < 0 || end - start > keep.totalBytes) return count
    src.index = end
    count++
  }
}

/** Behind `count` bulk strings; -1 where they are not whole, or not as they should be. */
function endOfBulks(bytes: Buffer, from: number, limit: number, count: number, longest: number): number {
  let at = from
  for (let left = count; left > 0; left--) {
    if (at >= limit || bytes[at] !== DOLLAR) return -1
    const first = ++at
    const last = Math.min(limit, first + DIGITS_MAX)
    let length = 0
    for (; at < last; at++) {
      const digit = bytes[at]! - 0x30
      if (digit < 0 || digit > 9) break
      length = length * 10 + digit
    }
    if (at === first || length > longest) return -1
    const end = at + 2 + length
    if (end + 2 > limit) return -1
    if (bytes[at] !== CR || bytes[at + 1] !== LF || bytes[end] !== CR || bytes[end + 1] !== LF) return -1
    at = end + 2
  }
  return at
}
