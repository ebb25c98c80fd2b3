/**
 * A recorded session as an observation, so that two of them are compared as two runs of a scenario are.
 *
 *   link of the first replica  ─► lane "link 1"      handshake, resyncs, stream, ACKs, over all reconnects
 *     its second connections   ─► lane "link 1 rdb"
 *   ordinary clients           ─► not compared, counted
 *
 * What differs by nature is taken out as rules.ts declares it. One thing more differs between sessions that
 * nobody has staged: when the master says PING. Those are set aside too, and their bytes taken out of the
 * offsets behind them.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { type Command, KeptCommand } from '../codec/resp/command.ts'
import type { Clock } from '../ports.ts'
import type { Ping, ReplEvent } from '../replication/events.ts'
import { optionsOf } from '../replication/replconf.ts'
import { Journal } from './journal.ts'
import type { Message, Observation } from './message.ts'
import type { Use } from './normalise.ts'

/** Messages of one session that are held and compared. */
const MESSAGES_MAX = 200_000
const REPLICAS: ReadonlySet<string> = new Set(['replica', 'snapshot-channel'])

export class SessionReader {
  readonly pings: Use = {
    name: 'pings',
    reason: 'a master says PING when its time has come; offsets are told without their bytes',
    changed: 0,
    aside: 0,
  }
  /** Messages that did not fit. */
  left = 0
  /** Links of ordinary clients. */
  clients = 0
  readonly #isStrict: boolean
  readonly #clock = new EventClock()
  readonly #journal = new Journal(this.#clock)
  /** Names by link. */
  readonly #lanes = new Map<number, string>()
  readonly #said = new Pings()
  readonly #ports = new Map<number, string>()
  #replicas = 0
  #messages = 0
  #base: number | undefined

  /** @param isStrict PINGs are compared too */
  constructor(isStrict: boolean) {
    this.#isStrict = isStrict
  }

  /** Any event of the session; borrowed. */
  readonly event = (event: ReplEvent): void => {
    this.#clock.at = event.at
    const lane = this.#laneOf(event)
    if (lane === undefined) return
    if (this.#messages >= MESSAGES_MAX) {
      this.left++
      return
    }
    this.#listen(event, lane)
    if (!this.#isStrict && event.kind === 'ping') {
      this.#said.add(event)
      this.pings.aside++
      return
    }
    const name = event.channel === 'rdb' ? `${lane} rdb` : lane
    const told = this.#journal.event(name, this.#said.isEmpty ? event : this.#withoutPings(event))
    if (told !== undefined) this.#messages++
  }

  /** All that was seen. */
  end(): Observation {
    const messages: readonly Message[] = this.#journal.end()
    return { messages, ports: this.#ports, role: 'master', base: this.#base ?? 0 }
  }

  /** Lanes are named in the order in which replicas come; clients between them have no say in that. */
  #laneOf(event: ReplEvent): string | undefined {
    const { link } = event
    const known = this.#lanes.get(link)
    if (known !== undefined || event.kind !== 'opened') return known
    if (!REPLICAS.has(event.role)) {
      if (event.role !== 'unknown') this.clients++
      return undefined
    }
    const lane = `link ${++this.#replicas}`
    this.#lanes.set(link, lane)
    const port = Number(/\d+$/.exec(event.master)?.[0])
    if (port > 0) this.#ports.set(port, 'the master')
    return lane
  }

  #listen(event: ReplEvent, lane: string): void {
    if (event.kind === 'resync' && event.offset !== undefined) this.#base ??= event.offset
    if (event.kind !== 'request' || event.command.name !== 'REPLCONF') return
    const port = Number(optionsOf(event.command).get('listening-port') ?? 0)
    if (port > 0) this.#ports.set(port, `the replica of ${lane}`)
  }

  /** The event with offsets as they were if no PING had been said. */
  #withoutPings(event: ReplEvent): ReplEvent {
    const told = this.#said.without(event)
    if (told !== event) this.pings.changed++
    return told
  }
}

/** PINGs by their offsets; replicas of one master hear each at the same. */
class Pings {
  readonly #ends: number[] = []
  /** Bytes of each and of all before it. */
  readonly #bytes: number[] = []

  get isEmpty(): boolean {
    return this.#ends.length === 0
  }

  add({ end, from, to }: Ping): void {
    const last = this.#ends.at(-1) ?? -1
    if (end === undefined || end <= last) return
    this.#ends.push(end)
    this.#bytes.push((this.#bytes.at(-1) ?? 0) + to - from)
  }

  /** An event whose offsets are told without the bytes of PINGs before them. */
  without(event: ReplEvent): ReplEvent {
    switch (event.kind) {
      case 'request':
        return { ...event, command: this.#psync(event.command) }
      case 'command':
      case 'getack':
        return { ...event, start: this.#less(event.start), end: this.#less(event.end) }
      case 'resync': {
        const { asked, offset } = event
        const less = asked && { ...asked, offset: this.#less(asked.offset) }
        return { ...event, offset: this.#less(offset), asked: less }
      }
      case 'ack':
      case 'live':
      case 'anchor':
        return { ...event, offset: this.#less(event.offset) }
      default:
        return event
    }
  }

  /** PSYNC asks for an offset in words. */
  #psync(command: Command): Command {
    const offset = Number(command.arg(2))
    if (command.name !== 'PSYNC' || !(offset > 0)) return command
    const told = String(this.#less(offset)) as ByteString
    return new KeptCommand(command.argv().map((word, i) => (i === 2 ? told : word)))
  }

  #less<T extends number | undefined>(offset: T): T {
    if (offset === undefined) return offset
    let [low, high] = [0, this.#ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#ends[middle]! <= offset) low = middle + 1
      else high = middle
    }
    return (low === 0 ? offset : offset - this.#bytes[low - 1]!) as T
  }
}

/** Stands at the time of the event that is being heard. */
class EventClock implements Clock {
  at = 0

  now(): number {
    return this.at
  }

  after(): () => void {
    return () => {}
  }
}
