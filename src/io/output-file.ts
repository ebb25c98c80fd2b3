/**
 * OutputFile: a file that appears when it is complete.
 *
 *   write · write · … ─► FILE.partial ──commit()──► FILE
 *
 * So an earlier file of that name is not lost to a conversion that fails, and nobody loads half a snapshot.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { UsageError } from '../usage-error.ts'

export class OutputFile {
  readonly #path: string
  readonly #partial: string
  readonly #descriptor: number
  #isOpen = true

  /** @throws UsageError */
  constructor(path: string) {
    this.#path = path
    this.#partial = `${path}.partial`
    this.#descriptor = this.#try(() => openSync(this.#partial, 'w'))
  }

  /** @param block may be used again afterwards. @throws UsageError */
  write(block: Buffer): void {
    this.#try(() => {
      for (let at = 0; at < block.length; ) at += writeSync(this.#descriptor, block, at)
    })
  }

  /** Gives the file its name. @throws UsageError */
  commit(): void {
    this.#try(() => {
      fsyncSync(this.#descriptor)
      this.#close()
      renameSync(this.#partial, this.#path)
    })
  }

  /** Removes what was written. */
  abandon(): void {
    this.#close()
    rmSync(this.#partial, { force: true })
  }

  #close(): void {
    if (this.#isOpen) closeSync(this.#descriptor)
    this.#isOpen = false
  }

  #try<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw new UsageError(`cannot write ${this.#path}: ${(error as Error).message}`)
    }
  }
}
