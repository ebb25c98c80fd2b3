/** What a snapshot says about the server that wrote it: the header fields of an RDB file. */
import type { ServerState } from '../server-state.ts'
import type { SnapshotFacts } from './snapshot-writer.ts'

/** The version of Redis whose behaviour this server shows. */
export const REDIS_VERSION = '7.0.15'

export function snapshotFacts(server: ServerState): SnapshotFacts {
  const { history, backlog, feed } = server.replication
  return {
    version: REDIS_VERSION,
    createdAt: Math.floor(server.clock.now() / 1_000_000),
    usedMemory: server.memory.used,
    functions: [],
    ...(backlog.isActive
      ? {
          replication: {
            db: Math.max(feed.selectedDb, 0),
            id: history.replid,
            offset: history.offset,
          },
        }
      : {}),
  }
}
