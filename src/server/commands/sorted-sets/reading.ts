/**
 * Sorted sets, single facts: how many, which score, which rank.
 *
 * Source: redis 7.0 `src/t_zset.c`.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY } from '../../command-spec.ts'
import { Double, type Reply } from '../../replies.ts'
import { lexRange, type Range, scoreRange } from './ranges.ts'

function zcard(call: Call): Reply {
  return call.find(call.argv[1]!, 'zset')?.length ?? 0
}

function zscore(call: Call): Reply {
  return scoreReply(call.find(call.argv[1]!, 'zset')?.score(call.argv[2]!))
}

function zmscore(call: Call): Reply {
  const value = call.find(call.argv[1]!, 'zset')
  return call.argv.slice(2).map((member) => scoreReply(value?.score(member)))
}

function scoreReply(score: number | undefined): Reply {
  return score === undefined ? null : new Double(score)
}

function zrank(call: Call): Reply {
  return call.find(call.argv[1]!, 'zset')?.rank(call.argv[2]!) ?? null
}

function zrevrank(call: Call): Reply {
  const value = call.find(call.argv[1]!, 'zset')
  const rank = value?.rank(call.argv[2]!)
  return rank === undefined ? null : value!.length - 1 - rank
}

function countIn(call: Call, range: Range): Reply {
  const value = call.find(call.argv[1]!, 'zset')
  if (value === undefined) return 0
  const { from, to } = range.ascending(value)
  return to - from
}

function bounds(call: Call): [ByteString, ByteString] {
  return [call.argv[2]!, call.argv[3]!]
}

const READING = { flags: ['readonly', 'fast'], keys: ONE_KEY, effect: 'none' } as const

export const readingCommands = defineCommands({
  zcard: { ...READING, arity: 2, run: zcard },
  zscore: { ...READING, arity: 3, run: zscore },
  zmscore: { ...READING, arity: -3, run: zmscore },
  zrank: { ...READING, arity: 3, run: zrank },
  zrevrank: { ...READING, arity: 3, run: zrevrank },
  zcount: { ...READING, arity: 4, run: (call) => countIn(call, scoreRange(...bounds(call))) },
  zlexcount: { ...READING, arity: 4, run: (call) => countIn(call, lexRange(...bounds(call))) },
})
