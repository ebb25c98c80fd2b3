/**
 * ClientMemory: the memory that clients take, each for itself and all together.
 *
 *   itself + query buffer + argv + queued commands + watches, subscriptions, prefixes + unsent replies
 *
 * The sum is kept up to date by whoever knows that something has changed (session.ts): requests were read,
 * replies given out. That a socket has taken some replies is not told at once; so before anybody suffers
 * for the sum, those who had replies waiting are looked at again (settle).
 *
 * What waits for a replica is a part of the backlog, and counted there (memory-use.ts).
 *
 * Source: redis 7.0 `src/networking.c`, getClientMemoryUsage; `src/multi.c`, multiStateMemOverhead.
 */
import type { Session } from './session.ts'

/** Redis's own structures on a 64-bit machine. */
const CLIENT_BYTES = 768
const QUEUED_BYTES = 24
const WATCH_BYTES = 56
const SUBSCRIPTION_BYTES = 24
const PREFIX_BYTES = 32
const POINTER_BYTES = 8

export class ClientMemory {
  /** Of all clients but replicas. */
  total = 0
  /** Of replicas, without their streams. */
  ofReplicas = 0
  readonly #replicas = new Set<Session>()
  readonly #sending = new Set<Session>()

  /** A client takes more or less than before. */
  counted(session: Session): void {
    if (session.isClosed) return
    this.#add(session, -session.countedBytes)
    session.countedBytes = this.of(session)
    if (session.replica?.isAttached) {
      session.countedBytes -= outputOf(session).bytes
      this.#replicas.add(session)
    } else if (this.#replicas.size > 0) this.#replicas.delete(session)
    this.#add(session, session.countedBytes)
    if (outputOf(session).bytes > 0) this.#sending.add(session)
    else if (this.#sending.size > 0) this.#sending.delete(session)
  }

  /** Nothing about it has changed that costs anything: it need not be counted again. */
  isAsCounted(session: Session): boolean {
    const { buffers, countedBytes, transaction, subscriptions, tracking, server } = session
    return (
      countedBytes === CLIENT_BYTES + buffers.replyRoom + buffers.queryRoom &&
      session.unreadBytes === 0 &&
      session.argvBytes === 0 &&
      session.argv === undefined &&
      transaction === undefined &&
      subscriptions === undefined &&
      tracking === undefined &&
      server.watches.countOf(session) === 0
    )
  }

  /** It has gone. */
  forgotten(session: Session): void {
    this.#add(session, -session.countedBytes)
    session.countedBytes = 0
    this.#replicas.delete(session)
    this.#sending.delete(session)
  }

  /** To the sum that it is counted in. */
  #add(session: Session, bytes: number): void {
    if (this.#replicas.has(session)) this.ofReplicas += bytes
    else this.total += bytes
  }

  /** Looks again at clients whose replies may have been taken since. */
  settle(): void {
    for (const session of this.#sending) this.counted(session)
  }

  /** What a client takes now; of a replica also what it has not been sent of the stream. */
  of(session: Session): number {
    const { buffers, subscriptions, argv, server } = session
    let bytes = CLIENT_BYTES + buffers.replyRoom + Math.max(buffers.queryRoom, session.unreadBytes)
    bytes += session.argvBytes + (argv === undefined ? 0 : argv.length * POINTER_BYTES)
    bytes += queuedBytes(session) + server.watches.countOf(session) * WATCH_BYTES
    if (subscriptions !== undefined) bytes += subscriptions.size * SUBSCRIPTION_BYTES
    bytes += (session.tracking?.prefixes.length ?? 0) * PREFIX_BYTES
    return bytes + outputOf(session).bytes
  }
}

/**
 * What waits for a client behind its reply buffer, or of the stream is kept for a replica: this is what
 * output limits look at.
 */
export function outputOf({ peer, buffers, replica }: Session): {
  readonly blocks: number
  readonly bytes: number
} {
  const { waitingBytes } = peer
  if (replica?.isAttached) {
    const { blocks, bytes } = replica.kept
    return { blocks: blocks + (waitingBytes === 0 ? 0 : 1), bytes: bytes + waitingBytes }
  }
  const bytes = Math.max(0, waitingBytes - buffers.replyRoom)
  return { blocks: bytes === 0 ? 0 : 1, bytes }
}

/** What a client has queued since MULTI. */
export function queuedBytes({ transaction }: Session): number {
  return transaction === undefined ? 0 : transaction.argvBytes + transaction.queue.length * QUEUED_BYTES
}
