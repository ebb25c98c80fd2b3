/** A capture of loopback (classic pcap, Ethernet, IPv4) as it would be if packets had been lost on their way into it. */

/** A TCP segment with bytes in it, on a connection to `serverPort`. */
export type Segment = {
  readonly clientPort: number
  readonly fromServer: boolean
  readonly bytes: number
  /** How many segments of this connection came before it, either way. */
  readonly index: number
}

export type Losses = { readonly file: Buffer; readonly packets: number; readonly bytes: number }

const FILE_HEADER = 24
const RECORD_HEADER = 16
const ETHERNET = 14

/** The capture without the segments that `isLost` chooses. */
export function withoutSegments(
  file: Buffer,
  serverPort: number,
  isLost: (segment: Segment) => boolean,
): Losses {
  if (file.readUInt32LE(0) !== 0xa1b2c3d4 || file.readUInt32LE(20) !== 1) throw new Error('another format')
  const kept = [file.subarray(0, FILE_HEADER)]
  const seen = new Map<number, number>()
  let packets = 0
  let lost = 0
  for (let at = FILE_HEADER; at < file.length; ) {
    const end = at + RECORD_HEADER + file.readUInt32LE(at + 8)
    const segment = segmentOf(file.subarray(at + RECORD_HEADER + ETHERNET, end), serverPort, seen)
    if (segment !== undefined && isLost(segment)) {
      packets++
      lost += segment.bytes
    } else kept.push(file.subarray(at, end))
    at = end
  }
  return { file: Buffer.concat(kept), packets, bytes: lost }
}

function segmentOf(ip: Buffer, serverPort: number, seen: Map<number, number>): Segment | undefined {
  const tcp = ip.subarray((ip[0]! & 15) * 4)
  const [from, to] = [tcp.readUInt16BE(0), tcp.readUInt16BE(2)]
  const bytes = ip.readUInt16BE(2) - (ip.length - tcp.length) - (tcp[12]! >>> 4) * 4
  if ((from !== serverPort && to !== serverPort) || bytes <= 0) return undefined
  const clientPort = from === serverPort ? to : from
  const index = seen.get(clientPort) ?? 0
  seen.set(clientPort, index + 1)
  return { clientPort, fromServer: from === serverPort, bytes, index }
}
