/**
 * Sorted sets, ranges of members: ZRANGE and its eldest forms, ZRANGESTORE.
 *
 *   ZRANGE key min max [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]
 *
 * ZRANGEBYSCORE, ZREVRANGE … say by their names what ZRANGE is told by its options. Who asks for a reverse
 * range by score or bytes names the higher bound first.
 *
 * Source: redis 7.0 `src/t_zset.c`, zrangeGenericCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { integerArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY, TWO_KEYS } from '../../command-spec.ts'
import type { Ranked } from '../../dataset/ranking.ts'
import { SortedSetValue } from '../../dataset/sorted-set-value.ts'
import { Double, Refusal, type Reply, SYNTAX } from '../../replies.ts'
import type { Resp } from '../../reply-encoder.ts'
import { lexRange, type Range, type Ranks, rankRange, scoreRange } from './ranges.ts'
import { storeRanked } from './storing.ts'

type By = 'rank' | 'score' | 'lex'

/** What the name of a command has decided already. */
type Form = { readonly by?: By; readonly isReverse?: boolean; readonly stores?: boolean }

type Query = {
  readonly range: Range
  readonly isReverse: boolean
  readonly offset: number
  /** Negative: all. */
  readonly limit: number
  readonly withScores: boolean
}

const RANGES = { rank: rankRange, score: scoreRange, lex: lexRange } as const

/** Reads min, max and the options. */
function queryOf([min, max, ...options]: readonly ByteString[], form: Form): Query {
  let { by, isReverse } = form
  let [offset, limit, withScores] = [0, -1, false]
  for (let i = 0; i < options.length; i++) {
    const name = word(options[i]!)
    if (name === 'WITHSCORES' && !form.stores) withScores = true
    else if (name === 'LIMIT' && i + 2 < options.length) {
      offset = integerArgument(options[++i]!)
      limit = integerArgument(options[++i]!)
    } else if (name === 'REV' && isReverse === undefined) isReverse = true
    else if (name === 'BYLEX' && by === undefined) by = 'lex'
    else if (name === 'BYSCORE' && by === undefined) by = 'score'
    else throw new Refusal(SYNTAX)
  }
  by ??= 'rank'
  isReverse ??= false
  if (limit !== -1 && by === 'rank') {
    throw new Refusal(`${SYNTAX}, LIMIT is only supported in combination with either BYSCORE or BYLEX`)
  }
  if (withScores && by === 'lex') {
    throw new Refusal(`${SYNTAX}, WITHSCORES not supported in combination with BYLEX`)
  }
  if (by === 'rank') offset = 0
  const range = isReverse && by !== 'rank' ? RANGES[by](max!, min!) : RANGES[by](min!, max!)
  return { range, isReverse, offset, limit, withScores }
}

function select(value: SortedSetValue, { range, isReverse, offset, limit }: Query): Iterable<Ranked> {
  if (isReverse) {
    const { from, to } = range.descending(value)
    const { from: skip, to: end } = limited({ from: 0, to: to - from }, offset, limit)
    return value.descending(to - end, to - skip)
  }
  const { from, to } = limited(range.ascending(value), offset, limit)
  return value.ascending(from, to)
}

/** A negative offset finds nothing: Redis counts it down and never comes to 0. */
function limited({ from, to }: Ranks, offset: number, limit: number): Ranks {
  if (offset < 0 || from + offset >= to) return { from, to: from }
  return { from: from + offset, to: limit < 0 ? to : Math.min(to, from + offset + limit) }
}

function zrange(call: Call, form: Form): Reply {
  const query = queryOf(call.argv.slice(2), form)
  const value = call.find(call.argv[1]!, 'zset')
  return value === undefined ? [] : rankedReply(select(value, query), query.withScores, call.session.resp)
}

/** Members, or members with scores: flat in RESP2, in pairs in RESP3. */
export function rankedReply(found: Iterable<Ranked>, withScores: boolean, resp: Resp): Reply {
  const reply: Reply[] = []
  for (const { member, score } of found) {
    if (!withScores) reply.push(member)
    else if (resp === 2) reply.push(member, new Double(score))
    else reply.push([member, new Double(score)])
  }
  return reply
}

function zrangestore(call: Call): Reply {
  const [, destination, source, ...words] = call.argv as [ByteString, ByteString, ByteString, ...ByteString[]]
  const query = queryOf(words, { stores: true })
  const value = call.find(source, 'zset')
  const stored = new SortedSetValue()
  if (value !== undefined) {
    for (const { member, score } of select(value, query)) {
      stored.set(member, score, call.server.settings.limits)
    }
  }
  return storeRanked(call, destination, stored, 'zrangestore')
}

const RANGING = { arity: -4, flags: ['readonly'], keys: ONE_KEY, effect: 'none' } as const

export const rangingCommands = defineCommands({
  zrange: { ...RANGING, run: (call) => zrange(call, {}) },
  zrevrange: { ...RANGING, run: (call) => zrange(call, { by: 'rank', isReverse: true }) },
  zrangebyscore: { ...RANGING, run: (call) => zrange(call, { by: 'score', isReverse: false }) },
  zrevrangebyscore: { ...RANGING, run: (call) => zrange(call, { by: 'score', isReverse: true }) },
  zrangebylex: { ...RANGING, run: (call) => zrange(call, { by: 'lex', isReverse: false }) },
  zrevrangebylex: { ...RANGING, run: (call) => zrange(call, { by: 'lex', isReverse: true }) },
  zrangestore: {
    arity: -5,
    flags: ['write', 'denyoom'],
    keys: TWO_KEYS,
    effect: 'same',
    run: zrangestore,
  },
})
