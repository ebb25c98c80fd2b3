/**
 * Snapshot files of the reference server: written aside, renamed into place when complete, so that a
 * crash in the middle leaves the
 * last good one.
 *
 *   temp-<pid>-<n>.rdb ─► fsync ─► dump.rdb
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** A file being written. Writing blocks, as long as the kernel takes to copy; commit() does not. */
export class SnapshotFile {
  readonly #path: string
  readonly #temporary: string
  readonly #descriptor: number
  #isOpen = true
  /** Writing blocks: there is always room. */
  readonly isFull = false

  /** @throws Error */
  constructor(path: string, number: number) {
    this.#path = path
    this.#temporary = join(dirname(path), `temp-${process.pid}-${number}.rdb`)
    this.#descriptor = openSync(this.#temporary, 'w')
  }

  write(block: Buffer): void {
    for (let at = 0; at < block.length; ) at += writeSync(this.#descriptor, block, at)
  }

  /** What was written so far, for reading. @throws Error */
  written() {
    return stored(this.#temporary)
  }

  commitNow(): void {
    fsyncSync(this.#descriptor)
    this.#name()
  }

  commit(done: (error: Error | undefined) => void): void {
    fsync(this.#descriptor, (error) => {
      if (!this.#isOpen) return
      try {
        if (error) throw error
        this.#name()
      } catch (problem) {
        this.abandon()
        done(problem as Error)
        return
      }
      done(undefined)
    })
  }

  abandon(): void {
    this.#close()
    rmSync(this.#temporary, { force: true })
  }

  #name(): void {
    this.#close()
    renameSync(this.#temporary, this.#path)
  }

  #close(): void {
    if (this.#isOpen) closeSync(this.#descriptor)
    this.#isOpen = false
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
