/**
 * TCP sessions for reassembly tests: what two sides said, as segments that a capture could hold.
 *
 *   say(0, 'PING') say(1, 'PONG') … ─► Segment[]   SYN, SYN ACK, ACK, data with true acknowledgements, FIN
 *
 * And the opposite: the events of a reassembly, gathered into streams in which gaps are visible.
 */

import { flowKey } from '../../src/codec/capture/flow.ts'
import { Reassembly, type ReassemblyLimits } from '../../src/codec/capture/reassembly.ts'
import { FLAG, Segment } from '../../src/codec/capture/tcp.ts'
import type { TcpEvent } from '../../src/codec/capture/tcp-event.ts'
import { CLIENT, SERVER, tcpPacket } from './packets.ts'

const FLOWS = [flowOf(tcpPacket()), flowOf(tcpPacket({ from: SERVER, to: CLIENT }))] as const

function flowOf(packet: Buffer): string {
  return flowKey(packet, { start: 12, length: 4 }, packet, 20)
}

export type Side = 0 | 1

/** A segment of the test connection. */
export function segment(
  side: Side,
  fields: { seq: number; ack?: number; flags?: number; payload?: Buffer | string; cut?: number; at?: number },
): Segment {
  const made = new Segment()
  made.flow = FLOWS[side]
  made.seq = fields.seq >>> 0
  made.flags = fields.flags ?? (fields.ack === undefined ? 0 : FLAG.ACK)
  made.ack = (fields.ack ?? 0) >>> 0
  made.bytes = Buffer.from(fields.payload ?? '')
  made.end = made.bytes.length
  made.cut = fields.cut ?? 0
  made.at = fields.at ?? 0
  return made
}

/** Both sides of one connection, with sequence and acknowledgement numbers as TCP keeps them. */
export class Session {
  readonly segments: Segment[] = []
  readonly said: [Buffer[], Buffer[]] = [[], []]
  readonly #seq: [number, number]

  constructor(first: readonly [number, number] = [1000, 5000]) {
    this.#seq = [first[0], first[1]]
  }

  open(): this {
    this.#add(0, FLAG.SYN)
    this.#add(1, FLAG.SYN | FLAG.ACK)
    return this.acknowledge(0)
  }

  say(side: Side, payload: Buffer | string): this {
    const bytes = Buffer.from(payload)
    this.said[side].push(bytes)
    return this.#add(side, FLAG.ACK, bytes)
  }

  acknowledge(side: Side): this {
    return this.#add(side, FLAG.ACK)
  }

  finish(side: Side): this {
    return this.#add(side, FLAG.ACK | FLAG.FIN)
  }

  reset(side: Side): this {
    return this.#add(side, FLAG.ACK | FLAG.RST)
  }

  /** FIN of both sides, acknowledged. */
  close(): this {
    return this.finish(0).finish(1).acknowledge(0)
  }

  stream(side: Side): Buffer {
    return Buffer.concat(this.said[side])
  }

  #add(side: Side, flags: number, payload = Buffer.alloc(0)): this {
    const seq = this.#seq[side]
    const ack = (flags & FLAG.ACK) === 0 ? 0 : this.#seq[1 - side]!
    this.segments.push(segment(side, { seq, ack, flags, payload }))
    this.#seq[side] = seq + payload.length + (flags & (FLAG.SYN | FLAG.FIN) ? 1 : 0)
    return this
  }
}

export type Piece = Buffer | { missing: number }

export type Gathered = {
  how: string
  /** Bytes and gaps in order; neighbours of the same kind are joined. */
  streams: [Piece[], Piece[]]
  notices: string[]
  closed: string | undefined
  /** Kinds of all events in order, with the direction where they have one. */
  order: string[]
}

/** Gathers the events of each connection; fails where events contradict each other. */
export function gather(segments: Iterable<Segment>, limits: Partial<ReassemblyLimits> = {}): Gathered[] {
  const found: Gathered[] = []
  const reassembly = new Reassembly((event) => note(found, event), limits)
  let at = 0
  for (const given of segments) {
    // Payloads are borrowed: each is handed over in memory that is spoiled afterwards.
    const borrowed = given.keep()
    borrowed.at = given.at || ++at
    reassembly.segment(borrowed)
    borrowed.bytes.fill(0xdb)
  }
  reassembly.end()
  return found.filter((connection) => connection !== undefined)
}

function note(found: Gathered[], event: TcpEvent): void {
  if (event.kind === 'opened') {
    if (found[event.connection] !== undefined) throw new Error('opened twice')
    const fresh = { how: event.how, notices: [], closed: undefined, order: [] }
    found[event.connection] = { ...fresh, streams: [[], []] }
  }
  const connection = found[event.connection]
  if (connection === undefined || connection.closed !== undefined)
    throw new Error(`${event.kind} out of place`)
  connection.order.push('direction' in event ? `${event.kind} ${event.direction}` : event.kind)
  if (event.kind === 'bytes') append(connection.streams[event.direction], Buffer.from(event.bytes))
  if (event.kind === 'gap') append(connection.streams[event.direction], { missing: event.missing })
  if (event.kind === 'notice') connection.notices.push(`${event.code} ${event.direction}@${event.position}`)
  if (event.kind === 'closed') connection.closed = event.how
}

function append(stream: Piece[], piece: Piece): void {
  const last = stream.at(-1)
  if (Buffer.isBuffer(piece)) {
    if (piece.length === 0) throw new Error('an empty slice')
    if (Buffer.isBuffer(last)) stream[stream.length - 1] = Buffer.concat([last, piece])
    else stream.push(piece)
  } else {
    if (!(piece.missing > 0)) throw new Error(`a gap of ${piece.missing}`)
    if (last !== undefined && !Buffer.isBuffer(last)) last.missing += piece.missing
    else stream.push(piece)
  }
}

/** Text with `<n>` where n bytes are missing. */
export function textOf(stream: readonly Piece[]): string {
  return stream
    .map((piece) => (Buffer.isBuffer(piece) ? piece.toString('latin1') : `<${piece.missing}>`))
    .join('')
}
