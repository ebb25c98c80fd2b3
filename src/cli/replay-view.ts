/**
 * ReplayView: a replay on one screen: the recorded session as link #1, what happens now as #2 and on.
 *
 * Of the recorded session only what is not seen in the live link is shown: not what we play, command by
 * command, but what the other side said then, and when its syncs were. Its times are those at which it is
 * played.
 */
import type { RecordedPiece } from '../io/recorded-pieces.ts'
import type { Listener } from '../replication/captured-connections.ts'
import { Conversation } from '../replication/conversation.ts'
import type { Micros, ReplEvent, ReplKind, Side } from '../replication/events.ts'
import { LinkBook } from '../replication/link-book.ts'
import { Secrets } from '../replication/secrets.ts'
import type { SessionOptions } from './session-options.ts'

/** What a side that is played says: the live link shows it too. */
const PLAYED: ReadonlySet<ReplKind> = new Set([
  'request',
  'ack',
  'reply',
  'heartbeat',
  'command',
  'ping',
  'getack',
  'tally',
  'snapshot-aux',
  'snapshot-key',
  'snapshot-slice',
])

export class ReplayView {
  readonly live: LinkBook
  readonly #options: SessionOptions
  readonly #emit: (event: ReplEvent) => void
  readonly #liveSide: Side
  readonly #recordedConns: number

  /**
   * @param liveSide the side whose place a live server has taken
   * @param recordedConns connections of the recording: those that are live are numbered behind them
   */
  constructor(
    options: SessionOptions,
    emit: (event: ReplEvent) => void,
    liveSide: Side,
    recordedConns: number,
  ) {
    this.#options = options
    this.#emit = emit
    this.#liveSide = liveSide
    this.#recordedConns = recordedConns
    this.live = this.#book((event) => {
      emit({ ...event, link: event.link + 1, conn: event.conn + this.#recordedConns })
    })
  }

  /**
   * Shows recorded pieces as they are played.
   * @param from what was recorded before that is not shown
   * @param cues is told what the recorded session says, secrets included: they are to be said once more
   */
  recorded(from: Micros, cues?: (event: ReplEvent) => void): (piece: RecordedPiece, at: Micros) => void {
    const open = new Map<number, Listener>()
    const cued = new Map<number, Conversation>()
    const numbers: number[] = []
    let isShown = false
    const book = this.#book((event) => {
      const isPlayed = event.side !== this.#liveSide && PLAYED.has(event.kind)
      if (isShown && !isPlayed) this.#emit({ ...event, link: 1, conn: numbers[event.conn - 1] ?? event.conn })
    })
    return (piece, at) => {
      isShown = piece.at >= from
      book.tick(at)
      if (piece.kind === 'opened') {
        numbers.push(piece.conn)
        open.set(piece.conn, book.open(piece.replica, piece.master, at))
        if (cues !== undefined) cued.set(piece.conn, cueing(piece.conn, cues))
        return
      }
      const conversation = open.get(piece.conn)
      if (piece.kind === 'bytes') cued.get(piece.conn)?.push(piece.side, piece.bytes, at)
      else if (piece.kind === 'gap') cued.get(piece.conn)?.gap(piece.side, piece.missing, at)
      else cued.delete(piece.conn)
      if (piece.kind === 'bytes') conversation?.push(piece.side, piece.bytes, at)
      else if (piece.kind === 'gap') conversation?.gap(piece.side, piece.missing, at)
      else {
        conversation?.end(piece.side, piece.how, at)
        open.delete(piece.conn)
      }
    }
  }

  #book(emit: (event: ReplEvent) => void): LinkBook {
    const { showSecrets, keep, snapshot } = this.#options
    return new LinkBook({ emit, secrets: new Secrets({ shown: showSecrets }), keep, snapshot })
  }
}

/** Only what is said is of interest, and that as it was said. */
function cueing(conn: number, emit: (event: ReplEvent) => void): Conversation {
  const secrets = new Secrets({ shown: true })
  return new Conversation({ conn, emit, secrets, snapshot: 'frame', commands: 'counted' })
}
