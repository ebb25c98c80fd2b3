/** What a snapshot says about the server that wrote it: the header fields of an RDB file. */
import type { ServerState } from '../server-state.ts'
import type { SnapshotFacts } from './snapshot-writer.ts'

/** The version of Redis whose behaviour this server shows. */
export const REDIS_VERSION = '7.0.15'

export function snapshotFacts(server: ServerState): SnapshotFacts {
  return {
    version: REDIS_VERSION,
    createdAt: Math.floor(server.clock.now() / 1_000_000),
    usedMemory: server.memory.used,
    functions: [],
    ...where(server),
  }
}

/** Where it stands in its history, if anybody could go on from there. */
function where({ replication, isReplica }: ServerState): Pick<SnapshotFacts, 'replication'> {
  const { history, backlog, feed, master } = replication
  // A master without a backlog has told its history to nobody. A master's next command says its database.
  const db = isReplica ? master.streamDb : backlog.isActive ? Math.max(0, feed.selectedDb) : undefined
  return db === undefined ? {} : { replication: { db, id: history.replid, offset: history.offset } }
}
