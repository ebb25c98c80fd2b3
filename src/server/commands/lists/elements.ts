/**
 * Lists seen as sequences: LLEN, LRANGE, LINDEX, LPOS, LSET, LINSERT, LREM, LTRIM.
 *
 * Source: redis 7.0 `src/t_list.c`.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { integerArgument, integerInRange, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY } from '../../command-spec.ts'
import type { ListValue } from '../../dataset/list-value.ts'
import { NO_SUCH_KEY, OK, OUT_OF_RANGE, Refusal, type Reply, SYNTAX } from '../../replies.ts'
import { removeIfEmpty } from './ends.ts'

const INT64_MAX = 2 ** 63

/**
 * First and last index of a range, as a half-open range within `length`; negative ones count from the
 * end.
 */
function clipped(first: number, last: number, length: number): readonly [number, number] {
  const from = Math.max(0, first < 0 ? first + length : first)
  const to = Math.min(length - 1, last < 0 ? last + length : last)
  return from > to ? [0, 0] : [from, to + 1]
}

function lrange(call: Call): Reply {
  const [, key, first, last] = call.argv as [ByteString, ByteString, ByteString, ByteString]
  const [from, to] = [integerArgument(first), integerArgument(last)]
  const list = call.find(key, 'list')
  return list === undefined ? [] : list.range(...clipped(from, to, list.length))
}

function ltrim(call: Call): Reply {
  const [, key, first, last] = call.argv as [ByteString, ByteString, ByteString, ByteString]
  const [from, to] = [integerArgument(first), integerArgument(last)]
  const list = call.findForWrite(key, 'list')
  if (list === undefined) return OK
  const { length } = list
  list.keep(...clipped(from, to, length))
  call.notify('l', 'ltrim', key)
  const removed = length - list.length
  removeIfEmpty(call, key, list)
  call.modified(key, removed)
  return OK
}

/** An index that a client gave, counted from the beginning. */
function absolute(text: ByteString, list: ListValue): number {
  const index = integerArgument(text)
  return index < 0 ? index + list.length : index
}

function lindex(call: Call): Reply {
  const list = call.find(call.argv[1]!, 'list')
  return list === undefined ? null : (list.at(absolute(call.argv[2]!, list)) ?? null)
}

function lset(call: Call): Reply {
  const [, key, text, element] = call.argv as [ByteString, ByteString, ByteString, ByteString]
  const list = call.findForWrite(key, 'list')
  if (list === undefined) throw new Refusal(NO_SUCH_KEY)
  const index = absolute(text, list)
  if (index < 0 || index >= list.length) throw new Refusal(OUT_OF_RANGE)
  list.set(index, element)
  call.modified(key)
  call.notify('l', 'lset', key)
  return OK
}

function linsert(call: Call): Reply {
  const [, key, where, pivot, element] = call.argv as readonly ByteString[]
  const side = word(where!)
  if (side !== 'BEFORE' && side !== 'AFTER') throw new Refusal(SYNTAX)
  const list = call.findForWrite(key!, 'list')
  if (list === undefined) return 0
  const index = list.indexOf(pivot!, 0, list.length)
  if (index < 0) return -1
  list.insert(side === 'AFTER' ? index + 1 : index, element!)
  call.modified(key!)
  call.notify('l', 'linsert', key!)
  return list.length
}

function lrem(call: Call): Reply {
  const [, key, text, element] = call.argv as [ByteString, ByteString, ByteString, ByteString]
  const count = integerArgument(text)
  const list = call.findForWrite(key, 'list')
  if (list === undefined) return 0
  const removed = list.removeEqual(element, Math.abs(count) || list.length, count < 0)
  if (removed > 0) {
    call.modified(key, removed)
    call.notify('l', 'lrem', key)
  }
  removeIfEmpty(call, key, list)
  return removed
}

type Search = { rank: number; count: number | undefined; length: number | undefined }

function searchOf(words: readonly ByteString[]): Search {
  const search: Search = { rank: 1, count: undefined, length: undefined }
  for (let i = 0; i < words.length; i += 2) {
    const value = words[i + 1]
    const name = word(words[i]!)
    if (value === undefined) throw new Refusal(SYNTAX)
    if (name === 'RANK') search.rank = rankOf(value)
    else if (name === 'COUNT') {
      search.count = integerInRange(value, 0, INT64_MAX, "ERR COUNT can't be negative")
    } else if (name === 'MAXLEN') {
      search.length = integerInRange(value, 0, INT64_MAX, "ERR MAXLEN can't be negative") || undefined
    } else throw new Refusal(SYNTAX)
  }
  return search
}

const NO_RANK =
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... " +
  'or use negative to start from the end of the list'

function rankOf(text: ByteString): number {
  const rank = integerArgument(text)
  if (rank === 0) throw new Refusal(NO_RANK)
  return rank
}

function lpos(call: Call): Reply {
  const [, key, element, ...options] = call.argv as [ByteString, ByteString, ByteString, ...ByteString[]]
  const { rank, count, length } = searchOf(options)
  const list = call.find(key, 'list')
  if (list === undefined) return count === undefined ? null : []
  const found: number[] = []
  // COUNT 0: all of them.
  const enough = count === undefined ? 1 : count || list.length
  const seen = Math.min(length ?? list.length, list.length)
  let skip = Math.abs(rank) - 1
  for (let at = -1; found.length < enough; ) {
    at = rank > 0 ? list.indexOf(element, at + 1, seen) : before(list, element, at, seen)
    if (at < 0) break
    if (skip > 0) skip--
    else found.push(at)
  }
  return count === undefined ? (found[0] ?? null) : found
}

/** The last equal element before index `at` (-1: from the end), among the last `seen`. */
function before(list: ListValue, element: ByteString, at: number, seen: number): number {
  return list.lastIndexOf(element, (at < 0 ? list.length : at) - 1, list.length - seen)
}

const READS = { flags: ['readonly'], keys: ONE_KEY, effect: 'none' } as const
const EDITS = { flags: ['write', 'denyoom'], keys: ONE_KEY, effect: 'same' } as const
const REMOVES = { flags: ['write'], keys: ONE_KEY, effect: 'same' } as const

export const elementCommands = defineCommands({
  llen: {
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: ONE_KEY,
    effect: 'none',
    run: (call) => call.find(call.argv[1]!, 'list')?.length ?? 0,
  },
  lrange: { ...READS, arity: 4, run: lrange },
  lindex: { ...READS, arity: 3, run: lindex },
  lpos: { ...READS, arity: -3, run: lpos },
  lset: { ...EDITS, arity: 4, run: lset },
  linsert: { ...EDITS, arity: 5, run: linsert },
  lrem: { ...REMOVES, arity: 4, run: lrem },
  ltrim: { ...REMOVES, arity: 4, run: ltrim },
})
