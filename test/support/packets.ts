/**
 * Composes packets, frames and capture files for tests: everything that a capture tool could have written,
 * and much that none would.
 */
import type { Endpoint } from '../../src/codec/capture/flow.ts'
import { LINK_TYPE } from '../../src/codec/capture/link-layer.ts'
import { FLAG } from '../../src/codec/capture/tcp.ts'
import { PacketMaker } from '../../src/codec/capture/tcp-packet.ts'

export const CLIENT: Endpoint = { host: '10.0.0.1', port: 40_001 }
export const SERVER: Endpoint = { host: '10.0.0.2', port: 6379 }
export const CLIENT_SIX: Endpoint = { host: '2001:db8::1', port: 40_001 }
export const SERVER_SIX: Endpoint = { host: '2001:db8::2', port: 6379 }

const NOTHING = Buffer.alloc(0)

export type TcpFields = {
  from?: Endpoint
  to?: Endpoint
  seq?: number
  ack?: number
  flags?: number
  options?: Buffer
  payload?: Buffer
}

/** One IP packet with a TCP segment. */
export function tcpPacket(fields: TcpFields = {}): Buffer {
  const { from = CLIENT, to = SERVER, seq = 1, ack = 1, flags = FLAG.ACK } = fields
  const { options = NOTHING, payload = NOTHING } = fields
  const maker = new PacketMaker(from, to)
  const bytes = Buffer.alloc(maker.sizeOf(options, payload.length))
  maker.write(bytes, 0, { seq: seq >>> 0, ack: ack >>> 0, flags, window: 1000, options }, payload)
  return bytes
}

/** An IPv4 packet with options in its header. */
export function withIpOptions(packet: Buffer, options: Buffer): Buffer {
  const longer = Buffer.concat([packet.subarray(0, 20), options, packet.subarray(20)])
  longer[0] = 0x40 | ((20 + options.length) / 4)
  longer.writeUInt16BE(longer.length, 2)
  return longer
}

/** An IPv6 packet with extension headers [type, header bytes without next-header byte] before its TCP. */
export function withExtensions(packet: Buffer, extensions: readonly (readonly [number, Buffer])[]): Buffer {
  const headers = extensions.map(([, rest], i) => {
    return Buffer.concat([Buffer.of(extensions[i + 1]?.[0] ?? packet[6]!), rest])
  })
  const longer = Buffer.concat([packet.subarray(0, 40), ...headers, packet.subarray(40)])
  longer[6] = extensions[0]?.[0] ?? packet[6]!
  longer.writeUInt16BE(longer.length - 40, 4)
  return longer
}

/** The fragments of an IPv4 or IPv6 packet, each with at most `size` bytes (a multiple of 8) of payload. */
export function fragmentsOf(packet: Buffer, size: number, id = 7): Buffer[] {
  const isFour = packet[0]! >>> 4 === 4
  const headerLength = isFour ? (packet[0]! & 15) * 4 : 40
  const payload = packet.subarray(headerLength)
  const parts: Buffer[] = []
  for (let offset = 0; offset < payload.length; offset += size) {
    const part = payload.subarray(offset, offset + size)
    const more = offset + size < payload.length
    const header = Buffer.from(packet.subarray(0, headerLength))
    if (isFour) {
      header.writeUInt16BE(headerLength + part.length, 2)
      header.writeUInt16BE(id, 4)
      header.writeUInt16BE((more ? 0x2000 : 0) | (offset / 8), 6)
      parts.push(Buffer.concat([header, part]))
    } else {
      const fragment = Buffer.of(header[6]!, 0, 0, 0, 0, 0, 0, id)
      fragment.writeUInt16BE(offset | (more ? 1 : 0), 2)
      header[6] = 44
      header.writeUInt16BE(8 + part.length, 4)
      parts.push(Buffer.concat([header, fragment, part]))
    }
  }
  return parts
}

const MACS = Buffer.from('020000000002020000000001', 'hex')

/** A frame of a link layer around an IP packet. */
export type Wrap = (ip: Buffer) => Buffer

function etherType(ip: Buffer): string {
  return ip[0]! >>> 4 === 4 ? '0800' : '86dd'
}

function pppProtocol(ip: Buffer): string {
  return ip[0]! >>> 4 === 4 ? '0021' : '0057'
}

function before(header: (ip: Buffer) => string): Wrap {
  return (ip) => Buffer.concat([Buffer.from(header(ip), 'hex'), ip])
}

