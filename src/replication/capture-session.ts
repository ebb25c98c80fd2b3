/**
 * CaptureSession: capture files in, conversations out. The whole way of a captured byte, in one object.
 *
 *   chunk ─► capture file ─► packets ─► TCP reassembly ─► who is who ─► LinkBook
 *            one each file   └──────────── one for all files ────────────────┘
 *
 * Several files are one capture, as tcpdump -C writes it: a connection may go on from one to the next. No
 * files and no clock here; time is that of the packets, and tick() is only needed where packets may stop
 * coming.
 */

import type { Decoder } from '../bytes/resumable.ts'
import type { CaptureEvent } from '../codec/capture/capture-event.ts'
import { decodeCapture } from '../codec/capture/decode.ts'
import { type PacketCounts, PacketReader } from '../codec/capture/packet.ts'
import { Reassembly } from '../codec/capture/reassembly.ts'
import type { TcpEvent } from '../codec/capture/tcp-event.ts'
import { CapturedConnections, type Conversations, type Strangers } from './captured-connections.ts'
import type { Micros } from './events.ts'

/** How often those who wait are looked after: as the proxy does it. */
const TICK: Micros = 100_000

export type CaptureSessionOptions = {
  readonly book: Conversations
  /** What a file says besides packets. The last event of a damaged file is `truncated` or `fault`. */
  readonly onFile: (event: Exclude<CaptureEvent, { kind: 'packet' }>) => void
  /** What TCP says that no conversation tells. */
  readonly onNotice: (event: Extract<TcpEvent, { kind: 'notice' }>) => void
  readonly onBug: (error: unknown) => void
}

export class CaptureSession {
  /** Time of the newest packet. */
  now: Micros = 0
  readonly #options: CaptureSessionOptions
  readonly #reader: PacketReader
  readonly #reassembly: Reassembly
  readonly #connections: CapturedConnections
  #decoder: Decoder | undefined
  #tickedAt: Micros = 0

  constructor(options: CaptureSessionOptions) {
    const { book, onNotice, onBug } = options
    this.#options = options
    this.#connections = new CapturedConnections(book, onBug)
    this.#reassembly = new Reassembly((event) => {
      if (event.kind === 'notice') onNotice(event)
      else this.#connections.event(event)
    })
    this.#reader = new PacketReader((segment) => this.#reassembly.segment(segment))
  }

  get counts(): Readonly<PacketCounts> {
    return this.#reader.counts
  }

  /** The last link type that could not be read. */
  get unknownLinkType(): number | undefined {
    return this.#reader.unknownLinkType
  }

  /** Connections that are no Redis. */
  get strangers(): readonly Strangers[] {
    return this.#connections.strangers
  }

  /** Bytes of the file that is being read; they are borrowed until this returns. */
  push(chunk: Buffer): void {
    this.#decoder ??= decodeCapture((event) => this.#captured(event))
    this.#decoder.push(chunk)
  }

  /** The file is over; another may follow. */
  endFile(): void {
    this.#decoder ??= decodeCapture((event) => this.#captured(event))
    this.#decoder.end()
    this.#decoder = undefined
  }

  /** Time goes on without packets. */
  tick(now: Micros): void {
    this.#tickedAt = now
    this.#reassembly.tick(now)
    this.#connections.tick(now)
    this.#options.book.tick(now)
  }

  /** The capture is over: what waits is told, every connection is closed. */
  end(): void {
    this.#reassembly.end()
    this.#options.book.tick(Number.POSITIVE_INFINITY)
  }

  #captured(event: CaptureEvent): void {
    if (event.kind !== 'packet') {
      this.#options.onFile(event)
      return
    }
    this.now = event.at
    // Captures may jump back in time: a difference in either direction counts.
    if (Math.abs(event.at - this.#tickedAt) >= TICK) this.tick(event.at)
    this.#reader.packet(event)
  }
}
