/**
 * TcpConnection: two streams, and the order between them.
 *
 * A segment that acknowledges bytes which we have not seen is ahead of the capture's own order, or those
 * bytes are lost to the capture. Nobody can tell at once: captures on several queues or interfaces swap
 * neighbours. So such a segment waits a little, with all that depends on it:
 *
 *   request lost │ reply, acknowledges it ► waits │ … 16 waiting, or long enough ► gap(request), reply
 *   swapped      │ reply, acknowledges it ► waits │ request ► request, reply
 *
 * Long enough is a matter of time and of packets: on a quiet link neighbours are a second apart.
 *
 * The same patience finds the beginning of a connection whose handshake was not captured: the lowest
 * sequence numbers among the first segments. In a capture that is in order nothing ever waits.
 */
import type { Micros } from './capture-event.ts'
import { endpointsOf } from './flow.ts'
import { PIECE_COST } from './pending.ts'
import { distance } from './sequence.ts'
import { FLAG, type Segment } from './tcp.ts'
import type { Direction, TcpClosed } from './tcp-event.ts'
import { type Surroundings, TcpStream } from './tcp-stream.ts'

/** A swap in a capture is a matter of a few packets, on a busy link of microseconds. */
const PATIENCE_SEGMENTS = 16
const PATIENCE: Micros = 20_000
/** While fewer packets than these have followed in the whole capture, there is time: little passes. */
const PATIENCE_PACKETS = 64
const PATIENCE_QUIET: Micros = 2_000_000

/** On a closed connection, a byte so far from its end belongs to a new one whose SYN was not captured. */
const FAR = 2 ** 24

/** A reset so far behind does not belong to this connection. */
const STALE_RESET = 2 ** 16

export class TcpConnection {
  readonly number: number
  /** Flow key of the side whose packet came first. */
  readonly flow: string
  closed = false
  /** Neighbours in the order of last use; kept by Reassembly. */
  older: TcpConnection | undefined
  newer: TcpConnection | undefined

  readonly #around: Surroundings
  readonly #near: TcpStream
  readonly #far: TcpStream
  #opened = false
  /** Owned copies, in capture order. */
  #waiting: Segment[] = []
  /** How many packets of the capture had come when the first of them began to wait. */
  #waitingFrom = 0

  constructor(number: number, flow: string, around: Surroundings) {
    this.number = number
    this.flow = flow
    this.#around = around
    this.#near = new TcpStream(number, around)
    this.#far = new TcpStream(number, around)
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0
  }

  /** True if this segment cannot belong here: its ports were used again. */
  isReplacedBy(segment: Segment): boolean {
    const own = this.#own(segment)
    if (!own.started) return false
    if ((segment.flags & FLAG.SYN) !== 0) return distance(own.first, segment.seq) !== -1
    return this.closed && segment.end > segment.start && Math.abs(distance(own.next, segment.seq)) > FAR
  }

