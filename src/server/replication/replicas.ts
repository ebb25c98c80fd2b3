/**
 * Replicas: the master's side of replication: who follows, from where, and what is done once a second.
 *
 *   PSYNC ─► the backlog covers it?  ─yes─► +CONTINUE, and the stream from there
 *                      └──no──► full resync (full-sync.ts)
 *
 *   every second   pings, newlines to those that wait for a snapshot, silent replicas cut off,
 *                  the backlog given up when nobody has followed for repl-backlog-ttl
 *
 * Source: redis 7.0 `src/replication.c`, syncCommand, masterTryPartialResynchronization, replicationCron.
 */
import type { ServerState } from '../server-state.ts'
import type { Session } from '../session.ts'
import { AttachedReplica } from './attached-replica.ts'
import { FullSync } from './full-sync.ts'
import { decide, type Wanted } from './history.ts'
import type { Replication } from './replication.ts'

const MICROS = 1_000_000

export class Replicas {
  readonly #server: ServerState
  readonly #replication: Replication
  readonly #attached = new Set<AttachedReplica>()
  readonly #fullSync: FullSync
  #seconds = 0
  #noneSince = 0
  /** Of the backlog, when limits were looked at last. */
  #addedBlocks = 0
  /** Online and heard of within min-replicas-max-lag, when it was last looked at. */
  goodCount = 0

  constructor(server: ServerState, replication: Replication) {
    this.#server = server
    this.#replication = replication
    this.#fullSync = new FullSync(server, replication, this.#attached)
    server.onConfigured.push((names) => {
      if (names.some((name) => name.startsWith('min-replicas-'))) this.countGood()
    })
  }

  /** In the order in which they came. */
  get all(): Iterable<AttachedReplica> {
    return this.#attached
  }

  get count(): number {
    return this.#attached.size
  }

  /** What a client says of itself as a replica, from its first REPLCONF on. */
  of(session: Session): AttachedReplica {
    session.replica ??= new AttachedReplica(session, this.#replication.backlog)
    return session.replica
  }

  /** PSYNC. @returns false where only a full resync is possible */
  goOn(session: Session, wanted: Wanted): boolean {
    const { history, backlog } = this.#replication
    const replica = this.of(session)
    const decision = decide(wanted, history, backlog.window)
    if (decision !== 'continue') {
      this.#refused(replica, wanted, decision)
      return false
    }
    const { clock, stats } = this.#server
    session.sendStream([replica.followsIds ? `+CONTINUE ${history.replid}\r\n` : '+CONTINUE\r\n'])
    replica.state = 'online'
    replica.ackAt = clock.now()
    replica.startAt(wanted.offset)
    this.#attached.add(replica)
    stats.syncPartialOk++
    this.#log(
      `Partial resynchronization request from ${replica.name} accepted. Sending ${replica.behindBytes} ` +
        `bytes of backlog starting from offset ${wanted.offset}.`,
    )
    this.countGood()
    replica.send()
    return true
  }

  /** PSYNC that could not go on, or SYNC. */
  syncFully(session: Session): void {
    const { history, backlog, feed } = this.#replication
    const replica = this.of(session)
    this.#server.stats.syncFull++
    this.#attached.add(replica)
    if (this.#attached.size === 1 && !backlog.isActive) {
      // Nobody could go on from what was written so far: nothing of it is kept.
      history.renew()
      feed.open()
      const { replid, replid2 } = history
      this.#log(`Replication backlog created, my new replication IDs are '${replid}' and '${replid2}'`)
    }
    this.#fullSync.ask(replica)
  }

