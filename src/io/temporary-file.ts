/**
 * TemporaryFile: bytes that wait outside of memory until it is known what they are.
 *
 * It has no name: it is unlinked as soon as it is open, so no end of the process, however sudden, leaves it
 * behind. Writing and reading block: decoders push, they do not wait.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A multiple of 3, so that base64 of the blocks is base64 of the whole. */
const BLOCK_BYTES = 192 * 1024

export class TemporaryFile {
  readonly #descriptor: number
  length = 0

  constructor() {
    const dir = mkdtempSync(join(tmpdir(), 'syncscope-'))
    this.#descriptor = openSync(join(dir, 'held'), 'w+')
    rmSync(dir, { recursive: true })
  }

  append(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at)
    this.length += bytes.length
  }

  /** The bytes from `start` on in borrowed blocks, each but the last a multiple of 3 long. */
  *blocks(start = 0): Generator<Buffer, void, void> {
    const block = Buffer.allocUnsafe(BLOCK_BYTES)
    for (let at = start; at < this.length; ) {
      let filled = 0
      const wanted = Math.min(BLOCK_BYTES, this.length - at)
      while (filled < wanted) {
        filled += readSync(this.#descriptor, block, filled, wanted - filled, at + filled)
      }
      yield block.subarray(0, filled)
      at += filled
    }
  }

  /** Reads at `position` into `into`, as far as there is something. Returns the number of bytes. */
  read(into: Buffer, position: number): number {
    return readSync(this.#descriptor, into, 0, Math.min(into.length, this.length - position), position)
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}
