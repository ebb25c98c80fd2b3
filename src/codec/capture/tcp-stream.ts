/**
 * TcpStream: one direction of a connection. Segments in any order → bytes and gaps in order.
 *
 *                 next (sequence number) = position (in the stream)
 *   ── delivered ──┤ hole ├── pending ──┤ hole ├── pending ──┤ … FIN
 *
 * Sequence numbers are turned into stream positions at the door, so only the door knows that they wrap.
 * Bytes that come in order are handed on where they lie; only what is ahead of a hole is copied.
 *
 * A hole becomes a gap when its bytes are known to be lost to the capture (`lostTo`): the receiver has
 * acknowledged them, snaplen cut them off, or so much is waiting behind them that waiting ends.
 * The sequence number that a FIN takes is never counted as a byte.
 */
import type { Micros } from './capture-event.ts'
import { type Budget, Pending } from './pending.ts'
import type { RecentBytes } from './recent-bytes.ts'
import { advance, distance } from './sequence.ts'
import { FLAG, type Segment } from './tcp.ts'
import type { Direction, EmitTcp } from './tcp-event.ts'

/** What streams share with each other. */
export type Surroundings = {
  readonly emit: EmitTcp
  readonly recent: RecentBytes
  readonly budget: Budget
  /** Packets of the capture so far. */
  readonly packets: { seen: number }
  /** Memory that one direction may hold behind a hole. */
  readonly pendingMax: number
}

export class TcpStream {
  direction: Direction = 0
  /** True once it is known where the stream begins. */
  started = false
  /** Sequence number of the first byte, and of the next one in order. */
  first = 0
  next = 0
  /** Bytes delivered and missed so far. */
  position = 0
  finished = false
  /** A packet of this direction was captured. */
  heard = false
  /** No packet of this direction was captured, and none is waited for. */
  silent = false

  readonly #connection: number
  readonly #around: Surroundings
  readonly #pending: Pending
  #lostTo = 0
  #end = Number.POSITIVE_INFINITY
  /** One more was acknowledged than we have: either a lost byte, or a lost FIN. */
  #oneUnsure = false
  #saidAfterFin = false

  constructor(connection: number, around: Surroundings) {
    this.#connection = connection
    this.#around = around
    this.#pending = new Pending(around.budget)
  }

  /** @param first sequence number of the first byte. */
  start(first: number): void {
    this.started = true
    this.first = first
    this.next = first
  }

