/**
 * IP packets with a TCP segment, as a network card would send them: headers, payload, correct checksums.
 *
 *   IPv4 20 │ IPv6 40      TCP 20   options      payload
 *
 * One PacketMaker serves one direction of one connection: what never changes is written once, as a template.
 * Source: RFC 791, 8200, 9293; RFC 1071 (checksum).
 */
import { parseAddress } from './address.ts'
import type { Endpoint } from './flow.ts'
import { TCP } from './ip.ts'

const TCP_HEADER = 20
const HOPS = 64

/** What changes from packet to packet. */
export type SegmentHeader = {
  readonly seq: number
  readonly ack: number
  /** Bits of FLAG. */
  readonly flags: number
  readonly window: number
  /** TCP options, padded to four bytes. */
  readonly options: Buffer
}

export class PacketMaker {
  readonly #template: Buffer
  readonly #ipLength: number
  /** Sum of the words of the pseudo header that never change. */
  readonly #pseudoSum: number

  /** @throws RangeError for a host that is no IP address. */
  constructor(from: Endpoint, to: Endpoint) {
    const [source, target] = sameFamily(addressOf(from.host), addressOf(to.host))
    const isFour = source.length === 4
    this.#ipLength = isFour ? 20 : 40
    this.#template = Buffer.alloc(this.#ipLength + TCP_HEADER)
    const header = this.#template
    if (isFour) {
      header[0] = 0x45
      header[6] = 0x40 // do not fragment
      header[8] = HOPS
      header[9] = TCP
    } else {
      header[0] = 0x60
      header[6] = TCP
      header[7] = HOPS
    }
    source.copy(header, isFour ? 12 : 8)
    target.copy(header, isFour ? 16 : 24)
    header.writeUInt16BE(from.port, this.#ipLength)
    header.writeUInt16BE(to.port, this.#ipLength + 2)
    this.#pseudoSum = TCP + sumOf(source, 0, source.length) + sumOf(target, 0, target.length)
  }

  /** Length of the packet that write() makes. */
  sizeOf(options: Buffer, payloadLength: number): number {
    return this.#template.length + options.length + payloadLength
  }

  /** Writes the packet into `bytes` from `index` on. */
  write(bytes: Buffer, index: number, header: SegmentHeader, payload: Buffer): void {
    const tcp = index + this.#ipLength
    const segmentLength = TCP_HEADER + header.options.length + payload.length
    this.#template.copy(bytes, index)
    if (this.#ipLength === 20) {
      bytes.writeUInt16BE(20 + segmentLength, index + 2)
      bytes.writeUInt16BE(checksum(sumOf(bytes, index, tcp)), index + 10)
    } else bytes.writeUInt16BE(segmentLength, index + 4)
    bytes.writeUInt32BE(header.seq, tcp + 4)
    bytes.writeUInt32BE(header.ack, tcp + 8)
    bytes[tcp + 12] = ((TCP_HEADER + header.options.length) / 4) << 4
    bytes[tcp + 13] = header.flags
    bytes.writeUInt16BE(header.window, tcp + 14)
    header.options.copy(bytes, tcp + TCP_HEADER)
    payload.copy(bytes, tcp + TCP_HEADER + header.options.length)
    const sum = this.#pseudoSum + segmentLength + sumOf(bytes, tcp, tcp + segmentLength)
    bytes.writeUInt16BE(checksum(sum), tcp + 16)
  }
}

function addressOf(host: string): Buffer {
  const address = parseAddress(host)
  if (address === undefined) throw new RangeError(`not an IP address: ${host}`)
  return address
}

/** Where only one side is IPv6, the other is written as an IPv4-mapped address (::ffff:10.0.0.1). */
function sameFamily(a: Buffer, b: Buffer): [Buffer, Buffer] {
  return a.length === b.length ? [a, b] : [mapped(a), mapped(b)]
}

function mapped(address: Buffer): Buffer {
  if (address.length === 16) return address
  const whole = Buffer.alloc(16)
  whole.fill(0xff, 10, 12)
  address.copy(whole, 12)
  return whole
}

/** Sum of 16-bit words; 64 KiB of them stay far below 2⁵³. */
function sumOf(bytes: Buffer, start: number, end: number): number {
  let sum = 0
  const even = end - ((end - start) & 1)
  for (let i = start; i < even; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!
  return even < end ? sum + (bytes[even]! << 8) : sum
}

function checksum(sum: number): number {
  let folded = sum
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 65536)
  return ~folded & 0xffff
}
