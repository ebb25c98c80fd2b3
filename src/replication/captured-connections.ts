/**
 * CapturedConnections: the TCP connections of a capture as conversations of a LinkBook.
 *
 *   TcpEvent ─► undecided: bytes and gaps wait ─┬─ who is who is known ─► conversation, fed with what waited
 *                                               └─ it is no Redis ──────► counted
 *
 * A proxy knows who connected to whom; a capture may begin in the middle, and hold HTTP and ssh beside it.
 * So each connection waits until its SideFinder, or another connection to the same address, has told.
 * Little waits: one that stays silent about itself is skimmed, and what was skimmed is a gap should it
 * turn out to be a link after all.
 */
import { type Endpoint, endpointText } from '../codec/capture/flow.ts'
import type { Direction, TcpClosed, TcpEvent } from '../codec/capture/tcp-event.ts'
import type { HowClosed, Micros, Side } from './events.ts'
import type { Stranger } from './message-start.ts'
import { SideFinder, type Verdict } from './side-finder.ts'

/** What waits of one undecided connection, and of all. */
const WAITING_MAX = 1024 * 1024
const ALL_WAITING_MAX = 32 * 1024 * 1024
/** What a piece that waits costs beside its bytes. */
const PIECE_COST = 200
/** A replica acknowledges every second: who has heard so long of nobody's answer may guess. */
const PATIENCE: Micros = 3_000_000
const ADDRESSES_MAX = 4096
const STRANGERS_MAX = 1000

/** Who is told what one connection of a capture says: a Conversation. */
export type Listener = {
  push(side: Side, chunk: Buffer, at: Micros): void
  gap(side: Side, missing: number, at: Micros): void
  ending(): void
  end(side: Side, how: HowClosed, at: Micros): void
}

/** Where connections become conversations: a LinkBook. */
export type Conversations = {
  open(replica: string, master: string, at: Micros, begin: 'handshake' | 'middle'): Listener
  /** Time goes on. */
  tick(now: Micros): void
}

/** Connections that are left out, of one protocol to one address. */
export type Strangers = { readonly protocol: Stranger; readonly address: string; connections: number }

type Opened = Extract<TcpEvent, { kind: 'opened' }>
type Piece =
  | { readonly kind: 'bytes'; readonly direction: Direction; readonly bytes: Buffer; readonly at: Micros }
  | { readonly kind: 'gap'; readonly direction: Direction; readonly missing: number; readonly at: Micros }
  | { readonly kind: 'finished'; readonly direction: Direction; readonly at: Micros }

/** A connection while it is open. `conversation` is undefined while it is undecided. */
type Captured = {
  readonly opened: Opened
  readonly finder: SideFinder
  replica: Direction
  conversation: Listener | undefined
  /** Who ended it first. */
  finished: Direction | undefined
  waiting: Piece[]
  waitingBytes: number
  /** When it was first heard; it may guess when it has waited long enough. */
  heardAt: Micros | undefined
  /** Bytes are no longer kept, only counted. */
  isSkimmed: boolean
  /** Of the newest event: times do not go back within a connection. */
  at: Micros
}

export class CapturedConnections {
  readonly #book: Conversations
  readonly #onBug: (error: unknown) => void
  readonly #open = new Map<number, Captured>()
  /** Undecided, heard and not yet skimmed; in the order in which they were first heard. */
  readonly #impatient = new Set<Captured>()
  /** Addresses that were a master's (or a server's) in a connection that told so itself. */
  readonly #masters = new Set<string>()
  readonly #strangers = new Map<string, Strangers>()
  #waitingBytes = 0

  /** @param onBug a conversation threw, which it must not: the connection is given up, not the capture */
  constructor(book: Conversations, onBug: (error: unknown) => void) {
    this.#book = book
    this.#onBug = onBug
  }

