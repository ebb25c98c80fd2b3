/**
 * FullSync: replicas that need the whole dataset, and the snapshots that bring it to them.
 *
 *   ask ─► waits (repl-diskless-sync-delay, another snapshot) ─► the snapshot begins: +FULLRESYNC id offset
 *                                                                to all that wait and can read it
 *       ─► diskless: sent as it is written        ─► online, stream after the first ACK
 *       ─► disk: written to dump.rdb, then sent   ─► online, stream at once
 *
 * From the moment of the snapshot the backlog keeps what is written for them: their cursors stand there.
 *
 * Source: redis 7.0 `src/replication.c`, syncCommand, startBgsaveForReplication, updateSlavesWaitingBgsave.
 */
import type { StoredFile } from '../persistence/saver.ts'
import type { ServerState } from '../server-state.ts'
import type { AttachedReplica } from './attached-replica.ts'
import type { Replication } from './replication.ts'
import { DisklessTransfer, FileTransfer } from './snapshot-transfer.ts'

const MICROS = 1_000_000

export class FullSync {
  readonly #server: ServerState
  readonly #replication: Replication
  readonly #replicas: ReadonlySet<AttachedReplica>
  /** The snapshot that is on its way to replicas. */
  #diskless: DisklessTransfer | undefined
  #isDisk = false
  readonly #files = new Map<AttachedReplica, FileTransfer>()

  constructor(server: ServerState, replication: Replication, replicas: ReadonlySet<AttachedReplica>) {
    this.#server = server
    this.#replication = replication
    this.#replicas = replicas
  }

  /** A replica needs everything: it gets the snapshot that is being written, or waits for the next. */
  ask(replica: AttachedReplica): void {
    const { saver, settings } = this.#server
    replica.state = 'wait-bgsave-start'
    if (this.#isDisk && this.#join(replica)) {
      this.#log('Waiting for end of BGSAVE for SYNC')
    } else if (this.#diskless !== undefined) {
      this.#log('Current BGSAVE has socket target. Waiting for next BGSAVE for SYNC')
    } else if (saver.isRunning) {
      this.#log("Can't attach the replica to the current BGSAVE. Waiting for next BGSAVE for SYNC")
    } else if (this.#isDisklessFor(replica) && settings.get<number>('repl-diskless-sync-delay') > 0) {
      this.#log('Delay next BGSAVE for diskless SYNC')
      this.#startIfDue()
    } else this.#start(replica)
  }

  /** A replica has gone. */
  lost(replica: AttachedReplica): void {
    this.#files.get(replica)?.close()
    this.#files.delete(replica)
    if (this.#diskless?.lost(replica)) {
      this.#log('Diskless rdb transfer, last replica dropped, killing fork child.')
      this.#server.saver.cancel()
    } else if (this.#isDisk && replica.state === 'wait-bgsave-end' && !this.#isFileWanted) {
      this.#server.saver.cancel()
    }
  }

  /** Nobody wants it where there are no save points, and no replica is left that waits for it. */
  get #isFileWanted(): boolean {
    if (this.#server.settings.get<string>('save') !== '') return true
    for (const { state } of this.#replicas) if (state === 'wait-bgsave-end') return true
    return false
  }

  /** The server ends: files that were being sent are let go of. */
  stop(): void {
    for (const transfer of this.#files.values()) transfer.close()
    this.#files.clear()
  }

  /** A connection takes more. */
  drained(replica: AttachedReplica): void {
    if (replica.state === 'wait-bgsave-end') this.#diskless?.look()
    const transfer = this.#files.get(replica)
    if (transfer === undefined) return
    try {
      transfer.send()
    } catch (error) {
      this.#server.surroundings.log(
        'warning',
        `Read error sending DB to replica: ${(error as Error).message}`,
      )
      replica.session.destroy()
    }
  }

  /** Once a second: signs of life for those that wait, and the snapshot when it is due. */
  cron(): void {
    for (const { state, session } of this.#replicas) {
      const isWaiting = state === 'wait-bgsave-start' || (state === 'wait-bgsave-end' && this.#isDisk)
      if (isWaiting) session.sendStream(['\n'])
    }
    this.#diskless?.look()
    this.#startIfDue()
  }

  /** The next snapshot, when what is going on is over: the last one may have been ended by a command. */
  #startLater(): void {
    this.#server.executor.later(() => this.#startIfDue())
  }

  #startIfDue(): void {
    const { settings, saver, clock, isLoading } = this.#server
    if (saver.isRunning || isLoading) return
    const waiting = [...this.#replicas].filter(({ state }) => state === 'wait-bgsave-start')
    const [first] = waiting
    if (first === undefined) return
    const now = clock.now()
    const longest = Math.max(...waiting.map(({ session }) => now - session.lastActiveAt))
    const enough = settings.get<number>('repl-diskless-sync-max-replicas')
    const isDue =
      !settings.get<boolean>('repl-diskless-sync') ||
      (enough > 0 && waiting.length >= enough) ||
      Math.floor(longest / MICROS) >= settings.get<number>('repl-diskless-sync-delay')
    if (isDue) this.#start(first)
  }

  /** Begins a snapshot for all that wait and want what `first` wants. */
  #start(first: AttachedReplica): void {
    const alike = [...this.#replicas].filter(
      ({ state, part, wantsOnlySnapshot }) =>
        state === 'wait-bgsave-start' && part === first.part && wantsOnlySnapshot === first.wantsOnlySnapshot,
    )
    // All of them get the form that the least able one can read.
    const isDiskless = alike.every((replica) => this.#isDisklessFor(replica))
    this.#log(`Starting BGSAVE for SYNC with target: ${isDiskless ? 'replicas sockets' : 'disk'}`)
    if (isDiskless) this.#startDiskless(alike)
    else this.#startDisk(alike)
  }

  #isDisklessFor({ readsMark, part }: AttachedReplica): boolean {
    return readsMark && (this.#server.settings.get<boolean>('repl-diskless-sync') || part !== 'all')
  }

  #startDiskless(replicas: readonly AttachedReplica[]): void {
    const { saver, databases, random, clock, surroundings } = this.#server
    const { offset } = this.#replication.history
    for (const replica of replicas) this.#promise(replica, offset)
    const transfer = new DisklessTransfer(clock, random, replicas, (left) => {
      surroundings.log('warning', `Diskless rdb transfer, done reading from pipe, ${left} replicas still up.`)
    })
    this.#diskless = transfer
    saver.stream(transfer, replicas[0]!.part === 'all' ? databases : [], (error) => {
      this.#diskless = undefined
      if (error === undefined) this.#log('Background RDB transfer terminated with success')
      else this.#server.surroundings.log('warning', 'Background transfer error')
      for (const replica of replicas) if (!replica.session.isClosed) this.#streamed(replica, error)
      this.#startLater()
    })
    this.#log(`Background RDB transfer started by pid ${surroundings.facts.pid}`)
    // A new reader knows of no database.
    this.#replication.feed.forgetDb()
  }

