/**
 * Sorted sets combined: ZUNION, ZINTER, ZDIFF, their …STORE forms, ZINTERCARD. Plain sets take part with
 * score 1.
 *
 *   ZUNION numkeys key … [WEIGHTS w …] [AGGREGATE SUM | MIN | MAX] [WITHSCORES]
 *
 * The smallest operand comes first, and sums are made in that order, as Redis makes them: floating point
 * shows it.
 *
 * Source: redis 7.0 `src/t_zset.c`, zunionInterDiffGenericCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { floatArgument, integerArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { type CommandSpec, defineCommands, NO_KEYS, ONE_KEY } from '../../command-spec.ts'
import { compareRanked, type Ranked } from '../../dataset/ranking.ts'
import { SortedSetValue } from '../../dataset/sorted-set-value.ts'
import { Refusal, type Reply, SYNTAX, WRONG_TYPE } from '../../replies.ts'
import { countedKeys } from '../counted-keys.ts'
import { rankedReply } from './ranging.ts'
import { storeRanked } from './storing.ts'

type Operation = 'union' | 'inter' | 'diff'
/** What becomes of the result. */
type Purpose = 'reply' | 'store' | 'count'

type Operand = {
  readonly length: number
  weight: number
  readonly members: Iterable<Ranked>
  readonly score: (member: ByteString) => number | undefined
}

type Aggregate = (a: number, b: number) => number

const AGGREGATES: Readonly<Record<string, Aggregate>> = {
  // Infinity minus infinity is agreed to be 0.
  SUM: (a, b) => orZero(a + b),
  MIN: (a, b) => (b < a ? b : a),
  MAX: (a, b) => (b > a ? b : a),
}

function orZero(score: number): number {
  return Number.isNaN(score) ? 0 : score
}

function combine(call: Call, operation: Operation, purpose: Purpose): Reply {
  const { argv, command, session } = call
  const at = purpose === 'store' ? 2 : 1
  const count = integerArgument(argv[at]!)
  if (count < 1) throw new Refusal(`ERR at least 1 input key is needed for '${command.name}' command`)
  const end = at + 1 + count
  if (end > argv.length) throw new Refusal(SYNTAX)
  const operands = argv.slice(at + 1, end).map((key) => operandOf(call, key))
  const { aggregate, withScores, limit } = readOptions(argv.slice(end), operands, operation, purpose)
  if (operation !== 'diff') operands.sort((a, b) => a.length - b.length)
  if (purpose === 'count') return countCommon(operands, limit)
  const found = COMBINE[operation](operands, aggregate)
  if (purpose === 'reply') return rankedReply(found.sort(compareRanked), withScores, session.resp)
  const stored = SortedSetValue.of(found, call.server.settings.limits)
  return storeRanked(call, argv[1]!, stored, command.name)
}

const EMPTY: Pick<Operand, 'length' | 'members' | 'score'> = {
  length: 0,
  members: [],
  score: () => undefined,
}

function operandOf(call: Call, key: ByteString): Operand {
  const value = call.entry(key)?.value
  if (value === undefined) return { ...EMPTY, weight: 1 }
  if (value.type === 'zset') {
    const score = (member: ByteString) => value.score(member)
    return {
      length: value.length,
      weight: 1,
      members: { [Symbol.iterator]: () => value.descending()[Symbol.iterator]() },
      score,
    }
  }
  if (value.type !== 'set') throw new Refusal(WRONG_TYPE)
  return {
    length: value.size,
    weight: 1,
    members: { [Symbol.iterator]: () => scored(value.members()) },
    score: (member) => (value.has(member) ? 1 : undefined),
  }
}

function* scored(members: Iterable<ByteString>): Generator<Ranked> {
  for (const member of members) yield { member, score: 1 }
}

type Options = { aggregate: Aggregate; withScores: boolean; limit: number }

