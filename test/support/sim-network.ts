/**
 * A network in virtual time (ports.ts: Dialer, Peer), between hosts that have names.
 *
 *   network.listen('m:6379', (peer) => server.accept(peer))
 *   network.dialer('r')  ─dial m:6379─►  two SimSockets and two SimPipes between them
 *
 * What goes wrong is asked for from outside: cut (each end sees it when it sees it), half-close, stall,
 * partition, hosts that die. What is the same for all seeds of a weather is the behaviour of node's sockets:
 * nothing is called back at once, an end is answered with an end, who writes behind his own end is cut off.
 */
import type { Connection, DialedConnection, Dialer, Peer } from '../../src/ports.ts'
import type { SimClock } from './sim-clock.ts'
import { SimPipe, type Weather } from './sim-pipe.ts'
import type { SimRandom } from './sim-random.ts'

export type Accept = (peer: Peer) => Connection

/** A SYN is repeated after a second, and given up after two minutes. */
const SYN_MICROS = 1_000_000
const SYNS_MAX = 120
const FIRST_PORT = 32_768

export class SimNetwork {
  readonly clock: SimClock
  readonly random: SimRandom
  weather: Weather
  /** Those that stand. */
  readonly links = new Set<SimLink>()
  readonly #listeners = new Map<string, Accept>()
  /** Until when two hosts are parted. */
  readonly #parted = new Map<string, number>()
  #port = FIRST_PORT

  constructor(clock: SimClock, random: SimRandom, weather: Weather) {
    this.clock = clock
    this.random = random
    this.weather = weather
  }

  /** @param address `host:port`. @returns a function that ends it */
  listen(address: string, accept: Accept): () => void {
    this.#listeners.set(address, accept)
    return () => {
      if (this.#listeners.get(address) === accept) this.#listeners.delete(address)
    }
  }

  dialer(host: string): Dialer {
    return {
      dial: (target, connection) => {
        const link = new SimLink(this, `${host}:${this.#port++}`, `${target.host}:${target.port}`)
        link.dialed.connection = connection
        this.#knock(link, connection, SYNS_MAX)
        return link.dialed
      },
    }
  }

  /** For a time nothing gets from one to the other: new connections hang, those that stand stall. */
  part(a: string, b: string, micros: number): void {
    this.#parted.set(pairOf(a, b), this.clock.time + micros)
    for (const link of this.between(a, b)) link.stall(micros)
  }

  areParted(a: string, b: string): boolean {
    return this.clock.time < (this.#parted.get(pairOf(a, b)) ?? 0)
  }

  /** The process on a host has died: nobody on it is called any more; the others see their links end. */
  kill(host: string): void {
    for (const link of [...this.links]) {
      if (link.from !== host && link.to !== host) continue
      if (link.from === host) link.dialed.die()
      if (link.to === host) link.accepted.die()
    }
  }

  /** Links between two hosts, whoever dialed. */
  between(a: string, b: string): SimLink[] {
    return [...this.links].filter(({ from, to }) => (from === a && to === b) || (from === b && to === a))
  }

  #knock(link: SimLink, connection: DialedConnection, left: number): void {
    const [low, high] = this.weather.latency
    this.clock.after(this.random.between(low, high), () => {
      if (link.dialed.isOver) return
      if (this.areParted(link.from, link.to)) {
        if (left === 0) link.dialed.over('connect ETIMEDOUT')
        else this.clock.after(SYN_MICROS, () => this.#knock(link, connection, left - 1))
        return
      }
      const accept = this.#listeners.get(link.target)
      if (accept === undefined) {
        link.dialed.over('Connection refused')
        return
      }
      this.links.add(link)
      link.accepted.connection = accept(link.accepted)
      link.accepted.opened()
      this.clock.after(this.random.between(low, high), () => {
        if (link.dialed.isOver) return
        link.dialed.opened()
        connection.opened()
      })
    })
  }
}

function pairOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}

/** A connection: the socket that dialed and the one that was accepted. */
export class SimLink {
  readonly target: string
  /** Hosts. */
  readonly from: string
  readonly to: string
  readonly dialed: SimSocket
  readonly accepted: SimSocket
  readonly #network: SimNetwork

