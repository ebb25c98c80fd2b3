/**
 * AckWaits: clients in WAIT, until enough replicas have acknowledged what they wrote.
 *
 *   WAIT ─► too few ACKs ─► GETACK to all replicas, once for all who wait ─► ACKs come ─► answered
 *
 * The end of time is the business of blocked.ts, like that of any blocked client.
 *
 * Source: redis 7.0 `src/replication.c`, processClientsWaitingReplicas.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { Blocked } from '../blocked.ts'
import type { Session } from '../session.ts'
import type { Replicas } from './replicas.ts'

type Wait = {
  /** The words of this very WAIT: the client may be in another one by now. */
  readonly argv: readonly ByteString[]
  readonly offset: number
  readonly wanted: number
}

export class AckWaits {
  readonly #blocked: Blocked
  readonly #replicas: Replicas
  readonly #waiting = new Map<Session, Wait>()
  #mustAsk = false

  constructor(blocked: Blocked, replicas: Replicas) {
    this.#blocked = blocked
    this.#replicas = replicas
  }

  add(
    session: Session,
    argv: readonly ByteString[],
    { offset, wanted }: { readonly offset: number; readonly wanted: number },
  ): void {
    this.#waiting.set(session, { argv, offset, wanted })
    this.#mustAsk = true
  }

  get count(): number {
    return this.#waiting.size
  }

  /** A client has gone; where nobody acknowledges anything, nobody would notice. */
  gone(session: Session): void {
    this.#waiting.delete(session)
  }

  /** Whether replicas must be asked how far they are; tells it once. */
  takeQuestion(): boolean {
    const mustAsk = this.#mustAsk
    this.#mustAsk = false
    return mustAsk
  }

  /** An ACK has come: answers those who have enough. */
  check(): void {
    for (const [session, { argv, offset, wanted }] of this.#waiting) {
      const isOver = session.isClosed || session.blockedIn !== argv
      const count = isOver ? 0 : this.#replicas.countAcked(offset)
      if (!isOver && count < wanted) continue
      this.#waiting.delete(session)
      if (!isOver) this.#blocked.end(session, count)
    }
  }
}
