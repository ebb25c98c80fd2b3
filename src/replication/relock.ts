/**
 * Relock: finding the next command after bytes were lost.
 *
 *   …hole…│7\r\nabc\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n*1\r\n$4\r\nPING\r\n
 *          what is left of a command │ a line that begins a command, and another behind it
 *
 * A place is believed to be the beginning of a command if a whole command can be read there and what
 * follows it is another
 * beginning, or nothing yet. Bytes before it are passed over; offsets stay exact all the same, because
 * they are positions.
 *
 * Not done here: judging whether the lock is right. The next ACK does that.
 */
import type { ByteSource } from '../bytes/byte-source.ts'
import type { Program } from '../bytes/resumable.ts'

const ASTERISK = 0x2a
const CR = 0x0d
const LF = 0x0a
const DOLLAR = 0x24
/** What is searched through is dropped, but for the beginning of a candidate that is not whole yet. */
const CANDIDATE_MAX = 64 * 1024

/** Passes over bytes until a command begins. It is left unread. */
export function* relock(src: ByteSource): Program {
  for (;;) {
    const seen = src.position + src.available
    const end = passOver(src)
    if (end === 'found') return
    while (src.position + src.available <= seen) {
      src.wants(src.available + 1)
      yield
    }
  }
}

/** Moves to the next place where a command begins or may begin. */
function passOver(src: ByteSource): 'found' | 'more' {
  const { bytes, limit } = src
  for (let at = src.index; at < limit; at++) {
    if (bytes[at] !== ASTERISK) continue
    const verdict = beginningOf(bytes, at, limit)
    if (verdict === 'no') continue
    src.index = at
    return verdict === 'yes' ? 'found' : 'more'
  }
  src.index = limit
  return 'more'
}

type Verdict = 'yes' | 'no' | 'unfinished'

/** Whether a command begins at `start`. Undecided while it is not whole, for a while. */
export function beginningOf(bytes: Buffer, start: number, limit: number): Verdict {
  const verdict = beginsCommand(bytes, start, limit)
  // A candidate that does not end is no candidate: a value that looks like a command with a huge argument.
  return verdict === 'unfinished' && limit - start > CANDIDATE_MAX ? 'no' : verdict
}

function beginsCommand(bytes: Buffer, start: number, limit: number): Verdict {
  const argc = decimal(bytes, start + 1, limit)
  if (argc === undefined) return 'unfinished'
  if (argc.value < 1) return 'no'
  let at = argc.end
  for (let left = argc.value; left > 0; left--) {
    if (at >= limit) return 'unfinished'
    if (bytes[at] !== DOLLAR) return 'no'
    const length = decimal(bytes, at + 1, limit)
    if (length === undefined) return 'unfinished'
    if (length.value < 0) return 'no'
    at = length.end + length.value
    if (at + 2 > limit) return 'unfinished'
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return 'no'
    at += 2
  }
  return at >= limit || bytes[at] === ASTERISK || bytes[at] === LF ? 'yes' : 'no'
}

/** A number of at most nine digits and its CR LF; a value of -1 where something else stands there. */
function decimal(bytes: Buffer, start: number, limit: number): { value: number; end: number } | undefined {
  let value = 0
  for (let at = start; at < limit; at++) {
    const digit = bytes[at]! - 0x30
    if (digit >= 0 && digit <= 9 && at - start < 9) value = value * 10 + digit
    else if (bytes[at] === CR && at > start) {
      if (at + 1 >= limit) return undefined
      return bytes[at + 1] === LF ? { value, end: at + 2 } : { value: -1, end: at }
    } else return { value: -1, end: at }
  }
  return undefined
}
