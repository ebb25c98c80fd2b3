/**
 * Sorted sets as queues: ZPOPMIN, ZPOPMAX, ZMPOP, and the blocking BZPOPMIN, BZPOPMAX, BZMPOP.
 *
 * Whatever popped, replicas get ZPOPMIN or ZPOPMAX: the key is known then, and nobody has to wait.
 *
 * Source: redis 7.0 `src/t_zset.c`, genericZpopCommand and blockingGenericZpopCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { integerInRange, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, KEYS_AND_TIMEOUT, NO_KEYS, ONE_KEY } from '../../command-spec.ts'
import type { Ranked } from '../../dataset/ranking.ts'
import type { SortedSetValue } from '../../dataset/sorted-set-value.ts'
import { Double, NOT_POSITIVE, NULL_ARRAY, Refusal, type Reply, SYNTAX } from '../../replies.ts'
import { secondsTimeout } from '../timeout.ts'
import { countedKeys } from './keys.ts'
import { rankedReply } from './ranging.ts'
import { removeIfEmpty } from './removing.ts'

type End = 'MIN' | 'MAX'

function zpop(call: Call, end: End): Reply {
  const { argv, session } = call
  if (argv.length > 3) throw new Refusal(SYNTAX)
  const hasCount = argv.length === 3
  const count = hasCount ? integerInRange(argv[2]!, 0, Number.MAX_VALUE, NOT_POSITIVE) : 1
  const key = argv[1]!
  const value = call.findForWrite(key, 'zset')
  if (value === undefined || count === 0) return []
  return rankedReply(take(call, key, value, end, count), true, hasCount ? session.resp : 2)
}

function take(
  call: Call,
  key: ByteString,
  value: SortedSetValue,
  end: End,
  count: number,
): readonly Ranked[] {
  const { length } = value
  const number = Math.min(count, length)
  const taken =
    end === 'MIN' ? [...value.ascending(0, number)] : [...value.descending(length - number, length)]
  for (const { member } of taken) value.delete(member)
  call.notify('z', end === 'MIN' ? 'zpopmin' : 'zpopmax', key)
  removeIfEmpty(call, key, value)
  call.modified(key, number)
  return taken
}

/**
 * The first of the keys that has members; on a retry, keys of other types are waited for like missing
 * ones.
 */
function firstOf(call: Call, keys: readonly ByteString[]): [ByteString, SortedSetValue] | undefined {
  for (const key of keys) {
    if (call.isRetry && call.glance(key)?.value.type !== 'zset') continue
    const value = call.findForWrite(key, 'zset')
    if (value !== undefined) return [key, value]
  }
  return undefined
}

function bzpop(call: Call, end: End): Reply {
  const { argv } = call
  const timeout = secondsTimeout(argv.at(-1)!)
  const keys = argv.slice(1, -1)
  const found = firstOf(call, keys)
  if (found === undefined) return call.block(keys, timeout, NULL_ARRAY)
  const [key, value] = found
  const [popped] = take(call, key, value, end, 1)
  call.propagate([COMMANDS[end], key])
  return [key, popped!.member, new Double(popped!.score)]
}

/** @param at where the number of keys stands */
function mpop(call: Call, at: number): Reply {
  const { argv } = call
  const count = integerInRange(argv[at]!, 1, Number.MAX_VALUE, 'ERR numkeys should be greater than 0')
  const whereAt = at + count + 1
  if (whereAt >= argv.length) throw new Refusal(SYNTAX)
  const end = word(argv[whereAt]!)
  if (end !== 'MIN' && end !== 'MAX') throw new Refusal(SYNTAX)
  const number = countOption(argv.slice(whereAt + 1))
  const timeout = at === 2 ? secondsTimeout(argv[1]!) : undefined
  const keys = argv.slice(at + 1, whereAt)
  const found = firstOf(call, keys)
  if (found === undefined) return timeout === undefined ? NULL_ARRAY : call.block(keys, timeout, NULL_ARRAY)
  const [key, value] = found
  const taken = take(call, key, value, end, number)
  call.propagate([COMMANDS[end], key, String(taken.length) as ByteString])
  return [key, taken.map(({ member, score }) => [member, new Double(score)])]
}

function countOption(options: readonly ByteString[]): number {
  if (options.length === 0) return 1
  if (word(options[0]!) !== 'COUNT' || options.length === 1) throw new Refusal(SYNTAX)
  const count = integerInRange(options[1]!, 1, Number.MAX_VALUE, 'ERR count should be greater than 0')
  if (options.length > 2) throw new Refusal(SYNTAX)
  return count
}

const COMMANDS = { MIN: 'ZPOPMIN' as ByteString, MAX: 'ZPOPMAX' as ByteString } as const

const POPPING = { arity: -2, flags: ['write', 'fast'], keys: ONE_KEY, effect: 'same' } as const
const BLOCKING = {
  arity: -3,
  flags: ['write', 'noscript', 'blocking', 'fast'],
  keys: KEYS_AND_TIMEOUT,
  effect: 'own',
} as const

export const poppingCommands = defineCommands({
  zpopmin: { ...POPPING, run: (call) => zpop(call, 'MIN') },
  zpopmax: { ...POPPING, run: (call) => zpop(call, 'MAX') },
  bzpopmin: { ...BLOCKING, run: (call) => bzpop(call, 'MIN') },
  bzpopmax: { ...BLOCKING, run: (call) => bzpop(call, 'MAX') },
  zmpop: {
    arity: -4,
    flags: ['write', 'movablekeys'],
    keys: NO_KEYS,
    findKeys: (argv) => countedKeys(argv, 1),
    effect: 'own',
    run: (call) => mpop(call, 1),
  },
  bzmpop: {
    arity: -5,
    flags: ['write', 'blocking', 'movablekeys'],
    keys: NO_KEYS,
    findKeys: (argv) => countedKeys(argv, 2),
    effect: 'own',
    run: (call) => mpop(call, 2),
  },
})
