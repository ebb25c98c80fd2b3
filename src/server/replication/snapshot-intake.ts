/**
 * SnapshotIntake: what taking in a snapshot from our master means for this server: where it goes, who is
 * sent away meanwhile, and which clients must wait.
 *
 *   bytes arrive        the old data is served
 *   they are loaded     -LOADING for clients, a newline a second for the master; with swapdb and a snapshot
 *                       of the same history, the old data is read on
 *   loaded              the new data takes the place of the old one, in a moment
 *
 * Source: redis 7.0 `src/replication.c`, readSyncBulkPayload, replicationAttachToNewMaster.
 */
import type { SnapshotBegin } from '../../replication/events.ts'
import type { Loaded } from '../persistence/loader.ts'
import type { ServerState } from '../server-state.ts'
import { DiskTransfer, MemoryTransfer, shortRead, type Transfer, type TransferResult } from './transfer.ts'

export type IntakeOwner = {
  /** The data we have is about to be replaced: nobody can go on from it, neither we nor those below us. */
  attach(): void
  newline(): void
  /** Nothing more must come for now … */
  hold(): void
  /** … and now it may. */
  goOn(): void
  loaded(loaded: Loaded): void
  failed(): void
  log(level: 'notice' | 'warning', line: string): void
}

const NEWLINE_MICROS = 1_000_000
const PENDING_SAVE =
  'Replica is about to load the RDB file received from the master, but there is a pending RDB child ' +
  'running. Killing it and removing its temp file to avoid any race'

export class SnapshotIntake {
  readonly #server: ServerState
  readonly #owner: IntakeOwner
  readonly #transfer: Transfer
  readonly #isDiskless: boolean
  readonly #isSwap: boolean
  /** Clients may go on reading while it is loaded. */
  readonly #isAside: boolean
  readonly framing: 'length' | 'mark'
  /** Announced length; 0 where that is not known. */
  readonly totalBytes: number
  readBytes = 0
  isLoading = false
  /** All of it has come. */
  isWhole = false
  #newlineAt = 0

  /**
   * @param isSameHistory it is a later state of what we have
   * @throws Error where it cannot be kept
   */
  constructor(server: ServerState, begin: SnapshotBegin, isSameHistory: boolean, owner: IntakeOwner) {
    this.#server = server
    this.#owner = owner
    const mode = server.settings.get<string>('repl-diskless-load')
    const isEmpty = server.databases.every(({ size }) => size === 0)
    this.#isSwap = mode === 'swapdb'
    this.#isAside = this.#isSwap && isSameHistory
    this.framing = begin.framing
    this.totalBytes = begin.bytes ?? 0
    this.#isDiskless = this.#isSwap || (mode === 'on-empty-db' && isEmpty)
    const result: TransferResult = {
      progress: () => this.#alive(),
      hold: () => owner.hold(),
      goOn: () => owner.goOn(),
      loaded: (loaded) => this.#loaded(loaded),
      failed: (...why) => this.#failed(why),
    }
    this.#transfer = this.#isDiskless ? new MemoryTransfer(server, result) : new DiskTransfer(server, result)
    const what =
      begin.bytes === undefined ? 'streamed RDB from master with EOF' : `${begin.bytes} bytes from master`
    owner.log(
      'notice',
      `MASTER <-> REPLICA sync: receiving ${what} to ${this.#isDiskless ? 'parser' : 'disk'}`,
    )
    if (this.#isDiskless) this.#beginLoading()
  }

  take(slice: Buffer): void {
    this.readBytes += slice.length
    this.#transfer.take(slice)
  }

  end(): void {
    this.isWhole = true
    if (!this.#isDiskless) this.#beginLoading()
    this.#transfer.end()
  }

  /** It is not wanted any longer. */
  abandon(): void {
    this.#transfer.abandon()
    this.#endLoading()
  }

  /** The connection has gone before it was whole. @returns what that means, where some of it was loaded */
  broken(): readonly string[] | undefined {
    return this.isLoading ? shortRead(this.#server.loading.loadedBytes) : undefined
  }

  #beginLoading(): void {
    const { saver, loading, clock } = this.#server
    if (saver.isRunning) {
      if (!this.#isDiskless) this.#owner.log('notice', PENDING_SAVE)
      saver.cancel()
    }
    if (!this.#isSwap) {
      this.#owner.attach()
      this.#owner.log('notice', 'MASTER <-> REPLICA sync: Flushing old data')
    }
    this.#owner.log('notice', 'MASTER <-> REPLICA sync: Loading DB in memory')
    this.isLoading = true
    loading.begin(clock.now(), this.#isDiskless ? this.totalBytes : this.readBytes, this.#isAside)
    this.#newline()
  }

  #endLoading(isDone = false): void {
    if (!this.isLoading) return
    if (this.#isSwap && !isDone) {
      this.#owner.log('notice', 'MASTER <-> REPLICA sync: Discarding temporary DB in background')
    }
    this.isLoading = false
    this.#server.loading.end()
  }

  #alive(): void {
    if (this.#server.clock.now() - this.#newlineAt >= NEWLINE_MICROS) this.#newline()
  }

  #newline(): void {
    this.#newlineAt = this.#server.clock.now()
    this.#owner.newline()
  }

  #loaded(loaded: Loaded): void {
    if (this.#isSwap) {
      this.#owner.attach()
      this.#owner.log('notice', 'MASTER <-> REPLICA sync: Swapping active DB with loaded DB')
    }
    this.#server.adopt(loaded)
    if (this.#isSwap) this.#owner.log('notice', 'MASTER <-> REPLICA sync: Discarding old DB in background')
    // It did not come by a save.
    if (this.#isDiskless) this.#server.dirty++
    this.#endLoading(true)
    this.#owner.loaded(loaded)
  }

  #failed(why: readonly string[]): void {
    for (const line of why) this.#owner.log('warning', line)
    this.#endLoading()
    this.#owner.failed()
  }
}
