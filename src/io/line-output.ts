/**
 * LineOutput: lines to a stream, without ever making the link wait.
 *
 *   line ─► batch ─► stream       a batch is written when the turn of the event loop ends, or when it is
 *   large
 *
 * A reader that is slower than the session must not stop the session and must not fill our memory: when
 * more than QUEUE_MAX bytes are unwritten, lines are dropped and counted; `onOverflow` tells how many when
 * there is room again. A file can wait, unlike a session: who reads one asks room() between pieces, and
 * nothing
 * is dropped (`lossless`). On a terminal one more line may stand below all others, and be replaced: the
 * progress.
 */
import type { Writable } from 'node:stream'

const BATCH_MAX = 64 * 1024
const QUEUE_MAX = 8 * 1024 * 1024
/** So much may be unwritten before who can wait should. */
const ROOM_MAX = 1024 * 1024

const CLEAR_LINE = '\r\x1b[2K'

export class LineOutput {
  readonly #stream: Writable
  readonly #queueMax: number
  #batch = ''
  #isScheduled = false
  #isBroken = false
  #dropped = 0
  #progress: string | undefined
  onOverflow: (dropped: number) => void = () => {}

  constructor(stream: Writable, { lossless = false } = {}) {
    this.#stream = stream
    this.#queueMax = lossless ? Number.POSITIVE_INFINITY : QUEUE_MAX
    neverBlock(stream)
    // The reader has gone (a closed pager): nobody is left to tell, and the session must go on.
    stream.on('error', () => {
      this.#isBroken = true
    })
  }

  readonly line = (text: string): void => {
    if (this.#isBroken) return
    if (this.#stream.writableLength > this.#queueMax) {
      this.#dropped++
      return
    }
    if (this.#dropped > 0) this.#reportDropped()
    this.#batch += `${text}\n`
    if (this.#batch.length >= BATCH_MAX) this.flush()
    else this.#schedule()
  }

  /** Shows `text` below all lines until it is replaced or taken away (undefined). Terminals only. */
  readonly progress = (text: string | undefined): void => {
    if (this.#isBroken) return
    this.flush()
    if (this.#progress !== undefined) this.#stream.write(CLEAR_LINE)
    this.#progress = text === undefined ? undefined : this.#cut(text)
    if (this.#progress !== undefined) this.#stream.write(this.#progress)
  }

  /** Hands over what is batched. */
  flush(): void {
    if (this.#batch === '' || this.#isBroken) return
    const batch = this.#batch
    this.#batch = ''
    if (this.#progress === undefined) this.#stream.write(batch)
    else this.#stream.write(`${CLEAR_LINE}${batch}${this.#progress}`)
  }

  /** The reader has gone. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  /** Undefined while there is room for more; else a promise of it. */
  room(): Promise<void> | undefined {
    return this.#stream.writableLength > ROOM_MAX ? this.drained() : undefined
  }

  /** Resolves when all lines have left. */
  async drained(): Promise<void> {
    if (this.#dropped > 0) this.#reportDropped()
    this.flush()
    if (this.#isBroken) return
    await new Promise<void>((resolve) => this.#stream.write('', () => resolve()))
  }

  /** A line that wraps could not be taken back: `\r` only reaches its last row. */
  #cut(text: string): string {
    const { columns } = this.#stream as Writable & { columns?: number }
    return columns === undefined || columns === 0 ? text : text.slice(0, columns - 1)
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.flush()
    })
  }

  #reportDropped(): void {
    const dropped = this.#dropped
    this.#dropped = 0
    this.onOverflow(dropped)
  }
}

/**
 * Node makes writes to a terminal block. A terminal that is stopped (Ctrl-S, a sleeping ssh) would then
 * stop every link. There is no public way to ask otherwise; where this one is gone, the terminal blocks as
 * before.
 */
function neverBlock(stream: Writable): void {
  const terminal = stream as Writable & { isTTY?: boolean; _handle?: { setBlocking?(on: boolean): void } }
  if (terminal.isTTY === true) terminal._handle?.setBlocking?.(false)
}
