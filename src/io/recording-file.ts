/**
 * RecordingFile: blocks to a file, without ever making anybody wait.
 *
 *   write ─► queue, at most QUEUE_MAX bytes ─writev─► file       one write at a time, of all that has come
 *
 * While the queue is full, `isFull` says so, and whoever records leaves bytes out. A file that cannot be
 * written any longer (the disk is full) costs one notice and no more.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { UsageError } from '../usage-error.ts'

/** A second of a fast link. */
const QUEUE_MAX = 64 * 1024 * 1024
/** Buffers that one writev may take on every system. */
const BLOCKS_MAX = 1024

export class RecordingFile {
  readonly #path: string
  readonly #handle: FileHandle
  readonly #notice: (line: string) => void
  #queue: Buffer[] = []
  #bytes = 0
  #isBroken = false
  #writing: Promise<void> | undefined

  private constructor(path: string, handle: FileHandle, notice: (line: string) => void) {
    this.#path = path
    this.#handle = handle
    this.#notice = notice
  }

  /** @param notice told once, when the file cannot be written any longer @throws UsageError */
  static async open(path: string, notice: (line: string) => void): Promise<RecordingFile> {
    try {
      return new RecordingFile(path, await open(path, 'w'), notice)
    } catch (error) {
      throw new UsageError(`--record: cannot write ${path}: ${reasonOf(error)}`, { cause: error })
    }
  }

  get isFull(): boolean {
    return this.#isBroken || this.#bytes > QUEUE_MAX
  }

  /** @param block its memory is ours from now on */
  write(block: Buffer): void {
    // What is written although the queue is full is small, and may still be too much.
    if (this.#isBroken || this.#bytes > 2 * QUEUE_MAX) return
    this.#queue.push(block)
    this.#bytes += block.length
    this.#writing ??= this.#drain()
  }

  /** Resolves when all is on the disk, or cannot be. */
  async close(): Promise<void> {
    await this.#writing
    try {
      await this.#handle.close()
    } catch (error) {
      this.#break(error)
    }
  }

  async #drain(): Promise<void> {
    // What the present turn has to say is written together.
    await Promise.resolve()
    try {
      while (this.#queue.length > 0) {
        const blocks = this.#queue.splice(0, BLOCKS_MAX)
        await this.#writeAll(blocks)
      }
    } catch (error) {
      this.#break(error)
    }
    this.#writing = undefined
  }

  async #writeAll(blocks: Buffer[]): Promise<void> {
    for (let left = blocks; left.length > 0; ) {
      const { bytesWritten } = await this.#handle.writev(left)
      this.#bytes -= bytesWritten
      left = rest(left, bytesWritten)
    }
  }

  #break(error: unknown): void {
    if (this.#isBroken) return
    this.#isBroken = true
    this.#queue = []
    this.#bytes = 0
    this.#notice(`the recording ends here: cannot write ${this.#path}: ${reasonOf(error)}; links go on`)
  }
}

/** What a write that was cut short has left. */
function rest(blocks: Buffer[], written: number): Buffer[] {
  let skipped = written
  let first = 0
  while (first < blocks.length && skipped >= blocks[first]!.length) skipped -= blocks[first++]!.length
  const left = blocks.slice(first)
  if (skipped > 0) left[0] = left[0]!.subarray(skipped)
  return left
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would become too large',
  ENOENT: 'no such directory',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  EROFS: 'the file system is read-only',
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return REASONS[code ?? ''] ?? message
}
