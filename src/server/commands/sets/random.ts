/**
 * Random members: SPOP takes them, SRANDMEMBER shows them. What SPOP took is propagated by name.
 *
 *   SRANDMEMBER s 5     five different ones, or all there are
 *   SRANDMEMBER s -5    five, the same one perhaps more than once
 *
 * Source: redis 7.0 `src/t_set.c`, spopWithCountCommand, srandmemberWithCountCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { integerArgument, integerInRange } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY } from '../../command-spec.ts'
import type { SetValue } from '../../dataset/set-value.ts'
import { Members, NOT_POSITIVE, Refusal, type Reply, SYNTAX } from '../../replies.ts'
import { removeIfEmpty } from './members.ts'

/** Redis would send for as long as its memory lasts; we refuse what nobody can have meant. */
const REPEATED_MAX = 2 ** 24
const COUNT_RANGE =
  'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807'

function spop(call: Call): Reply {
  const { argv } = call
  if (argv.length > 3) throw new Refusal(SYNTAX)
  const key = argv[1]!
  if (argv.length === 3) return popSeveral(call, key, integerInRange(argv[2]!, 0, 2 ** 63, NOT_POSITIVE))
  const set = call.findForWrite(key, 'set')
  if (set === undefined) return null
  const member = takeRandom(call, set)
  call.notify('s', 'spop', key)
  call.propagate([SREM, key, member])
  removeIfEmpty(call, key, set)
  call.modified(key)
  return member
}

function popSeveral(call: Call, key: ByteString, count: number): Reply {
  const set = call.findForWrite(key, 'set')
  if (set === undefined || count === 0) return new Members([])
  call.notify('s', 'spop', key)
  if (count >= set.size) {
    const { size } = set
    const all = [...set.members()]
    call.db.remove(call.db.peek(key)!)
    call.notify('g', 'del', key)
    call.propagate([DEL, key])
    call.modified(key, size)
    return new Members(all)
  }
  const taken: ByteString[] = []
  while (taken.length < count) {
    const member = takeRandom(call, set)
    taken.push(member)
    call.propagate([SREM, key, member])
  }
  call.modified(key, count)
  return new Members(taken)
}

function takeRandom(call: Call, set: SetValue): ByteString {
  const member = set.at(call.random.below(set.size))
  set.remove(member)
  return member
}

function srandmember(call: Call): Reply {
  const { argv } = call
  if (argv.length > 3) throw new Refusal(SYNTAX)
  const count = argv.length === 3 ? countOf(argv[2]!) : undefined
  const set = call.find(argv[1]!, 'set')
  if (count === undefined) return set === undefined ? null : set.at(call.random.below(set.size))
  if (set === undefined || count === 0) return []
  if (count < -REPEATED_MAX) throw new Refusal('ERR value is out of range')
  if (count >= set.size) return [...set.members()]
  if (count > 0) return differentMembers(call, set, count)
  return Array.from({ length: -count }, () => set.at(call.random.below(set.size)))
}

function countOf(text: ByteString): number {
  const count = integerArgument(text)
  if (count <= -(2 ** 63) && text.endsWith('8')) throw new Refusal(COUNT_RANGE)
  return count
}

/** `count` of the set's members, fewer than there are: Floyd's sampling, one draw for each. */
function differentMembers(call: Call, set: SetValue, count: number): ByteString[] {
  const places = new Set<number>()
  for (let end = set.size - count; end < set.size; end++) {
    const place = call.random.below(end + 1)
    places.add(places.has(place) ? end : place)
  }
  return Array.from(places, (place) => set.at(place))
}

const SREM = 'SREM' as ByteString
const DEL = 'DEL' as ByteString

export const randomMemberCommands = defineCommands({
  spop: { arity: -2, flags: ['write', 'fast'], keys: ONE_KEY, effect: 'own', run: spop },
  srandmember: { arity: -2, flags: ['readonly'], keys: ONE_KEY, effect: 'none', run: srandmember },
})
