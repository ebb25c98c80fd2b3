/**
 * Intersections, unions and differences: S…, S…STORE, SINTERCARD.
 *
 * An intersection goes through the smallest set. A difference is made in one of two ways, as Redis chooses:
 * it asks the other sets for each member of the first, or takes the members of the others away one by one.
 * The choice shows in the encoding of the result: what was a member for a moment may have changed it.
 *
 * Source: redis 7.0 `src/t_set.c`, sinterGenericCommand, sunionDiffGenericCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { integerInRange, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { ALL_KEYS, defineCommands, NO_KEYS } from '../../command-spec.ts'
import { SetValue } from '../../dataset/set-value.ts'
import { Members, Refusal, type Reply, SYNTAX } from '../../replies.ts'
import { countedKeys } from '../counted-keys.ts'

type Operation = 'inter' | 'union' | 'diff'
type MaybeSet = SetValue | undefined

function setsOf(call: Call, keys: readonly ByteString[]): MaybeSet[] {
  return keys.map((key) => call.find(key, 'set'))
}

function result(call: Call, operation: Operation, keys: readonly ByteString[]): SetValue {
  const sets = setsOf(call, keys)
  const { limits } = call.server.settings
  const into = new SetValue()
  if (operation === 'inter') {
    for (const member of common(sets)) into.add(member, limits)
  } else if (operation === 'union') {
    for (const set of sets) for (const member of set?.members() ?? []) into.add(member, limits)
  } else difference(sets, (member) => into.add(member, limits), into)
  return into
}

/** Members that all the sets have. */
function* common(sets: readonly MaybeSet[]): Generator<ByteString> {
  const present = sets.filter((set) => set !== undefined)
  if (present.length < sets.length) return
  const [smallest, ...others] = present.sort((a, b) => a.size - b.size)
  for (const member of smallest!.members()) {
    if (others.every((set) => set === smallest || set.has(member))) yield member
  }
}

function difference(sets: readonly MaybeSet[], add: (member: ByteString) => void, into: SetValue): void {
  const [first, ...others] = sets
  if (first === undefined) return
  const present = others.filter((set) => set !== undefined)
  const asking = (first.size * (present.length + 1)) / 2
  const taking = present.reduce((sum, set) => sum + set.size, first.size)
  if (asking <= taking) {
    // Larger sets are likelier to have a member.
    present.sort((a, b) => b.size - a.size)
    for (const member of first.members()) if (!present.some((set) => set.has(member))) add(member)
    return
  }
  for (const member of first.members()) add(member)
  for (const set of present) for (const member of set.members()) into.remove(member)
}

function show(call: Call, operation: Operation): Reply {
  return new Members([...result(call, operation, call.argv.slice(1)).members()])
}

function store(call: Call, operation: Operation): Reply {
  const target = call.argv[1]!
  const set = result(call, operation, call.argv.slice(2))
  if (set.size > 0) {
    call.put(target, set)
    call.modified(target)
    call.notify('s', `s${operation}store`, target)
  } else if (call.remove(target)) call.notify('g', 'del', target)
  return set.size
}

function sintercard(call: Call): Reply {
  const { argv } = call
  const numkeys = integerInRange(argv[1]!, 1, 2 ** 63, 'ERR numkeys should be greater than 0')
  if (numkeys > argv.length - 2) throw new Refusal("ERR Number of keys can't be greater than number of args")
  let limit = 0
  for (let i = numkeys + 2; i < argv.length; i += 2) {
    if (word(argv[i]!) !== 'LIMIT' || i + 1 === argv.length) throw new Refusal(SYNTAX)
    limit = integerInRange(argv[i + 1]!, 0, 2 ** 63, "ERR LIMIT can't be negative")
  }
  let count = 0
  for (const _ of common(setsOf(call, argv.slice(2, numkeys + 2)))) {
    if (++count === limit) break
  }
  return count
}

const SHOWS = { arity: -2, flags: ['readonly'], keys: ALL_KEYS, effect: 'none' } as const
const STORES = { arity: -3, flags: ['write', 'denyoom'], keys: ALL_KEYS, effect: 'same' } as const

export const setAlgebraCommands = defineCommands({
  sinter: { ...SHOWS, run: (call) => show(call, 'inter') },
  sunion: { ...SHOWS, run: (call) => show(call, 'union') },
  sdiff: { ...SHOWS, run: (call) => show(call, 'diff') },
  sinterstore: { ...STORES, run: (call) => store(call, 'inter') },
  sunionstore: { ...STORES, run: (call) => store(call, 'union') },
  sdiffstore: { ...STORES, run: (call) => store(call, 'diff') },
  sintercard: {
    arity: -3,
    flags: ['readonly', 'movablekeys'],
    keys: NO_KEYS,
    findKeys: (argv) => countedKeys(argv, 1),
    effect: 'none',
    run: sintercard,
  },
})
