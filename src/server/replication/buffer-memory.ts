/**
 * The memory of the replication stream, and for whom it is kept: what a backlog of the wanted size takes is
 * the server's own; what is kept beyond it is kept for replicas that are behind.
 *
 *   [ blocks that slow replicas need ……… | repl-backlog-size …… ]
 *     └ replicas; not counted for eviction └ backlog
 *
 * What waits for replicas is not counted where keys are to be evicted: each of them would be one more command
 * for the replicas.
 *
 * Source: redis 7.0 `src/object.c`, getMemoryOverheadData; `src/evict.c`, freeMemoryGetNotCountedMemory.
 */
import type { ServerState } from '../server-state.ts'

export type BufferMemory = {
  readonly total: number
  /** The share of the backlog, */
  readonly backlog: number
  /** and that of the replicas. */
  readonly replicas: number
  /** What eviction does not count. */
  readonly uncounted: number
}

/** The size for which Redis allows so much for the management of blocks. */
const CHUNK_BYTES = 16 * 1024
const BLOCK_OVERHEAD = 64

export function bufferMemory({ replication, settings }: ServerState): BufferMemory {
  const { backlog, replicas } = replication
  const total = backlog.sizeBytes
  const wanted = settings.get<number>('repl-backlog-size')
  const own = replicas.count > 0 ? Math.min(total, wanted) : total
  const overhead = (Math.floor(wanted / CHUNK_BYTES) + 1) * BLOCK_OVERHEAD
  return {
    total,
    backlog: own,
    replicas: total - own,
    uncounted: Math.max(0, total - wanted - overhead),
  }
}
