/**
 * Commands on the members of a set: SADD, SREM, SMOVE, SISMEMBER, SMISMEMBER, SCARD, SMEMBERS, SSCAN.
 *
 * Source: redis 7.0 `src/t_set.c`.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY, TWO_KEYS } from '../../command-spec.ts'
import type { Entry } from '../../dataset/entry.ts'
import { SetValue } from '../../dataset/set-value.ts'
import { Members, Refusal, type Reply, WRONG_TYPE } from '../../replies.ts'
import { cursorOf, scanOptions } from '../keys/scan.ts'

function sadd(call: Call): Reply {
  const { argv } = call
  const key = argv[1]!
  const { limits } = call.server.settings
  let set = call.findForWrite(key, 'set')
  if (set === undefined) call.add(key, (set = new SetValue()))
  let added = 0
  for (let i = 2; i < argv.length; i++) if (set.add(argv[i]!, limits)) added++
  if (added > 0) {
    call.modified(key, added)
    call.notify('s', 'sadd', key)
  }
  return added
}

function srem(call: Call): Reply {
  const { argv } = call
  const key = argv[1]!
  const set = call.findForWrite(key, 'set')
  if (set === undefined) return 0
  let removed = 0
  for (let i = 2; i < argv.length; i++) if (set.remove(argv[i]!)) removed++
  if (removed > 0) {
    call.modified(key, removed)
    call.notify('s', 'srem', key)
    removeIfEmpty(call, key, set)
  }
  return removed
}

/** A set without members is no set. */
export function removeIfEmpty(call: Call, key: ByteString, set: SetValue): void {
  if (set.size > 0) return
  call.db.remove(call.db.peek(key)!)
  call.notify('g', 'del', key)
}

function smove(call: Call): Reply {
  const [, source, target, member] = call.argv as [ByteString, ByteString, ByteString, ByteString]
  const [fromEntry, toEntry] = [call.entryForWrite(source), call.entryForWrite(target)]
  // Without a source it does not matter what the target is.
  if (fromEntry === undefined) return 0
  const from = setIn(fromEntry)
  let to = toEntry === undefined ? undefined : setIn(toEntry)
  if (from === to) return from.has(member) ? 1 : 0
  if (!from.remove(member)) return 0
  call.notify('s', 'srem', source)
  removeIfEmpty(call, source, from)
  if (to === undefined) call.add(target, (to = new SetValue()))
  call.modified(source)
  if (to.add(member, call.server.settings.limits)) {
    call.modified(target)
    call.notify('s', 'sadd', target)
  }
  return 1
}

function setIn({ value }: Entry): SetValue {
  if (value.type !== 'set') throw new Refusal(WRONG_TYPE)
  return value
}

function sismember(call: Call): Reply {
  return call.find(call.argv[1]!, 'set')?.has(call.argv[2]!) ? 1 : 0
}

function smismember(call: Call): Reply {
  const set = call.find(call.argv[1]!, 'set')
  return call.argv.slice(2).map((member) => (set?.has(member) ? 1 : 0))
}

function smembers(call: Call): Reply {
  return new Members([...(call.find(call.argv[1]!, 'set')?.members() ?? [])])
}

function sscan(call: Call): Reply {
  const [, key, cursor, ...words] = call.argv as [ByteString, ByteString, ByteString, ...ByteString[]]
  const from = cursorOf(cursor)
  const set = call.find(key, 'set')
  if (set === undefined) return ['0', []]
  const { count, matches } = scanOptions(words, false)
  const found: ByteString[] = []
  const next = set.scan(from, count, (member) => {
    if (matches === undefined || matches(member)) found.push(member)
  })
  return [String(next), found]
}

const READS = { flags: ['readonly', 'fast'], keys: ONE_KEY, effect: 'none' } as const
const CHANGES = { flags: ['write', 'fast'], keys: ONE_KEY, effect: 'same' } as const

export const memberCommands = defineCommands({
  sadd: { ...CHANGES, arity: -3, flags: ['write', 'denyoom', 'fast'], run: sadd },
  srem: { ...CHANGES, arity: -3, run: srem },
  smove: { ...CHANGES, arity: 4, keys: TWO_KEYS, run: smove },
  sismember: { ...READS, arity: 3, run: sismember },
  smismember: { ...READS, arity: -3, run: smismember },
  scard: { ...READS, arity: 2, run: (call) => call.find(call.argv[1]!, 'set')?.size ?? 0 },
  smembers: { ...READS, arity: 2, flags: ['readonly'], run: smembers },
  sscan: { ...READS, arity: -3, flags: ['readonly'], run: sscan },
})
