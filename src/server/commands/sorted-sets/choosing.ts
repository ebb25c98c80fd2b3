/**
 * Sorted sets, members by chance: ZRANDMEMBER.
 *
 *   count  3   three different ones (or all)         count -3   three, each drawn from all
 *
 * Source: redis 7.0 `src/t_zset.c`, zrandmemberWithCountCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { bigintArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY } from '../../command-spec.ts'
import type { Ranked } from '../../dataset/ranking.ts'
import type { SortedSetValue } from '../../dataset/sorted-set-value.ts'
import { Refusal, type Reply, SYNTAX } from '../../replies.ts'
import { rankedReply } from './ranging.ts'

const COUNT_MAX = 2n ** 63n - 1n
/** Redis would send for as long as its memory lasts; we refuse what nobody can have meant. */
const REPEATED_MAX = 2n ** 24n

const OUT_OF_RANGE = 'ERR value is out of range'

function zrandmember(call: Call): Reply {
  const { argv, random, session } = call
  const [, key, countText, option] = argv as [ByteString, ByteString, ...ByteString[]]
  if (countText === undefined) {
    const value = call.find(key, 'zset')
    return value === undefined ? null : value.pick(random.below(value.length)).member
  }
  const count = countOf(countText)
  if (argv.length > 4 || (option !== undefined && word(option) !== 'WITHSCORES')) throw new Refusal(SYNTAX)
  const withScores = option !== undefined
  if (withScores && (count < -COUNT_MAX / 2n || count > COUNT_MAX / 2n)) throw new Refusal(OUT_OF_RANGE)
  const value = call.find(key, 'zset')
  if (value === undefined) return []
  if (count < -REPEATED_MAX) throw new Refusal(OUT_OF_RANGE)
  return rankedReply(choose(call, value, Number(count)), withScores, session.resp)
}

function countOf(text: ByteString): bigint {
  const count = bigintArgument(text)
  if (count < -COUNT_MAX) {
    throw new Refusal(`ERR value is out of range, value must between ${-COUNT_MAX} and ${COUNT_MAX}`)
  }
  return count
}

function* choose({ random }: Call, value: SortedSetValue, count: number): Generator<Ranked> {
  const { length } = value
  if (count < 0) for (let i = 0; i < -count; i++) yield value.pick(random.below(length))
  else if (count >= length) yield* value.descending()
  else for (const number of differentNumbers(count, length, (n) => random.below(n))) yield value.pick(number)
}

/**
 * `count` different numbers below `length`, in random order: a shuffle that only remembers what it has
 * moved.
 */
function* differentNumbers(count: number, length: number, below: (n: number) => number): Generator<number> {
  const moved = new Map<number, number>()
  for (let i = 0; i < count; i++) {
    const at = i + below(length - i)
    yield moved.get(at) ?? at
    moved.set(at, moved.get(i) ?? i)
  }
}

export const choosingCommands = defineCommands({
  zrandmember: { arity: -2, flags: ['readonly'], keys: ONE_KEY, effect: 'none', run: zrandmember },
})
