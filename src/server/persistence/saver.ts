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

import { pathText } from '../../bytes/byte-string.ts'
import { type SavePoint, savePoints } from '../config/special-kinds.ts'
import type { Database } from '../dataset/database.ts'
import type { ServerState } from '../server-state.ts'
import { KeyDelay } from './key-delay.ts'
import { packingLimits } from './packing.ts'
import { snapshotFacts } from './snapshot-facts.ts'
import { SnapshotWriter } from './snapshot-writer.ts'

/** Where a background snapshot goes: a file, or replicas. */
export type SnapshotTarget = {
  /** Keeps nobody waiting; one at a time. */
  write(blocks: readonly Buffer[], done: (error: Error | undefined) => void): void
  /** It is complete. */
  commit(done: (error: Error | undefined) => void): void
  abandon(): void
}

/** A file that appears under its name when it is committed. */
export type SnapshotFile = SnapshotTarget & {
  /** @throws Error where it cannot be written */
  writeNow(block: Buffer): void
  /** Gives the file its name, at once. @throws Error */
  commitNow(): void
  /** What was written so far, for reading. @throws Error */
  written(): StoredFile
}

/** A file as it was when it was opened, whatever takes its name later. */
export type StoredFile = {
  readonly sizeBytes: number
  /** Its chunks, each borrowed until the next. @throws Error */
  readonly chunks: Iterable<Buffer>
  close(): void
}

export type SnapshotStore = {
  /** @param path of the file as the configuration says. @throws Error */
  create(path: string): SnapshotFile
  /** Undefined where there is none. @throws Error */
  open(path: string): StoredFile | undefined
}

/** How long a step may keep clients waiting, and the pause behind it. */
const STEP_MICROS = 2000
const PAUSE_MICROS = 1000
const MICROS = 1_000_000
/** It was ended on purpose. */
export const CANCELLED = new Error('the snapshot was cancelled')
/** After a failure, save points wait this long (CONFIG_BGSAVE_RETRY_DELAY). */
const RETRY_MICROS = 5 * MICROS

/** A background snapshot under way. */
type Running = {
  readonly writer: SnapshotWriter
  readonly target: SnapshotTarget
  readonly delay: KeyDelay
  /** How it ended; an error also where it was cancelled. */
  readonly onEnd: (error: Error | undefined) => void
}

export class Saver {
  readonly #server: ServerState
  readonly #store: SnapshotStore
  #running: Running | undefined
  #isScheduled = false
  /** What `save` said when it was looked at last. */
  #points: { readonly text: string; readonly points: readonly SavePoint[] } = { text: '', points: [] }
  #triedAt = 0
  /** Microseconds since the epoch. */
  startedAt = 0
  lastSaveAt: number
  lastStatus: 'ok' | 'err' = 'ok'
  lastSeconds = -1
  saves = 0
  /** What the last background save had to copy because it was about to change. */
  lastCopiedBytes = 0

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

  /** So far, of the background save that is running. */
  get copiedBytes(): number {
    return this.#running?.writer.copiedBytes ?? 0
  }

  get isRunning(): boolean {
    return this.#running !== undefined
  }

  /**
   * SAVE: everything else waits. It ends a background save: of two snapshots at once neither would be whole.
   * @returns whether it was written
   */
  saveNow(): boolean {
    this.cancel()
    const { dirty } = this.#server
    try {
      const file = this.createFile()
      this.#writeAll(this.#writer(this.#server.databases), file)
      file.commitNow()
    } catch (error) {
      // Writes go on: only a background save that fails says that they are not safe.
      this.#tellFailure(error as Error)
      return false
    }
    this.#log('DB saved on disk')
    this.#succeeded(dirty)
    return true
  }

