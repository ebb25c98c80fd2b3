/**
 * MemoryUse: what the server takes altogether, and what of it counts against maxmemory.
 *
 *   start-up + dataset + clients + replication stream    used_memory
 *                                  └─ what exceeds the backlog's size is there for slow replicas: to
 *                                     evict keys for it would only make their stream longer
 *
 * Source: redis 7.0 `src/evict.c`, freeMemoryGetNotCountedMemory; `src/object.c`, getMemoryOverheadData.
 */
import { STARTUP_BYTES } from './memory.ts'
import type { ServerState } from './server-state.ts'

/** What Redis keeps for each of so many bytes of stream. */
const BLOCK_BYTES = 16 * 1024
const BLOCK_OVERHEAD = 64

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
    return STARTUP_BYTES + this.#server.clientMemory.total + this.replication
  }

  /** The replication stream that is kept, for whomever. */
  get stream(): number {
    return this.#server.replication.backlog.sizeBytes
  }

  /** The stream, and the clients that get it. */
  get replication(): number {
    return this.stream + this.#server.clientMemory.ofReplicas
  }

  /** Of the stream, what is kept for replicas that are behind. */
  get forReplicas(): number {
    const { backlog, replicas } = this.#server.replication
    return replicas.count === 0 ? 0 : Math.max(0, this.stream - backlog.size)
  }

  /** What nobody's keys are evicted for. */
  get notCounted(): number {
    const { size } = this.#server.replication.backlog
    const kept = size + (Math.floor(size / BLOCK_BYTES) + 1) * BLOCK_OVERHEAD
    return Math.max(0, this.stream - kept)
  }

  /** The most that was ever taken, as far as it was looked at. */
  get peak(): number {
    this.#peak = Math.max(this.#peak, this.total, this.#server.memory.peak + STARTUP_BYTES)
    return this.#peak
  }

  /** More is taken than maxmemory allows. */
  exceeds(limit: number): boolean {
    if (this.total - this.notCounted <= limit) return false
    this.#server.clientMemory.settle()
    return this.total - this.notCounted > limit
  }
}
