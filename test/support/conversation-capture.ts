/** Conversations of TCP connections as capture files, a line each: who says what, and from where the capture begins. */
import { FLAG } from '../../src/codec/capture/tcp.ts'
import { CLIENT, type Frame, pcapFile, SERVER, tcpPacket } from './packets.ts'

export type Line = readonly [side: 0 | 1, bytes: Buffer | string]

export type ConnectionOptions = {
  /** Port of side 0; each connection needs its own. */
  port?: number
  server?: { host: string; port: number }
  /** Without SYN: the capture begins later. */
  middle?: boolean
  /** Microseconds between two lines. */
  pace?: number
  /** The connection is not ended. */
  open?: boolean
}

/** The packets of one connection. */
export function connection(lines: readonly Line[], options: ConnectionOptions = {}): Frame[] {
  const { port = 40_001, server = SERVER, middle = false, pace = 1000, open = false } = options
  const ends = [{ ...CLIENT, port }, server] as const
  const seq: [number, number] = [100, 900]
  const frames: Frame[] = []
  let at = 1.7e15
  const send = (side: 0 | 1, flags: number, payload: Buffer = Buffer.alloc(0)) => {
    at += pace
    const ack = (flags & FLAG.ACK) === 0 ? 0 : seq[1 - side]!
    const bytes = tcpPacket({ from: ends[side], to: ends[1 - side]!, seq: seq[side]!, ack, flags, payload })
    frames.push({ bytes, at })
    seq[side] += payload.length + ((flags & (FLAG.SYN | FLAG.FIN)) === 0 ? 0 : 1)
  }
  if (!middle) {
    send(0, FLAG.SYN)
    send(1, FLAG.SYN | FLAG.ACK)
    send(0, FLAG.ACK)
  }
  for (const [side, said] of lines) {
    const bytes = Buffer.isBuffer(said) ? said : Buffer.from(said, 'latin1')
    for (let from = 0; from < bytes.length; from += 1448)
      send(side, FLAG.ACK, bytes.subarray(from, from + 1448))
  }
  if (open) return frames
  send(0, FLAG.ACK | FLAG.FIN)
  send(1, FLAG.ACK | FLAG.FIN)
  send(0, FLAG.ACK)
  return frames
}

/** A capture of several connections, in order of time. */
export function captureOf(...connections: readonly Frame[][]): Buffer {
  return pcapFile(connections.flat().sort((a, b) => (a.at ?? 0) - (b.at ?? 0)))
}