  #refused(replica: AttachedReplica, { replid, offset }: Wanted, why: ReturnType<typeof decide>): void {
    const { history } = this.#replication
    const not = 'Partial resynchronization not accepted:'
    if (why !== 'asked-for-all') this.#server.stats.syncPartialErr++
    if (why === 'asked-for-all') this.#log(`Full resync requested by replica ${replica.name}`)
    else if (why === 'other-history') {
      this.#log(
        `${not} Replication ID mismatch (Replica asked for '${replid}', my replication IDs are ` +
          `'${history.replid}' and '${history.replid2}')`,
      )
    } else if (why === 'second-id-too-late') {
      this.#log(
        `${not} Requested offset for second ID was ${offset}, but I can reply up to ${history.secondOffset}`,
      )
    } else {
      this.#log(
        `Unable to partial resync with replica ${replica.name} for lack of backlog ` +
          `(Replica request was: ${offset}).`,
      )
      if (offset > history.offset) {
        this.#server.surroundings.log(
          'warning',
          `Warning: replica ${replica.name} tried to PSYNC with an offset that is greater than the master ` +
            'replication offset.',
        )
      }
    }
  }

  /** REPLCONF ACK */
  acked(replica: AttachedReplica, offset: number): void {
    if (!replica.isAttached) return
    replica.ackOffset = Math.max(replica.ackOffset, offset)
    replica.ackAt = this.#server.clock.now()
    this.#replication.waits.check()
    if (replica.isAwaitingAck && replica.isOnline) {
      replica.isAwaitingAck = false
      replica.send()
    }
  }

  /** A connection has gone. */
  gone(session: Session): void {
    const { replica } = session
    if (replica === undefined || !this.#attached.delete(replica)) return
    replica.detach()
    this.#server.surroundings.log('warning', `Connection with replica ${replica.name} lost.`)
    this.#fullSync.lost(replica)
    if (this.#attached.size === 0) this.#noneSince = this.#server.clock.now()
    this.countGood()
  }

  /** There is a backlog and nobody who follows: it is kept for repl-backlog-ttl from now on. */
  awaitFirst(): void {
    this.#noneSince = this.#server.clock.now()
  }

  /** The server ends, and says no more of them. */
  stop(): void {
    for (const replica of this.#attached) replica.detach()
    this.#attached.clear()
    this.#fullSync.stop()
  }

  /** Their history is not ours any longer, or must be told anew: they come back. */
  disconnectAll(): void {
    for (const { session } of [...this.#attached]) session.destroy()
  }

  /** Sends what has been added to the stream, but for those for whom that is too much. */
  send(): void {
    const { limits } = this.#server
    const { added } = this.#replication.backlog
    const isMore = added !== this.#addedBlocks
    this.#addedBlocks = added
    for (const replica of [...this.#attached]) {
      if (isMore) limits.checkOutput(replica.session)
      replica.send()
    }
  }

  /** A connection takes more. */
  drained(replica: AttachedReplica): void {
    this.#fullSync.drained(replica)
    replica.send()
  }

  /** Those whose ACK reached `offset`. */
  countAcked(offset: number): number {
    let count = 0
    for (const { isOnline, ackOffset } of this.#attached) if (isOnline && ackOffset >= offset) count++
    return count
  }

  countGood(): void {
    if (this.leastGood === 0) return
    const { settings, clock } = this.#server
    const lagMax = settings.get<number>('min-replicas-max-lag')
    const now = clock.now()
    this.goodCount = 0
    for (const replica of this.#attached) {
      if (replica.isOnline && replica.lagSeconds(now) <= lagMax) this.goodCount++
    }
  }

  /** How many good replicas a write needs: min-replicas-to-write; 0 where either of the two parameters is 0. */
  get leastGood(): number {
    const { settings } = this.#server
    const least = settings.replicasToWrite
    return least > 0 && settings.get<number>('min-replicas-max-lag') > 0 ? least : 0
  }

  /** min-replicas-to-write allows writing. */
  get areEnough(): boolean {
    const least = this.leastGood
    return least === 0 || this.goodCount >= least || this.#server.isReplica
  }

  /** Once a second. */
  cron(): void {
    const { settings, isReplica } = this.#server
    const { feed, failover } = this.#replication
    const period = settings.get<number>('repl-ping-replica-period')
    const isDue = this.#seconds++ % period === 0 && this.#attached.size > 0
    if (isDue && !isReplica && !failover.holdsPings) feed.ping()
    this.#cutSilent()
    this.#giveUpBacklog()
    this.#fullSync.cron()
    this.countGood()
  }

  #cutSilent(): void {
    const { settings, clock } = this.#server
    const timeout = settings.get<number>('repl-timeout')
    const now = clock.now()
    for (const replica of [...this.#attached]) {
      const { stuckSince } = replica
      const isStuck = stuckSince !== undefined && now - stuckSince > timeout * MICROS
      if (replica.isOnline && !replica.isSilent && replica.lagSeconds(now) > timeout) {
        this.#cut(replica, 'streaming sync')
      } else if (replica.state === 'wait-bgsave-end' && isStuck) this.#cut(replica, 'full sync')
    }
  }

  #cut(replica: AttachedReplica, during: string): void {
    this.#server.surroundings.log('warning', `Disconnecting timedout replica (${during}): ${replica.name}`)
    replica.session.destroy()
  }

  #giveUpBacklog(): void {
    const { settings, clock, isReplica } = this.#server
    const { history, backlog, feed } = this.#replication
    const seconds = settings.get<number>('repl-backlog-ttl')
    if (this.#attached.size > 0 || seconds === 0 || !backlog.isActive || isReplica) return
    if (clock.now() - this.#noneSince <= seconds * MICROS) return
    // Without a backlog writes are not counted: two datasets could have the same id and offset.
    history.renew()
    feed.close()
    this.#log(`Replication backlog freed after ${seconds} seconds without connected replicas.`)
  }

  #log(line: string): void {
    this.#server.surroundings.log('notice', line)
  }
}
