/**
 * Session: one client connection. Bytes in, replies out; no socket.
 *
 *   push(chunk) ─► requests ─► executor ─► reply ─► encoder ─► pieces ─► peer.send(), once a chunk
 *                       ▲
 *                       └ stands still while the client is blocked, held by CLIENT PAUSE, or does not
 *                         read its replies: what it sent meanwhile waits
 *
 * It holds what belongs to one client: its database, protocol, name, transaction, subscriptions. The
 * rules are the commands'.
 */
import type { ByteSource } from '../bytes/byte-source.ts'
import { BYTE_STRING_MAX, type ByteString } from '../bytes/byte-string.ts'
import { type DecodeFault, type Program, Resumable } from '../bytes/resumable.ts'
import { RequestReader } from '../codec/resp/request.ts'
import type { Connection, Peer } from '../ports.ts'
import { bytesOf } from './arguments.ts'
import type { BlockedClient } from './blocked.ts'
import { ClientBuffers } from './client-buffers.ts'
import { clientLine } from './client-line.ts'
import type { Database } from './dataset/database.ts'
import { type Executor, UNKNOWN } from './executor.ts'
import { GatheredReplies } from './gathered-replies.ts'
import type { Subscriber, Subscriptions } from './pubsub.ts'
import type { AttachedReplica } from './replication/attached-replica.ts'
import { type Reply, SILENCE } from './replies.ts'
import { encodeReply, type Resp } from './reply-encoder.ts'
import type { ServerState } from './server-state.ts'
import type { TrackedClient, TrackingMode } from './tracking.ts'
import type { Transaction } from './transaction.ts'
import type { Watcher } from './watches.ts'

/** The far end is on this machine. */
export function isLocal({ remote }: Peer): boolean {
  return /^(?:127\.0\.0\.1:|\[::1\]:|unix:)/.test(remote)
}

/** A client that leaves so much unread is not read from, until it has taken all of it. */
const UNREAD_MAX = 64 * 1024 * 1024
/** Replies that have gathered so far within one chunk of requests are sent. */
const PENDING_MAX = 1024 * 1024

export class Session implements Connection, Watcher, BlockedClient, Subscriber, TrackedClient {
  readonly id: number
  readonly server: ServerState
  readonly peer: Peer
  readonly createdAt: number
  db: Database
  resp: Resp = 2
  name: ByteString = '' as ByteString
  isAuthenticated: boolean
  transaction: Transaction | undefined
  watchFailed = false
  /** EXEC is running its commands: nobody may wait now. */
  isExecuting = false
  /** What it listens to; undefined if it never listened to anything. */
  subscriptions: Subscriptions | undefined
  /** It wants to be told which keys change (CLIENT TRACKING). */
  tracking: TrackingMode | undefined
  /** It sees all that others do (MONITOR). */
  isMonitor = false
  /** What it said of itself as a replica (REPLCONF), and how far it is. */
  replica: AttachedReplica | undefined
  /** Offset of the replication stream behind its last command (WAIT). */
  writtenOffset = 0
  /** Argv of the command it is blocked in. */
  blockedIn: readonly ByteString[] | undefined
  /** No reply is sent: CLIENT REPLY OFF, or SKIP for the command behind this one. */
  replyMode: 'on' | 'off' | 'skip-next' | 'skip' = 'on'
  /** CLIENT NO-EVICT */
  isSpared = false
  /** A request that CLIENT PAUSE holds; it is made again when the pause is over. */
  held: readonly ByteString[] | undefined
  /** How large its buffers would be, and what it is counted for (client-memory.ts). */
  readonly buffers = new ClientBuffers()
  countedBytes = 0
  lastCommand = ''
  lastActiveAt: number
  /** Since when more waits for it than the soft limit allows (client-limits.ts). */
  overSoftLimitSince: number | undefined
  isClosed = false
  #isClosing = false
  #isThrottled = false
  #pushed = 0
  #done = 0
  /** The request that is being answered. */
  #argv: readonly ByteString[] | undefined
  /** The words that were measured last: a client may wait in very many while it is asked for them often. */
  #measured: readonly ByteString[] | undefined
  #measuredBytes = 0
  readonly #executor: Executor
  readonly #reader: RequestReader
  readonly #decoder: Resumable
  readonly #replies = new GatheredReplies()
  /** It is in the line of those that have something to send. */
  #isFlushDue = false

