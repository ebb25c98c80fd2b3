/**
 * Replication: this server as a member of a group: its history, and what it is in it.
 *
 *   as master    effects ─► feed ─► backlog ─► replicas
 *   as replica   master link ─► executor, and the same bytes ─► feed ─► backlog ─► sub-replicas
 *
 * It is one or the other; both share history and backlog, so that a replica can be promoted and its
 * siblings can go on with it.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { Loaded } from '../persistence/loader.ts'
import type { ServerState } from '../server-state.ts'
import { AckWaits } from './ack-waits.ts'
import { Backlog } from './backlog.ts'
import { Failover } from './failover.ts'
import { Feed } from './feed.ts'
import { History, REPLID_LENGTH } from './history.ts'
import { LocalDeadlines } from './local-deadlines.ts'
import { MasterLink } from './master-link.ts'
import { Replicas } from './replicas.ts'

const NOTHING_SENT = -1

export class Replication {
  readonly history: History
  readonly backlog: Backlog
  readonly feed: Feed
  /** Who follows us. */
  readonly replicas: Replicas
  /** Clients in WAIT. */
  readonly waits: AckWaits
  /** To the master that this server follows, if it follows one. */
  readonly master: MasterLink
  readonly failover: Failover
  /** Of a writable replica. */
  readonly localDeadlines: LocalDeadlines
  readonly #server: ServerState
  #turns = 0
  #sentOffset = NOTHING_SENT

  constructor(server: ServerState) {
    this.#server = server
    const { settings, effects, random } = server
    this.history = new History(random)
    this.backlog = new Backlog(settings.get('repl-backlog-size'))
    this.feed = new Feed(effects, this.history, this.backlog)
    this.replicas = new Replicas(server, this)
    this.waits = new AckWaits(server.blocked, this.replicas)
    this.master = new MasterLink(server, this)
    this.failover = new Failover(server, this)
    this.localDeadlines = new LocalDeadlines(server)
    const [host, port] = settings.get<string>('replicaof').split(' ')
    if (host !== undefined && port !== undefined) this.master.begin({ host, port: Number(port) })
    server.onConfigured.push((names) => {
      if (names.includes('repl-backlog-size')) this.backlog.resize(settings.get('repl-backlog-size'))
    })
  }

  /** @param turnsPerSecond how often it is called */
  turn(turnsPerSecond: number): void {
    this.backlog.tidy()
    if (this.isReplica) this.localDeadlines.turn()
    this.failover.look()
    // What is done once a second is done ten times as often during a failover.
    const share = this.failover.isUnderWay ? 10 : 1
    if (this.#turns++ % Math.max(1, Math.round(turnsPerSecond / share)) !== 0) return
    this.master.cron()
    this.replicas.cron()
  }

  /** What was going on is over (executor.ts): replicas get what was written meanwhile. */
  visitEnds(): void {
    if (this.replicas.count === 0) return
    this.failover.look()
    // While writes are held the stream stands still.
    if (!this.#server.pause.isOn && this.waits.takeQuestion()) this.feed.getack()
    if (this.#sentOffset === this.history.offset) return
    this.#sentOffset = this.history.offset
    this.replicas.send()
  }

  /** It follows a master. */
  get isReplica(): boolean {
    return this.master.target !== undefined
  }

  /** The server ends. */
  stop(): void {
    this.master.stop()
    this.replicas.stop()
  }

  /** Our data is about to be replaced by that of a master: nobody can go on from it. */
  leaveHistory(): void {
    this.replicas.disconnectAll()
    this.feed.close()
    this.#sentOffset = NOTHING_SENT
  }

  /** A replica becomes a master: its history parts from the one it has followed. */
  promote(): void {
    const { history, feed } = this
    const { replid, offset } = history
    history.part()
    this.#server.surroundings.log(
      'warning',
      `Setting secondary replication ID to ${replid}, valid up to offset: ${offset + 1}. ` +
        `New replication ID is ${history.replid}`,
    )
    this.replicas.disconnectAll()
    this.replicas.awaitFirst()
    feed.forgetDb()
    feed.isRelaying = false
  }

  /**
   * The server has started with a snapshot of its own: those who knew the history it tells of may go on,
   * and so may we with our master.
   */
  restored({ aux, expiredKeys }: Loaded): void {
    const replid = aux.get('repl-id')
    const offset = Number(aux.get('repl-offset') ?? -1)
    if (replid?.length !== REPLID_LENGTH || !Number.isSafeInteger(offset) || offset < 0) return
    const { history, feed } = this
    if (this.isReplica) {
      history.adopt(replid as ByteString, offset)
      this.master.remember(Number(aux.get('repl-stream-db') ?? 0))
      return
    }
    history.resume(replid as ByteString, offset)
    feed.open()
    this.replicas.awaitFirst()
    // What has expired in between is not there: replicas that still have it must be told.
    const { effects, settings } = this.#server
    const name = (settings.lazyExpire ? 'UNLINK' : 'DEL') as ByteString
    for (const { db, key } of expiredKeys) {
      effects.publish({
        effects: [{ db, argv: [name, key], durable: true }],
        isAtomic: false,
        origin: 'expiry',
      })
    }
  }
}
