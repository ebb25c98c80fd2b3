/** A capture of loopback (classic pcap, Ethernet, IPv4) as it would be if packets had been lost on their way into it. */

/** A TCP segment with bytes in it, on a connection to `serverPort`. */
export type Segment = {
  readonly clientPort: number
  readonly fromServer: boolean
  readonly bytes: number
  /** How many segments of this connection came before it, either way. */
  readonly index: number
}

export type Losses = {
  readonly file: Buffer
  readonly packets: number
  /** Bytes that are in none of the segments that are left: a lost one may have been sent again. */
  readonly bytes: number
}

const FILE_HEADER = 24
const RECORD_HEADER = 16
const ETHERNET = 14

type Span = readonly [from: number, to: number]

/** What passed in one direction of a connection, by sequence number from the first one seen. */
class Passed {
  readonly first: number
  readonly kept: Span[] = []
  readonly lost: Span[] = []

  constructor(first: number) {
    this.first = first
  }

  /** Bytes of lost segments that no kept one holds. */
  get missing(): number {
    const both = size(this.kept) + size(this.lost) - size([...this.kept, ...this.lost])
    return size(this.lost) - both
  }
}

/** The capture without the segments that `isLost` chooses. */
export function withoutSegments(
  file: Buffer,
  serverPort: number,
  isLost: (segment: Segment) => boolean,
): Losses {
  if (file.readUInt32LE(0) !== 0xa1b2c3d4 || file.readUInt32LE(20) !== 1) throw new Error('another format')
  const left = [file.subarray(0, FILE_HEADER)]
  const seen = new Map<number, number>()
  const directions = new Map<string, Passed>()
  let packets = 0
  for (let at = FILE_HEADER; at < file.length; ) {
    const end = at + RECORD_HEADER + file.readUInt32LE(at + 8)
    const ip = file.subarray(at + RECORD_HEADER + ETHERNET, end)
    const segment = segmentOf(ip, serverPort, seen)
    const lost = segment !== undefined && isLost(segment)
    if (segment !== undefined) {
      const seq = tcpOf(ip).readUInt32BE(4)
      const name = `${segment.clientPort} ${segment.fromServer}`
      const passed = directions.get(name) ?? new Passed(seq)
      directions.set(name, passed)
      const from = (seq - passed.first) | 0
      passed[lost ? 'lost' : 'kept'].push([from, from + segment.bytes])
    }
    if (lost) packets++
    else left.push(file.subarray(at, end))
    at = end
  }
  const bytes = [...directions.values()].reduce((total, { missing }) => total + missing, 0)
  return { file: Buffer.concat(left), packets, bytes }
}

function tcpOf(ip: Buffer): Buffer {
  return ip.subarray((ip[0]! & 15) * 4)
}

function segmentOf(ip: Buffer, serverPort: number, seen: Map<number, number>): Segment | undefined {
  const tcp = tcpOf(ip)
  const [from, to] = [tcp.readUInt16BE(0), tcp.readUInt16BE(2)]
  const bytes = ip.readUInt16BE(2) - (ip.length - tcp.length) - (tcp[12]! >>> 4) * 4
  if ((from !== serverPort && to !== serverPort) || bytes <= 0) return undefined
  const clientPort = from === serverPort ? to : from
  const index = seen.get(clientPort) ?? 0
  seen.set(clientPort, index + 1)
  return { clientPort, fromServer: from === serverPort, bytes, index }
}

/** Numbers that are in one of the spans. */
function size(spans: readonly Span[]): number {
  let total = 0
  let behind = Number.NEGATIVE_INFINITY
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    total += Math.max(0, to - Math.max(from, behind))
    behind = Math.max(behind, to)
  }
  return total
}
