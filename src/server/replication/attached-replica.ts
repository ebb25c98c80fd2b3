/**
 * AttachedReplica: a client that follows us: what it said of itself, how far it is, and the sending of the
 * stream to it.
 *
 *   handshake ─PSYNC─► wait-bgsave-start ─snapshot begins─► wait-bgsave-end ─► send-bulk ─► online
 *           └─PSYNC with a history that goes on────────────────────────────────────────────────┘
 *
 * Its place in the stream is a cursor into the shared backlog: from the moment of the snapshot on, the
 * backlog keeps what it needs. It is sent as much at a time as its connection takes.
 *
 * Source: redis 7.0 `src/server.h` (SLAVE_STATE_*), `src/replication.c`.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { Session } from '../session.ts'
import type { Backlog, Cursor } from './backlog.ts'

export type ReplicaState = 'handshake' | 'wait-bgsave-start' | 'wait-bgsave-end' | 'send-bulk' | 'online'

const STATE_NAMES: Readonly<Record<ReplicaState, string>> = {
  handshake: 'none',
  'wait-bgsave-start': 'wait_bgsave',
  'wait-bgsave-end': 'wait_bgsave',
  'send-bulk': 'send_bulk',
  online: 'online',
}

/** What part of a snapshot it wants: all of it, or (REPLCONF rdb-filter-only) no keys. */
export type SnapshotPart = 'all' | 'no-keys'

/** More is sent when the connection has taken all but so many bytes. */
const WAITING_MAX = 256 * 1024
const MICROS = 1_000_000
const NOTHING_KEPT = { blocks: 0, bytes: 0 }

export class AttachedReplica {
  readonly session: Session
  readonly #backlog: Backlog
  state: ReplicaState = 'handshake'
  /** REPLCONF listening-port; 0: it did not say. */
  listeningPort = 0
  /** REPLCONF ip-address; '': that of its connection. */
  announcedAddress: ByteString = '' as ByteString
  /** REPLCONF capa: it reads a snapshot that ends with a mark. */
  readsMark = false
  /** REPLCONF capa psync2: it understands that the id changes. */
  followsIds = false
  /** REPLCONF rdb-only 1: the connection ends behind the snapshot. */
  wantsOnlySnapshot = false
  part: SnapshotPart = 'all'
  /** It sent SYNC: it does not acknowledge. */
  isSilent = false
  /** After a diskless snapshot: its first ACK tells that it has read it all. */
  isAwaitingAck = false
  /** The offset that +FULLRESYNC told it. */
  initialOffset = 0
  ackOffset = 0
  ackAt = 0
  /** Since when it takes nothing of a diskless snapshot. */
  stuckSince: number | undefined
  /** What waited for it to be taken when it was looked at last. */
  stuckAtBytes = 0
  #cursor: Cursor | undefined

  constructor(session: Session, backlog: Backlog) {
    this.session = session
    this.#backlog = backlog
  }

  /** It has asked to follow, and does. */
  get isAttached(): boolean {
    return this.state !== 'handshake'
  }

  /** As INFO shows it. */
  get stateName(): string {
    return STATE_NAMES[this.state]
  }

  get isOnline(): boolean {
    return this.state === 'online'
  }

  get ip(): string {
    if (this.announcedAddress !== '') return this.announcedAddress
    const { remote } = this.session.peer
    return remote.slice(0, remote.lastIndexOf(':')).replace(/^\[|\]$/g, '')
  }

  /** As log lines call it. */
  get name(): string {
    return `${this.ip}:${this.listeningPort === 0 ? '<unknown-replica-port>' : this.listeningPort}`
  }

  /** Seconds since its last ACK. */
  lagSeconds(now: number): number {
    return Math.floor((now - this.ackAt) / MICROS)
  }

  /** Bytes of the stream that it has not been sent. */
  get behindBytes(): number {
    return this.#cursor === undefined ? 0 : this.#backlog.behind(this.#cursor)
  }

  /** The blocks of the stream that are kept for it. */
  get kept(): { readonly blocks: number; readonly bytes: number } {
    return this.#cursor === undefined ? NOTHING_KEPT : this.#backlog.keptFor(this.#cursor)
  }

  /** The stream it gets begins with byte number `offset`. */
  startAt(offset: number): void {
    this.#cursor = this.#backlog.cursor(offset)
  }

  /** Sends of the stream what the connection takes; the rest when it is drained. */
  send(): void {
    const cursor = this.#cursor
    if (cursor === undefined || this.state !== 'online' || this.isAwaitingAck) return
    const { peer, isClosed } = this.session
    if (isClosed) return
    let room = WAITING_MAX - peer.waitingBytes
    const slices: Buffer[] = []
    while (room > 0) {
      const slice = this.#backlog.read(cursor)
      if (slice === undefined) break
      slices.push(slice)
      room -= slice.length
    }
    if (slices.length > 0) this.session.sendStream(slices)
  }

  /** It has gone, or is no replica any longer. */
  detach(): void {
    if (this.#cursor !== undefined) this.#backlog.release(this.#cursor)
    this.#cursor = undefined
  }
}
