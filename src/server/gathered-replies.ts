/**
 * GatheredReplies: what was replied within one chunk of requests, until it is sent in one piece.
 *
 *   encodeReply ─► text, text, text … ─► one string of some KiB ─┐
 *                  a long value (Buffer) as it is ───────────────┴─► pieces ─► take()
 *
 * Text is joined before it is given away: a socket takes one long string faster than many short ones.
 */
import type { Output } from './reply-encoder.ts'

/** Text becomes a piece when it is about so long. */
const PIECE_BYTES = 16 * 1024

export class GatheredReplies implements Output {
  /** Bytes of #pieces. */
  length = 0
  #text = ''
  #pieces: (string | Buffer)[] = []

  get isEmpty(): boolean {
    return this.#text === '' && this.#pieces.length === 0
  }

  put(piece: string | Buffer): void {
    if (typeof piece === 'string') {
      this.#text += piece
      if (this.#text.length >= PIECE_BYTES) this.#endText()
    } else {
      this.#endText()
      this.#add(piece)
    }
  }

  /** All of it, in order; nothing is left. */
  take(): (string | Buffer)[] {
    this.#endText()
    const pieces = this.#pieces
    this.#pieces = []
    this.length = 0
    return pieces
  }

  #endText(): void {
    if (this.#text === '') return
    this.#add(this.#text)
    this.#text = ''
  }

  #add(piece: string | Buffer): void {
    this.#pieces.push(piece)
    this.length += piece.length
  }
}
