/**
 * Conversation: one TCP connection between a replica (or client) and a master, as events. No sockets, no
 * clock.
 *
 *   push('replica', chunk, at) ─► replica-side ─┐                       ┌─► events, in order
 *                                               ├─ exchange (one state) ┤
 *   push('master', chunk, at) ──► master-side ──┘                       └─► offsets, lag
 *
 * It does not know which side we are: a proxy, a capture, a player and the reference server feed it alike.
 * The same bytes give the same events, however they are cut. Whatever the bytes are, it does not throw:
 * what is not understood becomes one fatal `fault`, and that side is only counted from there on.
 */
import type { ByteSource } from '../bytes/byte-source.ts'
import type { ByteString } from '../bytes/byte-string.ts'
import { type DecodeFault, type Program, Resumable } from '../bytes/resumable.ts'
import { commands } from '../codec/resp/command.ts'
import { KEEP, type Keep } from '../codec/resp/limits.ts'
import type { Strip } from './capa-stripper.ts'
import { CommandStream } from './command-stream.ts'
import type { Asked, Emit, HowClosed, Micros, Side } from './events.ts'
import { Exchange } from './exchange.ts'
import { Histories } from './histories.ts'
import { MasterSide } from './master-side.ts'
import { relock } from './relock.ts'
import { ReplicaSide } from './replica-side.ts'
import { Secrets } from './secrets.ts'
import type { SnapshotDetail } from './snapshot-reader.ts'
import type { State } from './states.ts'

export type ConversationOptions = {
  /** Number of the connection, for the events. */
  readonly conn?: number
  /** Whether its first bytes are seen, or those of some message in the middle; its handshake by default. */
  readonly begin?: Beginning
  /** Called with each event, synchronously, in order. */
  readonly emit: Emit
  /** Hears each event at once, also those that wait for their offsets before they are told. */
  readonly tap?: Emit | undefined
  /** Shared by the conversations of one session, so that a reconnect knows its database. */
  readonly histories?: Histories
  /** Shared by the conversations of one session; by default everything secret is redacted. */
  readonly secrets?: Secrets
  /** How much of long values is kept. */
  readonly keep?: Keep
  /** How deep to look into snapshots; keys by default. */
  readonly snapshot?: SnapshotDetail
  /** Whether each command is told, or all are only counted by name. Told by default. */
  readonly commands?: CommandDetail
}

/** Where a connection is first seen. */
export type Beginning = 'handshake' | 'middle'

export type CommandDetail = 'told' | 'counted'

/** A replica says something every second: an ACK, or a newline while it loads. */
const SILENCE_MAX: Micros = 3_000_000

export class Conversation {
  readonly #exchange: Exchange
  readonly #stream: CommandStream
  readonly #keep: Keep
  readonly #master: MasterSide
  readonly #replica: ReplicaSide
  readonly #decoders: Readonly<Record<Side, Resumable>>
  #isEnding = false
  /** A request was taken for the first of a pipeline: what a client asked before it is not known. */
  #repliesAreGuessed = false
  #heardAt: Micros = 0

