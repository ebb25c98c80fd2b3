/**
 * MemoryUse: what the server takes altogether, and what of it counts against maxmemory.
 *
 *   start-up + dataset + clients + replication stream    used_memory
 *                                  └─ what is kept for slow replicas does not count (buffer-memory.ts)
 *
 * Source: redis 7.0 `src/evict.c`, getMaxmemoryState; `src/object.c`, getMemoryOverheadData.
 */
import { STARTUP_BYTES } from './memory.ts'
import { bufferMemory } from './replication/buffer-memory.ts'
import type { ServerState } from './server-state.ts'

export class MemoryUse {
  readonly #server: ServerState
  #peak = 0

  constructor(server: ServerState) {
    this.#server = server
  }

  get total(): number {
    return Math.round(this.#server.memory.used) + this.overhead
  }

  /** All that is no data. */
  get overhead(): number {
    const { clientMemory, replication } = this.#server
    return STARTUP_BYTES + clientMemory.total + clientMemory.ofReplicas + replication.backlog.sizeBytes
  }

  /** What maxmemory limits. */
  get counted(): number {
    return this.total - bufferMemory(this.#server).uncounted
  }

  /** The most that was ever taken, as far as it was looked at. */
  get peak(): number {
    this.#peak = Math.max(this.#peak, this.total, this.#server.memory.peak + STARTUP_BYTES)
    return this.#peak
  }

  /** More is taken than maxmemory allows. */
  exceeds(limit: number): boolean {
    if (this.counted <= limit) return false
    this.#server.clientMemory.settle()
    return this.counted > limit
  }
}
