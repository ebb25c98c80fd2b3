/**
 * The bytes of a recording, once more from the beginning, in the order in which they were seen.
 *
 *   file ─► CaptureSession ─► pieces of the connections that are wanted      in batches, one a read
 *
 * Connections are numbered as the first reading numbered them: both see the same packets. Nothing is held but
 * one batch, however long the recording is.
 */

import { CaptureSession } from '../replication/capture-session.ts'
import type { Listener } from '../replication/captured-connections.ts'
import type { HowClosed, Micros, Side } from '../replication/events.ts'
import { DamagedInput, FileInput } from './file-input.ts'

export type RecordedPiece =
  | {
      readonly kind: 'opened'
      readonly conn: number
      readonly replica: string
      readonly master: string
      readonly at: Micros
    }
  | {
      readonly kind: 'bytes'
      readonly conn: number
      readonly side: Side
      readonly from: number
      readonly bytes: Buffer
      readonly at: Micros
    }
  | {
      readonly kind: 'gap'
      readonly conn: number
      readonly side: Side
      readonly missing: number
      readonly at: Micros
    }
  | {
      readonly kind: 'closed'
      readonly conn: number
      readonly side: Side
      readonly how: HowClosed
      readonly at: Micros
    }

/** Bytes of the file that make one batch. */
const PIECE_BYTES = 128 * 1024

/** @throws UsageError */
export async function* recordedPieces(
  path: string,
  isWanted: (conn: number) => boolean,
): AsyncGenerator<readonly RecordedPiece[], void, void> {
  let batch: RecordedPiece[] = []
  const session = new CaptureSession({
    book: new PieceBook(isWanted, (piece) => batch.push(piece)),
    // The first reading has told what is wrong.
    onFile: () => {},
    onNotice: () => {},
    onBug: (error) => {
      throw error
    },
  })
  const take = (): RecordedPiece[] => {
    const taken = batch
    batch = []
    return taken
  }
  try {
    for await (const chunk of new FileInput(path).chunks()) {
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        session.push(chunk.subarray(at, at + PIECE_BYTES))
        if (batch.length > 0) yield take()
      }
    }
  } catch (error) {
    if (!(error instanceof DamagedInput)) throw error
  }
  session.endFile()
  session.end()
  yield take()
}

/** Takes the place of a LinkBook: its connections are numbered alike. */
class PieceBook {
  readonly #isWanted: (conn: number) => boolean
  readonly #emit: (piece: RecordedPiece) => void
  #conns = 0

  constructor(isWanted: (conn: number) => boolean, emit: (piece: RecordedPiece) => void) {
    this.#isWanted = isWanted
    this.#emit = emit
  }

  open(replica: string, master: string, at: Micros): Listener {
    const conn = ++this.#conns
    if (!this.#isWanted(conn)) return DEAF
    this.#emit({ kind: 'opened', conn, replica, master, at })
    const positions = { replica: 0, master: 0 }
    return {
      push: (side, chunk, now) => {
        const from = positions[side]
        positions[side] += chunk.length
        this.#emit({ kind: 'bytes', conn, side, from, bytes: Buffer.from(chunk), at: now })
      },
      gap: (side, missing, now) => {
        positions[side] += missing
        this.#emit({ kind: 'gap', conn, side, missing, at: now })
      },
      ending: () => {},
      end: (side, how, now) => this.#emit({ kind: 'closed', conn, side, how, at: now }),
    }
  }

  tick(): void {}
}

const DEAF: Listener = { push: () => {}, gap: () => {}, ending: () => {}, end: () => {} }