  /** What was left out so far. */
  get strangers(): readonly Strangers[] {
    return [...this.#strangers.values()]
  }

  event(event: TcpEvent): void {
    if (event.kind === 'opened') {
      this.#opened(event)
      return
    }
    const captured = this.#open.get(event.connection)
    if (captured === undefined) return
    captured.at = Math.max(captured.at, event.at)
    if (event.kind === 'bytes') this.#bytes(captured, event.direction, event.bytes)
    else if (event.kind === 'gap') this.#gap(captured, event.direction, event.missing)
    else if (event.kind === 'finished') this.#finished(captured, event.direction)
    else if (event.kind === 'closed') this.#closed(captured, event.how, event.by)
  }

  /** Time goes on: who has waited long enough guesses. */
  tick(now: Micros): void {
    for (const captured of this.#impatient) {
      if (Math.abs(now - captured.heardAt!) < PATIENCE) return
      this.#hurry(captured)
    }
  }

  #opened(opened: Opened): void {
    const captured: Captured = {
      opened,
      finder: new SideFinder(opened.how),
      replica: 0,
      conversation: undefined,
      finished: undefined,
      waiting: [],
      waitingBytes: 0,
      heardAt: undefined,
      isSkimmed: false,
      at: opened.at,
    }
    this.#open.set(opened.connection, captured)
    // Who was connected before and says nothing is nobody's business, whether the other end is known or not.
    const known = opened.how === 'handshake' ? this.#knownBy(opened) : undefined
    if (known !== undefined) this.#begin(captured, known)
  }

  #bytes(captured: Captured, direction: Direction, bytes: Buffer): void {
    const { conversation, at } = captured
    if (conversation !== undefined) {
      this.#guarded(captured, () => conversation.push(sideOf(captured, direction), bytes, at))
      return
    }
    captured.finder.hear(direction, bytes)
    if (captured.heardAt === undefined) {
      captured.heardAt = at
      this.#impatient.add(captured)
    }
    if (captured.isSkimmed && captured.finder.soundsLikeRedis) this.#listenAgain(captured)
    const verdict = this.#verdict(captured)
    // The bytes need no copy when all is known already.
    if (verdict !== undefined && this.#decide(captured, verdict)) this.#bytes(captured, direction, bytes)
    else if (verdict === undefined) this.#wait(captured, { kind: 'bytes', direction, bytes, at })
  }

