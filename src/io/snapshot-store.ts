/**
 * Snapshot files of the reference server: written aside, renamed into place when complete, so that a
 * crash in the middle leaves the last good one.
 *
 *   temp-<pid>-<n>.rdb ─► fsync ─► dump.rdb
 *
 * What a background save asks for keeps nobody waiting: blocks are written by another thread. Only the
 * name is given at once (so that a later save can never be overtaken by an earlier one), and the file that
 * had the name before is held open meanwhile: letting go of the blocks of a large one takes tens of
 * milliseconds, and that too is left to another thread.
 */
import {
  close,
  closeSync,
  existsSync,
  fstatSync,
  fsync,
  fsyncSync,
  open,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFile,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

type Done = (error: Error | undefined) => void

/** A file being written. */
export class SnapshotFile {
  readonly #path: string
  readonly #temporary: string
  readonly #descriptor: number
  #isOpen = true
  /** Another thread is using the descriptor. */
  #isBusy = false

  /** @throws Error */
  constructor(path: string, number: number) {
    this.#path = path
    this.#temporary = join(dirname(path), `temp-${process.pid}-${number}.rdb`)
    this.#descriptor = openSync(this.#temporary, 'w')
  }

  /** @throws Error */
  writeNow(block: Buffer): void {
    for (let at = 0; at < block.length; ) at += writeSync(this.#descriptor, block, at)
  }

  write(blocks: readonly Buffer[], done: Done): void {
    this.#apart(done, (written) => writeFile(this.#descriptor, Buffer.concat(blocks), written))
  }

  /** What was written so far, for reading. @throws Error */
  written() {
    return stored(this.#temporary)
  }

  /** @throws Error */
  commitNow(): void {
    try {
      fsyncSync(this.#descriptor)
      this.#name()
    } catch (error) {
      this.abandon()
      throw error
    }
  }

  commit(done: Done): void {
    const named = (previous: number | undefined): void => {
      let problem: Error | undefined
      try {
        this.#name()
      } catch (error) {
        problem = error as Error
        this.abandon()
      }
      if (previous !== undefined) close(previous)
      done(problem)
    }
    const synced: Done = (error) => {
      if (error !== undefined) {
        this.abandon()
        done(error)
        return
      }
      open(this.#path, 'r', (missing, previous) => {
        if (this.#isOpen) named(missing === null ? previous : undefined)
        else if (missing === null) close(previous)
      })
    }
    this.#apart(synced, (written) => fsync(this.#descriptor, written))
  }

  abandon(): void {
    if (this.#isOpen && !this.#isBusy) closeSync(this.#descriptor)
    this.#isOpen = false
    rmSync(this.#temporary, { force: true })
  }

  /** Lets another thread work; `done` is told unless the file was abandoned meanwhile. */
  #apart(done: Done, work: (over: (error: Error | null) => void) => void): void {
    this.#isBusy = true
    work((error) => {
      this.#isBusy = false
      if (this.#isOpen) done(error ?? undefined)
      else closeSync(this.#descriptor)
    })
  }

  #name(): void {
    closeSync(this.#descriptor)
    this.#isOpen = false
    renameSync(this.#temporary, this.#path)
  }
}

/** Snapshot files below the process's working directory, or wherever their path says. */
export class SnapshotStore {
  #files = 0

  /** A file for reading; undefined where there is none. @throws Error */
  open(path: string) {
    return existsSync(path) ? stored(path) : undefined
  }

  /** @throws Error where it cannot be created */
  create(path: string): SnapshotFile {
    return new SnapshotFile(path, ++this.#files)
  }
}

function stored(path: string) {
  const descriptor = openSync(path, 'r')
  return {
    sizeBytes: fstatSync(descriptor).size,
    chunks: chunksOf(descriptor),
    close: () => closeSync(descriptor),
  }
}

const CHUNK_BYTES = 1024 * 1024

function* chunksOf(descriptor: number): Generator<Buffer> {
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  for (let size = 1; size > 0; ) {
    size = readSync(descriptor, chunk)
    if (size > 0) yield chunk.subarray(0, size)
  }
}
