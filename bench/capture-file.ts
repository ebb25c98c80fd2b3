/**
 * A capture to measure with: one replica's full sync and the stream behind it, as tcpdump would have seen them on Ethernet.
 *
 *   handshake │ +FULLRESYNC, $<n>, a real snapshot file │ SET HSET INCR RPUSH ZADD … with ACKs     1,448 bytes a packet,
 *                                                                                          every second one acknowledged
 *
 * Written by our own PacketMaker rather than captured: half a gigabyte through loopback would be in packets of 64 KB, as no
 * network has them.
 */
import { closeSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { fromText } from '../src/bytes/byte-string.ts'
import { FLAG } from '../src/codec/capture/tcp.ts'
import { PacketMaker } from '../src/codec/capture/tcp-packet.ts'
import { encodeCommand } from '../src/codec/resp/encode.ts'

const REPLICA = { host: '10.0.0.1', port: 40_001 }
const MASTER = { host: '10.0.0.2', port: 6379 }
const SEGMENT_BYTES = 1448
/** A master writes what has gathered since it last could. */
const WRITE_BYTES = 8000
const ETHERNET = Buffer.from('0200000000020200000000010800', 'hex')
const NOTHING = Buffer.alloc(0)
const REPLID = '8f1c'.repeat(10)
const MICROS_A_PACKET = 20

type Side = 0 | 1

/** The capture of a sync of this snapshot and so many megabytes of stream; made unless an earlier run has made it. */
export async function captureFile(
  rdb: string,
  streamMb: number,
  note: (line: string) => void,
): Promise<string> {
  const path = rdb.replace(basename(rdb), `capture-${basename(rdb, '.rdb')}-${streamMb}.pcap`)
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return path
  note(`writing a capture of ${basename(rdb)} and ${streamMb} MB of stream`)
  const capture = new CaptureWriter(`${path}.new`)
  handshake(capture)
  const snapshot = readFileSync(rdb)
  capture.say(1, Buffer.from(`+FULLRESYNC ${REPLID} 0\r\n$${snapshot.length}\r\n`))
  capture.say(1, snapshot)
  stream(capture, streamMb * 1e6)
  capture.close()
  renameSync(`${path}.new`, path)
  return path
}

const command = (...argv: string[]) => encodeCommand(argv.map(fromText))

function handshake(capture: CaptureWriter): void {
  const asked: [string[], string][] = [
    [['PING'], '+PONG\r\n'],
    [['REPLCONF', 'listening-port', '6379'], '+OK\r\n'],
    [['REPLCONF', 'capa', 'eof', 'capa', 'psync2'], '+OK\r\n'],
  ]
  for (const [request, reply] of asked) {
    capture.say(0, command(...request))
    capture.say(1, Buffer.from(reply))
  }
  capture.say(0, command('PSYNC', '?', '-1'))
}

function stream(capture: CaptureWriter, size: number): void {
  let gathered: Buffer[] = [command('SELECT', '0')]
  let bytes = gathered[0]!.length
  let offset = 0
  for (let i = 0; offset < size; i++) {
    const next = write(i)
    gathered.push(next)
    bytes += next.length
    if (bytes < WRITE_BYTES) continue
    capture.say(1, Buffer.concat(gathered))
    offset += bytes
    gathered = []
    bytes = 0
    if (i % 5000 < 100) capture.say(0, command('REPLCONF', 'ACK', String(offset)))
  }
  capture.say(0, command('REPLCONF', 'ACK', String(offset)))
}

/** One write of a mixed load. */
function write(i: number): Buffer {
  switch (i % 7) {
    case 3:
      return command('HSET', `user:${i % 5000}`, 'name', `n${i}`, 'age', `${i % 90}`)
    case 4:
      return command('INCR', `counter:${i % 100}`)
    case 5:
      return command('RPUSH', `list:${i % 100}`, `x${i}`, `y${i}`)
    case 6:
      return command('ZADD', `ranking:${i % 10}`, `${i / 4}`, `member:${i}`)
    default:
      return command('SET', `key:${i % 100_000}`, 'value:'.repeat(1 + (i % 12)))
  }
}

class CaptureWriter {
  readonly #descriptor: number
  readonly #makers = [new PacketMaker(REPLICA, MASTER), new PacketMaker(MASTER, REPLICA)] as const
  readonly #seq: [number, number] = [1000, 5000]
  readonly #block = Buffer.alloc(4 * 1024 * 1024)
  #filled = 0
  #at = 1.7e15
  #unacknowledged = 0

  constructor(path: string) {
    this.#descriptor = openSync(path, 'w')
    const header = Buffer.alloc(24)
    header.writeUInt32LE(0xa1b2c3d4, 0)
    header.writeUInt16LE(2, 4)
    header.writeUInt16LE(4, 6)
    header.writeUInt32LE(262_144, 16)
    header.writeUInt32LE(1, 20)
    writeSync(this.#descriptor, header)
    this.#packet(0, FLAG.SYN)
    this.#packet(1, FLAG.SYN | FLAG.ACK)
    this.#packet(0, FLAG.ACK)
  }

  say(side: Side, bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += SEGMENT_BYTES) {
      this.#packet(side, FLAG.ACK, bytes.subarray(at, at + SEGMENT_BYTES))
      if (++this.#unacknowledged % 2 === 0) this.#packet(side === 0 ? 1 : 0, FLAG.ACK)
    }
  }

  close(): void {
    this.#packet(0, FLAG.FIN | FLAG.ACK)
    this.#packet(1, FLAG.FIN | FLAG.ACK)
    this.#packet(0, FLAG.ACK)
    this.#flush()
    closeSync(this.#descriptor)
  }

  #packet(side: Side, flags: number, payload: Buffer = NOTHING): void {
    const maker = this.#makers[side]
    const length = ETHERNET.length + maker.sizeOf(NOTHING, payload.length)
    if (this.#filled + 16 + length > this.#block.length) this.#flush()
    const { length: header } = ETHERNET
    const at = this.#filled
    this.#at += MICROS_A_PACKET
    this.#block.writeUInt32LE(Math.floor(this.#at / 1e6), at)
    this.#block.writeUInt32LE(this.#at % 1e6, at + 4)
    this.#block.writeUInt32LE(length, at + 8)
    this.#block.writeUInt32LE(length, at + 12)
    ETHERNET.copy(this.#block, at + 16)
    const ack = (flags & FLAG.ACK) === 0 ? 0 : this.#seq[side === 0 ? 1 : 0]
    const segment = { seq: this.#seq[side], ack, flags, window: 60_000, options: NOTHING }
    maker.write(this.#block, at + 16 + header, segment, payload)
    this.#filled += 16 + length
    const taken = (flags & (FLAG.SYN | FLAG.FIN)) === 0 ? 0 : 1
    this.#seq[side] = (this.#seq[side] + payload.length + taken) >>> 0
  }

  #flush(): void {
    writeSync(this.#descriptor, this.#block, 0, this.#filled)
    this.#filled = 0
  }
}
