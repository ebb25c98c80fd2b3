/**
 * Conversation: one TCP connection between a replica (or client) and a master, as events. No sockets, no clock.
 *
 *   push('replica', chunk, at) ─► replica-side ─┐                       ┌─► events, in order
 *                                               ├─ exchange (one state) ┤
 *   push('master', chunk, at) ──► master-side ──┘                       └─► offsets, lag
 *
 * It does not know which side we are: a proxy, a capture, a player and the reference server feed it alike. The same
 * bytes give the same events, however they are cut. Whatever the bytes are, it does not throw: what is not
 * understood becomes one fatal `fault`, and that side is only counted from there on.
 */
import { type DecodeFault, Resumable } from '../bytes/resumable.ts'
import { commands } from '../codec/resp/command.ts'
import { KEEP, type Keep } from '../codec/resp/limits.ts'
import { CommandStream } from './command-stream.ts'
import type { Emit, HowClosed, Micros, Side } from './events.ts'
import { Exchange } from './exchange.ts'
import { Histories } from './histories.ts'
import { MasterSide } from './master-side.ts'
import { OffsetClock } from './offset-clock.ts'
import { ReplicaSide } from './replica-side.ts'
import { Secrets } from './secrets.ts'
import type { SnapshotDetail } from './snapshot-reader.ts'
import type { State } from './states.ts'

export type ConversationOptions = {
  /** Number of the connection, for the events. */
  readonly conn?: number
  /** Called with each event, synchronously, in order. */
  readonly emit: Emit
  /** Shared by the conversations of one session, so that a reconnect knows its database. */
  readonly histories?: Histories
  /** Shared by the conversations of one session; by default everything secret is redacted. */
  readonly secrets?: Secrets
  /** How much of long values is kept. */
  readonly keep?: Keep
  /** How deep to look into snapshots; keys by default. */
  readonly snapshot?: SnapshotDetail
}

export class Conversation {
  readonly #exchange: Exchange
  readonly #stream: CommandStream
  readonly #clock = new OffsetClock()
  readonly #decoders: Readonly<Record<Side, Resumable>>

  constructor(options: ConversationOptions) {
    const { conn = 1, emit, histories = new Histories(), secrets = new Secrets() } = options
    const { keep = KEEP, snapshot = 'keys' } = options
    const exchange = new Exchange(conn, secrets, emit)
    this.#exchange = exchange
    this.#stream = new CommandStream(exchange, histories)
    const master = new MasterSide(exchange, this.#stream, histories, { keep, snapshot })
    const replica = new ReplicaSide(exchange, this.#stream, this.#clock)
    this.#decoders = {
      master: new Resumable(
        (src) => master.program(src),
        (fault) => this.#fault('master', fault),
      ),
      replica: new Resumable(
        (src) => commands(src, replica, { inline: true, keep }),
        (fault) => this.#fault('replica', fault),
      ),
    }
  }

  get state(): State {
    return this.#exchange.state
  }

  /** The two ends have met. */
  opened(replica: string, master: string, at: Micros): void {
    this.#exchange.now = at
    this.#exchange.emit({
      kind: 'opened',
      ...this.#exchange.origin('replica', 0, 0),
      replica,
      master,
      role: 'unknown',
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
    this.#decoders[side].push(chunk)
    if (side === 'replica') return
    const offset = this.#stream.offsetAt(exchange.bytes.master)
    if (offset !== undefined) this.#clock.mark(offset, at)
  }

  /** The connection is over. `side` is who ended it. */
  end(side: Side, how: HowClosed, at: Micros): void {
    const exchange = this.#exchange
    if (exchange.state === 'closed') return
    exchange.now = at
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
    if (side === 'master') exchange.move('fault')
    else exchange.replicaIsOpaque = true
    exchange.emit({
      kind: 'fault',
      ...exchange.origin(side, position, position),
      code,
      detail,
      position,
      fatal: true,
    })
  }
}
