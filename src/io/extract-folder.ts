/**
 * ExtractFolder: the files of `--extract DIR`. The folder is new or empty, so nothing is ever overwritten.
 *
 *   ….partial.rdb  is written block by block  ──close(name)──►  its name
 *
 * Whoever writes stands in the middle of decoding and cannot handle an error of the disk: the first one is
 * noted in `error`, and nothing is written from there on.
 */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../usage-error.ts'

const BLOCK_BYTES = 256 * 1024

export class ExtractFolder {
  /** What the disk refused. */
  error: UsageError | undefined
  readonly #path: string

  /** @throws UsageError if it holds anything, or cannot be made */
  constructor(path: string) {
    this.#path = path
    let entries: string[] = []
    try {
      mkdirSync(path, { recursive: true })
      entries = readdirSync(path)
    } catch (error) {
      throw new UsageError(`--extract: cannot use ${path}: ${(error as Error).message}`)
    }
    if (entries.length > 0)
      throw new UsageError(
        `--extract: ${path} is not empty, and nothing is overwritten: name a new directory`,
      )
  }

  create(name: string): ExtractFile {
    return new ExtractFile(this.#path, this.#free(name), {
      free: (wanted) => this.#free(wanted),
      attempt: (work) => this.#attempt(work),
    })
  }

  /** The name, or one like it that no file has: two links may tell the same of themselves. */
  #free(name: string): string {
    let free = name
    for (let n = 2; existsSync(join(this.#path, free)); n++)
      free = name.replace(/(\.partial)?\.(\w+)$/, `~${n}$&`)
    return free
  }

  #attempt<T>(work: () => T): T | undefined {
    if (this.error !== undefined) return undefined
    try {
      return work()
    } catch (error) {
      this.error = new UsageError(`--extract: cannot write to ${this.#path}: ${(error as Error).message}`)
      return undefined
    }
  }
}

type Folder = { free(name: string): string; attempt<T>(work: () => T): T | undefined }

export class ExtractFile {
  length = 0
  readonly #path: string
  readonly #name: string
  readonly #folder: Folder
  readonly #descriptor: number | undefined
  /** What is not yet on disk is block[0..filled). */
  readonly #block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
  #filled = 0
  #onDisk = 0

  constructor(path: string, name: string, folder: Folder) {
    this.#path = path
    this.#name = name
    this.#folder = folder
    this.#descriptor = folder.attempt(() => openSync(join(path, name), 'wx'))
  }

  /** @param bytes may be used again afterwards */
  write(bytes: Buffer): void {
    this.length += bytes.length
    if (this.#filled + bytes.length > BLOCK_BYTES) this.#flush()
    if (bytes.length > BLOCK_BYTES) this.#put(bytes)
    else this.#filled += bytes.copy(this.#block, this.#filled)
  }

  /** Takes back what is behind `length`. */
  truncate(length: number): void {
    if (length === this.length) return
    this.#flush()
    this.length = length
    this.#onDisk = length
    const descriptor = this.#descriptor
    if (descriptor !== undefined)
      this.#folder.attempt(() => {
        ftruncateSync(descriptor, length)
      })
  }

  close(name: string): void {
    this.#flush()
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    if (name === this.#name) return
    this.#folder.attempt(() =>
      renameSync(join(this.#path, this.#name), join(this.#path, this.#folder.free(name))),
    )
  }

  #flush(): void {
    const filled = this.#filled
    this.#filled = 0
    if (filled > 0) this.#put(this.#block.subarray(0, filled))
  }

  #put(bytes: Buffer): void {
    const descriptor = this.#descriptor
    if (descriptor === undefined) return
    this.#folder.attempt(() => {
      for (let at = 0; at < bytes.length; ) {
        const written = writeSync(descriptor, bytes, at, bytes.length - at, this.#onDisk)
        this.#onDisk += written
        at += written
      }
    })
  }
}
