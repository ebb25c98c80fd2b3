/**
 * BlockOutput: large blocks to standard output, at the speed of whoever reads it.
 *
 * The opposite of LineOutput: there is no link that must not wait, so nothing is ever dropped and nothing
 * queued. write() resolves when the block has left and its memory may be used again. A reader that goes
 * away (`| head`) is no error: `isClosed` says so, and whoever produces may stop. A disk that is full is.
 */
import type { Writable } from 'node:stream'
import { UsageError } from '../usage-error.ts'
import { systemWords } from './system-words.ts'

/** The reader has gone. */
const GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ERR_STREAM_DESTROYED'])

export class BlockOutput {
  isClosed = false
  readonly #stream: Writable
  #problem: UsageError | undefined

  constructor(stream: Writable = process.stdout) {
    this.#stream = stream
    stream.on('error', (error) => this.#failed(error))
  }

  /** @param block borrowed until the promise resolves @throws UsageError where it cannot be written */
  async write(block: Buffer | string): Promise<void> {
    if (!this.isClosed && block.length > 0) {
      await new Promise<void>((resolve) =>
        this.#stream.write(block, (error) => {
          if (error) this.#failed(error)
          resolve()
        }),
      )
    }
    if (this.#problem !== undefined) throw this.#problem
  }

  /** A line, by whoever cannot wait: what goes wrong with it is told by end(). */
  print(line: string): void {
    this.write(`${line}\n`).catch(() => {})
  }

  /** All has left. @throws UsageError where something could not be written */
  async end(): Promise<void> {
    if (!this.isClosed) await new Promise<void>((resolve) => this.#stream.write('', () => resolve()))
    if (this.#problem !== undefined) throw this.#problem
  }

  #failed(error: NodeJS.ErrnoException): void {
    this.isClosed = true
    if (!GONE.has(error.code)) this.#problem ??= new UsageError(`standard output: ${systemWords(error)}`)
  }
}
