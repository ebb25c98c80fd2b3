/**
 * IPv4 and IPv6 headers: who talks to whom, and where the TCP header begins.
 *
 *   IPv4   4|words(1) service(1) length(2) id(2) flags|offset(2) ttl(1) protocol(1) sum(2) source(4) target(4) options
 *   IPv6   6|class|flow(4) length(2) next(1) hops(1) source(16) target(16) { extension headers }
 *
 *   frame  ├── IP header ──┼── payload ─────────┼── Ethernet padding ──┤
 *                        start                end                        bytes beyond `end` are not payload
 *
 * Not done: checksums (a sender's network card fills them in after the capture saw the packet), tunnels.
 * A length of 0 is what a capture sees of a packet that the card will cut up (TSO): all of it is payload.
 *
 * Source: RFC 791, 8200, 4302 (authentication header lengths).
 */
import { BIG_ENDIAN } from './byte-order.ts'
import { PACKET_MAX } from './capture-event.ts'

const PROTOCOL = {
  HOP_BY_HOP: 0,
  TCP: 6,
  ROUTING: 43,
  FRAGMENT: 44,
  AUTHENTICATION: 51,
  OPTIONS: 60,
  MOBILITY: 135,
}

export const TCP = PROTOCOL.TCP

/** One IP packet, as a view. Reused: valid until the next read(). */
export class IpPacket {
  /** Of the payload; after extension headers. */
  protocol = 0
  /** The payload is bytes[start..end); what lies beyond bytes.length was cut by the capture. */
  bytes: Buffer = Buffer.alloc(0)
  start = 0
  end = 0
  /** header[addresses .. + 2 * addressLength): source, then target. */
  header: Buffer = this.bytes
  addresses = 0
  addressLength: 4 | 16 = 4
  /** A part of a larger packet: its bytes stand at `fragmentOffset`, and more follow. */
  isFragment = false
  fragmentOffset = 0
  moreFragments = false
  fragmentId = 0

  /**
   * Reads the header at `start`.
   * @param frameEnd index where the frame ended on the wire; beyond bytes.length where it was cut.
   * @returns false for what is not an IP packet, or is cut inside its headers.
   */
  read(bytes: Buffer, start: number, frameEnd: number): boolean {
    this.bytes = bytes
    this.header = bytes
    this.isFragment = false
    const version = bytes[start]! >>> 4
    if (version === 4) return this.#readFour(start, frameEnd)
    return version === 6 && this.#readSix(start, frameEnd)
  }

  /** Continues with the payload of a packet that was put together from fragments. */
  resume(bytes: Buffer, length: number, protocol: number): boolean {
    this.bytes = bytes
    this.start = 0
    this.end = length
    this.protocol = protocol
    this.isFragment = false
    return this.addressLength === 4 || (this.#extensions() && !this.isFragment)
  }

  #readFour(start: number, frameEnd: number): boolean {
    const bytes = this.bytes
    const headerLength = (bytes[start]! & 15) * 4
    const length = BIG_ENDIAN.u16(bytes, start + 2) || believable(frameEnd) - start
    if (headerLength < 20 || length < headerLength || start + headerLength > bytes.length) return false
    const flags = BIG_ENDIAN.u16(bytes, start + 6)
    this.protocol = bytes[start + 9]!
    this.addresses = start + 12
    this.addressLength = 4
    this.start = start + headerLength
    this.end = Math.min(start + length, frameEnd)
    this.fragmentOffset = (flags & 0x1fff) * 8
    this.moreFragments = (flags & 0x2000) !== 0
    this.fragmentId = BIG_ENDIAN.u16(bytes, start + 4)
    this.isFragment = this.moreFragments || this.fragmentOffset > 0
    return this.start <= this.end
  }

  #readSix(start: number, frameEnd: number): boolean {
    const bytes = this.bytes
    if (start + 40 > bytes.length) return false
    const length = BIG_ENDIAN.u16(bytes, start + 4)
    this.protocol = bytes[start + 6]!
    this.addresses = start + 8
    this.addressLength = 16
    this.start = start + 40
    // 0 also where a jumbo option says the length: then too the frame ends where the packet does.
    this.end = length === 0 ? believable(frameEnd) : Math.min(start + 40 + length, frameEnd)
    return this.start <= this.end && this.#extensions()
  }

  /** Steps over extension headers, up to a fragment header that really is of a fragment. */
  #extensions(): boolean {
    const bytes = this.bytes
    for (;;) {
      const at = this.start
      let size: number
      switch (this.protocol) {
        case PROTOCOL.HOP_BY_HOP:
        case PROTOCOL.ROUTING:
        case PROTOCOL.OPTIONS:
        case PROTOCOL.MOBILITY:
          size = 8 + bytes[at + 1]! * 8
          break
        case PROTOCOL.AUTHENTICATION:
          size = 8 + bytes[at + 1]! * 4
          break
        case PROTOCOL.FRAGMENT:
          size = 8
          break
        default:
          return true
      }
      if (at + size > Math.min(this.end, bytes.length)) return false
      const isFragmentHeader = this.protocol === PROTOCOL.FRAGMENT
      this.protocol = bytes[at]!
      this.start = at + size
      if (isFragmentHeader && this.#fragment(at)) return true
    }
  }

  #fragment(at: number): boolean {
    const word = BIG_ENDIAN.u16(this.bytes, at + 2)
    this.fragmentOffset = word & 0xfff8
    this.moreFragments = (word & 1) === 1
    this.fragmentId = BIG_ENDIAN.u32(this.bytes, at + 4)
    this.isFragment = this.moreFragments || this.fragmentOffset > 0
    return this.isFragment
  }
}

/** A file may claim any length for a frame; where nothing else bounds the payload, this does. */
function believable(frameEnd: number): number {
  return Math.min(frameEnd, PACKET_MAX)
}
