/**
 * Saver: snapshots to disk. SAVE at once, BGSAVE between other work, save points by themselves.
 *
 *   BGSAVE ─► SnapshotWriter ─step─► blocks ─► storage ─► renamed into place when complete
 *               ▲  some milliseconds at a time; clients are served in between and while storage writes
 *
 * A save that fails leaves the last good file as it is; with stop-writes-on-bgsave-error writes are
 * refused until one succeeds.
 *
 * Source: redis 7.0 `src/rdb.c` (rdbSaveBackground), `src/server.c` (serverCron).
 */

import { savePoints } from '../config/special-kinds.ts'
import type { ServerState } from '../server-state.ts'
import { type Loaded, Loader } from './loader.ts'
import { packingLimits } from './packing.ts'
import { snapshotFacts } from './snapshot-facts.ts'
import { SnapshotWriter } from './snapshot-writer.ts'

/** A file that appears under its name when it is committed. */
export type SnapshotFile = {
  /** @throws Error where it cannot be written */
  writeNow(block: Buffer): void
  /** The same without making anybody wait; one at a time. */
  write(blocks: readonly Buffer[], done: (error: Error | undefined) => void): void
  /** Gives the file its name, at once. @throws Error */
  commitNow(): void
  /** The same without making anybody wait. */
  commit(done: (error: Error | undefined) => void): void
  abandon(): void
}

export type SnapshotStore = {
  /** @param path of the file as the configuration says. @throws Error */
  create(path: string): SnapshotFile
  /** The chunks of a file, borrowed one by one; undefined where there is none. @throws Error */
  read(path: string): Iterable<Buffer> | undefined
}

/** How long a step may keep clients waiting, and the pause behind it. */
const STEP_MICROS = 2000
const PAUSE_MICROS = 1000
const MICROS = 1_000_000
/** After a failure, save points wait this long (CONFIG_BGSAVE_RETRY_DELAY). */
const RETRY_MICROS = 5 * MICROS

export class Saver {
  readonly #server: ServerState
  readonly #store: SnapshotStore
  #running:
    | { readonly writer: SnapshotWriter; readonly file: SnapshotFile; readonly dirty: number }
    | undefined
  #isScheduled = false
  #triedAt = 0
  /** Microseconds since the epoch. */
  startedAt = 0
  lastSaveAt: number
  lastStatus: 'ok' | 'err' = 'ok'
  lastSeconds = -1
  saves = 0

  constructor(server: ServerState, store: SnapshotStore) {
    this.#server = server
    this.#store = store
    this.lastSaveAt = server.clock.now()
  }

  /** Of the background save that is running. */
  get keysWritten(): number {
    return this.#running?.writer.keys ?? 0
  }

  get keysTotal(): number {
    return this.#running === undefined ? 0 : this.#running.writer.keysTotal
  }

  get isRunning(): boolean {
    return this.#running !== undefined
  }

  /** SAVE: everything else waits. @returns whether it was written */
  saveNow(): boolean {
    const { dirty } = this.#server
    try {
      const file = this.#store.create(this.#path())
      this.#writeAll(this.#writer(), file)
      file.commitNow()
    } catch (error) {
      this.#failed(error as Error)
      return false
    }
    this.#log('DB saved on disk')
    this.#succeeded(dirty)
    return true
  }

  /** BGSAVE. @returns whether it has begun */
  saveInBackground(): boolean {
    this.#triedAt = this.#server.clock.now()
    this.#isScheduled = false
    try {
      const file = this.#store.create(this.#path())
      this.#running = { writer: this.#writer(), file, dirty: this.#server.dirty }
    } catch (error) {
      this.#failed(error as Error)
      return false
    }
    this.startedAt = this.#triedAt
    this.#log('Background saving started')
    this.#later()
    return true
  }

  /** BGSAVE as soon as the one that runs is over. */
  schedule(): void {
    this.#isScheduled = true
  }

  /** Ends a background save without a result (FLUSHALL, SHUTDOWN). */
  cancel(): void {
    const running = this.#running
    if (running === undefined) return
    this.#running = undefined
    running.writer.abandon()
    running.file.abandon()
  }

