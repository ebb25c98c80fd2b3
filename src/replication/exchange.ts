/**
 * Exchange: what the two sides of one connection know of each other.
 *
 *   replica ──requests──►  outstanding: [REPLCONF][REPLCONF][PSYNC]  ◄──replies── master
 *
 * Replies carry no names: the n-th reply answers the n-th request. So the requests that wait for an answer
 * stand in a queue here, and the state of the connection (states.ts) is moved here by either side.
 */
import type { Command, KeptCommand } from '../codec/resp/command.ts'
import type { Strip } from './capa-stripper.ts'
import type { Asked, Emit, Micros, Origin, ReplEvent, Side } from './events.ts'
import { type Held, HeldEvents, isOfStream } from './held-events.ts'
import type { Secrets } from './secrets.ts'
import { type Input, next, type State } from './states.ts'

/** A request that waits for its reply. */
export type Waiting = {
  readonly name: string
  /** The request as it came, where its reply must be searched for secrets. Never shown. */
  readonly sensitive: KeptCommand | undefined
}

/** What a replica asks in its handshake. */
const HANDSHAKE: ReadonlySet<string> = new Set(['PING', 'AUTH', 'REPLCONF'])

/** A capture may show a reply so much earlier than its request; nothing else does. */
const EARLY_MAX: Micros = 10_000

/** Requests that may wait for a reply: more than sockets can hold, in no more than a few MB. */
const OUTSTANDING_MAX = 512 * 1024

export class Exchange {
  state: State = 'client'
  /** Time of the chunk being decoded. */
  now: Micros = 0
  /** What the last PSYNC asked for. */
  asked: Asked | undefined
  /** The replica's bytes are not understood (any longer): its requests are unknown to us. */
  replicaIsOpaque = false
  /** The replica has acknowledged an offset since the last full resync: it holds its snapshot to be whole. */
  replicaHasLoaded = false
  /** The snapshot comes on another connection. */
  isTwoConnection = false
  /** Bytes of this connection were lost: what looks strange may be the trace of a hole. */
  isIncomplete = false
  /** A request of this connection may be answered with secrets, at some time. */
  mayReveal = false
  /** Requests still to be decoded that were changed on their way to the master. */
  readonly strips: Strip[] = []
  /** Bytes received from each side. */
  readonly bytes: Record<Side, number> = { master: 0, replica: 0 }
  /** Tells an event, or keeps it while events are held back. */
  emit: Emit
  readonly #tell: Emit
  /** Hears each event at once, also those that are held back. */
  readonly #tap: Emit | undefined
  #held: HeldEvents | undefined
  readonly conn: number
  readonly secrets: Secrets
  readonly #outstanding = new Queue<Waiting>()
  /** Replies that came while no request was waiting, and when the last of them came. */
  #early = 0
  #earlyAt: Micros = 0
  /**
   * Ordinary requests of one name share one object: a pipelining client may have very many of them waiting.
   */
  readonly #plain = new Map<string, Waiting>()

  constructor(conn: number, secrets: Secrets, emit: Emit, tap?: Emit) {
    this.conn = conn
    this.secrets = secrets
    this.#tell = emit
    this.#tap = tap
    this.emit = this.#passing
  }

  /** How events are told while none is held back. */
  get #passing(): Emit {
    const tap = this.#tap
    if (tap === undefined) return this.#tell
    return (event) => {
      tap(event)
      this.#tell(event)
    }
  }

  /** From now on events wait, in order; in `unknown` only those that may be taken back. */
  hold(): HeldEvents {
    if (this.#held === undefined) {
      const held = new HeldEvents()
      this.#held = held
      this.emit = (event) => {
        this.#tap?.(event)
        if (this.state === 'unknown' && !isOfStream(event)) this.#tell(event)
        else held.take(event, this.bytes.master)
      }
    }
    return this.#held
  }

  get held(): HeldEvents | undefined {
    return this.#held
  }

  /** Events wait no longer. What has waited is told, each as `complete` makes it, `first` before all. */
  release(complete: (held: Held) => ReplEvent, first?: ReplEvent): void {
    const held = this.#held?.takeAll() ?? []
    this.#held = undefined
    this.emit = this.#passing
    if (first !== undefined) this.#tell(first)
    for (const waiting of held) this.#tell(complete(waiting))
  }

  /** Moves the state; false where the table has no such transition. */
  move(input: Input): boolean {
    const state = next(this.state, input)
    if (state === undefined) return false
    this.state = state
    return true
  }

  origin(side: Side, from: number, to: number): Origin {
    return { link: 0, conn: this.conn, side, at: this.now, from, to }
  }

  expectReply(request: Command): void {
    // Replies that cannot be read answer nothing; nor does a client that turned them off (CLIENT REPLY OFF).
    if (this.state === 'opaque' || this.#outstanding.length >= OUTSTANDING_MAX) return
    if (this.#wasAnswered(request)) return
    const sensitive = this.secrets.sensitive(request)
    if (sensitive) {
      this.mayReveal = true
      this.#outstanding.push({ name: request.name, sensitive: request.keep() })
    } else this.#outstanding.push(this.#plainWaiting(request.name))
  }

  /** The request that the next reply answers. */
  get answered(): Waiting | undefined {
    return this.#outstanding.first
  }

  /** @param mayBeEarly whether it could answer a request of a handshake that is still to be seen */
  takeAnswered(mayBeEarly: boolean): Waiting | undefined {
    const waiting = this.#outstanding.shift()
    if (waiting === undefined && mayBeEarly) {
      this.#early++
      this.#earlyAt = this.now
    }
    return waiting
  }

  /** From here on the master sends no replies. */
  forgetOutstanding(): void {
    this.#outstanding.clear()
    this.#early = 0
  }

  /**
   * Two directions captured at one place may be seen in a slightly wrong order: a reply, then its request.
   */
  #wasAnswered(request: Command): boolean {
    if (this.now - this.#earlyAt > EARLY_MAX) this.#early = 0
    if (this.#early === 0 || this.#outstanding.length > 0 || !HANDSHAKE.has(request.name)) return false
    this.#early--
    return true
  }

  #plainWaiting(name: string): Waiting {
    let waiting = this.#plain.get(name)
    if (waiting === undefined) {
      waiting = { name, sensitive: undefined }
      if (this.#plain.size < 1024) this.#plain.set(name, waiting)
    }
    return waiting
  }
}

/** First in, first out, without moving the rest at every step. */
class Queue<T> {
  #items: T[] = []
  #head = 0

  get first(): T | undefined {
    return this.#items[this.#head]
  }

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#head++
    if (this.#head * 2 > this.#items.length && this.#head > 64) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  clear(): void {
    this.#items = []
    this.#head = 0
  }
}
