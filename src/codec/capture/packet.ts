/**
 * Captured frames → TCP segments: link layer, IP, fragments, TCP, one after the other.
 *
 * What is no TCP is counted and left alone: a capture of a busy machine holds much else. Nothing here is
 * an error of the file; a frame that contradicts itself is counted as malformed.
 */
import type { CapturedPacket } from './capture-event.ts'
import { Fragments } from './fragments.ts'
import { IpPacket, TCP } from './ip.ts'
import { ipStart, NOT_IP, UNKNOWN_LINK } from './link-layer.ts'
import { Segment } from './tcp.ts'

export type PacketCounts = {
  packets: number
  segments: number
  /** Of a link type that cannot be read: the capture may hold the session, and we cannot see it. */
  unknownLink: number
  notIp: number
  notTcp: number
  /** Parts of larger packets, complete ones included. */
  fragments: number
  /** Headers that contradict the length of their packet, or were cut by snaplen. */
  malformed: number
}

export class PacketReader {
  readonly counts: PacketCounts = {
    packets: 0,
    segments: 0,
    unknownLink: 0,
    notIp: 0,
    notTcp: 0,
    fragments: 0,
    malformed: 0,
  }
  /** The last link type that could not be read. */
  unknownLinkType: number | undefined
  readonly #onSegment: (segment: Segment) => void
  readonly #ip = new IpPacket()
  readonly #segment = new Segment()
  readonly #fragments = new Fragments()

  /** @param onSegment is given the same object every time, valid until it returns. */
  constructor(onSegment: (segment: Segment) => void) {
    this.#onSegment = onSegment
  }

  packet(packet: CapturedPacket): void {
    const counts = this.counts
    const ip = this.#ip
    counts.packets++
    const start = ipStart(packet.linkType, packet.bytes)
    if (start < 0 || start >= packet.bytes.length) {
      if (start === UNKNOWN_LINK) {
        counts.unknownLink++
        this.unknownLinkType = packet.linkType
      } else if (start === NOT_IP) counts.notIp++
      else counts.malformed++
      return
    }
    if (!ip.read(packet.bytes, start, packet.originalLength)) {
      counts.malformed++
      return
    }
    if (ip.isFragment) {
      counts.fragments++
      // An IPv6 fragment may have more headers before its TCP; the protocol of an IPv4 packet is final.
      if (ip.addressLength === 4 && ip.protocol !== TCP) {
        counts.notTcp++
        return
      }
      if (!this.#fragments.complete(ip, packet.at)) return
    }
    if (ip.protocol !== TCP) counts.notTcp++
    else if (!this.#segment.read(ip, packet.at)) counts.malformed++
    else {
      counts.segments++
      this.#onSegment(this.#segment)
    }
  }
}