/** Every way a frame can be wrapped: name, link type, wrapper. */
export const LINKS: readonly (readonly [string, number, Wrap])[] = [
  ['ethernet', LINK_TYPE.ETHERNET, (ip) => Buffer.concat([MACS, before(etherType)(ip)])],
  ['vlan', LINK_TYPE.ETHERNET, (ip) => Buffer.concat([MACS, before((p) => `81000064${etherType(p)}`)(ip)])],
  [
    'qinq',
    LINK_TYPE.ETHERNET,
    (ip) => Buffer.concat([MACS, before((p) => `88a8006481000065${etherType(p)}`)(ip)]),
  ],
  [
    'pppoe',
    LINK_TYPE.ETHERNET,
    (ip) => Buffer.concat([MACS, before((p) => `88641100000105dc${pppProtocol(p)}`)(ip)]),
  ],
  ['cooked v1', LINK_TYPE.LINUX_COOKED, before((ip) => `000003040006000000000000${'0000'}${etherType(ip)}`)],
  [
    'cooked v2',
    LINK_TYPE.LINUX_COOKED_2,
    before((ip) => `${etherType(ip)}00000000000103040006${'00'.repeat(8)}`),
  ],
  ['null, little-endian', LINK_TYPE.NULL, before((ip) => (ip[0]! >>> 4 === 4 ? '02000000' : '1e000000'))],
  ['null, big-endian', LINK_TYPE.NULL, before((ip) => (ip[0]! >>> 4 === 4 ? '00000002' : '0000001c'))],
  ['loop', LINK_TYPE.LOOP, before((ip) => (ip[0]! >>> 4 === 4 ? '00000002' : '00000018'))],
  ['ppp', LINK_TYPE.PPP, before((ip) => `ff03${pppProtocol(ip)}`)],
  ['ppp, compressed', LINK_TYPE.PPP, before((ip) => pppProtocol(ip).slice(2))],
  ['ppp over ethernet alone', LINK_TYPE.PPP_ETHER, before((ip) => `1100000105dc${pppProtocol(ip)}`)],
  ['raw', LINK_TYPE.RAW, (ip) => ip],
  ['raw (BSD)', LINK_TYPE.RAW_BSD, (ip) => ip],
]

export type Frame = {
  bytes: Buffer
  /** Microseconds. */
  at?: number
  originalLength?: number
}

type Order = 'LE' | 'BE'

function word(order: Order, value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes[order === 'LE' ? 'writeUInt32LE' : 'writeUInt32BE'](value >>> 0)
  return bytes
}

function half(order: Order, value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes[order === 'LE' ? 'writeUInt16LE' : 'writeUInt16BE'](value)
  return bytes
}

/** A classic capture file. `linkWord` is the link type, with a frame check length in its high bits. */
export function pcapFile(
  frames: readonly Frame[],
  options: { order?: Order; nanos?: boolean; linkWord?: number } = {},
): Buffer {
  const { order = 'LE', nanos = false, linkWord = LINK_TYPE.RAW } = options
  const w = (value: number) => word(order, value)
  const parts = [w(nanos ? 0xa1b23c4d : 0xa1b2c3d4), half(order, 2), half(order, 4)]
  parts.push(w(0), w(0), w(262_144), w(linkWord))
  for (const { bytes, at = 0, originalLength = bytes.length } of frames) {
    const fraction = (at % 1e6) * (nanos ? 1000 : 1)
    parts.push(w(Math.floor(at / 1e6)), w(Math.floor(fraction)), w(bytes.length), w(originalLength), bytes)
  }
  return Buffer.concat(parts)
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])
}

/** Blocks of a pcapng file in one byte order. */
export class PcapngBlocks {
  readonly #order: Order

  constructor(order: Order = 'LE') {
    this.#order = order
  }

  word(value: number): Buffer {
    return word(this.#order, value)
  }

  half(value: number): Buffer {
    return half(this.#order, value)
  }

  options(list: readonly (readonly [number, Buffer | string])[]): Buffer {
    if (list.length === 0) return NOTHING
    const parts = list.map(([code, value]) => {
      const bytes = Buffer.from(value)
      return Buffer.concat([this.half(code), this.half(bytes.length), padded(bytes)])
    })
    return Buffer.concat([...parts, Buffer.alloc(4)])
  }

  block(type: number, body: Buffer): Buffer {
    const length = this.word(12 + body.length)
    return Buffer.concat([this.word(type), length, body, length])
  }

  section(options: readonly (readonly [number, Buffer | string])[] = []): Buffer {
    const fields = [this.word(0x1a2b3c4d), this.half(1), this.half(0), Buffer.alloc(8, 0xff)]
    return this.block(0x0a0d0d0a, Buffer.concat([...fields, this.options(options)]))
  }

  interface(
    linkType: number,
    options: readonly (readonly [number, Buffer | string])[] = [],
    snapLength = 0,
  ): Buffer {
    const fields = [this.half(linkType), this.half(0), this.word(snapLength)]
    return this.block(1, Buffer.concat([...fields, this.options(options)]))
  }

  enhanced(
    frame: Frame & { time?: readonly [high: number, low: number]; index?: number },
    options: readonly (readonly [number, Buffer | string])[] = [],
  ): Buffer {
    return this.block(
      6,
      Buffer.concat([this.word(frame.index ?? 0), this.#rest(frame), this.options(options)]),
    )
  }

  obsolete(frame: Frame & { time?: readonly [high: number, low: number]; index?: number }): Buffer {
    return this.block(2, Buffer.concat([this.half(frame.index ?? 0), this.half(3), this.#rest(frame)]))
  }

  simple(bytes: Buffer, originalLength = bytes.length): Buffer {
    return this.block(3, Buffer.concat([this.word(originalLength), padded(bytes)]))
  }

  names(records: readonly (readonly [number, Buffer])[]): Buffer {
    const parts = records.map(([type, value]) =>
      Buffer.concat([this.half(type), this.half(value.length), padded(value)]),
    )
    return this.block(4, Buffer.concat([...parts, Buffer.alloc(4)]))
  }

  #rest(frame: Frame & { time?: readonly [number, number] }): Buffer {
    const { bytes, at = 0, originalLength = bytes.length } = frame
    const [high, low] = frame.time ?? [Math.floor(at / 2 ** 32), at % 2 ** 32]
    const numbers = [high, low, bytes.length, originalLength].map((value) => this.word(value))
    return Buffer.concat([...numbers, padded(bytes)])
  }
}
