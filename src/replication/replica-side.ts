/**
 * The bytes a replica (or any client) sends: requests, then almost nothing but ACKs and newlines.
 *
 *   PING  AUTH …  REPLCONF listening-port 7000  REPLCONF capa eof capa psync2  PSYNC <id> <offset> │ \n  REPLCONF ACK <offset>
 *
 * REPLCONF ACK and GETACK never get a reply; everything else is expected to. A PSYNC on a connection that
 * is already replicating gets none either.
 *
 * Source: redis `src/replication.c`: replconfCommand, syncWithMaster, replicationSendAck.
 */
import type { Command, CommandSink } from '../codec/resp/command.ts'
import type { CommandStream } from './command-stream.ts'
import type { Micros } from './events.ts'
import type { Exchange } from './exchange.ts'
import { askedBy } from './master-side.ts'
import type { OffsetClock } from './offset-clock.ts'
import type { State } from './states.ts'

const REPLICATING: ReadonlySet<State> = new Set(['awaiting-snapshot', 'snapshot', 'streaming', 'opaque'])

export class ReplicaSide implements CommandSink {
  readonly #exchange: Exchange
  readonly #stream: CommandStream
  readonly #clock: OffsetClock
  #last: { readonly offset: number; readonly lag: Micros | undefined } | undefined

  constructor(exchange: Exchange, stream: CommandStream, clock: OffsetClock) {
    this.#exchange = exchange
    this.#stream = stream
    this.#clock = clock
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
        if (option === 'ACK' && REPLICATING.has(state)) {
          this.#ack(command, from, to)
          return
        }
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
        exchange.expectReply(command)
    }
    exchange.emit({
      kind: 'request',
      ...exchange.origin('replica', from, to),
      command: exchange.secrets.redact(command),
      state: exchange.state,
    })
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
    const sent = this.#stream.offsetAt(exchange.bytes.master)
    const lagBytes = sent === undefined ? undefined : Math.max(0, sent - offset)
    // A replica repeats its ACK every second: with nothing outstanding that is no news, and no lag that grows.
    const isRepeated = lagBytes === 0 && this.#last?.offset === offset
    const lag = isRepeated ? this.#last?.lag : this.#lagOf(offset)
    this.#last = { offset, lag }
    exchange.emit({
      kind: 'ack',
      ...exchange.origin('replica', from, to),
      offset,
      fsynced: word(command, 3) === 'FACK' ? number(command, 4) : undefined,
      lagBytes,
      lag,
    })
    this.#clock.acknowledge(offset)
  }

  #lagOf(offset: number): Micros | undefined {
    const passedAt = this.#clock.passedAt(offset)
    return passedAt === undefined ? undefined : Math.max(0, this.#exchange.now - passedAt)
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