  /**
   * BGSAVE. @returns whether it has begun
   * @param onEnd called once when it is over, if it has begun
   */
  saveInBackground(onEnd: (error: Error | undefined) => void = () => {}): boolean {
    const { clock, dirty } = this.#server
    this.#triedAt = clock.now()
    this.#isScheduled = false
    let file: SnapshotFile
    try {
      file = this.createFile()
    } catch (error) {
      this.#failed(error as Error)
      return false
    }
    this.#log(`Background saving started by pid ${this.#server.surroundings.facts.pid}`)
    this.#begin(this.#writer(this.#server.databases), file, (error) => {
      if (error === undefined) {
        this.#log('DB saved on disk')
        this.#log('Background saving terminated with success')
        this.#succeeded(dirty)
      } else if (error !== CANCELLED) {
        this.#failed(error)
        this.#server.surroundings.log('warning', 'Background saving error')
      }
      this.lastSeconds = Math.floor((clock.now() - this.startedAt) / MICROS)
      onEnd(error)
    })
    return true
  }

  /**
   * Sends a snapshot of this moment to replicas.
   * @param databases what of the dataset is wanted
   */
  stream(
    target: SnapshotTarget,
    databases: readonly Database[],
    onEnd: (error: Error | undefined) => void,
  ): void {
    this.#begin(this.#writer(databases), target, onEnd)
  }

  #begin(writer: SnapshotWriter, target: SnapshotTarget, onEnd: Running['onEnd']): void {
    this.#running = { writer, target, delay: this.#delay(), onEnd }
    this.startedAt = this.#server.clock.now()
    this.#later(this.#running)
  }

  /** BGSAVE as soon as the one that runs is over. */
  schedule(): void {
    this.#isScheduled = true
  }

  /** Ends a background save without a result (FLUSHALL, SHUTDOWN). */
  cancel(): void {
    this.#giveUp(CANCELLED)
  }

  #giveUp(error: Error): void {
    const running = this.#running
    if (running === undefined) return
    this.#end(running)
    running.writer.abandon()
    running.target.abandon()
    running.onEnd(error)
  }

  /** Looks at the save points; called ten times a second. */
  tick(): void {
    const { clock, dirty, settings, isLoading } = this.#server
    // What is being loaded will be another dataset, and what is saved now would be found in its place.
    if (this.isRunning || isLoading) return
    if (this.#isScheduled) {
      this.saveInBackground()
      return
    }
    const now = clock.now()
    if (this.lastStatus === 'err' && now - this.#triedAt <= RETRY_MICROS) return
    const due = this.#savePoints(settings.get('save')).find(
      ({ seconds, changes }) => dirty >= changes && now - this.lastSaveAt > seconds * MICROS,
    )
    if (due === undefined) return
    this.#log(`${due.changes} changes in ${due.seconds} seconds. Saving...`)
    this.saveInBackground()
  }

  #savePoints(text: string): readonly SavePoint[] {
    if (this.#points.text !== text) this.#points = { text, points: savePoints(text) }
    return this.#points.points
  }

  #writeAll(writer: SnapshotWriter, file: SnapshotFile): void {
    const delay = this.#delay()
    try {
      for (;;) {
        const blocks = stepped(writer, delay)
        if (blocks === undefined) break
        for (const block of blocks) file.writeNow(block)
        if (delay.isDue) this.#server.surroundings.sleep(delay.take())
      }
    } catch (error) {
      writer.abandon()
      file.abandon()
      throw error
    }
  }

  /** What the parameter says when a snapshot begins holds to its end. */
  #delay(): KeyDelay {
    const micros = this.#server.settings.get<number>('rdb-key-save-delay')
    return new KeyDelay(() => micros)
  }

  #later(running: Running): void {
    const pause = Math.max(PAUSE_MICROS, running.delay.take())
    this.#server.clock.after(pause, () => {
      if (this.#running === running) this.#step(running)
    })
  }

  #step(running: Running): void {
    const { writer, target, delay } = running
    // Those too that were written because they were about to change.
    delay.reached(writer.keys)
    if (delay.isDue) {
      this.#later(running)
      return
    }
    const until = this.#server.clock.now() + STEP_MICROS
    const blocks: Buffer[] = []
    let made: Buffer[] | undefined
    try {
      do {
        made = stepped(writer, delay)
        if (made !== undefined) blocks.push(...made)
      } while (made !== undefined && !delay.isDue && this.#server.clock.now() < until)
    } catch (error) {
      this.#giveUp(error as Error)
      return
    }
    target.write(blocks, (error) => {
      // A target that has lost its last replica meanwhile has ended it.
      if (this.#running !== running) return
      if (error !== undefined) this.#giveUp(error)
      else if (made !== undefined) this.#later(running)
      else this.#commit(running)
    })
  }

  #commit(running: Running): void {
    running.target.commit((error) => {
      if (this.#running !== running) return
      this.#end(running)
      running.onEnd(error)
    })
  }

  #end({ writer }: Running): void {
    this.#running = undefined
    this.lastCopiedBytes = writer.copiedBytes
  }

  #succeeded(dirty: number): void {
    this.#server.dirty -= dirty
    this.lastSaveAt = this.#server.clock.now()
    this.lastStatus = 'ok'
    this.saves++
  }

  #failed(error: Error): void {
    this.lastStatus = 'err'
    this.#tellFailure(error)
  }

  #tellFailure(error: Error): void {
    this.#server.surroundings.log('warning', `Failed saving the DB: ${error.message}`)
  }

  #writer(databases: readonly Database[]): SnapshotWriter {
    const { snapshotting, settings } = this.#server
    return new SnapshotWriter(snapshotting, databases, snapshotFacts(this.#server), {
      compress: settings.get('rdbcompression'),
      checksum: settings.get('rdbchecksum'),
      limits: packingLimits(settings.limits),
    })
  }

  /** The snapshot on disk; undefined where there is none. @throws Error */
  open(): StoredFile | undefined {
    return this.#store.open(this.#path())
  }

  /** A new one, which takes its place when it is committed. @throws Error */
  createFile(): SnapshotFile {
    return this.#store.create(this.#path())
  }

  #path(): string {
    const { settings } = this.#server
    const dir = pathText(settings.get('dir'))
    const name = pathText(settings.get('dbfilename'))
    return dir === '' ? name : `${dir}/${name}`
  }

  #log(line: string): void {
    this.#server.surroundings.log('notice', line)
  }
}

/** The next blocks, and the delay for the keys in them. */
function stepped(writer: SnapshotWriter, delay: KeyDelay): Buffer[] | undefined {
  const blocks = writer.step(delay.isOn ? 1 : undefined)
  delay.reached(writer.keys)
  return blocks
}
