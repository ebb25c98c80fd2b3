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
import { Backlog } from './backlog.ts'
import { Feed } from './feed.ts'
import { History } from './history.ts'

export class Replication {
  readonly history: History
  readonly backlog: Backlog
  readonly feed: Feed

  constructor(server: ServerState) {
    const { settings, effects, random } = server
    this.history = new History(random)
    this.backlog = new Backlog(settings.get('repl-backlog-size'))
    this.feed = new Feed(effects, this.history, this.backlog)
    server.onConfigured.push((names) => {
      if (names.includes('repl-backlog-size')) this.backlog.resize(settings.get('repl-backlog-size'))
    })
  }

  /** It follows a master. */
  get isReplica(): boolean {
    return false
  }
}
