/** Stats: what the server counts about itself; INFO shows it, CONFIG RESETSTAT begins anew. */
export class Stats {
  connections = 0
  rejectedConnections = 0
  commands = 0
  hits = 0
  misses = 0
  expired = 0
  evicted = 0
  bytesIn = 0
  bytesOut = 0
  errorReplies = 0
  /** By the first word of the error: `ERR`, `WRONGTYPE` … */
  errors = new Map<string, number>()

  reset(): void {
    Object.assign(this, new Stats())
  }
}
