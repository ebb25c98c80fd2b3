/**
 * Snapshots on disk: SAVE, BGSAVE, LASTSAVE.
 *
 * Source: redis 7.0 `src/rdb.c`, saveCommand, bgsaveCommand.
 */
import { word } from '../arguments.ts'
import type { Call } from '../call.ts'
import { defineCommands, NO_KEYS } from '../command-spec.ts'
import { OK, Refusal, type Reply, Status, SYNTAX } from '../replies.ts'

const IN_PROGRESS = 'ERR Background save already in progress'
/** Redis's whole answer to what it cannot do (shared.err). */
const FAILED = 'ERR'

function save(call: Call): Reply {
  const { saver } = call.server
  if (saver.isRunning) throw new Refusal(IN_PROGRESS)
  if (!saver.saveNow()) throw new Refusal(FAILED)
  return OK
}

function bgsave(call: Call): Reply {
  const { saver } = call.server
  const [, option] = call.argv
  if (call.argv.length > 2 || (option !== undefined && word(option) !== 'SCHEDULE')) throw new Refusal(SYNTAX)
  if (saver.isRunning) throw new Refusal(IN_PROGRESS)
  if (call.session.isExecuting) {
    saver.schedule()
    return new Status('Background saving scheduled')
  }
  if (!saver.saveInBackground()) throw new Refusal(FAILED)
  return new Status('Background saving started')
}

const FLAGS = ['admin', 'noscript', 'no_async_loading'] as const

export const persistenceCommands = defineCommands({
  save: { arity: 1, flags: [...FLAGS, 'no_multi'], keys: NO_KEYS, effect: 'none', run: save },
  bgsave: { arity: -1, flags: [...FLAGS], keys: NO_KEYS, effect: 'none', run: bgsave },
  lastsave: {
    arity: 1,
    flags: ['loading', 'stale', 'fast'],
    keys: NO_KEYS,
    effect: 'none',
    run: (call) => Math.floor(call.server.saver.lastSaveAt / 1_000_000),
  },
})