  constructor(network: SimNetwork, origin: string, target: string) {
    const { clock, random, weather } = network
    this.#network = network
    this.target = target
    this.from = origin.slice(0, origin.lastIndexOf(':'))
    this.to = target.slice(0, target.lastIndexOf(':'))
    this.dialed = new SimSocket(clock, this, origin, target)
    this.accepted = new SimSocket(clock, this, target, origin)
    const pipe = (sender: SimSocket, reader: SimSocket): SimPipe =>
      new SimPipe(clock, random, weather, {
        data: (chunk) => reader.received(chunk),
        ended: () => reader.hasEnded(),
        drained: () => sender.drained(),
        finished: () => sender.finished(),
      })
    this.dialed.outgoing = this.accepted.incoming = pipe(this.dialed, this.accepted)
    this.accepted.outgoing = this.dialed.incoming = pipe(this.accepted, this.dialed)
  }

  /** The wire breaks. Each end sees it after its own delay, in microseconds. */
  cut(dialedSees: number, acceptedSees: number): void {
    this.dialed.outgoing.cut()
    this.accepted.outgoing.cut()
    this.#network.clock.after(dialedSees, () => this.dialed.over('read ECONNRESET'))
    this.#network.clock.after(acceptedSees, () => this.accepted.over('read ECONNRESET'))
  }

  /** One direction ends in the middle, as if the sender had said so; what he sends later is lost. */
  halfClose(sender: SimSocket): void {
    const { clock } = this.#network
    sender.outgoing.cut()
    const reader = sender === this.dialed ? this.accepted : this.dialed
    clock.after(0, () => reader.hasEnded())
  }

  stall(micros: number): void {
    const until = this.#network.clock.time + micros
    this.dialed.outgoing.stall(until)
    this.accepted.outgoing.stall(until)
  }

  /** Called by its sockets. */
  gone(): void {
    if (this.dialed.isOver && this.accepted.isOver) this.#network.links.delete(this)
  }
}

export class SimSocket implements Peer {
  readonly #clock: SimClock
  readonly #link: SimLink
  readonly local: string
  readonly remote: string
  connection: Connection | DialedConnection | undefined
  outgoing!: SimPipe
  incoming!: SimPipe
  /** The connection is gone for this end. */
  isOver = false
  /** What was sent since the last write: all of it is written when this moment is over (io/socket-peer.ts). */
  #pieces: (string | Buffer)[] = []
  #gathered = 0
  #isOpen = false
  #isEnded = false
  #isEnding = false

  constructor(clock: SimClock, link: SimLink, local: string, remote: string) {
    this.#clock = clock
    this.#link = link
    this.local = local
    this.remote = remote
  }

  get waitingBytes(): number {
    return this.#gathered + this.outgoing.waitingBytes
  }

  send(pieces: readonly (string | Buffer)[]): void {
    if (this.isOver) return
    if (this.#pieces.length === 0) this.#clock.after(0, () => this.#write())
    for (const piece of pieces) {
      this.#pieces.push(piece)
      this.#gathered += piece.length
    }
  }

  #write(): void {
    const pieces = this.#pieces
    if (this.isOver || pieces.length === 0) return
    this.#pieces = []
    this.#gathered = 0
    if (this.#isEnding) this.over('write after end')
    else this.outgoing.send(pieces)
  }

  close(): void {
    if (this.isOver || this.#isEnding) return
    this.#write()
    this.#isEnding = true
    if (this.#isOpen) this.outgoing.end()
    else this.destroy()
  }

  destroy(): void {
    this.over()
  }

  pause(): void {
    this.incoming.pause()
  }

  resume(): void {
    if (!this.isOver) this.incoming.resume()
  }

  opened(): void {
    this.#isOpen = true
    this.outgoing.open()
  }

  received(chunk: Buffer): void {
    if (!this.isOver) this.connection?.push(chunk)
  }

  drained(): void {
    if (!this.isOver) this.connection?.drained()
  }

  /** The far end has said its last: so do we. */
  hasEnded(): void {
    if (this.isOver || this.#isEnded) return
    this.#isEnded = true
    if (this.outgoing.hasFinished || this.#isFarEndOver) this.over()
    else this.close()
  }

  finished(): void {
    if (this.#isEnded) this.over()
  }

  /** The connection ends here; the owner hears it a moment later, never at once. */
  over(why?: string): void {
    if (this.isOver) return
    this.isOver = true
    this.#pieces = []
    this.#gathered = 0
    this.outgoing.abort()
    const { connection } = this
    this.#clock.after(0, () => {
      if (connection === this.connection) (connection as DialedConnection | undefined)?.closed(why)
    })
    this.#link.gone()
  }

  /** Its process has died. */
  die(): void {
    this.connection = undefined
    this.over()
  }

  get #isFarEndOver(): boolean {
    const { dialed, accepted } = this.#link
    return (this === dialed ? accepted : dialed).isOver
  }
}
