/**
 * The blocking forms: BLPOP, BRPOP, BLMPOP, BLMOVE, BRPOPLPUSH. What they do at once, or when they are run
 * again because a key is ready, is propagated as the plain command that does the same.
 *
 * Source: redis 7.0 `src/t_list.c`, blockingPopGenericCommand, blmoveGenericCommand,
 * serveClientBlockedOnList.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import type { Call } from '../../call.ts'
import { defineCommands, KEYS_AND_TIMEOUT, NO_KEYS, TWO_KEYS } from '../../command-spec.ts'
import { NULL_ARRAY, type Reply } from '../../replies.ts'
import { countedKeys } from '../counted-keys.ts'
import { secondsTimeout } from '../timeout.ts'
import { type End, endOf, moveOne, takeOne } from './ends.ts'
import { LPOP, popFirstOf, popRequest, RPOP } from './pushing.ts'

function popOrWait(call: Call, end: End): Reply {
  const { argv, readyKey } = call
  const timeout = secondsTimeout(argv.at(-1)!)
  const keys = argv.slice(1, -1)
  for (const key of readyKey === undefined ? keys : [readyKey]) {
    const list = call.findForWrite(key, 'list')
    if (list === undefined) continue
    call.propagate([end === 'LEFT' ? LPOP : RPOP, key])
    return [key, takeOne(call, key, list, end)]
  }
  return call.block(keys, timeout, NULL_ARRAY, 'list')
}

function mpopOrWait(call: Call): Reply {
  const { readyKey } = call
  const request = popRequest(call.argv.slice(2))
  const timeout = secondsTimeout(call.argv[1]!)
  const reply = popFirstOf(call, readyKey === undefined ? request : { ...request, keys: [readyKey] })
  return reply ?? call.block(request.keys, timeout, NULL_ARRAY, 'list')
}

type Move = { readonly from: End; readonly to: End; readonly timeout: ByteString }

function moveOrWait(call: Call, { from, to, timeout }: Move): Reply {
  const [, source, target] = call.argv as [ByteString, ByteString, ByteString]
  const micros = secondsTimeout(timeout)
  const element = moveOne(call, [source, from], [target, to])
  if (element === undefined) {
    // Within a transaction the answer is that of LMOVE; a time-out that is waited for has another.
    return call.session.isExecuting ? null : call.block([source], micros, NULL_ARRAY, 'list')
  }
  const plain = [source, target, ...call.argv.slice(3, -1)]
  if (call.command.name === 'brpoplpush') call.propagate([RPOPLPUSH, source, target])
  // Served later, Redis spells the ends itself: in lower case.
  else if (call.isRetry) call.propagate([LMOVE, ...plain.slice(0, 2), spelt(from), spelt(to)])
  else call.propagate([LMOVE, ...plain])
  return element
}

function spelt(end: End): ByteString {
  return end.toLowerCase() as ByteString
}

function blmove(call: Call): Reply {
  const [from, to, timeout] = call.argv.slice(3) as [ByteString, ByteString, ByteString]
  return moveOrWait(call, { from: endOf(from), to: endOf(to), timeout })
}

const LMOVE = 'LMOVE' as ByteString
const RPOPLPUSH = 'RPOPLPUSH' as ByteString
const POPS = {
  arity: -3,
  flags: ['write', 'noscript', 'blocking'],
  keys: KEYS_AND_TIMEOUT,
  effect: 'own',
} as const
const MOVES = {
  flags: ['write', 'denyoom', 'noscript', 'blocking'],
  keys: TWO_KEYS,
  effect: 'own',
} as const

export const blockingListCommands = defineCommands({
  blpop: { ...POPS, run: (call) => popOrWait(call, 'LEFT') },
  brpop: { ...POPS, run: (call) => popOrWait(call, 'RIGHT') },
  blmpop: {
    arity: -5,
    flags: ['write', 'blocking', 'movablekeys'],
    keys: NO_KEYS,
    findKeys: (argv) => countedKeys(argv, 2),
    effect: 'own',
    run: mpopOrWait,
  },
  blmove: { ...MOVES, arity: 6, run: blmove },
  brpoplpush: {
    ...MOVES,
    arity: 4,
    run: (call) => moveOrWait(call, { from: 'RIGHT', to: 'LEFT', timeout: call.argv[3]! }),
  },
})