  constructor(server: ServerState, executor: Executor, peer: Peer) {
    this.id = server.nextSessionId()
    this.server = server
    this.peer = peer
    this.#executor = executor
    this.db = server.databases[0]!
    this.isAuthenticated = server.settings.requirepass === ''
    this.#reader = new RequestReader({
      bulkBytes: () => Math.min(BYTE_STRING_MAX, server.settings.bulkBytesMax),
      isStranger: () => this.isStranger,
    })
    this.createdAt = server.clock.now()
    this.lastActiveAt = this.createdAt
    this.#decoder = new Resumable(
      (src) => this.#program(src),
      (fault) => this.#protocolError(fault),
    )
    server.sessions.set(this.id, this)
  }

  /** Bytes from the client; borrowed until push returns. */
  push(chunk: Buffer): void {
    if (this.isClosed) return
    const { stats, clock, limits, settings } = this.server
    stats.bytesIn += chunk.length
    stats.reads++
    this.lastActiveAt = clock.now()
    this.#pushed += chunk.length
    if (settings.clientsBytesMax > 0) limits.checkAll()
    if (this.isClosed) return
    this.buffers.open(this.#reader.awaitedBytes)
    this.#work(chunk)
    if (this.isClosed) return
    this.buffers.read(chunk.length, this.unreadBytes, this.#reader.awaitedBytes)
    limits.checkInput(this)
  }

  /** It reads again. */
  drained(): void {
    if (this.isClosed) return
    this.server.clientMemory.counted(this)
    if (this.replica?.isAttached) this.server.replication.replicas.drained(this.replica)
    if (!this.#isThrottled) return
    this.#isThrottled = false
    this.peer.resume()
    this.goOn()
  }

  #work(chunk: Buffer): void {
    this.#executor.enter()
    try {
      this.#decoder.push(chunk)
    } finally {
      this.#executor.leave()
      if (this.#isClosing) this.close()
    }
  }

  /** The far end has hung up. */
  closed(): void {
    if (this.isClosed) return
    this.server.chatter.left(this)
    this.leave()
  }

  /** The connection is over, whoever ended it. */
  leave(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.server.sessions.delete(this.id)
    this.server.clientMemory.forgotten(this)
    this.server.watches.unwatch(this)
    this.server.blocked.release(this)
    this.server.pause.forget(this)
    this.server.pubsub.gone(this)
    this.server.tracking.gone(this)
    this.server.monitors.remove(this)
    this.server.replication.replicas.gone(this)
    this.server.replication.waits.gone(this)
  }

  /** Ends the connection after what was replied so far. */
  close(): void {
    if (this.isClosed) return
    this.flush()
    this.peer.close()
    this.leave()
  }

  /** Ends the connection when the request at hand is answered (QUIT); nothing behind it is read. */
  closeAfterReply(): void {
    this.#isClosing = true
  }

  /** Ends the connection at once. */
  destroy(): void {
    if (this.isClosed) return
    this.leave()
    this.peer.destroy()
  }

  /** Answers a command; nothing is sent before flush(). */
  reply(reply: Reply): void {
    if (this.replica?.isAttached && !this.isMonitor && reply !== SILENCE) this.#misused()
    else if (reply !== SILENCE && (this.replyMode === 'on' || this.replyMode === 'skip-next'))
      this.deliver(reply)
  }

  /** Bytes of the replication link, between which no reply may ever come. */
  sendStream(pieces: readonly (string | Buffer)[]): void {
    if (this.isClosed) return
    const { stats } = this.server
    for (const piece of pieces) stats.replicationBytesOut += piece.length
    this.peer.send(pieces)
  }

  /** A reply on a replica's connection would look like a part of the stream. */
  #misused(): void {
    this.server.surroundings.log(
      'warning',
      `Replica generated a reply to command '${this.lastCommand || UNKNOWN}', disconnecting it: ` +
        clientLine(this),
    )
    this.#executor.later(() => this.destroy())
  }

  /** A request was answered: what was said about the next one holds for that one. */
  requestDone(): void {
    if (this.replyMode === 'skip') this.replyMode = 'on'
    else if (this.replyMode === 'skip-next') this.replyMode = 'skip'
  }

  /** A message that perhaps answers nothing: sent when what is being worked on is done. */
  deliver(message: Reply): void {
    encodeReply(message, this.resp, this.#replies)
    if (this.#isFlushDue) return
    this.#isFlushDue = true
    this.#executor.flushLater(this)
  }

  flush(): void {
    this.#isFlushDue = false
    if (this.#replies.isEmpty || this.isClosed) return
    const pieces = this.#replies.take()
    const { stats, limits } = this.server
    stats.writes++
    let bytes = 0
    for (const piece of pieces) bytes += piece.length
    stats.bytesOut += bytes
    this.buffers.replied(bytes)
    this.peer.send(pieces)
    const { waitingBytes } = this.peer
    if (waitingBytes <= this.buffers.replyRoom && this.overSoftLimitSince === undefined) return
    limits.checkOutput(this)
    if (waitingBytes <= UNREAD_MAX || this.#isThrottled || this.isClosed) return
    this.#isThrottled = true
    this.peer.pause()
  }

  /** Bytes that have come and are not part of an answered request, or of a word that was read. */
  get unreadBytes(): number {
    return this.#pushed - this.#done
  }

  /** The request it waits in, or that is being answered. */
  get argv(): readonly ByteString[] | undefined {
    return this.#argv ?? this.blockedIn ?? this.held
  }

  /** Bytes of the words of that request, or of those that have come of the next. */
  get argvBytes(): number {
    const { argv } = this
    if (argv !== this.#measured) {
      this.#measured = argv
      this.#measuredBytes = argv === undefined ? 0 : bytesOf(argv)
    }
    return argv === undefined ? this.#reader.keptBytes : this.#measuredBytes
  }

  /** Gives back buffers that it has not needed of late; to be called about once a second. */
  tidyBuffers(): void {
    const { clock, replyBufferRules, stats } = this.server
    const now = clock.now()
    this.buffers.tidy(now - this.lastActiveAt, this.unreadBytes, this.#reader.awaitedBytes)
    this.buffers.tidyReplies(now, replyBufferRules, stats)
  }

  /** It has not said who it is, and must. */
  get isStranger(): boolean {
    return !this.isAuthenticated && this.server.settings.requirepass !== ''
  }

  /** The client is on this machine. */
  get isLocal(): boolean {
    return isLocal(this.peer)
  }

  /** It listens to some channel or pattern. */
  get isSubscribed(): boolean {
    return this.subscriptions !== undefined && this.subscriptions.size > 0
  }

  /** It stands for our master: nothing is asked, nothing is answered. */
  get isMaster(): boolean {
    return false
  }

  /** Replies that were not yet given to the connection, or that it has not taken. */
  get hasPendingReplies(): boolean {
    return !this.#replies.isEmpty || this.peer.waitingBytes > 0
  }

  get isBlocked(): boolean {
    return this.blockedIn !== undefined
  }

  /** @see Blocked */
  retry(key: ByteString): boolean {
    const done = this.#executor.retry(this, key)
    if (done) this.goOn()
    return done
  }

  unblock(reply: Reply, isForced: boolean): void {
    this.#executor.gaveUp(this, reply, isForced)
    this.goOn()
  }

  /** What waited while the client was blocked or held is read now. */
  goOn(): void {
    this.#executor.later(() => {
      if (!this.isClosed) this.#work(NOTHING)
    })
  }

  /** Nothing is read from it for now. */
  get #mustWait(): boolean {
    return (
      this.isBlocked ||
      this.#isThrottled ||
      this.#isClosing ||
      this.isClosed ||
      this.server.ending.isOver ||
      (this.held !== undefined && this.server.pause.keeps(this))
    )
  }

  *#program(src: ByteSource): Program {
    for (;;) {
      if (this.#replies.length > PENDING_MAX) this.flush()
      if (this.#mustWait) {
        src.wants(0)
        yield
        continue
      }
      const argv = this.held ?? this.#reader.next(src)
      this.held = undefined
      if (argv === undefined) {
        this.#done = src.position
        yield
        continue
      }
      if (argv.length > 0) {
        this.#argv = argv
        this.#executor.process(this, argv)
        this.#argv = undefined
      } else if (this.replica !== undefined) this.replica.ackAt = this.server.clock.now()
      this.#done = src.position
    }
  }

  #protocolError({ detail }: DecodeFault): void {
    this.server.surroundings.log('verbose', `Protocol error (${detail}) from client: ${this.peer.remote}`)
    this.#executor.refuse(this, `ERR Protocol error: ${detail}`)
    this.#isClosing = true
  }
}

const NOTHING = Buffer.alloc(0)
