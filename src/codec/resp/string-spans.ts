/**
 * Where the strings of one message lie in its bytes: for who must overwrite some without moving the rest.
 *
 *   *2\r\n $4\r\nAUTH\r\n $6\r\nhunter\r\n      ─►  [AUTH] [hunter]
 *            ████           ██████
 *   AUTH "a b"\r\n                              ─►  [AUTH] ["a b"]       words with their quotes
 *
 * Aggregates need no nesting here: their strings follow each other. The message must be complete; what does
 * not look like one gives undefined.
 */

/** [start, end) as indices. */
export type StringSpan = { readonly start: number; readonly end: number }

const CR = 0x0d
const LF = 0x0a

/** Strings, errors and statuses of a RESP message in the order in which they stand. */
export function stringSpans(bytes: Buffer): StringSpan[] | undefined {
  const spans: StringSpan[] = []
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf(CR, at)
    if (lineEnd < 0 || bytes[lineEnd + 1] !== LF) return undefined
    const type = String.fromCharCode(bytes[at]!)
    const text = bytes.toString('latin1', at + 1, Math.min(lineEnd, at + 24))
    if (type === '+' || type === '-') spans.push({ start: at + 1, end: lineEnd })
    at = lineEnd + 2
    if (type === '+' || type === '-') continue
    if ('$=!'.includes(type)) {
      if (text.startsWith('-')) continue
      if (!/^\d+$/.test(text)) return undefined
      // `=` names a format before its text: `txt:`.
      const start = at + (type === '=' ? Math.min(4, Number(text)) : 0)
      const end = at + Number(text)
      if (end + 2 > bytes.length) return undefined
      spans.push({ start, end })
      at = end + 2
    } else if (!'*~%|>:#,(_'.includes(type)) return undefined
  }
  return spans
}

/** Words of an inline command, with their quotes. */
export function wordSpans(bytes: Buffer): StringSpan[] {
  const line = bytes.toString('latin1')
  const word = /(?:"(?:\\[\s\S]|[^"\\])*"|'(?:\\'|[^'])*'|[^\s\0"'])+/g
  return [...line.matchAll(word)].map((found) => ({
    start: found.index,
    end: found.index + found[0].length,
  }))
}
