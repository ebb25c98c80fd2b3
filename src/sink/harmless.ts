/**
 * Whether the beginning of a command tells that the whole of it can hold no secret: its name is enough.
 *
 *   *3\r\n$3\r\nSE          harmless so far: framing and a name are no secrets
 *   *3\r\n$3\r\nSET\r\n     harmless, and so is all that follows
 *   *2\r\n$4\r\nAUTH\r\n    up to here
 */
import { mayCarrySecret } from '../replication/secrets.ts'

/** What the beginning tells. */
export type Harmless = {
  /** Bytes before the command that are none: blank lines, `*0`. */
  readonly blank: number
  /** Bytes that hold no secret. */
  readonly bytes: number
  /** Whether no later byte of the same command can hold one. */
  readonly isWhole: boolean
}

/** Longer names carry no secret. */
const NAME_MAX = 64
/** Framing before a name is no longer. */
const HEAD_MAX = 64

/**
 * @param coming the beginning of a command, perhaps behind blank lines
 * @param inline whether it may be an inline command: of those nothing is known before their line is complete
 */
export function isHarmless(coming: Buffer, inline: boolean): Harmless {
  const blank = blankEnd(coming)
  const head = coming.toString('latin1', blank, blank + HEAD_MAX + NAME_MAX)
  if (inline && head !== '' && !head.startsWith('*')) return { blank, bytes: blank, isWhole: false }
  const framing = /^\*\d{1,19}\r\n\$(\d{1,19})\r\n/.exec(head)
  if (framing === null) return { blank, bytes: coming.length, isWhole: false }
  const start = framing[0].length
  const length = Number(framing[1])
  if (length > NAME_MAX) return { blank, bytes: coming.length, isWhole: true }
  if (head.length < start + length) return { blank, bytes: coming.length, isWhole: false }
  const isWhole = !mayCarrySecret(head.slice(start, start + length).toUpperCase())
  return { blank, bytes: isWhole ? coming.length : blank + start + length, isWhole }
}

/** Where blank lines and commands of no words (`*0`, `*-1`) end. */
function blankEnd(coming: Buffer): number {
  let at = 0
  for (;;) {
    while (coming[at] === 0x0d || coming[at] === 0x0a) at++
    const nothing =
      coming[at] === 0x2a ? /^\*(?:0|-\d{1,19})\r\n/.exec(coming.toString('latin1', at, at + 24)) : null
    if (nothing === null) return at
    at += nothing[0].length
  }
}