  accept(segment: Segment): void {
    if (this.closed) return
    const own = this.#own(segment)
    own.heard = true
    own.silent = false
    if (this.#isReady(segment)) {
      this.#admit(segment)
      if (this.#waiting.length > 0) this.#admitReady()
      return
    }
    const kept = segment.keep()
    this.#around.budget.used += costOf(kept)
    if (this.#waiting.length === 0) this.#waitingFrom = this.#around.packets.seen
    this.#waiting.push(kept)
    while (this.#waiting.length >= PATIENCE_SEGMENTS) this.#force()
  }

  /** Ends the patience at once, because others need the memory. */
  hurry(): void {
    while (this.#waiting.length > 0) this.#force()
  }

  /** Ends the patience with segments that have waited too long. */
  tick(now: Micros): void {
    const later = this.#around.packets.seen - this.#waitingFrom
    const patience = later >= PATIENCE_PACKETS ? PATIENCE : PATIENCE_QUIET
    // Captures may jump back in time: a difference in either direction counts.
    while (this.#waiting.length > 0 && Math.abs(now - this.#waiting[0]!.at) > patience) this.#force()
  }

  /** Delivers all that waits, and says that this connection is over. */
  close(how: TcpClosed, by: Direction | undefined, at: Micros): void {
    // What waits may itself end the connection, in its own way.
    this.hurry()
    if (this.closed) return
    this.closed = true
    this.#near.flush(at)
    this.#far.flush(at)
    this.#around.emit({ kind: 'closed', connection: this.number, how, by, at })
  }

  #own(segment: Segment): TcpStream {
    return segment.flow === this.flow ? this.#near : this.#far
  }

  /** True if what this segment tells about both streams is known already, or follows on from it. */
  #isReady(segment: Segment): boolean {
    const own = this.#own(segment)
    const peer = own === this.#near ? this.#far : this.#near
    const { flags } = segment
    const isSyn = (flags & FLAG.SYN) !== 0
    if (!own.started && !isSyn) return isRefusal(segment, peer)
    if ((flags & FLAG.RST) !== 0 && distance(own.next, segment.seq) > 0) return false
    if ((flags & FLAG.ACK) === 0) return true
    return peer.started ? peer.silent || peer.hasUpTo(segment.ack) : isSyn
  }

  #admit(segment: Segment): void {
    const own = this.#own(segment)
    const peer = own === this.#near ? this.#far : this.#near
    const { flags, at } = segment
    if ((flags & FLAG.SYN) !== 0) {
      if (!own.started) own.start((segment.seq + 1) >>> 0)
      if (!peer.started && (flags & FLAG.ACK) !== 0) peer.start(segment.ack)
    }
    if (isRefusal(segment, peer) && !own.started) own.start(segment.seq)
    if (!this.#opened) this.#open(segment)
    if ((flags & FLAG.ACK) !== 0 && peer.started && !peer.hasUpTo(segment.ack)) {
      peer.acknowledged(segment.ack, own.isEnding || (flags & FLAG.FIN) !== 0, at)
    }
    if ((flags & FLAG.RST) !== 0) {
      const ahead = distance(own.next, segment.seq)
      if (ahead < -STALE_RESET) return
      if (ahead > 0) own.sentUpTo(segment.seq, at)
      this.close('reset', own.direction, at)
      return
    }
    own.receive(segment)
    if (own.finished && peer.finished) this.close('fin', undefined, at)
  }

  /** Admits every waiting segment that has become ready, in capture order. */
  #admitReady(): void {
    for (let index = 0; index < this.#waiting.length; ) {
      if (this.#isReady(this.#waiting[index]!)) {
        this.#admit(this.#take(index))
        index = 0
      } else index++
    }
  }

  #take(index: number): Segment {
    const [segment] = this.#waiting.splice(index, 1)
    this.#around.budget.used -= costOf(segment!)
    return segment!
  }

  /** Stops waiting on behalf of the segment that has waited longest. */
  #force(): void {
    if (this.#near.started && this.#far.started) this.#admit(this.#take(0))
    else this.#begin()
    this.#admitReady()
  }

  /** No handshake: the streams begin where the waiting segments say. */
  #begin(): void {
    for (const stream of [this.#near, this.#far]) {
      if (!stream.heard) stream.silent = true
      if (!stream.started) stream.start(this.#lowest(stream))
    }
  }

  #lowest(stream: TcpStream): number {
    const own = this.#waiting.filter((segment) => this.#own(segment) === stream)
    const acks = this.#waiting.filter((s) => this.#own(s) !== stream && (s.flags & FLAG.ACK) !== 0)
    const acknowledged = least(acks.map((segment) => segment.ack))
    const carried = least(own.filter((s) => s.end + s.cut > s.start).map((segment) => segment.seq))
    const sent = least(own.map((segment) => segment.seq))
    // An empty segment one before all else is a keep-alive, not the beginning.
    const begin = carried ?? acknowledged
    if (sent === undefined) return begin ?? 0
    return begin === undefined || distance(sent, begin) > 1 ? sent : begin
  }

  #open(segment: Segment): void {
    this.#opened = true
    const isSyn = (segment.flags & FLAG.SYN) !== 0
    const isAnswer = isSyn && (segment.flags & FLAG.ACK) !== 0
    const nearOpened = isSyn ? (this.#own(segment) === this.#near) !== isAnswer : true
    this.#near.direction = nearOpened ? 0 : 1
    this.#far.direction = nearOpened ? 1 : 0
    const { from, to } = endpointsOf(this.flow)
    this.#around.emit({
      kind: 'opened',
      connection: this.number,
      from: nearOpened ? from : to,
      to: nearOpened ? to : from,
      how: isSyn ? 'handshake' : 'middle',
      at: segment.at,
    })
  }
}

/** A SYN is answered by a reset: nothing else will come. */
function isRefusal({ flags, ack }: Segment, peer: TcpStream): boolean {
  const asked = FLAG.RST | FLAG.ACK
  return (flags & asked) === asked && peer.started && peer.hasUpTo(ack)
}

function costOf(kept: Segment): number {
  return PIECE_COST + kept.bytes.length
}

/** The number that all others are ahead of. */
function least(numbers: readonly number[]): number | undefined {
  return numbers.reduce<number | undefined>(
    (low, seq) => (low === undefined || distance(low, seq) < 0 ? seq : low),
    undefined,
  )
}
