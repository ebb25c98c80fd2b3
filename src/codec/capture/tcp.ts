/**
 * The TCP header, and the segment as everything above sees it.
 *
 *   source(2) target(2) seq(4) ack(4) words|flags(2) window(2) sum(2) urgent(2) options ► payload
 *
 * Options only matter for their length. Fourteen bytes are enough to know sequence number, flags and where
 * the payload begins, so even a capture that kept nothing but headers counts its bytes exactly.
 *
 * Source: RFC 9293, section 3.1.
 */
import { BIG_ENDIAN } from './byte-order.ts'
import type { Micros } from './capture-event.ts'
import { flowKey } from './flow.ts'
import type { IpPacket } from './ip.ts'

export const FLAG = { FIN: 1, SYN: 2, RST: 4, ACK: 16 } as const

const NEEDED = 14
const HEADER_MIN = 20

/** One TCP segment, as a view. Reused by its maker: valid until the callback returns. */
export class Segment {
  /** Directed: see flow.ts. */
  flow = ''
  at: Micros = 0
  /** Of the first payload byte, or of the SYN before it. */
  seq = 0
  ack = 0
  /** Bits of FLAG. */
  flags = 0
  /** The payload that was captured is bytes[start..end). */
  bytes: Buffer = Buffer.alloc(0)
  start = 0
  end = 0
  /** Payload bytes behind `end` that the sender sent and the capture cut off. */
  cut = 0

  /** Reads the payload of an IP packet. Returns false for what is no TCP header, or cut inside it. */
  read(packet: IpPacket, at: Micros): boolean {
    const { bytes, start } = packet
    const present = Math.min(packet.end, bytes.length)
    if (present - start < NEEDED) return false
    const headerLength = (bytes[start + 12]! >>> 4) * 4
    const payload = start + headerLength
    if (headerLength < HEADER_MIN || payload > packet.end) return false
    this.flow = flowKey(
      packet.header,
      { start: packet.addresses, length: packet.addressLength },
      bytes,
      start,
    )
    this.at = at
    this.seq = BIG_ENDIAN.u32(bytes, start + 4)
    this.ack = BIG_ENDIAN.u32(bytes, start + 8)
    this.flags = bytes[start + 13]!
    this.bytes = bytes
    this.start = Math.min(payload, present)
    this.end = present
    this.cut = packet.end - Math.max(payload, present)
    return true
  }

  /** A copy that owns its payload and may be kept. */
  keep(): Segment {
    const kept = new Segment()
    kept.flow = this.flow
    kept.at = this.at
    kept.seq = this.seq
    kept.ack = this.ack
    kept.flags = this.flags
    kept.bytes = Buffer.from(this.bytes.subarray(this.start, this.end))
    kept.end = kept.bytes.length
    kept.cut = this.cut
    return kept
  }
}