  constructor(options: ConversationOptions) {
    const { conn = 1, emit, histories = new Histories(), secrets = new Secrets() } = options
    const { keep = KEEP, snapshot = 'keys' } = options
    const exchange = new Exchange(conn, secrets, emit, options.tap)
    if (options.begin === 'middle') {
      exchange.state = 'unknown'
      exchange.isIncomplete = true
    }
    this.#exchange = exchange
    this.#stream = new CommandStream(exchange, histories)
    if (options.commands === 'counted') this.#stream.count()
    this.#keep = keep
    this.#master = new MasterSide(exchange, this.#stream, histories, { keep, snapshot })
    this.#replica = new ReplicaSide(exchange, this.#stream)
    this.#decoders = {
      master: new Resumable(
        (src) => this.#master.program(src),
        (fault) => this.#fault('master', fault),
      ),
      replica: new Resumable(
        (src) => this.#replicaProgram(src, options.begin === 'middle'),
        (fault) => this.#fault('replica', fault),
      ),
    }
  }

  get state(): State {
    return this.#exchange.state
  }

  /** The replication offset up to which bytes have passed, if it is known. */
  get offset(): number | undefined {
    return this.#stream.offsetAt(this.#exchange.bytes.master)
  }

  /**
   * Whether the replica of this connection is gone for all we know: one of the ends has ended, or nothing
   * was heard of the replica for longer than it would ever be silent.
   */
  isStale(now: Micros): boolean {
    return this.#isEnding || this.state === 'closed' || now - this.#heardAt > SILENCE_MAX
  }

  /** What the last PSYNC asked for. */
  get asked(): Asked | undefined {
    return this.#exchange.asked
  }

  /**
   * Another connection has told which offset stands right before the stream of this one (two-connection
   * sync).
   */
  tell(offset: number, replid: ByteString | undefined, db: number | undefined, at: Micros): void {
    this.#exchange.now = Math.max(this.#exchange.now, at)
    this.#stream.tell(offset, replid, db)
  }

  /** Another connection has told which database was selected where the stream of this one began. */
  firstDb(db: number): void {
    this.#stream.firstDb(db)
  }

  /** A request that is about to be pushed reaches the master changed. */
  stripped(strip: Strip): void {
    if (!this.#exchange.replicaIsOpaque) this.#exchange.strips.push(strip)
  }

  /** One end sends no more; bytes may still come from the other. */
  ending(): void {
    this.#isEnding = true
  }

  /** The two ends have met. */
  opened(replica: string, master: string, at: Micros): void {
    this.#exchange.now = at
    this.#heardAt = at
    this.#exchange.emit({
      kind: 'opened',
      ...this.#exchange.origin('replica', 0, 0),
      replica,
      master,
      role: 'unknown',
      ...(this.state === 'unknown' ? { begin: 'middle' } : {}),
    })
  }

  /**
   * Bytes that `side` sent. They are borrowed until push returns.
   * @param at when they were seen, microseconds since the epoch; must not go backwards within a connection
   */
  push(side: Side, chunk: Buffer, at: Micros): void {
    const exchange = this.#exchange
    exchange.now = at
    exchange.bytes[side] += chunk.length
    const wasUnknown = exchange.state === 'unknown'
    if (wasUnknown) exchange.hold()
    this.#decoders[side].push(chunk)
    if (side === 'replica') {
      this.#heardAt = at
      if (wasUnknown) this.#recognised()
    } else this.#stream.passed(this.#decoders.master.source.position)
    this.#stream.tick()
  }

  /** A request has told what this is: then no stream was seen, and what the master says next answers it. */
  #recognised(): void {
    const { state } = this.#exchange
    if (state === 'unknown' || state === 'streaming') return
    this.#stream.drop()
    this.#exchange.release(({ event }) => event)
    this.#repliesAreGuessed = true
    this.#master.recognised()
    this.#decoders.master.restart((src) => this.#master.program(src))
  }

  /** `missing` bytes that `side` sent are not in the capture. Positions and offsets go on behind them. */
  gap(side: Side, missing: number, at: Micros): void {
    const exchange = this.#exchange
    exchange.now = at
    const from = exchange.bytes[side]
    exchange.bytes[side] += missing
    exchange.emit({ kind: 'gap', ...exchange.origin(side, from, from + missing), missing })
    // Which reply answers which request is not known any longer.
    exchange.forgetOutstanding()
    exchange.isIncomplete = true
    const decoder = this.#decoders[side]
    decoder.source.skip(missing)
    this.#recover(side)
  }

  #recover(side: Side): void {
    if (side === 'master') {
      this.#master.lose()
      this.#decoders.master.restart((src) => this.#master.program(src))
    } else {
      this.#stream.lostAcks()
      this.#decoders.replica.restart((src) => this.#replicaProgram(src, true))
    }
  }

  *#replicaProgram(src: ByteSource, isLost: boolean): Program {
    if (isLost) yield* relock(src)
    yield* commands(src, this.#replica, { inline: true, keep: this.#keep })
  }

  /** The connection is over. `side` is who ended it. */
  end(side: Side, how: HowClosed, at: Micros): void {
    const exchange = this.#exchange
    if (exchange.state === 'closed') return
    exchange.now = at
    this.#stream.end()
    const during = exchange.state
    exchange.move('closed')
    const position = exchange.bytes[side]
    exchange.emit({
      kind: 'closed',
      ...exchange.origin(side, position, position),
      how,
      during,
      bytes: { ...exchange.bytes },
    })
  }

  #fault(side: Side, { code, detail, position }: DecodeFault): void {
    const exchange = this.#exchange
    // Behind a hole, what looked like a beginning may have been none: then we look for the next one.
    const fatal = !exchange.isIncomplete
    const isClient = exchange.state === 'client' && this.#repliesAreGuessed
    if (!fatal) this.#recover(side)
    else if (side === 'master') exchange.move('fault')
    else exchange.replicaIsOpaque = true
    if (isClient && side === 'master') return
    exchange.emit({
      kind: 'fault',
      ...exchange.origin(side, position, position),
      code,
      detail,
      position,
      fatal,
    })
  }
}
