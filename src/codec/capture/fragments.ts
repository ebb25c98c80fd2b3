/**
 * IP fragments → the payload they were cut from.
 *
 *   offset  0                1480             2960        end
 *           ├── first ───────┼── middle ──────┼── last ────┤      in any order, repeated, overlapping
 *
 * Bounded in every direction: so many packets at once (the oldest gives way), so many pieces each, 64 KiB
 * each, and a packet that stays incomplete is forgotten. What is forgotten is missed by TCP as a hole.
 * Where pieces overlap, the one that came first counts. A piece that snaplen cut leaves a packet whose
 * bytes are known up to there.
 *
 * Source: RFC 791, RFC 8200 section 4.5; Linux gives fragments 30 s (net.ipv4.ipfrag_time).
 */
import type { Micros } from './capture-event.ts'
import type { IpPacket } from './ip.ts'

const PACKETS_MAX = 64
/** 64 KiB in pieces of the smallest MTU that IPv4 hosts must accept (576) are 119. */
const PIECES_MAX = 256
const LENGTH_MAX = 65_535
const PATIENCE: Micros = 30e6

type Piece = { readonly offset: number; readonly bytes: Buffer; readonly end: number }

class Incomplete {
  readonly since: Micros
  /** In the order of arrival. */
  readonly pieces: Piece[] = []
  /** Known once the last piece is here. */
  length: number | undefined
  protocol = 0

  constructor(since: Micros) {
    this.since = since
  }

  /** True where nothing is missing between the beginning and the end. */
  isComplete(): boolean {
    if (this.length === undefined) return false
    let covered = 0
    for (const piece of this.#inOrder()) {
      if (piece.offset > covered) return false
      covered = Math.max(covered, piece.end)
    }
    return covered >= this.length
  }

  /** The bytes from the beginning up to the first that the capture does not hold. */
  bytes(): Buffer {
    let present = 0
    for (const piece of this.#inOrder()) {
      if (piece.offset <= present) present = Math.max(present, piece.offset + piece.bytes.length)
    }
    const bytes = Buffer.alloc(Math.min(present, this.length!))
    for (const piece of this.pieces.toReversed()) {
      if (piece.offset < bytes.length) piece.bytes.copy(bytes, piece.offset)
    }
    return bytes
  }

  #inOrder(): Piece[] {
    return this.pieces.toSorted((a, b) => a.offset - b.offset)
  }
}

export class Fragments {
  readonly #incomplete = new Map<string, Incomplete>()

  /**
   * Adds one fragment. Where it completes its packet, `packet` becomes that: its payload is then valid until
   * the next packet is read.
   * @returns true for a complete packet.
   */
  complete(packet: IpPacket, at: Micros): boolean {
    this.#forgetOld(at)
    const key = keyOf(packet)
    const whole = this.#incomplete.get(key) ?? this.#begin(key, at)
    const end = packet.fragmentOffset + (packet.end - packet.start)
    if (end > LENGTH_MAX || whole.pieces.length === PIECES_MAX) {
      this.#incomplete.delete(key)
      return false
    }
    const bytes = Buffer.from(packet.bytes.subarray(packet.start, packet.end))
    whole.pieces.push({ offset: packet.fragmentOffset, bytes, end })
    if (packet.fragmentOffset === 0) whole.protocol = packet.protocol
    if (!packet.moreFragments) whole.length ??= end
    if (!whole.isComplete()) return false
    this.#incomplete.delete(key)
    return packet.resume(whole.bytes(), whole.length!, whole.protocol)
  }

  #begin(key: string, at: Micros): Incomplete {
    const whole = new Incomplete(at)
    if (this.#incomplete.size === PACKETS_MAX) this.#incomplete.delete(this.#oldest()![0])
    this.#incomplete.set(key, whole)
    return whole
  }

  #forgetOld(at: Micros): void {
    for (let oldest = this.#oldest(); oldest !== undefined; oldest = this.#oldest()) {
      if (Math.abs(at - oldest[1].since) <= PATIENCE) return
      this.#incomplete.delete(oldest[0])
    }
  }

  #oldest(): [string, Incomplete] | undefined {
    return this.#incomplete.entries().next().value
  }
}

/** Fragments belong together by addresses, identification and (IPv4) protocol. */
function keyOf(packet: IpPacket): string {
  const end = packet.addresses + 2 * packet.addressLength
  const addresses = packet.header.toString('latin1', packet.addresses, end)
  const protocol = packet.addressLength === 4 ? packet.protocol : ''
  return `${addresses}${packet.fragmentId} ${protocol}`
}