  /** Looks at the save points; called ten times a second. */
  tick(): void {
    const { clock, dirty, settings } = this.#server
    if (this.isRunning) return
    if (this.#isScheduled) {
      this.saveInBackground()
      return
    }
    const now = clock.now()
    if (this.lastStatus === 'err' && now - this.#triedAt <= RETRY_MICROS) return
    const due = savePoints(settings.get('save')).find(
      ({ seconds, changes }) => dirty >= changes && now - this.lastSaveAt > seconds * MICROS,
    )
    if (due === undefined) return
    this.#log(`${due.changes} changes in ${due.seconds} seconds. Saving...`)
    this.saveInBackground()
  }

  #writeAll(writer: SnapshotWriter, file: SnapshotFile): void {
    try {
      for (let blocks = writer.step(); blocks !== undefined; blocks = writer.step()) {
        for (const block of blocks) file.writeNow(block)
      }
    } catch (error) {
      writer.abandon()
      file.abandon()
      throw error
    }
  }

  #later(): void {
    this.#server.clock.after(PAUSE_MICROS, () => this.#step())
  }

  #step(): void {
    const running = this.#running
    if (running === undefined) return
    const { writer, file } = running
    const until = this.#server.clock.now() + STEP_MICROS
    const blocks: Buffer[] = []
    let made: Buffer[] | undefined
    try {
      do {
        made = writer.step()
        if (made !== undefined) blocks.push(...made)
      } while (made !== undefined && this.#server.clock.now() < until)
    } catch (error) {
      this.#giveUp(error as Error)
      return
    }
    file.write(blocks, (error) => {
      if (this.#running !== running) return
      if (error !== undefined) this.#giveUp(error)
      else if (made !== undefined) this.#later()
      else this.#commit(file, running.dirty)
    })
  }

  #giveUp(error: Error): void {
    this.cancel()
    this.#failed(error)
  }

  #commit(file: SnapshotFile, dirty: number): void {
    file.commit((error) => {
      if (this.#running?.file !== file) return
      this.#running = undefined
      if (error === undefined) {
        this.#log('Background saving terminated with success')
        this.#succeeded(dirty)
      } else this.#failed(error)
      this.lastSeconds = Math.floor((this.#server.clock.now() - this.startedAt) / MICROS)
    })
  }

  #succeeded(dirty: number): void {
    this.#server.dirty -= dirty
    this.lastSaveAt = this.#server.clock.now()
    this.lastStatus = 'ok'
    this.saves++
  }

  #failed(error: Error): void {
    this.lastStatus = 'err'
    this.#server.surroundings.log('warning', `Failed saving the DB: ${error.message}`)
  }

  #writer(): SnapshotWriter {
    const { snapshotting, databases, settings } = this.#server
    return new SnapshotWriter(snapshotting, databases, snapshotFacts(this.#server), {
      compress: settings.get('rdbcompression'),
      checksum: settings.get('rdbchecksum'),
      limits: packingLimits(settings.limits),
    })
  }

  /**
   * The snapshot on disk as a dataset; undefined if there is no file. @throws Error saying what is wrong
   * with it
   */
  load(): Loaded | undefined {
    const { settings, clock } = this.#server
    const chunks = this.#store.read(this.#path())
    if (chunks === undefined) return undefined
    const loader = new Loader({
      databases: settings.databases,
      limits: settings.limits,
      now: clock.now() / 1000,
      keepsExpired: false,
    })
    for (const chunk of chunks) {
      loader.push(chunk)
      if (loader.isOver) break
    }
    const loaded = loader.end()
    if (loaded === undefined) throw new Error(loader.problem)
    return loaded
  }

  #path(): string {
    const { settings } = this.#server
    const dir = settings.get<string>('dir')
    const name = settings.get<string>('dbfilename')
    return dir === '' ? name : `${dir}/${name}`
  }

  #log(line: string): void {
    this.#server.surroundings.log('notice', line)
  }
}
