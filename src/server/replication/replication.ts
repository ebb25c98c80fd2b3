/**
 * Replication: this server as a member of a group: its history, and what it is in it.
 *
 *   as master    effects ─► feed ─► backlog ─► replicas
 *   as replica   master link ─► executor, and the same bytes ─► feed ─► backlog ─► sub-replicas
 *
 * It is one or the other; both share history and backlog, so that a replica can be promoted and its
 * siblings can go on with it.
 */
import type { ServerState } from '../server-state.ts'
import { AckWaits } from './ack-waits.ts'
import { Backlog } from './backlog.ts'
import { Feed } from './feed.ts'
import { History } from './history.ts'
import { Replicas } from './replicas.ts'

/** Turns of the server's clock in a second. */
const TURNS = 10

export class Replication {
  readonly history: History
  readonly backlog: Backlog
  readonly feed: Feed
  readonly replicas: Replicas
  /** Clients in WAIT. */
  readonly waits: AckWaits
  #turns = 0
  #sentOffset = 0

  constructor(server: ServerState) {
    const { settings, effects, random } = server
    this.history = new History(random)
    this.backlog = new Backlog(settings.get('repl-backlog-size'))
    this.feed = new Feed(effects, this.history, this.backlog)
    this.replicas = new Replicas(server, this)
    this.waits = new AckWaits(server.blocked, this.replicas)
    server.onConfigured.push((names) => {
      if (names.includes('repl-backlog-size')) this.backlog.resize(settings.get('repl-backlog-size'))
    })
  }

  /** Ten times a second. */
  turn(): void {
    this.backlog.tidy()
    if (this.#turns++ % TURNS === 0) this.replicas.cron()
  }

  /** What was going on is over (executor.ts): replicas get what was written meanwhile. */
  visitEnds(): void {
    if (this.replicas.count === 0) return
    if (this.waits.takeQuestion()) this.feed.getack()
    if (this.#sentOffset === this.history.offset) return
    this.#sentOffset = this.history.offset
    this.replicas.send()
  }

  /** It follows a master. */
  get isReplica(): boolean {
    return false
  }
}
