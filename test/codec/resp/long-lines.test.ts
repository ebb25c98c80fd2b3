/** A line too long to read is a fault at the same length however it arrives. */
import { expect, it } from 'vitest'
import { Resumable } from '../../../src/bytes/resumable.ts'
import { commands } from '../../../src/codec/resp/command.ts'
import { respValues } from '../../../src/codec/resp/decode.ts'
import { LIMITS } from '../../../src/codec/resp/limits.ts'

type Said = { codes: string[]; values: number }

function decode(kind: 'inline' | 'reply', text: string, cut: number): Said {
  const said: Said = { codes: [], values: 0 }
  const count = () => said.values++
  const sink = { command: count, blank: () => {}, leaves: () => false }
  const decoder = new Resumable(
    (src) => (kind === 'reply' ? respValues(src, count) : commands(src, sink, { inline: true })),
    ({ code }) => said.codes.push(code),
  )
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += cut) decoder.push(bytes.subarray(at, at + cut))
  return said
}

it.each([
  ['reply', '+', '\r\n', -2],
  ['reply', '-', '\r\n', -2],
  ['inline', 'P', '\n', -1],
  ['inline', 'P', '\r\n', -2],
] as const)('%s %j %j', (kind, first, end, last) => {
  // Bytes before the line feed, the longest that is read and one more.
  const most = kind === 'reply' ? LIMITS.replyLineBytes : LIMITS.lineBytes
  const longest = first.padEnd(most + last + 1, 'x') + end
  const longer = first.padEnd(most + last + 2, 'x') + end
  for (const cut of [Infinity, 40_000, 5000]) {
    expect(decode(kind, longest, cut)).toEqual({ codes: [], values: 1 })
    expect(decode(kind, longer, cut)).toEqual({ codes: ['RESP_LINE_TOO_LONG'], values: 0 })
  }
})
