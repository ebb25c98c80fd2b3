/**
 * FLUSHALL, FLUSHDB: everything goes at once. They are propagated whether there was anything or not.
 *
 * ASYNC and SYNC are the same here: tables are dropped whole, and the garbage collector frees what was in
 * them bit by bit. Only the statistics tell them apart.
 *
 * Source: redis 7.0 `src/db.c`, flushallCommand, flushAllDataAndResetRDB, signalFlushedDb.
 */
import { word } from '../arguments.ts'
import type { Call } from '../call.ts'
import { defineCommands, NO_KEYS } from '../command-spec.ts'
import type { Database } from '../dataset/database.ts'
import { OK, Refusal, type Reply, SYNTAX } from '../replies.ts'

function flush(call: Call, databases: readonly Database[]): Reply {
  const mode = call.argv[1]
  if (call.argv.length > 2 || (mode !== undefined && !['SYNC', 'ASYNC'].includes(word(mode)))) {
    throw new Refusal(SYNTAX)
  }
  const { watches, memory, blocked, stats, settings } = call.server
  const isLazy = mode === undefined ? settings.get('lazyfree-lazy-user-flush') : word(mode) === 'ASYNC'
  for (const db of databases) {
    // Nobody has anything to be told; a transaction may flush many times while many wait.
    if (db.size === 0) continue
    watches.replaced(db)
    memory.cleared(db)
    call.changes += db.size
    if (isLazy) stats.lazyFreed += db.size
    db.clear()
    blocked.replaced(db.index)
  }
  call.server.tracking.flushed()
  return OK
}

function flushAll(call: Call): Reply {
  const { saver, databases, settings } = call.server
  // What it writes is no longer what anybody wants to keep.
  saver.cancel()
  const reply = flush(call, databases)
  // Nor is what lies on disk: whoever comes back from there would have it all again.
  if (settings.get<string>('save') !== '' && saver.saveNow()) call.changes = 0
  return reply
}

export const flushCommands = defineCommands({
  flushall: {
    arity: -1,
    flags: ['write'],
    keys: NO_KEYS,
    effect: 'always',
    run: flushAll,
  },
  flushdb: {
    arity: -1,
    flags: ['write'],
    keys: NO_KEYS,
    effect: 'always',
    run: (call) => flush(call, [call.db]),
  },
})
