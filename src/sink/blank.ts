/**
 * Bytes of a message with its secrets overwritten: same length, same framing, `*` where a secret stood.
 *
 *   *3\r\n$4\r\nAUTH\r\n$3\r\nbob\r\n$6\r\nhunter\r\n
 *   *3\r\n$4\r\nAUTH\r\n$3\r\nbob\r\n$6\r\n******\r\n
 *
 * What is a secret is decided in replication/secrets.ts; here it is only found in the bytes. Whatever does
 * not fit together is overwritten wholly: rather too much than a secret too few.
 */
import { beginningOf, type MaybeLong } from '../bytes/long-bytes.ts'
import { type StringSpan, stringSpans, wordSpans } from '../codec/resp/string-spans.ts'
import type { RespValue } from '../codec/resp/values.ts'

const STAR = 0x2a
const ASTERISK = 0x2a

/** Overwrites in `bytes`, one whole command, the arguments that `argv` has overwritten. */
export function blankCommand(bytes: Buffer, argv: readonly MaybeLong[]): void {
  const isInline = bytes[0] !== ASTERISK
  const spans = isInline ? wordSpans(bytes) : stringSpans(bytes)
  if (spans === undefined || spans.length < argv.length) {
    blankUnread(bytes)
    return
  }
  spans.forEach((span, i) => {
    const arg = argv[i]
    if (i === 0) return
    if (arg === undefined) bytes.fill(STAR, span.start, span.end)
    else if (!isSame(bytes, span, arg)) overwrite(bytes, span, isInline ? undefined : arg)
  })
}

/**
 * Overwrites in `bytes`, one whole reply, the strings that `value` has overwritten.
 * @param blankText for strings that were too long or too many to be held
 */
export function blankReply(bytes: Buffer, value: RespValue, blankText: (text: string) => string): void {
  // Valkey's $ENDOFF line is a reply to us, and no RESP.
  if (value.type === 'simple' && bytes.toString('latin1', 0, value.value.length) === value.value) return
  const spans = stringSpans(bytes)
  if (spans === undefined) {
    blankUnread(bytes)
    return
  }
  const strings = stringsOf(value)
  spans.forEach((span, i) => {
    const string = strings[i]
    if (typeof string === 'string') {
      if (!isSame(bytes, span, string)) overwrite(bytes, span, string)
    } else if (string === undefined || isSame(bytes, span, string)) {
      bytes.write(blankText(bytes.toString('latin1', span.start, span.end)), span.start, 'latin1')
    } else overwrite(bytes, span, undefined)
  })
}

/**
 * Overwrites a message of which it is not known what it says: all but what makes it read (and fail to be
 * read) as before. `keep` is the index of a byte that is left alone.
 */
export function blankUnread(bytes: Buffer, keep = bytes.length): void {
  // The first byte says what kind of message it is, and a star would say something else.
  const framing = bytes[0] === ASTERISK ? framingEnd(bytes, keep) : 1
  for (let i = framing; i < bytes.length; i++) {
    if (i !== keep && (i > keep || isWordly(bytes[i]!))) bytes[i] = STAR
  }
}

/** Overwrites the arguments of a command that is well-formed as far as it goes. @returns where that ends */
function framingEnd(bytes: Buffer, keep: number): number {
  const count = /^\*-?\d+\r\n/.exec(bytes.toString('latin1', 0, 32))
  let at = count?.[0].length ?? 1
  for (let isFirst = true; at < keep; isFirst = false) {
    const length = /^\$(\d+)\r\n/.exec(bytes.toString('latin1', at, at + 32))
    if (length === null) return at
    const start = at + length[0].length
    const end = Math.min(start + Number(length[1]), bytes.length)
    if (!isFirst) bytes.fill(STAR, start, end)
    at = end
    if (at + 2 > bytes.length || at >= keep) return at
    at += 2
  }
  return at
}

/** Letters, digits and all beyond ASCII; signs, blanks and line ends stay. */
function isWordly(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte >= 0x80
  )
}

/** Strings, errors and statuses in the order in which they stand. */
function stringsOf(value: RespValue): MaybeLong[] {
  if ('items' in value) return value.items.flatMap(stringsOf)
  const hasText = value.type === 'simple' || value.type === 'error' || value.type === 'bulk'
  return hasText || value.type === 'verbatim' ? [value.value] : []
}

/** Whether the bytes are still what the string says; of a long one its beginning is compared. */
function isSame(bytes: Buffer, { start, end }: StringSpan, string: MaybeLong): boolean {
  const beginning = beginningOf(string)
  const length = typeof string === 'string' ? end - start : beginning.length
  return beginning.length === length && bytes.toString('latin1', start, start + length) === beginning
}

function overwrite(bytes: Buffer, { start, end }: StringSpan, by: MaybeLong | undefined): void {
  if (typeof by === 'string' && by.length === end - start) bytes.write(by, start, 'latin1')
  else bytes.fill(STAR, start, end)
}
