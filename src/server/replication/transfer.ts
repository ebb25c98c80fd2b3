/**
 * Transfer: a snapshot on its way from our master into a dataset that is not served yet.
 *
 *   disk      slices ─► temporary file ─► (whole) ─► loaded, a few milliseconds at a time ─► named dump.rdb
 *   memory    slices ─► loaded as they come                             (repl-diskless-load)
 *
 * Whoever asked for it gets a whole, good dataset or a reason why there is none; until then the old one
 * stays as it is, in memory and on disk: what is broken loses nothing.
 *
 * Source: redis 7.0 `src/replication.c`, readSyncBulkPayload.
 */
import { DiskLoading, keyLoadDelay, snapshotLoader, tellLoaded } from '../persistence/disk-loading.ts'
import { type KeyDelay, SLOW_PIECE_BYTES } from '../persistence/key-delay.ts'
import type { Loaded, Loader } from '../persistence/loader.ts'
import type { SnapshotFile } from '../persistence/saver.ts'
import type { ServerState } from '../server-state.ts'

export type TransferResult = {
  /** Called once: everything is there, and good. */
  loaded(loaded: Loaded): void
  /** Called once, with lines for the log. */
  failed(...why: readonly string[]): void
  /** Some of it was loaded. */
  progress(): void
  /** No more of it can be taken for now … */
  hold(): void
  /** … and now it can. */
  goOn(): void
}

export type Transfer = {
  /** More of it has come; borrowed. */
  take(slice: Buffer): void
  /** That was all of it. */
  end(): void
  /** It is not wanted any longer; nothing more is called back. */
  abandon(): void
}

const FROM_DISK = 'Failed trying to load the MASTER synchronization DB from disk: Invalid argument'
const FROM_SOCKET = 'Failed trying to load the MASTER synchronization DB from socket: '
const CANNOT_WRITE =
  'Write error or short write writing to the DB dump file needed for MASTER <-> REPLICA synchronization: '

/** Straight into memory; what comes faster than it may be loaded (key-load-delay) waits. */
export class MemoryTransfer implements Transfer {
  readonly #server: ServerState
  readonly #result: TransferResult
  readonly #loader: Loader
  readonly #delay: KeyDelay
  readonly #waiting: Buffer[] = []
  #cancel: (() => void) | undefined
  #isWhole = false
  #isOver = false

  constructor(server: ServerState, result: TransferResult) {
    this.#server = server
    this.#result = result
    this.#loader = snapshotLoader(server)
    this.#delay = keyLoadDelay(server)
  }

  take(slice: Buffer): void {
    if (this.#isOver) return
    if (this.#cancel === undefined && !this.#delay.isOn) {
      this.#load(slice)
      return
    }
    this.#waiting.push(Buffer.from(slice))
    if (this.#cancel !== undefined) return
    this.#result.hold()
    this.#loadWaiting()
  }

  #load(piece: Buffer): void {
    this.#loader.push(piece)
    this.#delay.reached(this.#loader.keysRead)
    this.#server.loading.loadedBytes += piece.length
    if (this.#loader.problem === undefined) this.#result.progress()
    else this.#fail(this.#loader.problem)
  }

  #loadWaiting(): void {
    this.#cancel = undefined
    while (!this.#isOver && !this.#delay.isDue) {
      const [first] = this.#waiting
      if (first === undefined) {
        if (this.#isWhole) this.#finish()
        else this.#result.goOn()
        return
      }
      if (first.length > SLOW_PIECE_BYTES) this.#waiting[0] = first.subarray(SLOW_PIECE_BYTES)
      else this.#waiting.shift()
      this.#load(first.subarray(0, SLOW_PIECE_BYTES))
    }
    if (this.#isOver) return
    this.#cancel = this.#server.clock.after(this.#delay.take(), () => this.#loadWaiting())
  }

  end(): void {
    this.#isWhole = true
    if (!this.#isOver && this.#cancel === undefined) this.#finish()
  }

  #finish(): void {
    const loaded = this.#loader.end()
    if (loaded === undefined) {
      this.#fail(this.#loader.problem!)
      return
    }
    this.#isOver = true
    tellLoaded(this.#server, loaded)
    this.#result.loaded(loaded)
  }

  abandon(): void {
    this.#isOver = true
    this.#cancel?.()
  }

  #fail(why: string): void {
    this.abandon()
    this.#result.failed(why, `${FROM_SOCKET}Invalid argument`)
  }
}

/** What is logged where a snapshot ends early that was loaded as it came. */
export function shortRead(loadedBytes: number): readonly string[] {
  return [
    'Short read or OOM loading DB. Unrecoverable error, aborting now.',
    `Internal error in RDB reading offset ${loadedBytes} -> Unexpected EOF reading RDB file. Failure ` +
      'loading rdb format from socket, assuming connection error, resuming operation.',
    `${FROM_SOCKET}Resource temporarily unavailable`,
  ]
}

/** How long a step of loading may keep clients waiting, and the pause behind it. */
const STEP_MICROS = 5000
const PAUSE_MICROS = 100

/** To a file first, which is named when what is in it has been found good. */
export class DiskTransfer implements Transfer {
  readonly #server: ServerState
  readonly #result: TransferResult
  readonly #file: SnapshotFile
  #loading: DiskLoading | undefined
  #cancel = () => {}
  #isOver = false

  /** @throws Error where the file cannot be created */
  constructor(server: ServerState, result: TransferResult) {
    this.#server = server
    this.#result = result
    this.#file = server.saver.createFile()
  }

  take(slice: Buffer): void {
    if (this.#isOver) return
    this.#try(
      () => this.#file.writeNow(slice),
      (why) => [CANNOT_WRITE + why],
    )
  }

  end(): void {
    if (this.#isOver) return
    this.#try(() => {
      this.#loading = new DiskLoading(this.#server, this.#file.written())
      this.#later()
    }, fromDisk)
  }

  abandon(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancel()
    this.#loading?.close()
    this.#file.abandon()
  }

  #later(): void {
    const pause = Math.max(PAUSE_MICROS, this.#loading!.pause())
    this.#cancel = this.#server.clock.after(pause, () => this.#try(() => this.#step(), fromDisk))
  }

  #step(): void {
    const loading = this.#loading!
    if (loading.step(this.#server.clock.now() + STEP_MICROS)) {
      this.#result.progress()
      this.#later()
      return
    }
    const loaded = loading.finish()
    loading.close()
    this.#loading = undefined
    this.#file.commit((error) => {
      if (this.#isOver) return
      this.#isOver = true
      if (error === undefined) this.#result.loaded(loaded)
      else this.#result.failed(this.#cannotName(error))
    })
  }

  #cannotName(error: Error): string {
    const name = this.#server.settings.get<string>('dbfilename')
    const what = 'Failed trying to rename the temp DB into'
    return `${what} ${name} in MASTER <-> REPLICA synchronization: ${error.message}`
  }

  #try(run: () => void, lines: (why: string) => readonly string[]): void {
    try {
      run()
    } catch (error) {
      this.abandon()
      this.#result.failed(...lines((error as Error).message))
    }
  }
}

function fromDisk(why: string): readonly string[] {
  return [why, FROM_DISK]
}