function readOptions(
  words: readonly ByteString[],
  operands: readonly Operand[],
  operation: Operation,
  purpose: Purpose,
): Options {
  const options: Options = { aggregate: AGGREGATES.SUM!, withScores: false, limit: 0 }
  const mayWeigh = operation !== 'diff' && purpose !== 'count'
  for (let i = 0; i < words.length; i++) {
    const name = word(words[i]!)
    const left = words.length - i - 1
    if (name === 'WEIGHTS' && mayWeigh && left >= operands.length) {
      for (const operand of operands) {
        operand.weight = floatArgument(words[++i]!, 'ERR weight value is not a float')
      }
    } else if (name === 'AGGREGATE' && mayWeigh && left >= 1) {
      const aggregate = word(words[++i]!)
      if (!Object.hasOwn(AGGREGATES, aggregate)) throw new Refusal(SYNTAX)
      options.aggregate = AGGREGATES[aggregate]!
    } else if (name === 'WITHSCORES' && purpose === 'reply') options.withScores = true
    else if (name === 'LIMIT' && purpose === 'count' && left >= 1) {
      options.limit = integerArgument(words[++i]!, NEGATIVE_LIMIT)
      if (options.limit < 0) throw new Refusal(NEGATIVE_LIMIT)
    } else throw new Refusal(SYNTAX)
  }
  return options
}

const NEGATIVE_LIMIT = "ERR LIMIT can't be negative"

const COMBINE: Readonly<Record<Operation, (operands: readonly Operand[], aggregate: Aggregate) => Ranked[]>> =
  {
    union: (operands, aggregate) => {
      const scores = new Map<ByteString, number>()
      for (const { members, weight } of operands) {
        for (const { member, score } of members) {
          const before = scores.get(member)
          const weighted = orZero(weight * score)
          scores.set(member, before === undefined ? weighted : aggregate(before, weighted))
        }
      }
      return Array.from(scores, ([member, score]) => ({ member, score }))
    },
    inter: ([first, ...others], aggregate) => {
      const found: Ranked[] = []
      for (const { member, score } of first!.members) {
        let sum: number | undefined = orZero(first!.weight * score)
        for (const other of others) {
          const another = other.score(member)
          sum = another === undefined ? undefined : aggregate(sum, another * other.weight)
          if (sum === undefined) break
        }
        if (sum !== undefined) found.push({ member, score: sum })
      }
      return found
    },
    diff: ([first, ...others]) =>
      [...first!.members].filter(({ member }) => others.every((other) => other.score(member) === undefined)),
  }

/** @param limit 0: none */
function countCommon([first, ...others]: readonly Operand[], limit: number): number {
  let count = 0
  for (const { member } of first!.members) {
    if (others.some((other) => other.score(member) === undefined)) continue
    if (++count === limit) break
  }
  return count
}

function reads(operation: Operation): CommandSpec {
  return {
    arity: -3,
    flags: ['readonly', 'movablekeys'],
    keys: NO_KEYS,
    findKeys: (argv) => countedKeys(argv, 1),
    effect: 'none',
    run: (call) => combine(call, operation, 'reply'),
  }
}

function stores(operation: Operation): CommandSpec {
  return {
    arity: -4,
    flags: ['write', 'denyoom', 'movablekeys'],
    keys: ONE_KEY,
    findKeys: storeKeys,
    effect: 'same',
    run: (call) => combine(call, operation, 'store'),
  }
}

/** The target, and the sources where they can be told. */
function storeKeys(argv: readonly ByteString[]): readonly number[] {
  const sources = countedKeys(argv, 2)
  return sources.length === 0 ? [] : [1, ...sources]
}

export const combiningCommands = defineCommands({
  zunion: reads('union'),
  zinter: reads('inter'),
  zdiff: reads('diff'),
  zintercard: { ...reads('inter'), run: (call) => combine(call, 'inter', 'count') },
  zunionstore: stores('union'),
  zinterstore: stores('inter'),
  zdiffstore: stores('diff'),
})
