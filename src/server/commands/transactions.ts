/**
 * Transactions: MULTI queues, EXEC runs all as one unit, WATCH makes EXEC fail if a key was touched.
 *
 *   MULTI … refused while queueing ─► EXEC: EXECABORT, nothing runs
 *   WATCH … touched meanwhile      ─► EXEC: null, nothing runs
 *   a command that fails in EXEC   ─► its error is one of the replies; the others run
 *
 * What is queued and what acts at once is the executor's business.
 *
 * Source: redis 7.0 `src/multi.c`.
 */
import type { Call } from '../call.ts'
import { ALL_KEYS, defineCommands, NO_KEYS } from '../command-spec.ts'
import { NULL_ARRAY, OK, Opening, Refusal, type Reply, SILENCE } from '../replies.ts'
import { leaveTransaction, Transaction } from '../transaction.ts'

const ABORTED = 'EXECABORT Transaction discarded because of previous errors.'

function multi(call: Call): Reply {
  if (call.session.transaction !== undefined) throw new Refusal('ERR MULTI calls can not be nested')
  call.session.transaction = new Transaction()
  return OK
}

function exec(call: Call): Reply {
  const { session, server } = call
  const { transaction } = session
  if (transaction === undefined) throw new Refusal('ERR EXEC without MULTI')
  const hasFailed = session.watchFailed || server.watches.hasExpired(session)
  leaveTransaction(session)
  if (transaction.isBroken) throw new Refusal(ABORTED)
  if (hasFailed) return NULL_ARRAY
  session.isExecuting = true
  try {
    // One by one, so that a message a command sends its own client stands where Redis puts it.
    session.reply(new Opening(transaction.queue.length))
    for (const { command, argv } of transaction.queue) server.executor.call(session, command, argv)
  } finally {
    session.isExecuting = false
  }
  return SILENCE
}

function discard(call: Call): Reply {
  if (call.session.transaction === undefined) throw new Refusal('ERR DISCARD without MULTI')
  leaveTransaction(call.session)
  return OK
}

function watch(call: Call): Reply {
  const { session, server, argv } = call
  if (session.transaction !== undefined) throw new Refusal('ERR WATCH inside MULTI is not allowed')
  for (const key of argv.slice(1)) server.watches.watch(session, session.db, key)
  return OK
}

function unwatch(call: Call): Reply {
  call.server.watches.unwatch(call.session)
  call.session.watchFailed = false
  return OK
}

const FLAGS = ['noscript', 'loading', 'stale', 'fast', 'allow_busy'] as const

export const transactionCommands = defineCommands({
  multi: { arity: 1, flags: FLAGS, keys: NO_KEYS, effect: 'none', run: multi },
  exec: {
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'skip_slowlog'],
    keys: NO_KEYS,
    effect: 'none',
    run: exec,
  },
  discard: { arity: 1, flags: FLAGS, keys: NO_KEYS, effect: 'none', run: discard },
  watch: { arity: -2, flags: FLAGS, keys: ALL_KEYS, effect: 'none', run: watch },
  unwatch: { arity: 1, flags: FLAGS, keys: NO_KEYS, effect: 'none', run: unwatch },
})
