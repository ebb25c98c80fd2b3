/**
 * Streams, ranges of entries: XLEN, XRANGE, XREVRANGE.
 *
 * Source: redis 7.0 `src/t_stream.c`, xrangeGenericCommand and streamReplyWithRange.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { integerArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY } from '../../command-spec.ts'
import { idText } from '../../dataset/stream-id.ts'
import type { StreamEntry } from '../../dataset/stream-node.ts'
import { NULL_ARRAY, Refusal, type Reply, SYNTAX } from '../../replies.ts'
import { rangeEnd, rangeStart } from './ids.ts'

function xlen(call: Call): Reply {
  return call.find(call.argv[1]!, 'stream')?.length ?? 0
}

function range(call: Call, isReverse: boolean): Reply {
  const [, key, first, second, ...options] = call.argv as ByteString[]
  const [startText, endText] = isReverse ? [second!, first!] : [first!, second!]
  const start = rangeStart(startText)
  const end = rangeEnd(endText)
  const count = countOption(options)
  const value = call.find(key!, 'stream')
  if (value === undefined) return []
  if (count === 0) return NULL_ARRAY
  const entries = isReverse ? value.descending(start, end) : value.ascending(start, end)
  return entriesReply(entries, count)
}

/** Undefined: all. */
function countOption(words: readonly ByteString[]): number | undefined {
  let count: number | undefined
  for (let i = 0; i < words.length; i += 2) {
    if (word(words[i]!) !== 'COUNT' || i + 1 === words.length) throw new Refusal(SYNTAX)
    count = Math.max(0, integerArgument(words[i + 1]!))
  }
  return count
}

/** @param count at most so many; undefined: all */
export function entriesReply(entries: Iterable<StreamEntry>, count?: number): Reply[] {
  const reply: Reply[] = []
  for (const entry of entries) {
    reply.push(entryReply(entry))
    if (reply.length === count) break
  }
  return reply
}

/** Also in RESP3 fields are no map: they may come twice, and their order matters. */
export function entryReply({ id, fields }: StreamEntry): Reply {
  return [idText(id), fields]
}

const RANGING = { arity: -4, flags: ['readonly'], keys: ONE_KEY, effect: 'none' } as const

export const rangingCommands = defineCommands({
  xlen: { arity: 2, flags: ['readonly', 'fast'], keys: ONE_KEY, effect: 'none', run: xlen },
  xrange: { ...RANGING, run: (call) => range(call, false) },
  xrevrange: { ...RANGING, run: (call) => range(call, true) },
})
