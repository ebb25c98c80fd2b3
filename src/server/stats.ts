/** Stats: what the server counts about itself; INFO shows it, CONFIG RESETSTAT begins anew. */
export class Stats {
  connections = 0
  rejectedConnections = 0
  commands = 0
  hits = 0
  misses = 0
  expired = 0
  evicted = 0
  evictedClients = 0
  /** Large values, and keys of flushed databases, that were left to be freed later. */
  lazyFreed = 0
  /** Reply buffers that were fitted (client-buffers.ts). */
  replyBufferShrinks = 0
  replyBufferExpands = 0
  bytesIn = 0
  bytesOut = 0
  /** Bytes that came from our master. */
  replicationBytesIn = 0
  /** Errors that went to a master, which should not happen. */
  unexpectedErrors = 0
  reads = 0
  writes = 0
  /** A second, over the last seconds. */
  rates = { commands: 0, bytesIn: 0, bytesOut: 0 }
  #before = { commands: 0, bytesIn: 0, bytesOut: 0 }
  errorReplies = 0
  /** Full resyncs begun, partial ones granted, partial ones that were asked for and refused. */
  syncFull = 0
  syncPartialOk = 0
  syncPartialErr = 0
  /** Bytes of snapshots and stream that were sent to replicas, and of ACKs. */
  replicationBytesOut = 0
  /** By the first word of the error: `ERR`, `WRONGTYPE` … */
  errors = new Map<string, number>()

  reset(): void {
    Object.assign(this, new Stats())
    this.#before = { commands: 0, bytesIn: 0, bytesOut: 0 }
  }

  /** Looks at the counters; to be called at regular times. @param seconds since the last time */
  measure(seconds: number): void {
    const { commands, bytesIn, bytesOut } = this
    const since = this.#before
    this.rates = {
      commands: Math.round((commands - since.commands) / seconds),
      bytesIn: (bytesIn - since.bytesIn) / seconds,
      bytesOut: (bytesOut - since.bytesOut) / seconds,
    }
    this.#before = { commands, bytesIn, bytesOut }
  }
}
