/**
 * Session: one client connection. Bytes in, replies out; no socket.
 *
 *   push(chunk) ─► RESP decoder ─► executor ─► reply ─► encoder ─► pieces ─► peer.send(), once a chunk
 *                       ▲
 *                       └ stands still while the client is blocked: what it sent meanwhile waits
 *
 * It holds what belongs to one client: its database, protocol, name, transaction, subscriptions. The
 * rules are the commands'.
 */
import type { ByteSource } from '../bytes/byte-source.ts'
import type { ByteString } from '../bytes/byte-string.ts'
import { type DecodeFault, type Program, Resumable } from '../bytes/resumable.ts'
import { commands, type Command as RespCommand } from '../codec/resp/command.ts'
import type { Keep } from '../codec/resp/limits.ts'
import type { Connection, Peer } from '../ports.ts'
import type { BlockedClient } from './blocked.ts'
import type { Command } from './command-spec.ts'
import type { Database } from './dataset/database.ts'
import type { Executor } from './executor.ts'
import type { Subscriber, Subscriptions } from './pubsub.ts'
import { Failure, type Reply } from './replies.ts'
import { encodeReply, type Output, type Resp } from './reply-encoder.ts'
import type { ServerState } from './server-state.ts'
import type { TrackedClient, TrackingMode } from './tracking.ts'
import type { Watcher } from './watches.ts'

/** The commands queued since MULTI. */
export type Transaction = {
  readonly queue: { readonly command: Command; readonly argv: readonly ByteString[] }[]
  /** A command was refused while queueing: EXEC must fail. */
  isBroken: boolean
}

/** A transaction is over, run or not: nothing is queued or watched any more. */
export function leaveTransaction(session: Session): void {
  session.transaction = undefined
  session.server.watches.unwatch(session)
  session.watchFailed = false
}

/** Everything is kept: V8's longest string is a little shorter than Redis's longest bulk. */
const KEEP: Keep = {
  valueBytes: 2 ** 29 - 24,
  totalBytes: Number.MAX_SAFE_INTEGER,
  elements: 1024 * 1024,
  hash: false,
}
/** Text is given to the port in pieces of about this many bytes. */
const PIECE_BYTES = 16 * 1024

export class Session implements Connection, Watcher, BlockedClient, Subscriber, TrackedClient, Output {
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
  /** Argv of the command it is blocked in. */
  blockedIn: readonly ByteString[] | undefined
  /** No reply is sent: CLIENT REPLY OFF, or SKIP for the next command. */
  replyMode: 'on' | 'off' | 'skip' = 'on'
  lastCommand = ''
  lastActiveAt: number
  isClosed = false
  readonly #executor: Executor
  readonly #decoder: Resumable
  #text = ''
  #pieces: (string | Buffer)[] = []

  constructor(server: ServerState, executor: Executor, peer: Peer) {
    this.id = server.nextSessionId()
    this.server = server
    this.peer = peer
    this.#executor = executor
    this.db = server.databases[0]!
    this.isAuthenticated = server.settings.requirepass === ''
    this.createdAt = server.clock.now()
    this.lastActiveAt = this.createdAt
    this.#decoder = new Resumable(
      (src) => this.#program(src),
      (fault) => this.#protocolError(fault),
    )
    server.sessions.set(this.id, this)
    server.stats.connections++
  }

  /** Bytes from the client; borrowed until push returns. */
  push(chunk: Buffer): void {
    if (this.isClosed) return
    const { stats } = this.server
    stats.bytesIn += chunk.length
    stats.reads++
    this.#executor.enter()
    try {
      this.#decoder.push(chunk)
    } finally {
      this.#executor.leave()
      this.flush()
    }
  }

  /** The connection has gone. */
  closed(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.server.sessions.delete(this.id)
    this.server.watches.unwatch(this)
    this.server.blocked.release(this)
    this.server.pubsub.gone(this)
    this.server.tracking.gone(this)
    this.server.monitors.remove(this)
    this.#executor.gone(this)
  }

  /** Ends the connection after what was replied so far. */
  close(): void {
    this.flush()
    this.peer.close()
    this.closed()
  }

  /** Answers a command; nothing is sent before flush(). */
  reply(reply: Reply): void {
    if (this.replyMode === 'on') encodeReply(reply, this.resp, this)
  }

  /** A message that answers nothing: sent when what is being worked on is done. */
  deliver(message: Reply): void {
    encodeReply(message, this.resp, this)
    this.#executor.flushLater(this)
  }

  put(piece: string | Buffer): void {
    if (typeof piece === 'string') {
      this.#text += piece
      if (this.#text.length < PIECE_BYTES) return
      piece = this.#text
      this.#text = ''
    } else if (this.#text !== '') {
      this.#pieces.push(this.#text)
      this.#text = ''
    }
    this.#pieces.push(piece)
  }

  flush(): void {
    if (this.#text !== '') {
      this.#pieces.push(this.#text)
      this.#text = ''
    }
    if (this.#pieces.length === 0) return
    const pieces = this.#pieces
    this.#pieces = []
    const { stats } = this.server
    stats.writes++
    for (const piece of pieces) stats.bytesOut += piece.length
    this.peer.send(pieces)
  }

  /** The client is on this machine. */
  get isLocal(): boolean {
    return /^(127\.|\[?::1\]?|unix:)/.test(this.peer.remote)
  }

  /** It listens to some channel or pattern. */
  get isSubscribed(): boolean {
    return this.subscriptions !== undefined && this.subscriptions.size > 0
  }

  get isBlocked(): boolean {
    return this.blockedIn !== undefined
  }

  /** @see Blocked */
  retry(key: ByteString): boolean {
    const done = this.#executor.retry(this, key)
    if (done) this.#goOn()
    return done
  }

  unblock(reply: Reply): void {
    this.blockedIn = undefined
    this.reply(reply)
    this.#goOn()
  }

  /** What waited while the client was blocked is read now. */
  #goOn(): void {
    this.#executor.later(() => {
      if (!this.isClosed) this.push(NOTHING)
    })
  }

  *#program(src: ByteSource): Program {
    const sink = {
      leaves: () => this.isBlocked || this.isClosed,
      command: (command: RespCommand) =>
        this.#executor.process(this, command.argv() as readonly ByteString[]),
      blank: () => {},
    }
    for (;;) {
      yield* commands(src, sink, { inline: true, keep: KEEP })
      if (src.ended) return
      src.wants(0)
      yield
    }
  }

  #protocolError(fault: DecodeFault): void {
    this.reply(new Failure(`ERR Protocol error: ${fault.detail}`))
    this.close()
  }
}

const NOTHING = Buffer.alloc(0)
