/**
 * PSYNC, SYNC: a client becomes a replica.
 *
 *   PSYNC ? -1               everything             +FULLRESYNC <id> <offset>, a snapshot, the stream
 *   PSYNC <id> <offset>      the stream from there  +CONTINUE <id>, if that is possible
 *   SYNC                     everything, as before Redis 2.8: no status line
 *
 * What is answered is written by the replicas' side (replication/replicas.ts); a handler only refuses.
 *
 * Source: redis 7.0 `src/replication.c`, syncCommand.
 */
import { integerArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, NO_KEYS } from '../../command-spec.ts'
import { Refusal, type Reply, SILENCE } from '../../replies.ts'

function sync(call: Call): Reply {
  const { session, server } = call
  const { replicas } = server.replication
  if (session.replica?.isAttached || session.isMonitor) return SILENCE
  refuseIfBusy(call)
  const replica = replicas.of(session)
  if (replica.part !== 'all' && !replica.readsMark) {
    throw new Refusal('ERR Filtered replica requires EOF capability')
  }
  server.surroundings.log('notice', `Replica ${replica.name} asks for synchronization`)
  const [name, replid, offset] = call.argv
  if (word(name!) === 'SYNC') replica.isSilent = true
  else if (replicas.goOn(session, { replid: replid!, offset: integerArgument(offset!) })) return SILENCE
  replicas.syncFully(session)
  return SILENCE
}

function refuseIfBusy({ argv, session }: Call): void {
  if (argv[3] !== undefined && word(argv[3]) === 'FAILOVER') {
    throw new Refusal("ERR PSYNC FAILOVER can't be sent to a master.")
  }
  // What was answered and not yet sent would stand in front of the snapshot.
  if (session.hasPendingReplies) {
    throw new Refusal('ERR SYNC and PSYNC are invalid with pending output')
  }
}

const SPEC = {
  flags: ['admin', 'noscript', 'no_async_loading', 'no_multi'],
  keys: NO_KEYS,
  effect: 'none',
  run: sync,
} as const

export const psyncCommands = defineCommands({
  psync: { ...SPEC, arity: -3 },
  sync: { ...SPEC, arity: 1 },
})
