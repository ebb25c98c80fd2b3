/**
 * RecordedConnection: a connection that we saw as two byte streams, written down as packets.
 *
 *   open      SYN ►   ◄ SYN ACK   ACK ►
 *   bytes     one packet, or several where the slice is long; now and then an ACK from the other side
 *   finish    FIN ►   ◄ ACK
 *   reset     RST ►
 *
 * Addresses, ports, times and bytes are true; what a byte stream does not know is made up plausibly:
 * initial sequence numbers (different for each connection, so that a port used again is recognised),
 * acknowledgements (everything arrived at once), windows that are never full.
 *
 * A peer without IP address (a unix socket) gets a stand-in: 192.0.2.1 for who opened, 192.0.2.2 for who was
 * called (documentation addresses of RFC 5737, which no host has), and its true name as a comment on the SYN.
 */
import { parseAddress } from './address.ts'
import type { Micros } from './capture-event.ts'
import { NO_COMMENTS } from './capture-event.ts'
import type { Endpoint } from './flow.ts'
import type { PcapngWriter } from './pcapng-writer.ts'
import { advance } from './sequence.ts'
import { FLAG } from './tcp.ts'
import type { Direction } from './tcp-event.ts'
import { PacketMaker } from './tcp-packet.ts'

/** Payload of one packet: what fits an IPv4 packet beside its headers. */
const PAYLOAD_MAX = 65_495
const WINDOW = 65_535
/** Segment size, and a window scaled by 2¹⁴: as large as windows can be, so that nothing looks stuck. */
const SYN_OPTIONS = Buffer.from('0204ffd7' + '01' + '03030e', 'hex')
const NO_OPTIONS = Buffer.alloc(0)
const NOTHING = Buffer.alloc(0)
/** The other side acknowledges at least so often. */
const ACK_EVERY = 1024 * 1024

const STAND_IN = ['192.0.2.1', '192.0.2.2'] as const
const STAND_IN_PORT = 6379
const FIRST_FREE_PORT = 1024

type SideState = { readonly maker: PacketMaker; seq: number; unacknowledged: number }

export class RecordedConnection {
  readonly #writer: PcapngWriter
  readonly #sides: readonly [SideState, SideState]
  readonly #trueNames: readonly string[]

  /**
   * @param number of the connection, from 1.
   * @param from who opened: `10.0.0.1:6379`, `[::1]:6379`, or anything else, which gets a stand-in.
   * @param to who was called.
   */
  constructor(writer: PcapngWriter, number: number, from: string, to: string) {
    this.#writer = writer
    const source = endpointOf(from) ?? { host: STAND_IN[0], port: FIRST_FREE_PORT + (number % 64_000) }
    const target = endpointOf(to) ?? { host: STAND_IN[1], port: STAND_IN_PORT }
    const isTrue = endpointOf(from) !== undefined && endpointOf(to) !== undefined
    this.#trueNames = isTrue ? NO_COMMENTS : [`from ${from} to ${to}`]
    const first = Math.imul(number, 0x9e37_79b1) >>> 0
    this.#sides = [
      { maker: new PacketMaker(source, target), seq: first, unacknowledged: 0 },
      { maker: new PacketMaker(target, source), seq: advance(first, 0x4000_0000), unacknowledged: 0 },
    ]
  }

  open(at: Micros): void {
    this.#packet(0, FLAG.SYN, NOTHING, at, this.#trueNames)
    this.#packet(1, FLAG.SYN | FLAG.ACK, NOTHING, at)
    this.#packet(0, FLAG.ACK, NOTHING, at)
  }

  /** Bytes of one direction, of any length. @param comments stand on the first packet. */
  bytes(direction: Direction, bytes: Buffer, at: Micros, comments: readonly string[] = NO_COMMENTS): void {
    for (let start = 0; start < bytes.length; start += PAYLOAD_MAX) {
      const part = bytes.subarray(start, start + PAYLOAD_MAX)
      this.#packet(direction, FLAG.ACK, part, at, start === 0 ? comments : NO_COMMENTS)
      const side = this.#sides[direction]
      side.unacknowledged += part.length
      if (side.unacknowledged >= ACK_EVERY) this.#packet(other(direction), FLAG.ACK, NOTHING, at)
    }
  }

  /** Bytes that were sent and are not at hand: a reader of the recording finds a gap of this length. */
  lost(direction: Direction, missing: number, at: Micros): void {
    const side = this.#sides[direction]
    side.seq = advance(side.seq, missing)
    this.#packet(other(direction), FLAG.ACK, NOTHING, at)
  }

  /** Something to say that no byte says: a comment on a packet that only tells a window. */
  note(at: Micros, comment: string): void {
    this.#packet(0, FLAG.ACK, NOTHING, at, [comment], WINDOW - 1)
  }

  finish(direction: Direction, at: Micros): void {
    this.#packet(direction, FLAG.FIN | FLAG.ACK, NOTHING, at)
    this.#packet(other(direction), FLAG.ACK, NOTHING, at)
  }

  reset(direction: Direction, at: Micros): void {
    this.#packet(direction, FLAG.RST | FLAG.ACK, NOTHING, at)
  }

  #packet(
    direction: Direction,
    flags: number,
    payload: Buffer,
    at: Micros,
    comments: readonly string[] = NO_COMMENTS,
    window = WINDOW,
  ): void {
    const side = this.#sides[direction]
    const peer = this.#sides[other(direction)]
    const options = (flags & FLAG.SYN) === 0 ? NO_OPTIONS : SYN_OPTIONS
    const ack = (flags & FLAG.ACK) === 0 ? 0 : peer.seq
    const header = { seq: side.seq, ack, flags, window, options }
    this.#writer.packet(side.maker.sizeOf(options, payload.length), at, comments, (target, index) =>
      side.maker.write(target, index, header, payload),
    )
    side.seq = advance(side.seq, payload.length + (flags & (FLAG.SYN | FLAG.FIN) ? 1 : 0))
    peer.unacknowledged = 0
  }
}

function other(direction: Direction): Direction {
  return direction === 0 ? 1 : 0
}

/** `HOST:PORT` with an IP address as host, or undefined. */
function endpointOf(text: string): Endpoint | undefined {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)
  if (parts === null) return undefined
  const host = (parts[1] ?? parts[2])!
  const port = Number(parts[3])
  return parseAddress(host) !== undefined && port <= 65_535 ? { host, port } : undefined
}
