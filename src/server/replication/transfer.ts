/**
 * Transfer: a snapshot on its way from our master into a dataset that is not served yet.
 *
 *   disk      slices ─► temporary file ─► (whole) ─► Loader, a few milliseconds at a time ─► named dump.rdb
 *   memory    slices ─► Loader as they come                             (repl-diskless-load)
 *
 * Whoever asked for it gets a whole, good dataset or a reason why there is none; until then the old one
 * stays as it is, in memory and on disk: what is broken loses nothing.
 *
 * Source: redis 7.0 `src/replication.c`, readSyncBulkPayload.
 */
import { type Loaded, Loader } from '../persistence/loader.ts'
import type { SnapshotFile, StoredFile } from '../persistence/saver.ts'
import type { ServerState } from '../server-state.ts'

/** How long a step of loading may keep clients waiting, and the pause behind it. */
const STEP_MICROS = 3000
const PAUSE_MICROS = 100
/** What is loaded between two looks at the clock. */
const PIECE_BYTES = 32 * 1024

export type TransferResult = {
  /** Called once: everything is there, and good. */
  loaded(loaded: Loaded): void
  /** Called once, with lines for the log. */
  failed(...why: readonly string[]): void
  /** Some of it was loaded. */
  progress(): void
}

const FROM_DISK = 'Failed trying to load the MASTER synchronization DB from disk, check server logs.'
const FROM_SOCKET = 'Failed trying to load the MASTER synchronization DB from socket, check server logs.'

export class Transfer {
  readonly #server: ServerState
  readonly #result: TransferResult
  readonly #loader: Loader
  #file: SnapshotFile | undefined
  #cancel = () => {}
  #source: { readonly file: StoredFile; readonly chunks: Iterator<Buffer>; rest: Buffer } | undefined
  #isOver = false
  /** It goes straight into memory. */
  readonly isDiskless: boolean
  readBytes = 0

  /** @throws Error where the file cannot be created */
  constructor(server: ServerState, isDiskless: boolean, result: TransferResult) {
    const { settings, clock, saver } = server
    this.#server = server
    this.#result = result
    this.isDiskless = isDiskless
    this.#loader = new Loader({
      databases: settings.databases,
      limits: settings.limits,
      now: clock.now() / 1000,
      keepsExpired: true,
    })
    if (!isDiskless) this.#file = saver.createFile()
  }

  /** More of it has come. */
  take(slice: Buffer): void {
    if (this.#isOver) return
    this.readBytes += slice.length
    if (this.#file === undefined) {
      this.#loader.push(slice)
      if (this.#loader.problem !== undefined) this.#fail(this.#loader.problem, FROM_SOCKET)
      else this.#result.progress()
      return
    }
    try {
      this.#file.write(slice)
    } catch (error) {
      const why = 'Write error or short write writing to the DB dump file needed for MASTER <-> REPLICA'
      this.#fail(`${why} synchronization: ${(error as Error).message}`)
    }
  }

  /** That was all of it. */
  end(): void {
    if (this.#isOver) return
    const file = this.#file
    if (file === undefined) {
      this.#finish()
      return
    }
    try {
      const source = file.written()
      this.#source = { file: source, chunks: source.chunks[Symbol.iterator](), rest: NOTHING }
    } catch (error) {
      this.#fail((error as Error).message, FROM_DISK)
      return
    }
    this.#later()
  }

  /** It is not wanted any longer; nothing more is called back. */
  abandon(): void {
    this.#isOver = true
    this.#cancel()
    this.#source?.file.close()
    this.#source = undefined
    this.#file?.abandon()
    this.#file = undefined
  }

  #later(): void {
    this.#cancel = this.#server.clock.after(PAUSE_MICROS, () => this.#step())
  }

  #step(): void {
    const { clock } = this.#server
    const until = clock.now() + STEP_MICROS
    try {
      while (this.#loadPiece()) {
        if (clock.now() < until) continue
        this.#result.progress()
        this.#later()
        return
      }
    } catch (error) {
      this.#fail((error as Error).message, FROM_DISK)
      return
    }
    this.#finish()
  }

  /** @returns whether there is more @throws Error where the file cannot be read */
  #loadPiece(): boolean {
    const source = this.#source!
    if (source.rest.length === 0) {
      const { value, done } = source.chunks.next()
      if (done) return false
      source.rest = value
    }
    this.#loader.push(source.rest.subarray(0, PIECE_BYTES))
    source.rest = source.rest.subarray(PIECE_BYTES)
    return !this.#loader.isOver
  }

  #finish(): void {
    const loaded = this.#loader.end()
    if (loaded === undefined) {
      this.#fail(this.#loader.problem!, this.isDiskless ? FROM_SOCKET : FROM_DISK)
      return
    }
    const file = this.#file
    if (file === undefined) {
      this.#isOver = true
      this.#result.loaded(loaded)
      return
    }
    this.#source?.file.close()
    this.#source = undefined
    file.commit((error) => {
      if (this.#isOver) return
      this.#isOver = true
      this.#file = undefined
      if (error === undefined) this.#result.loaded(loaded)
      else {
        const what = 'Failed trying to rename the temp DB into'
        const name = this.#server.settings.get<string>('dbfilename')
        this.#result.failed(`${what} ${name} in MASTER <-> REPLICA synchronization: ${error.message}`)
      }
    })
  }

  #fail(...why: readonly string[]): void {
    this.abandon()
    this.#result.failed(...why)
  }
}

const NOTHING = Buffer.alloc(0)