  #gap(captured: Captured, direction: Direction, missing: number): void {
    const { conversation, at } = captured
    if (conversation !== undefined) {
      this.#guarded(captured, () => conversation.gap(sideOf(captured, direction), missing, at))
      return
    }
    captured.finder.lose(direction)
    this.#wait(captured, { kind: 'gap', direction, missing, at })
  }

  #finished(captured: Captured, direction: Direction): void {
    captured.finished ??= direction
    if (captured.conversation !== undefined) captured.conversation.ending()
    else this.#wait(captured, { kind: 'finished', direction, at: captured.at })
  }

  #closed(captured: Captured, how: TcpClosed, by: Direction | undefined): void {
    if (captured.conversation === undefined) {
      const { opened, finder, waiting } = captured
      const hasSpoken = opened.how === 'handshake' || waiting.some(({ kind }) => kind !== 'finished')
      const known = hasSpoken ? this.#knownBy(opened) : undefined
      this.#decide(captured, known === undefined ? finder.guess() : { replica: known })
    }
    const { conversation, at } = captured
    this.#open.delete(captured.opened.connection)
    const side = sideOf(captured, by ?? captured.finished ?? (captured.replica === 0 ? 1 : 0))
    if (conversation !== undefined) this.#guarded(captured, () => conversation.end(side, howEnded(how), at))
  }

  #knownBy({ from, to }: Opened): Direction | undefined {
    if (this.#masters.has(endpointText(to))) return 0
    return this.#masters.has(endpointText(from)) ? 1 : undefined
  }

  #verdict(captured: Captured): Verdict | undefined {
    const verdict = captured.finder.verdict()
    if (verdict !== undefined) {
      if ('replica' in verdict) this.#learn(captured.opened, verdict.replica)
      return verdict
    }
    const known = this.#knownBy(captured.opened)
    return known === undefined ? undefined : { replica: known }
  }

  /** Keeps a piece until it is known whose it is, or counts it as lost if too much is kept. */
  #wait(captured: Captured, piece: Piece): void {
    if (captured.isSkimmed && piece.kind !== 'finished') {
      this.#skim(captured, piece.direction, piece.kind === 'gap' ? piece.missing : piece.bytes.length)
      return
    }
    const cost = PIECE_COST + (piece.kind === 'bytes' ? piece.bytes.length : 0)
    captured.waiting.push(piece.kind === 'bytes' ? { ...piece, bytes: Buffer.from(piece.bytes) } : piece)
    captured.waitingBytes += cost
    this.#waitingBytes += cost
    if (captured.waitingBytes > WAITING_MAX || this.#waitingBytes > ALL_WAITING_MAX) this.#hurry(captured)
  }

  /** No more is waited for: a guess is made, or nothing more is kept. */
  #hurry(captured: Captured): void {
    this.#impatient.delete(captured)
    if (captured.finder.soundsLikeRedis) {
      this.#decide(captured, captured.finder.guess())
      return
    }
    // In the middle of a snapshot it says nothing of itself, maybe for long.
    const pieces = this.#release(captured)
    captured.isSkimmed = true
    for (const piece of pieces) {
      if (piece.kind === 'finished') continue
      this.#skim(captured, piece.direction, piece.kind === 'gap' ? piece.missing : piece.bytes.length)
    }
  }

  /** The snapshot is over, it seems: what comes is kept again. */
  #listenAgain(captured: Captured): void {
    captured.isSkimmed = false
    captured.heardAt = captured.at
    this.#impatient.add(captured)
  }

  #skim(captured: Captured, direction: Direction, missing: number): void {
    const index = captured.waiting.findIndex((piece) => piece.kind === 'gap' && piece.direction === direction)
    const before = captured.waiting[index]
    const sum = missing + (before?.kind === 'gap' ? before.missing : 0)
    const gap = { kind: 'gap', direction, missing: sum, at: captured.at } as const
    if (index < 0) captured.waiting.push(gap)
    else captured.waiting[index] = gap
  }

  #release(captured: Captured): Piece[] {
    const pieces = captured.waiting
    captured.waiting = []
    this.#waitingBytes -= captured.waitingBytes
    captured.waitingBytes = 0
    return pieces
  }

  /** @returns whether there is a conversation now */
  #decide(captured: Captured, verdict: Verdict): boolean {
    if ('replica' in verdict) {
      this.#begin(captured, verdict.replica)
      return true
    }
    this.#release(captured)
    this.#impatient.delete(captured)
    this.#open.delete(captured.opened.connection)
    this.#countStranger(verdict.stranger, captured.opened)
    return false
  }

  /** Only from connections that told themselves: a guess would lead others astray. */
  #learn({ from, to }: Opened, replica: Direction): void {
    if (this.#masters.size < ADDRESSES_MAX) this.#masters.add(endpointText(replica === 0 ? to : from))
  }

  #begin(captured: Captured, replica: Direction): void {
    const { opened } = captured
    const [source, target] = replica === 0 ? [opened.from, opened.to] : [opened.to, opened.from]
    captured.replica = replica
    this.#impatient.delete(captured)
    const pieces = this.#release(captured)
    this.#guarded(captured, () => {
      const conversation = this.#book.open(endpointText(source), endpointText(target), opened.at, opened.how)
      captured.conversation = conversation
      for (const piece of pieces) {
        const side = sideOf(captured, piece.direction)
        if (piece.kind === 'bytes') conversation.push(side, piece.bytes, piece.at)
        else if (piece.kind === 'gap') conversation.gap(side, piece.missing, piece.at)
        else conversation.ending()
      }
    })
  }

  #countStranger(protocol: Stranger, { from, to, how }: Opened): void {
    // Of a connection that was open before, the lower port is more likely the server's.
    const server: Endpoint = how === 'handshake' || to.port <= from.port ? to : from
    const address = endpointText(server)
    const name = `${protocol} ${this.#strangers.size < STRANGERS_MAX ? address : ''}`
    const known = this.#strangers.get(name)
    if (known === undefined) this.#strangers.set(name, { protocol, address, connections: 1 })
    else known.connections++
  }

  #guarded(captured: Captured, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#open.delete(captured.opened.connection)
      this.#onBug(error)
    }
  }
}

function sideOf(captured: Captured, direction: Direction): 'replica' | 'master' {
  return direction === captured.replica ? 'replica' : 'master'
}

/** What the two ends did; anything else only ends our watching. */
function howEnded(how: TcpClosed): HowClosed {
  return how === 'fin' || how === 'reset' ? how : 'end-of-input'
}
