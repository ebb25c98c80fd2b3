/**
 * Ranges of sorted sets: by rank, by score or by bytes; from words to ranks.
 *
 *   [1 5]  (1 +inf   scores: inclusive, or exclusive with a parenthesis
 *   [a (b  -  +      bytes: inclusive, exclusive, from the beginning, to the end
 *
 * A range by bytes makes sense only where all scores are equal; elsewhere it gives what Redis gives: what
 * stands from the first member that is not below the range to the next one that is above.
 *
 * Source: redis 7.0 `src/t_zset.c`, zslParseRange, zslParseLexRange, zzlFirstInLexRange and their like.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { integerArgument, looseFloat } from '../../arguments.ts'
import type { RankedTest } from '../../dataset/ranking.ts'
import type { SortedSetValue } from '../../dataset/sorted-set-value.ts'
import { Refusal } from '../../replies.ts'

/** Ranks from … to (exclusive). */
export type Ranks = { readonly from: number; readonly to: number }

const NOTHING: Ranks = { from: 0, to: 0 }

/** What is asked for, in words that a sorted set can be searched with. */
export interface Range {
  /** Ranks in order of the scores, */
  ascending(value: SortedSetValue): Ranks
  /** or as found from the highest down (other than ascending where a range by bytes meets unequal scores). */
  descending(value: SortedSetValue): Ranks
}

/**
 * Ranks `start` … `stop`, both inclusive, negative from the end. @throws Refusal where they are no
 * integers
 */
export function rankRange(start: ByteString, stop: ByteString): Range {
  const [first, last] = [integerArgument(start), integerArgument(stop)]
  const ascending = ({ length }: SortedSetValue): Ranks => {
    const from = Math.max(0, first < 0 ? first + length : first)
    const to = Math.min(length, (last < 0 ? last + length : last) + 1)
    return from >= to ? NOTHING : { from, to }
  }
  return {
    ascending,
    descending: (value) => {
      const { from, to } = ascending(value)
      return { from: value.length - to, to: value.length - from }
    },
  }
}

/** @throws Refusal `ERR min or max is not a float` */
export function scoreRange(min: ByteString, max: ByteString): Range {
  const [low, high] = [scoreBound(min), scoreBound(max)]
  const isBefore: RankedTest = ({ score }) => (low.isExclusive ? score <= low.score : score < low.score)
  const isAfter: RankedTest = ({ score }) => (high.isExclusive ? score >= high.score : score > high.score)
  const isEmpty =
    low.score > high.score || (low.score === high.score && (low.isExclusive || high.isExclusive))
  return boundedRange(isBefore, isAfter, isEmpty)
}

/** Scores low (inclusive) to high (exclusive). */
export function scoresBetween(low: number, high: number): Range {
  return boundedRange(
    ({ score }) => score < low,
    ({ score }) => score >= high,
    low >= high,
  )
}

/** @throws Refusal `ERR min or max not valid string range item` */
export function lexRange(min: ByteString, max: ByteString): Range {
  const [low, high] = [lexBound(min), lexBound(max)]
  const isBefore: RankedTest = ({ member }) => compareBound(low, member) > (low.isExclusive ? -1 : 0)
  const isAfter: RankedTest = ({ member }) => compareBound(high, member) < (high.isExclusive ? 1 : 0)
  return boundedRange(isBefore, isAfter, isEmptyLex(low, high))
}

function boundedRange(isBefore: RankedTest, isAfter: RankedTest, isEmpty: boolean): Range {
  const isOutside = (value: SortedSetValue) =>
    isEmpty || isBefore(value.at(value.length - 1)) || isAfter(value.at(0))
  return {
    ascending: (value) => {
      if (isOutside(value)) return NOTHING
      const from = value.firstNot(isBefore)
      return { from, to: value.firstNot((ranked) => !isAfter(ranked), from) }
    },
    descending: (value) => {
      if (isOutside(value)) return NOTHING
      const to = value.lastNot(isAfter) + 1
      return { from: value.lastNot((ranked) => !isBefore(ranked), to) + 1, to }
    },
  }
}

type ScoreBound = { readonly score: number; readonly isExclusive: boolean }

function scoreBound(text: ByteString): ScoreBound {
  const isExclusive = text.startsWith('(')
  const digits = isExclusive ? text.slice(1) : text
  const score = looseFloat(digits)
  if (score === undefined) throw new Refusal('ERR min or max is not a float')
  return { score, isExclusive }
}

/** Before all members (infinity -1), after all (1), or at a member. */
type LexBound = {
  readonly infinity: -1 | 0 | 1
  readonly member: ByteString
  readonly isExclusive: boolean
}

function lexBound(text: ByteString): LexBound {
  if (text === '-' || text === '+') {
    return { infinity: text === '-' ? -1 : 1, member: '' as ByteString, isExclusive: true }
  }
  const mark = text[0]
  if (mark !== '[' && mark !== '(') throw new Refusal('ERR min or max not valid string range item')
  return { infinity: 0, member: text.slice(1) as ByteString, isExclusive: mark === '(' }
}

/** Negative: the bound stands before the member. */
function compareBound({ infinity, member }: LexBound, other: ByteString): number {
  if (infinity !== 0) return infinity
  return member < other ? -1 : member === other ? 0 : 1
}

function isEmptyLex(low: LexBound, high: LexBound): boolean {
  if (low.infinity !== high.infinity) return low.infinity > high.infinity
  const order = low.infinity === 0 ? compareBound(low, high.member) : 0
  return order > 0 || (order === 0 && (low.isExclusive || high.isExclusive))
}
