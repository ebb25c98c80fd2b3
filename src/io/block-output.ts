/**
 * BlockOutput: large blocks to standard output, at the speed of whoever reads it.
 *
 * The opposite of LineOutput: there is no link that must not wait, so nothing is ever dropped and nothing
 * queued. write() resolves when the block has left and its memory may be used again. A reader that goes
 * away (`| head`) is no error: `isClosed` says so, and whoever produces may stop.
 */
import type { Writable } from 'node:stream'

export class BlockOutput {
  isClosed = false
  readonly #stream: Writable

  constructor(stream: Writable = process.stdout) {
    this.#stream = stream
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error
      this.isClosed = true
    })
  }

  /** @param block borrowed until the promise resolves */
  async write(block: Buffer | string): Promise<void> {
    if (this.isClosed || block.length === 0) return
    await new Promise<void>((resolve) => this.#stream.write(block, () => resolve()))
  }
}
