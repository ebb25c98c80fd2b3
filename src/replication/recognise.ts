/**
 * Recognise: what passes, where a capture begins in the middle or goes on behind a hole?
 *
 *   …k\r\n*3\r\n$3\r\nSET\r\n…                    commands, one behind the other                a stream,
 * perhaps
 *   \n\n+FULLRESYNC <id> <offset>\r\n             the answer to a PSYNC that was not seen      a reply
 *   $EOF:<mark>\r\nREDIS0010…  $1234\r\nREDIS…    a snapshot begins                            a snapshot
 *
 * In the middle of a snapshot there is nothing to hold on to. Its bytes may look like commands by chance (a
 * value that is an AOF, say), so commands found here are only believed when an ACK says so, or when they go
 * on for a while, are such as masters send, and nobody has asked for them: see MasterSide and
 * CommandStream.
 */
import type { ByteSource } from '../bytes/byte-source.ts'
import { byteString } from '../bytes/byte-string.ts'
import { beginningOf } from './relock.ts'

export type Landmark = 'command' | 'reply' | 'snapshot'

const PLUS = 0x2b
const DOLLAR = 0x24
const ASTERISK = 0x2a
/** Longer than any line that is looked for, with what must follow it. */
const LINE_MAX = 128

const RESYNC =
  /^\+(?:FULLRESYNC [0-9a-f]{40} \d{1,16}|CONTINUE(?: [0-9a-f]{40})?|RDBCHANNELSYNC \d{1,19}|DUALCHANNELSYNC)\r\n/
const SNAPSHOT =
  /^\$(?:\d{1,16}|EOF:[0-9a-f]{40})\r\n(?:REDIS\d{4}|VALKEY\d{3})|^\$ENDOFF:\d{1,16} [0-9a-f]{40} -?\d+ \d+\r\n/

/** Passes over bytes until one of them begins. It is left unread. */
export function* landmark(src: ByteSource): Generator<void, Landmark, void> {
  for (;;) {
    const seen = src.position + src.available
    const found = passOver(src)
    if (found !== undefined) return found
    while (src.position + src.available <= seen) {
      src.wants(src.available + 1)
      yield
    }
  }
}

function passOver(src: ByteSource): Landmark | undefined {
  const { bytes, limit } = src
  for (let at = src.index; at < limit; at++) {
    const byte = bytes[at]
    if (byte !== ASTERISK && byte !== PLUS && byte !== DOLLAR) continue
    const verdict = byte === ASTERISK ? beginningOf(bytes, at, limit) : lineAt(bytes, at, limit)
    if (verdict === 'no') continue
    src.index = at
    if (verdict === 'unfinished') return undefined
    return byte === ASTERISK ? 'command' : byte === PLUS ? 'reply' : 'snapshot'
  }
  src.index = limit
  return undefined
}

/** Whether the next unread bytes announce a snapshot; waits for as many as it takes to know. */
export function* beginsSnapshot(src: ByteSource): Generator<void, boolean, void> {
  for (;;) {
    const verdict = src.bytes[src.index] === DOLLAR ? lineAt(src.bytes, src.index, src.limit) : 'no'
    if (verdict !== 'unfinished') return verdict === 'yes'
    src.wants(src.available + 1)
    yield
  }
}

function lineAt(bytes: Buffer, at: number, limit: number): 'yes' | 'no' | 'unfinished' {
  const text = byteString(bytes, at, Math.min(limit, at + LINE_MAX))
  const isWhole = bytes[at] === PLUS ? RESYNC.test(text) : SNAPSHOT.test(text)
  if (isWhole) return 'yes'
  return limit - at < LINE_MAX && mayGrow(text) ? 'unfinished' : 'no'
}

/** Whether a line may still become one of those, judged by its beginning: most bytes need no wait. */
function mayGrow(text: string): boolean {
  const words = ['+FULLRESYNC ', '+CONTINUE', '+RDBCHANNELSYNC ', '+DUALCHANNELSYNC', '$EOF:', '$ENDOFF:']
  if (words.some((word) => (text.length < word.length ? word.startsWith(text) : text.startsWith(word)))) {
    return true
  }
  return /^\$\d{0,16}(?:\r(?:\n[A-Z]{0,6}\d{0,4})?)?$/.test(text)
}

/**
 * Commands that stand on a stream and in no reply: one of them is enough where nobody has asked for
 * anything.
 */
export const TYPICAL: ReadonlySet<string> = new Set([
  ...[
    'SELECT',
    'MULTI',
    'EXEC',
    'SET',
    'DEL',
    'UNLINK',
    'MSET',
    'INCR',
    'INCRBY',
    'DECR',
    'APPEND',
    'SETRANGE',
  ],
  ...['HSET', 'HMSET', 'HDEL', 'HINCRBY', 'SADD', 'SREM', 'ZADD', 'ZREM', 'ZINCRBY', 'XADD', 'XTRIM', 'XDEL'],
  ...[
    'LPUSH',
    'RPUSH',
    'LPOP',
    'RPOP',
    'LREM',
    'LTRIM',
    'EXPIRE',
    'PEXPIRE',
    'PEXPIREAT',
    'PERSIST',
    'RENAME',
  ],
  ...['FLUSHALL', 'FLUSHDB', 'PUBLISH', 'SPUBLISH', 'EVAL', 'EVALSHA', 'FCALL', 'SETBIT', 'PFADD', 'GETDEL'],
])