  /** True if all that `ack` acknowledges is delivered. */
  hasUpTo(ack: number): boolean {
    return distance(this.next, ack) <= (this.finished || this.#oneUnsure ? 1 : 0)
  }

  /** True once a FIN was captured, even if bytes before it are still awaited. */
  get isEnding(): boolean {
    return this.#end !== Number.POSITIVE_INFINITY
  }

  /** Takes the payload and the FIN of a segment. */
  receive(segment: Segment): void {
    const { bytes, start, end, at } = segment
    const seq = (segment.flags & FLAG.SYN) === 0 ? segment.seq : advance(segment.seq, 1)
    const from = this.position + distance(this.next, seq)
    const to = from + end - start
    const sentTo = to + segment.cut
    if (sentTo > this.#end) {
      this.#afterFin(from, segment)
      return
    }
    if ((segment.flags & FLAG.FIN) !== 0 && sentTo >= this.position) this.#end = sentTo
    // A keep-alive repeats the last number sent, with no byte or one that means nothing.
    if (sentTo - from <= 1 && from === this.position - 1) return
    if (this.#oneUnsure && sentTo > this.position + 1) this.#lose(this.position + 1)
    if (from < this.position) this.#compare(from, segment)
    if (from <= this.position && to <= this.#pending.start) {
      if (to > this.position) this.#deliver(bytes, end - (to - this.position), end, at)
    } else if (to > this.position) {
      const fresh = Math.max(from, this.position)
      const differing = this.#pending.insert(fresh, bytes, end - (to - fresh), end)
      if (differing !== undefined) this.#notice('TCP_COPIES_DIFFER', differing, at)
    }
    if (segment.cut > 0 && sentTo > this.position) {
      if (to <= this.position) this.#lose(sentTo)
      else this.#pending.insertLoss(to, sentTo)
    }
    this.#settle(at)
  }

  /** What `ack` acknowledges was received by the peer: what of it is missing here never comes. */
  acknowledged(ack: number, peerIsEnding: boolean, at: Micros): void {
    const lostTo = this.position + distance(this.next, ack)
    const isLast = this.#pending.pieces.length === 0 && !this.isEnding
    const isUnsure = isLast && (peerIsEnding || lostTo === this.position + 1)
    this.#lose(isUnsure ? lostTo - 1 : lostTo)
    this.#settle(at)
    this.#oneUnsure = isUnsure
  }

  /** All before this sequence number was sent, and what is missing of it never comes. */
  sentUpTo(seq: number, at: Micros): void {
    this.#lose(this.position + distance(this.next, seq) - (this.#oneUnsure ? 1 : 0))
    this.#settle(at)
  }

  /** Delivers all that waits, with the gaps between. */
  flush(at: Micros): void {
    this.#lose(this.#pending.end)
    this.#settle(at)
  }

  /** Delivers what has become deliverable; gives up the first hole while too much waits behind it. */
  #settle(at: Micros): void {
    this.#drain(at)
    const { budget, pendingMax } = this.#around
    while (this.#pending.cost > 0 && (this.#pending.cost > pendingMax || budget.used > budget.limit)) {
      this.#lose(this.#pending.start)
      this.#drain(at)
    }
    if (this.position >= this.#end && !this.finished) {
      this.finished = true
      this.#around.emit({ kind: 'finished', connection: this.#connection, direction: this.direction, at })
    }
  }

  #drain(at: Micros): void {
    const { pieces } = this.#pending
    let done = 0
    for (;;) {
      if (this.position >= this.#end) {
        done = pieces.length
        break
      }
      const piece = pieces[done]
      if (piece !== undefined && piece.from <= this.position) {
        done++
        if (piece.to > this.position) {
          this.#deliver(piece.bytes, this.position - piece.from, piece.bytes.length, at)
        }
        this.#lose(piece.lostTo)
        continue
      }
      const until = Math.min(this.#lostTo, piece?.from ?? this.#lostTo, this.#end)
      if (until <= this.position) break
      this.#gap(until - this.position, at)
    }
    if (done > 0) this.#pending.drop(done)
  }

  #deliver(bytes: Buffer, start: number, end: number, at: Micros): void {
    const slice = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end)
    const connection = this.#connection
    const direction = this.direction
    this.#around.recent.remember(2 * connection + direction, this.position, bytes, start, end)
    this.#advance(end - start)
    this.#around.emit({ kind: 'bytes', connection, direction, bytes: slice, at })
  }

  #gap(missing: number, at: Micros): void {
    this.#advance(missing)
    this.#around.emit({ kind: 'gap', connection: this.#connection, direction: this.direction, missing, at })
  }

  #advance(count: number): void {
    this.position += count
    this.next = advance(this.next, count)
    this.#oneUnsure = false
  }

  #lose(lostTo: number): void {
    if (lostTo > this.#lostTo) this.#lostTo = lostTo
  }

  /** Compares the part of a segment that was delivered before with what was delivered. */
  #compare(from: number, { bytes, start, end, at }: Segment): void {
    const stop = Math.min(end, start + this.position - from)
    const stream = 2 * this.#connection + this.direction
    const differing = this.#around.recent.difference(stream, from, bytes, start, stop)
    if (differing !== undefined) this.#notice('TCP_COPIES_DIFFER', differing, at)
  }

  #afterFin(from: number, segment: Segment): void {
    // The FIN takes a number itself: a keep-alive after it looks like one more byte.
    const length = segment.end - segment.start + segment.cut
    if (this.#saidAfterFin || length <= 1) return
    this.#saidAfterFin = true
    this.#notice('TCP_BYTES_AFTER_FIN', Math.max(from, this.#end), segment.at)
  }

  #notice(code: 'TCP_COPIES_DIFFER' | 'TCP_BYTES_AFTER_FIN', position: number, at: Micros): void {
    const connection = this.#connection
    this.#around.emit({ kind: 'notice', connection, direction: this.direction, code, position, at })
  }
}
