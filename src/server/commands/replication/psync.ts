/**
 * PSYNC, SYNC: a client becomes a replica.
 *
 *   PSYNC ? -1               everything             +FULLRESYNC <id> <offset>, a snapshot, the stream
 *   PSYNC <id> <offset>      the stream from there  +CONTINUE <id>, if that is possible
 *   SYNC                     everything, as before Redis 2.8: no status line
 *   PSYNC <id> <offset> FAILOVER    from our master: we become master first, then it follows us
 *
 * What is answered is written by the replicas' side (replication/replicas.ts); a handler only refuses.
 *
 * Source: redis 7.0 `src/replication.c`, syncCommand.
 */
import { strictInteger, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { clientLine } from '../../client-line.ts'
import { defineCommands, NO_KEYS } from '../../command-spec.ts'
import { NOT_AN_INTEGER, Refusal, type Reply, SILENCE } from '../../replies.ts'

function sync(call: Call): Reply {
  const { session, server } = call
  const { replicas } = server.replication
  if (session.replica?.isAttached || session.isMonitor) return SILENCE
  takeOverIfAsked(call)
  refuseIfUnable(call)
  const replica = replicas.of(session)
  if (replica.part !== 'all' && !replica.readsMark) {
    throw new Refusal('ERR Filtered replica requires EOF capability')
  }
  server.surroundings.log('notice', `Replica ${replica.name} asks for synchronization`)
  const [name, replid, offset] = call.argv
  if (word(name!) === 'SYNC') replica.isSilent = true
  else {
    const from = strictInteger(offset!)
    if (from === undefined) {
      server.surroundings.log(
        'warning',
        `Replica ${replica.name} asks for synchronization but with a wrong offset`,
      )
      throw new Refusal(NOT_AN_INTEGER)
    }
    if (replicas.goOn(session, { replid: replid!, offset: Number(from) })) return SILENCE
  }
  replicas.syncFully(session)
  return SILENCE
}

/** PSYNC … FAILOVER: our master wants to follow us. */
function takeOverIfAsked({ argv, server, session }: Call): void {
  const [name, replid, , option] = argv
  if (option === undefined || word(option) !== 'FAILOVER' || word(name!) !== 'PSYNC') return
  const { surroundings, replication } = server
  surroundings.log('warning', `Failover request received for replid ${replid}.`)
  if (!server.isReplica) throw new Refusal("ERR PSYNC FAILOVER can't be sent to a master.")
  if (replid!.toLowerCase() !== replication.history.replid) {
    throw new Refusal('ERR PSYNC FAILOVER replid must match my replid.')
  }
  replication.master.unfollow()
  surroundings.log('notice', `MASTER MODE enabled (failover request from '${clientLine(session)}')`)
}

function refuseIfUnable({ session, server }: Call): void {
  const { failover, master } = server.replication
  if (failover.isUnderWay) throw new Refusal("NOMASTERLINK Can't SYNC while failing over")
  // What it has is about to be replaced, or to go on: nothing to hand on for now.
  if (server.isReplica && !master.isUp) {
    throw new Refusal("NOMASTERLINK Can't SYNC while not connected with my master")
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
