/**
 * Transactions: MULTI queues, EXEC runs all as one unit, WATCH makes EXEC fail if a key was touched.
 *
 * Source: redis 7.0 `src/multi.c`.
 */
import type { Call } from '../call.ts'
import { ALL_KEYS, defineCommands, NO_KEYS } from '../command-spec.ts'
import { NULL_ARRAY, OK, Refusal, type Reply } from '../replies.ts'
import type { Session } from '../session.ts'

function multi(call: Call): Reply {
  if (call.session.transaction !== undefined) throw new Refusal('ERR MULTI calls can not be nested')
  call.session.transaction = { queue: [], isBroken: false }
  return OK
}

function exec(call: Call): Reply {
  const { session, server } = call
  const { transaction } = session
  if (transaction === undefined) throw new Refusal('ERR EXEC without MULTI')
  const hasFailed = session.watchFailed
  leave(session)
  if (transaction.isBroken) throw new Refusal('EXECABORT Transaction discarded because of previous errors.')
  if (hasFailed) return NULL_ARRAY
  return transaction.queue.map(({ argv }) =>
    server.executor.call(session, server.executor.resolve(argv)!, argv),
  )
}

function discard(call: Call): Reply {
  if (call.session.transaction === undefined) throw new Refusal('ERR DISCARD without MULTI')
  leave(call.session)
  return OK
}

function watch(call: Call): Reply {
  const { session, server, argv } = call
  if (session.transaction !== undefined) throw new Refusal('ERR WATCH inside MULTI is not allowed')
  for (const key of argv.slice(1)) server.watches.watch(session, session.db.index, key)
  return OK
}

function unwatch(call: Call): Reply {
  call.server.watches.unwatch(call.session)
  call.session.watchFailed = false
  return OK
}

function leave(session: Session): void {
  session.transaction = undefined
  session.server.watches.unwatch(session)
  session.watchFailed = false
}

const FLAGS = ['noscript', 'loading', 'stale', 'fast', 'allow_busy'] as const

export const transactionCommands = defineCommands({
  multi: { arity: 1, flags: [...FLAGS], keys: NO_KEYS, effect: 'none', run: multi },
  exec: {
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'skip_slowlog'],
    keys: NO_KEYS,
    effect: 'none',
    run: exec,
  },
  discard: { arity: 1, flags: [...FLAGS], keys: NO_KEYS, effect: 'none', run: discard },
  watch: { arity: -2, flags: [...FLAGS], keys: ALL_KEYS, effect: 'none', run: watch },
  unwatch: { arity: 1, flags: [...FLAGS], keys: NO_KEYS, effect: 'none', run: unwatch },
})
