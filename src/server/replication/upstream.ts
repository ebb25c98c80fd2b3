/**
 * Upstream: the command stream of our master: applied command by command, passed on byte by byte.
 *
 *   position   …│*2 SELECT 0│*3 SET k v│*1 MULTI│*3 SET …│*1 EX
 *                            applied ──┘        └─ an open transaction, a part of a command: kept
 *
 * What is applied is relayed in the very bytes that came, once a chunk; that moves the offset (feed.ts).
 * A transaction moves it by all its bytes when EXEC has run. Bytes that mean nothing (a stray newline) count
 * with the command behind them. When the link breaks, what is not applied is forgotten: the master will send
 * it again. What may be kept is limited by client-query-buffer-limit, as in Redis.
 *
 * While a snapshot is loaded, commands that came with its last bytes wait here (release).
 *
 * Source: redis 7.0 `src/networking.c`, commandProcessed, processMultibulkBuffer.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { Executor } from '../executor.ts'
import type { Feed } from './feed.ts'
import type { MasterSession } from './master-session.ts'

type Waiting = { readonly argv: readonly ByteString[] | undefined; readonly to: number }

export class Upstream {
  readonly session: MasterSession
  readonly #executor: Executor
  readonly #feed: Feed
  readonly #onGetAck: () => void
  /** Offset minus position. */
  readonly #base: number
  #applied: number
  #relayed: number
  /** Copies of the bytes from #relayed on, as far as they are not in the chunk at hand. */
  #kept: Buffer[] = []
  #chunk: Buffer | undefined
  #chunkStart = 0
  /** Commands that wait for release(). */
  #waiting: Waiting[] | undefined = []
  #isOver = false

  /**
   * @param position of its first byte in the connection
   * @param offset the replication offset before that byte
   */
  constructor(
    session: MasterSession,
    feed: Feed,
    { position, offset }: { readonly position: number; readonly offset: number },
    onGetAck: () => void,
  ) {
    this.session = session
    this.#executor = session.server.executor
    this.#feed = feed
    this.#onGetAck = onGetAck
    this.#base = offset - position
    this.#applied = position
    this.#relayed = position
  }

  /** Offset of the last byte that is applied, at this very moment. */
  get appliedOffset(): number {
    return this.#base + this.#applied
  }

  /** The offset of a position in the connection. */
  offsetAt(position: number): number {
    return this.#base + position
  }

  /** Bytes have come, borrowed until settle(). */
  chunk(chunk: Buffer, position: number): void {
    this.#chunk = chunk
    this.#chunkStart = position
  }

  /** A command that ends at position `to`; undefined: REPLCONF GETACK. */
  command(argv: readonly ByteString[] | undefined, to: number): void {
    if (this.#isOver) return
    if (this.#waiting !== undefined) {
      this.#waiting.push({ argv, to })
      return
    }
    if (argv === undefined) this.#onGetAck()
    else this.#executor.apply(this.session, argv)
    if (this.session.transaction === undefined) this.#applied = to
  }

  /** Nothing more comes. What has been applied is passed on, the rest forgotten. */
  end(): void {
    this.#relay()
    this.#isOver = true
    this.session.leave()
  }

  /** What is in front of it is there: commands run from now on as they come. */
  release(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const { argv, to } of waiting) this.command(argv, to)
    // Within a chunk more of it may follow.
    if (this.#chunk === undefined) this.settle()
  }

  /** The chunk is read: what is applied is passed on, what is not is kept. */
  settle(): void {
    this.#relay()
    const chunk = this.#chunk
    if (chunk === undefined) return
    this.#chunk = undefined
    const rest = chunk.subarray(Math.max(0, this.#relayed - this.#chunkStart))
    if (rest.length > 0) this.#kept.push(Buffer.from(rest))
    this.session.keptBytes = this.#chunkStart + chunk.length - this.#relayed
  }

  #relay(): void {
    while (this.#kept.length > 0 && this.#relayed < this.#applied) {
      const first = this.#kept[0]!
      const part = first.subarray(0, this.#applied - this.#relayed)
      this.#pass(part)
      if (part.length === first.length) this.#kept.shift()
      else this.#kept[0] = first.subarray(part.length)
    }
    if (this.#chunk === undefined || this.#relayed >= this.#applied) return
    this.#pass(this.#chunk.subarray(this.#relayed - this.#chunkStart, this.#applied - this.#chunkStart))
  }

  #pass(bytes: Buffer): void {
    this.#feed.relay(bytes)
    this.#relayed += bytes.length
  }
}
