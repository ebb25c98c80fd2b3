/**
 * Lists used as stacks and queues: LPUSH, RPUSH, LPOP, RPOP, LMPOP, LMOVE, RPOPLPUSH and what they share with
 * their blocking forms (blocking.ts).
 *
 * Source: redis 7.0 `src/t_list.c`.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { integerInRange, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY, TWO_KEYS } from '../../command-spec.ts'
import { ListValue } from '../../dataset/list-value.ts'
import { NOT_POSITIVE, NULL_ARRAY, Refusal, type Reply, SYNTAX, wrongArity } from '../../replies.ts'
import { type End, endOf, moveOne, push, take, takeOne } from './ends.ts'

function pushAll(call: Call, end: End, mustExist = false): Reply {
  const { argv } = call
  const key = argv[1]!
  let list = call.findForWrite(key, 'list')
  if (list === undefined) {
    if (mustExist) return 0
    call.add(key, (list = new ListValue()))
  }
  for (let i = 2; i < argv.length; i++) push(list, end, argv[i]!)
  call.modified(key, argv.length - 2)
  call.notify('l', end === 'LEFT' ? 'lpush' : 'rpush', key)
  return list.length
}

function popSome(call: Call, end: End): Reply {
  const { argv, command } = call
  if (argv.length > 3) throw new Refusal(wrongArity(command.name))
  const key = argv[1]!
  if (argv.length === 2) {
    const list = call.findForWrite(key, 'list')
    return list === undefined ? null : takeOne(call, key, list, end)
  }
  const count = integerInRange(argv[2]!, 0, Number.MAX_VALUE, NOT_POSITIVE)
  const list = call.findForWrite(key, 'list')
  if (list === undefined) return NULL_ARRAY
  return count === 0 ? [] : take(call, key, list, end, count)
}

/** What LMPOP and BLMPOP are asked for. */
export type PopRequest = { readonly keys: readonly ByteString[]; readonly end: End; readonly count: number }

/** Reads `numkeys key … LEFT|RIGHT [COUNT n]`. @throws Refusal as Redis does */
export function popRequest(words: readonly ByteString[]): PopRequest {
  const numkeys = integerInRange(words[0]!, 1, Number.MAX_VALUE, 'ERR numkeys should be greater than 0')
  const where = words[numkeys + 1]
  if (where === undefined) throw new Refusal(SYNTAX)
  const end = endOf(where)
  const options = words.slice(numkeys + 2)
  let count = 1
  if (options.length > 0) {
    if (word(options[0]!) !== 'COUNT' || options.length < 2) throw new Refusal(SYNTAX)
    count = integerInRange(options[1]!, 1, Number.MAX_VALUE, 'ERR count should be greater than 0')
    if (options.length > 2) throw new Refusal(SYNTAX)
  }
  return { keys: words.slice(1, numkeys + 1), end, count }
}

/** Takes elements from the first of the keys that is a list; undefined if there is none. */
export function popFirstOf(call: Call, { keys, end, count }: PopRequest): Reply | undefined {
  for (const key of keys) {
    const list = call.findForWrite(key, 'list')
    if (list === undefined) continue
    const elements = take(call, key, list, end, count)
    call.propagate([end === 'LEFT' ? LPOP : RPOP, key, String(elements.length) as ByteString])
    return [key, elements]
  }
  return undefined
}

function lmove(call: Call): Reply {
  const [, source, target, from, to] = call.argv as readonly ByteString[] & { readonly length: 5 }
  return moveOne(call, [source!, endOf(from!)], [target!, endOf(to!)]) ?? null
}

function rpoplpush(call: Call): Reply {
  const [, source, target] = call.argv as [ByteString, ByteString, ByteString]
  return moveOne(call, [source, 'RIGHT'], [target, 'LEFT']) ?? null
}

/** Indices of the keys in `… numkeys key …`. */
export function numberedKeys(argv: readonly ByteString[], numkeysAt: number): readonly number[] {
  const numkeys = Math.min(Number(argv[numkeysAt]), argv.length - numkeysAt - 1)
  return Array.from({ length: numkeys > 0 ? numkeys : 0 }, (_, i) => numkeysAt + 1 + i)
}

export const LPOP = 'LPOP' as ByteString
export const RPOP = 'RPOP' as ByteString
const PUSHES = { flags: ['write', 'denyoom', 'fast'], keys: ONE_KEY, effect: 'same' } as const
const POPS = { flags: ['write', 'fast'], keys: ONE_KEY, effect: 'same' } as const
const MOVES = { flags: ['write', 'denyoom'], keys: TWO_KEYS, effect: 'same' } as const

export const pushingCommands = defineCommands({
  lpush: { ...PUSHES, arity: -3, run: (call) => pushAll(call, 'LEFT') },
  rpush: { ...PUSHES, arity: -3, run: (call) => pushAll(call, 'RIGHT') },
  lpushx: { ...PUSHES, arity: -3, run: (call) => pushAll(call, 'LEFT', true) },
  rpushx: { ...PUSHES, arity: -3, run: (call) => pushAll(call, 'RIGHT', true) },
  lpop: { ...POPS, arity: -2, run: (call) => popSome(call, 'LEFT') },
  rpop: { ...POPS, arity: -2, run: (call) => popSome(call, 'RIGHT') },
  lmpop: {
    arity: -4,
    flags: ['write', 'movablekeys'],
    keys: { first: 0, last: 0, step: 0 },
    findKeys: (argv) => numberedKeys(argv, 1),
    effect: 'own',
    run: (call) => popFirstOf(call, popRequest(call.argv.slice(1))) ?? NULL_ARRAY,
  },
  lmove: { ...MOVES, arity: 5, run: lmove },
  rpoplpush: { ...MOVES, arity: 3, run: rpoplpush },
})
