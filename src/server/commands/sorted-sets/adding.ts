/**
 * Sorted sets that get members or other scores: ZADD, ZINCRBY. GEOADD is a ZADD of cells.
 *
 * Source: redis 7.0 `src/t_zset.c`, zaddGenericCommand and zsetAdd.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { floatArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY } from '../../command-spec.ts'
import { SortedSetValue } from '../../dataset/sorted-set-value.ts'
import { Double, Refusal, type Reply, SYNTAX } from '../../replies.ts'

type AddOptions = {
  /** Only new members; only members that are there; */
  nx: boolean
  xx: boolean
  /** only a higher score; only a lower one. */
  gt: boolean
  lt: boolean
  /** The reply counts changed scores too. */
  ch: boolean
  /** Scores are added to what is there. */
  incr: boolean
}

/** '9' */
const DIGIT_MAX = 0x39
const NO_OPTIONS: Readonly<AddOptions> = {
  nx: false,
  xx: false,
  gt: false,
  lt: false,
  ch: false,
  incr: false,
}

function zadd(call: Call): Reply {
  return addMembers(call, call.argv)
}

/** ZADD with these words; @see zadd. ZINCRBY knows its options too, and then has a word too few. */
export function addMembers(call: Call, argv: readonly ByteString[], incr = false): Reply {
  const options = { ...NO_OPTIONS, incr }
  let at = 2
  // A score begins with a digit or a sign, or is called inf.
  for (; at < argv.length && argv[at]!.charCodeAt(0) > DIGIT_MAX; at++) {
    const name = word(argv[at]!).toLowerCase()
    if (!Object.hasOwn(options, name)) break
    options[name as keyof AddOptions] = true
  }
  return add(call, argv, at, options)
}

function zincrby(call: Call): Reply {
  return addMembers(call, call.argv, true)
}

/** @param at where scores and members begin in `argv` */
function add(call: Call, argv: readonly ByteString[], at: number, options: AddOptions): Reply {
  const count = (argv.length - at) / 2
  check(count, options)
  const scores: number[] = []
  for (let i = at; i < argv.length; i += 2) scores.push(floatArgument(argv[i]!))
  const key = argv[1]!
  const found = call.findForWrite(key, 'zset')
  const result: Added = { added: 0, changed: 0, score: undefined }
  if (found !== undefined || !options.xx) {
    const value = found ?? new SortedSetValue()
    if (found === undefined) call.add(key, value)
    for (let i = 0; i < count; i++) addOne(call, value, argv[at + 2 * i + 1]!, scores[i]!, options, result)
  }
  const { added, changed, score } = result
  if (added + changed > 0) {
    call.modified(key, added + changed)
    call.notify('z', options.incr ? 'zincr' : 'zadd', key)
  }
  if (options.incr) return score === undefined ? null : new Double(score)
  return options.ch ? added + changed : added
}

function check(count: number, { nx, xx, gt, lt, incr }: AddOptions): void {
  if (count === 0 || !Number.isInteger(count)) throw new Refusal(SYNTAX)
  if (nx && xx) throw new Refusal('ERR XX and NX options at the same time are not compatible')
  if ((gt && nx) || (lt && nx) || (gt && lt)) {
    throw new Refusal('ERR GT, LT, and/or NX options at the same time are not compatible')
  }
  if (incr && count > 1) throw new Refusal('ERR INCR option supports a single increment-element pair')
}

type Added = {
  added: number
  changed: number
  /** Of the last member that the options let through. */
  score: number | undefined
}

function addOne(
  call: Call,
  value: SortedSetValue,
  member: ByteString,
  given: number,
  { nx, xx, gt, lt, incr }: AddOptions,
  result: Added,
): void {
  const { limits } = call.server.settings
  const before = value.score(member)
  if (before === undefined) {
    if (xx) return
    value.set(member, given, limits)
    result.added++
    result.score = given
    return
  }
  if (nx) return
  const score = incr ? before + given : given
  if (Number.isNaN(score)) throw new Refusal('ERR resulting score is not a number (NaN)')
  if ((lt && score >= before) || (gt && score <= before)) return
  result.score = score
  if (score === before) return
  value.set(member, score, limits)
  result.changed++
}

const ADDING = { flags: ['write', 'denyoom', 'fast'], keys: ONE_KEY, effect: 'same' } as const

export const addingCommands = defineCommands({
  zadd: { ...ADDING, arity: -4, run: zadd },
  zincrby: { ...ADDING, arity: 4, run: zincrby },
})
