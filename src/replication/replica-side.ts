/**
 * The bytes a replica (or any client) sends: requests, then almost nothing but ACKs and newlines.
 *
 *   PING  AUTH …  REPLCONF listening-port 7000  REPLCONF capa eof capa psync2  PSYNC <id> <offset> │ \n
 * REPLCONF ACK <offset>
 *
 * REPLCONF ACK and GETACK never get a reply; everything else is expected to. A PSYNC on a connection that
 * is already replicating gets none either.
 *
 * Source: redis `src/replication.c`: replconfCommand, syncWithMaster, replicationSendAck.
 */
import { type Command, type CommandSink, KeptCommand } from '../codec/resp/command.ts'
import type { Lag } from './ack-lag.ts'
import type { Strip } from './capa-stripper.ts'
import type { CommandStream } from './command-stream.ts'
import type { Micros } from './events.ts'
import type { Exchange } from './exchange.ts'
import { askedBy } from './master-side.ts'
import type { State } from './states.ts'

const REPLICATING: ReadonlySet<State> = new Set(['awaiting-snapshot', 'snapshot', 'streaming', 'opaque'])

export class ReplicaSide implements CommandSink {
  readonly #exchange: Exchange
  readonly #stream: CommandStream
  /** What a replica kept of the stream while it got its snapshot on another connection. */
  #buffer: { readonly end: number; readonly bytes: number; readonly since: Micros } | undefined
  #isLive = false

  constructor(exchange: Exchange, stream: CommandStream) {
    this.#exchange = exchange
    this.#stream = stream
  }

  leaves(): boolean {
    return false
  }

  command(command: Command, from: number, to: number): void {
    const exchange = this.#exchange
    const { state } = exchange
    switch (command.name) {
      case 'REPLCONF': {
        const option = word(command, 1)
        // Nobody but a replica in sync says ACK: that is how a stream is known where its beginning was not
        // seen.
        if (option === 'ACK' && exchange.isIncomplete && !REPLICATING.has(state)) exchange.move('lost')
        if (option === 'ACK' && (REPLICATING.has(state) || exchange.move('stream'))) {
          this.#ack(command, from, to)
          return
        }
        if (option === 'SET-RDB-CLIENT-ID') exchange.isTwoConnection = true
        exchange.move('replconf')
        if (option !== 'ACK' && option !== 'GETACK') exchange.expectReply(command)
        break
      }
      case 'PSYNC':
        if (REPLICATING.has(state)) break
        exchange.asked = askedBy(command.arg(1), command.arg(2))
        exchange.expectReply(command)
        exchange.move('psync')
        break
      case 'SYNC':
        if (REPLICATING.has(state)) break
        exchange.asked = undefined
        exchange.expectReply(command)
        exchange.move('sync')
        break
      default:
        exchange.move('request')
        exchange.expectReply(command)
    }
    exchange.emit({
      kind: 'request',
      ...exchange.origin('replica', from, to),
      command: exchange.secrets.redact(command),
      state: exchange.state,
    })
    if (exchange.strips[0]?.from === from) this.#stripped(exchange.strips.shift()!)
  }

  #stripped({ from, to, capabilities, sent }: Strip): void {
    const { secrets, emit } = this.#exchange
    const origin = this.#exchange.origin('replica', from, to)
    emit({ kind: 'stripped', ...origin, capabilities, sent: secrets.redact(new KeptCommand(sent)) })
  }

  /** Newlines while a replica loads. An ordinary client's blank lines mean nothing. */
  blank(from: number, to: number): void {
    const exchange = this.#exchange
    if (exchange.state === 'client') return
    exchange.emit({ kind: 'heartbeat', ...exchange.origin('replica', from, to) })
  }

  #ack(command: Command, from: number, to: number): void {
    const exchange = this.#exchange
    exchange.replicaHasLoaded = true
    const offset = number(command, 2)
    if (offset === undefined) {
      exchange.emit({
        kind: 'fault',
        ...exchange.origin('replica', from, to),
        code: 'REPL_BAD_ACK',
        detail: 'REPLCONF ACK without an offset',
        position: from,
        fatal: false,
      })
      return
    }
    this.#stream.acked(offset, from)
    const lag = this.#stream.lagOf(offset)
    exchange.emit({
      kind: 'ack',
      ...exchange.origin('replica', from, to),
      offset,
      fsynced: word(command, 3) === 'FACK' ? number(command, 4) : undefined,
      lagBytes: lag?.lagBytes,
      lag: lag?.lag,
    })
    if (exchange.isTwoConnection && lag !== undefined) this.#loaded(offset, lag, from, to)
  }

  /**
   * The first ACK of a two-connection sync says that the snapshot is loaded; what had passed until then is
   * in the replica's own buffer. When an ACK covers that, the replica is live.
   */
  #loaded(offset: number, { lagBytes }: Lag, from: number, to: number): void {
    const exchange = this.#exchange
    this.#buffer ??= { end: offset + lagBytes, bytes: lagBytes, since: exchange.now }
    const { end, bytes, since } = this.#buffer
    if (offset < end || this.#isLive) return
    this.#isLive = true
    const origin = exchange.origin('replica', from, to)
    exchange.emit({ kind: 'live', ...origin, offset: end, buffered: bytes, duration: exchange.now - since })
  }
}

function word(command: Command, index: number): string | undefined {
  const arg = command.arg(index)
  return typeof arg === 'string' ? arg.toUpperCase() : undefined
}

function number(command: Command, index: number): number | undefined {
  const arg = command.arg(index)
  const value = typeof arg === 'string' && arg !== '' ? Number(arg) : Number.NaN
  return Number.isSafeInteger(value) ? value : undefined
}