  #streamed(replica: AttachedReplica, error: Error | undefined): void {
    const { session } = replica
    if (error !== undefined || replica.wantsOnlySnapshot) {
      if (error === undefined) this.#closeRdbOnly(replica)
      else session.destroy()
      return
    }
    const { clock } = this.#server
    replica.state = 'online'
    replica.stuckSince = undefined
    replica.ackAt = clock.now()
    replica.isAwaitingAck = true
    this.#log(
      `Streamed RDB transfer with replica ${replica.name} succeeded (socket). ` +
        'Waiting for REPLCONF ACK from slave to enable streaming',
    )
    this.#log(`Synchronization with replica ${replica.name} succeeded`)
    this.#replication.replicas.countGood()
  }

  #startDisk(replicas: readonly AttachedReplica[]): void {
    const { saver } = this.#server
    const { offset } = this.#replication.history
    this.#isDisk = true
    const hasBegun = saver.saveInBackground((error) => {
      this.#isDisk = false
      for (const replica of [...this.#replicas]) {
        if (replica.state === 'wait-bgsave-end') this.#written(replica, error)
      }
      this.#startLater()
    })
    if (!hasBegun) {
      this.#failed(replicas)
      return
    }
    for (const replica of replicas) this.#promise(replica, offset)
    this.#replication.feed.forgetDb()
  }

  #failed(replicas: readonly AttachedReplica[]): void {
    this.#isDisk = false
    for (const { session } of replicas) {
      session.sendStream(["-ERR BGSAVE failed, replication can't continue\r\n"])
      session.close()
    }
  }

  #written(replica: AttachedReplica, error: Error | undefined): void {
    const file = error === undefined ? this.#open() : 'BGSAVE child returned an error'
    if (typeof file === 'string') {
      this.#server.surroundings.log('warning', `SYNC failed. ${file}`)
      replica.session.destroy()
      return
    }
    replica.state = 'send-bulk'
    const transfer = new FileTransfer(replica, file, () => this.#sent(replica))
    this.#files.set(replica, transfer)
    this.drained(replica)
  }

  /** The file of the snapshot, or why there is none. */
  #open(): StoredFile | string {
    try {
      return this.#server.saver.open() ?? "Can't open/stat DB after BGSAVE"
    } catch (error) {
      return (error as Error).message
    }
  }

  #sent(replica: AttachedReplica): void {
    this.#files.delete(replica)
    if (replica.wantsOnlySnapshot) {
      this.#closeRdbOnly(replica)
      return
    }
    replica.state = 'online'
    replica.ackAt = this.#server.clock.now()
    this.#log(`Synchronization with replica ${replica.name} succeeded`)
    this.#replication.replicas.countGood()
    replica.send()
  }

  #closeRdbOnly({ name, session }: AttachedReplica): void {
    this.#log(`RDB transfer completed, rdb only replica (${name}) should be disconnected asap`)
    session.close()
  }

  /** The snapshot that is being written for others has what this one needs. */
  #join(replica: AttachedReplica): boolean {
    if (replica.part !== 'all') return false
    for (const other of this.#replicas) {
      if (other.state !== 'wait-bgsave-end' || other.wantsOnlySnapshot !== replica.wantsOnlySnapshot) continue
      if ((other.readsMark && !replica.readsMark) || (other.followsIds && !replica.followsIds)) continue
      this.#promise(replica, other.initialOffset)
      return true
    }
    return false
  }

  /** The snapshot a replica will get is that of `offset`; the stream goes on behind it. */
  #promise(replica: AttachedReplica, offset: number): void {
    const { history } = this.#replication
    replica.state = 'wait-bgsave-end'
    replica.initialOffset = offset
    replica.startAt(offset + 1)
    if (!replica.isSilent) replica.session.sendStream([`+FULLRESYNC ${history.replid} ${offset}\r\n`])
  }

  #log(line: string): void {
    this.#server.surroundings.log('notice', line)
  }
}
