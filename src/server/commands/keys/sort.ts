/**
 * SORT: the elements of a list, set or sorted set in another order, with what belongs to them.
 *
 * Source: redis 7.0 `src/sort.c`, sortCommandGeneric.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { integerArgument, isInRange, looseFloat, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY } from '../../command-spec.ts'
import { ListValue } from '../../dataset/list-value.ts'
import type { Value } from '../../dataset/value.ts'
import { Refusal, type Reply, SYNTAX, WRONG_TYPE } from '../../replies.ts'
import { patternLookup } from './sort-pattern.ts'

type SortOptions = {
  isDescending: boolean
  isAlphabetic: boolean
  offset: number
  /** Negative: all. */
  count: number
  by: ByteString | undefined
  readonly gets: ByteString[]
  target: ByteString | undefined
}

function sortOptions(words: readonly ByteString[], mayStore: boolean): SortOptions {
  const options: SortOptions = {
    isDescending: false,
    isAlphabetic: false,
    offset: 0,
    count: -1,
    by: undefined,
    gets: [],
    target: undefined,
  }
  for (let i = 0; i < words.length; i++) {
    const name = word(words[i]!)
    const left = words.length - i - 1
    if (name === 'ASC') options.isDescending = false
    else if (name === 'DESC') options.isDescending = true
    else if (name === 'ALPHA') options.isAlphabetic = true
    else if (name === 'LIMIT' && left >= 2) {
      options.offset = integerArgument(words[++i]!)
      options.count = integerArgument(words[++i]!)
    } else if (name === 'STORE' && left >= 1 && mayStore) options.target = words[++i]!
    else if (name === 'BY' && left >= 1) options.by = words[++i]!
    else if (name === 'GET' && left >= 1) options.gets.push(words[++i]!)
    else throw new Refusal(SYNTAX)
  }
  return options
}

/** An element and what it is compared by. */
type Weighed = { readonly element: ByteString; readonly score: number; readonly text: ByteString | null }

function sorted(call: Call, options: SortOptions): ByteString[] {
  const value = call.entry(call.argv[1]!)?.value
  if (value === undefined) return []
  if (value.type !== 'list' && value.type !== 'set' && value.type !== 'zset') throw new Refusal(WRONG_TYPE)
  // Redis makes it a skip list to sort it, and leaves it one.
  if (value.type === 'zset') value.index()
  const keepsOrder = options.by !== undefined && !options.by.includes('*')
  if (keepsOrder && !(value.type === 'set' && options.target !== undefined)) {
    return limited(elementsInOrder(value, options.isDescending), options)
  }
  // What is stored must come out the same on every replica, and a set has no order of its own.
  const isAlphabetic = options.isAlphabetic || keepsOrder
  const by = keepsOrder ? undefined : options.by
  const weighed = weigh(call, elementsInOrder(value, false), by, isAlphabetic)
  const direction = options.isDescending ? -1 : 1
  weighed.sort((a, b) => direction * (isAlphabetic ? compareTexts(a, b) : compareScores(a, b)))
  return limited(
    weighed.map(({ element }) => element),
    options,
  )
}

function elementsInOrder(value: Value, isDescending: boolean): ByteString[] {
  switch (value.type) {
    case 'list': {
      const elements = value.range(0, value.length)
      return isDescending ? elements.reverse() : elements
    }
    case 'set':
      return [...value.members()]
    case 'zset':
      return [...(isDescending ? value.descending() : value.ascending())].map(({ member }) => member)
    default:
      return []
  }
}

function weigh(
  call: Call,
  elements: readonly ByteString[],
  by: ByteString | undefined,
  isAlphabetic: boolean,
): Weighed[] {
  const lookup = by === undefined ? undefined : patternLookup(call, by)
  return elements.map((element) => {
    const text = lookup === undefined ? element : lookup(element)
    return { element, text, score: isAlphabetic || text === null ? 0 : scoreOf(text) }
  })
}

function scoreOf(text: ByteString): number {
  const score = looseFloat(text)
  if (score === undefined || !isInRange(text, score))
    throw new Refusal("ERR One or more scores can't be converted into double")
  return score
}

/** Equal scores are ordered by their elements, so that the outcome is always the same. */
function compareScores(a: Weighed, b: Weighed): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1
  return compare(a.element, b.element)
}

/** What has no weight comes first. */
function compareTexts(a: Weighed, b: Weighed): number {
  if (a.text === null || b.text === null) return a.text === b.text ? 0 : a.text === null ? -1 : 1
  return compare(a.text, b.text)
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

function limited(elements: ByteString[], { offset, count }: SortOptions): ByteString[] {
  const start = Math.max(0, offset)
  return elements.slice(start, count < 0 ? undefined : start + count)
}

function sort(call: Call): Reply {
  const options = sortOptions(call.argv.slice(2), call.command.name === 'sort')
  const elements = sorted(call, options)
  const lookups = options.gets.map((pattern) => patternLookup(call, pattern))
  const output: (ByteString | null)[] =
    lookups.length === 0 ? elements : elements.flatMap((element) => lookups.map((lookup) => lookup(element)))
  if (options.target === undefined) return output
  store(call, options.target, output)
  return output.length
}

function store(call: Call, target: ByteString, output: readonly (ByteString | null)[]): void {
  if (output.length === 0) {
    if (call.remove(target)) call.notify('g', 'del', target)
    return
  }
  const list = new ListValue()
  for (const item of output) list.pushLast(item ?? ('' as ByteString))
  call.put(target, list)
  call.modified(target, output.length)
  call.notify('l', 'sortstore', target)
}

/** The key itself, and that of the last STORE. */
function sortKeys(argv: readonly ByteString[]): number[] {
  let target: number | undefined
  for (let i = 2; i < argv.length; i++) {
    const name = word(argv[i]!)
    if (name === 'LIMIT') i += 2
    else if (name === 'GET' || name === 'BY') i++
    else if (name === 'STORE' && i + 1 < argv.length) target = ++i
  }
  return target === undefined ? [1] : [1, target]
}

export const sortCommands = defineCommands({
  sort: {
    arity: -2,
    flags: ['write', 'denyoom', 'movablekeys'],
    keys: ONE_KEY,
    findKeys: sortKeys,
    effect: 'same',
    run: sort,
  },
  sort_ro: {
    arity: -2,
    flags: ['readonly', 'movablekeys'],
    keys: ONE_KEY,
    findKeys: () => [1],
    effect: 'none',
    run: sort,
  },
})
