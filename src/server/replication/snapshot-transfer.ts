/**
 * The two ways a snapshot reaches replicas, as targets of the saver (persistence/saver.ts).
 *
 *   diskless   saver ─blocks─► all that wait, as they are produced:  $EOF:<mark> … <mark>
 *   disk       saver ─► dump.rdb ─► each that waits, from the file:  $<length> …
 *
 * A diskless snapshot goes as fast as the slowest replica takes it, which is cut off when it takes nothing
 * for repl-timeout; when none is left the snapshot ends.
 *
 * Source: redis 7.0 `src/replication.c`, rdbPipeReadHandler, sendBulkToSlave; `src/rdb.c`,
 * rdbSaveToSlavesSockets.
 */
import type { Clock, Random } from '../../ports.ts'
import type { SnapshotTarget, StoredFile } from '../persistence/saver.ts'
import type { AttachedReplica } from './attached-replica.ts'

/** A replica that has so many bytes before it takes no more for now. */
const WAITING_MAX = 512 * 1024
const MARK_LENGTH = 40

/** A snapshot on its way to several replicas at once. */
export class DisklessTransfer implements SnapshotTarget {
  readonly #clock: Clock
  readonly #replicas: Set<AttachedReplica>
  readonly #mark: string
  readonly #onDone: (left: number) => void
  /** Called when there is room. */
  #goOn: (() => void) | undefined

  /** @param onDone called when all was sent, with the number of replicas that are still there */
  constructor(
    clock: Clock,
    random: Random,
    replicas: Iterable<AttachedReplica>,
    onDone: (left: number) => void,
  ) {
    this.#clock = clock
    this.#onDone = onDone
    this.#replicas = new Set(replicas)
    this.#mark = random.hex(MARK_LENGTH)
    this.#send([`$EOF:${this.#mark}\r\n`])
  }

  /** The next blocks are wanted when all replicas have room for them. */
  write(blocks: readonly Buffer[], done: (error: undefined) => void): void {
    if (blocks.length > 0) this.#send(blocks)
    this.#goOn = () => done(undefined)
    this.look()
  }

  /** A connection has taken something, or it is time to see whether one takes nothing. */
  look(): void {
    const goOn = this.#goOn
    if (goOn === undefined || this.#isFull) return
    this.#goOn = undefined
    goOn()
  }

  get #isFull(): boolean {
    let isFull = false
    for (const replica of this.#replicas) {
      const { waitingBytes } = replica.session.peer
      // Nothing is added for a replica while one is full: what waits for it can only become less.
      if (waitingBytes < WAITING_MAX || waitingBytes !== replica.stuckAtBytes) replica.stuckSince = undefined
      replica.stuckAtBytes = waitingBytes
      if (waitingBytes < WAITING_MAX) continue
      replica.stuckSince ??= this.#clock.now()
      isFull = true
    }
    return isFull
  }

  commit(done: (error: undefined) => void): void {
    this.#send([this.#mark])
    this.#onDone(this.#replicas.size)
    done(undefined)
  }

  abandon(): void {
    this.#replicas.clear()
  }

  /** A replica has gone. @returns whether nobody is left */
  lost(replica: AttachedReplica): boolean {
    if (!this.#replicas.delete(replica)) return false
    if (this.#replicas.size === 0) return true
    this.look()
    return false
  }

  #send(pieces: readonly (string | Buffer)[]): void {
    for (const { session } of this.#replicas) session.sendStream(pieces)
  }
}

/** The file of a snapshot on its way to one replica. */
export class FileTransfer {
  readonly #replica: AttachedReplica
  readonly #file: StoredFile
  readonly #chunks: Iterator<Buffer>
  readonly #onEnd: () => void
  #isOver = false

  /** @param onEnd called when all was given to the connection */
  constructor(replica: AttachedReplica, file: StoredFile, onEnd: () => void) {
    this.#replica = replica
    this.#file = file
    this.#chunks = file.chunks[Symbol.iterator]()
    this.#onEnd = onEnd
    replica.session.sendStream([`$${file.sizeBytes}\r\n`])
  }

  /** Sends what the connection takes. @throws Error where the file cannot be read */
  send(): void {
    const { session } = this.#replica
    while (!this.#isOver && !session.isClosed && session.peer.waitingBytes < WAITING_MAX) {
      const { value, done } = this.#chunks.next()
      if (done) {
        this.close()
        this.#onEnd()
        return
      }
      session.sendStream([Buffer.from(value)])
    }
  }

  close(): void {
    if (!this.#isOver) this.#file.close()
    this.#isOver = true
  }
}
