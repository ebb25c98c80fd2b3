/**
 * LinkSession: one connection to our master, from its first word to its loss.
 *
 *   introduction ─► resync ─┬─► snapshot ─► loaded ─┐
 *                           └─► continue ───────────┴─► stream, ACKs
 *
 * All that belongs to this one connection is here, and goes with it; what outlives it (whom we follow, the
 * state, where we may go on) is the link's (master-link.ts).
 *
 * Source: redis 7.0 `src/replication.c`, syncWithMaster, readSyncBulkPayload, replicationSendAck.
 */
import { BYTE_STRING_MAX, type ByteString } from '../../bytes/byte-string.ts'
import type {
  Fault,
  ReplEvent,
  Reply,
  Resync,
  SnapshotBegin,
  StreamCommand,
} from '../../replication/events.ts'
import type { Loaded } from '../persistence/loader.ts'
import type { ServerState } from '../server-state.ts'
import { REPLID_LENGTH } from './history.ts'
import { Introduction } from './introduction.ts'
import { LinkConnection, type LinkOwner } from './link-connection.ts'
import { LOSSES } from './link-states.ts'
import type { MasterAddress, MasterLink } from './master-link.ts'
import { MasterSession } from './master-session.ts'
import type { Replication } from './replication.ts'
import { type IntakeOwner, SnapshotIntake } from './snapshot-intake.ts'
import { Upstream } from './upstream.ts'

/** Of a master from before PSYNC, or one that does not tell its id. */
const NO_ID = '' as ByteString
const PING = ['PING'] as unknown as readonly ByteString[]
/** No answer before the snapshot is as long as this: whoever goes on is not a master. */
const ANSWER_MAX = 64 * 1024
const NEWLINE = Buffer.from('\n')

export class LinkSession implements LinkOwner, IntakeOwner {
  readonly #server: ServerState
  readonly #replication: Replication
  readonly #link: MasterLink
  readonly #connection: LinkConnection
  readonly #introduction: Introduction
  /** What +FULLRESYNC promised. */
  #promised: { readonly replid: ByteString; readonly offset: number } = { replid: NO_ID, offset: -1 }
  /** The snapshot that is coming. */
  intake: SnapshotIntake | undefined
  #upstream: Upstream | undefined
  #chunk: { readonly bytes: Buffer; readonly position: number } | undefined
  /** The connection broke while what had come was being loaded. */
  #isBroken = false
  #isOver = false
  /** When the last byte came, or the attempt began. */
  heardAt: number

  constructor(server: ServerState, replication: Replication, link: MasterLink, target: MasterAddress) {
    this.#server = server
    this.#replication = replication
    this.#link = link
    this.heardAt = server.clock.now()
    this.#connection = new LinkConnection(server, target, this)
    this.#introduction = new Introduction(link, this.#connection, server.settings)
  }

  /** The database that is selected on the stream. */
  get db(): number | undefined {
    return this.#upstream?.session.db.index
  }

  /** Offset of the last byte that has come; what is applied is behind it while a command is not whole. */
  get readOffset(): number | undefined {
    return this.#upstream?.offsetAt(this.#connection.received)
  }

  /** Tells the master how far we are. */
  acknowledge(): void {
    // A master from before PSYNC does not want to know.
    if (this.#upstream === undefined || this.#replication.history.replid === NO_ID) return
    const words = ['REPLCONF', 'ACK', String(this.#upstream.appliedOffset)]
    this.#connection.send(words as unknown as readonly ByteString[])
  }

  /** Nothing more is heard of it. What has been applied is passed on. */
  end(): void {
    this.#isOver = true
    this.#connection.abandon()
    this.#upstream?.end()
    this.intake?.abandon()
  }

  // --- what the connection tells --------------------------------------------------------------------

  opened(): void {
    this.log('notice', 'Non blocking connect for SYNC fired the event.')
    this.#introduction.begin()
  }

  chunk(bytes: Buffer, position: number): void {
    this.heardAt = this.#server.clock.now()
    this.#chunk = { bytes, position }
    if (this.#upstream === undefined) return
    this.#upstream.session.lastActiveAt = this.heardAt
    this.#upstream.chunk(bytes, position)
  }

  heardAll(): void {
    this.#chunk = undefined
    const upstream = this.#upstream
    if (upstream !== undefined) {
      upstream.settle()
      this.#server.limits.checkInput(upstream.session)
    } else if (this.intake === undefined && this.#connection.openBytes > ANSWER_MAX) {
      this.#malformed('an answer without an end')
    }
  }

  heard(event: ReplEvent): void {
    switch (event.kind) {
      case 'reply':
        if (this.#link.state === 'transfer') this.#aborted(event)
        else this.#introduction.answered(event)
        break
      case 'resync':
        this.#resync(event)
        break
      case 'snapshot-begin':
        this.#snapshotBegins(event)
        break
      case 'snapshot-slice':
        this.intake?.take(event.slice)
        break
      case 'snapshot-end':
        this.#snapshotEnds(event.to)
        break
      case 'command':
        this.#command(event)
        break
      case 'ping':
        this.#upstream?.command(PING, event.to)
        break
      case 'getack':
        this.#upstream?.command(undefined, event.to)
        break
      case 'fault':
        this.#fault(event)
        break
      default:
    }
  }

  lost(why: string | undefined): void {
    if (this.intake?.isWhole) {
      this.#isBroken = true
      return
    }
    const { broken, retry } = LOSSES[this.#link.state]
    const line = broken.endsWith(' ') ? broken + (why ?? 'connection lost') : broken
    for (const one of this.intake?.broken() ?? [line]) this.log('warning', one)
    this.#link.giveUp(retry)
  }

  #command({ command, from, to }: StreamCommand): void {
    const argv = command.argv()
    // A word that is longer than a string can be was not kept, and what it does cannot be done.
    if (to - from > BYTE_STRING_MAX && !argv.every((word) => typeof word === 'string')) {
      this.#malformed('invalid bulk length')
    } else this.#upstream?.command(argv as readonly ByteString[], to)
  }

  #aborted({ value }: Reply): void {
    const text = 'value' in value ? String(value.value) : value.type
    this.log('warning', `MASTER aborted replication with an error: -${text}`)
    this.#link.giveUp('at-once')
  }

  #fault({ fatal, code, detail }: Fault): void {
    if (code === 'REPL_BAD_FULLRESYNC') this.log('warning', 'Master replied with wrong +FULLRESYNC syntax.')
    if (fatal) this.#malformed(detail)
  }

  /** What comes is not what a master says. */
  #malformed(detail: string): void {
    switch (this.#link.state) {
      case 'connected':
        this.log('warning', `Protocol error (${detail}) from master, connection lost.`)
        this.#link.giveUp('at-once', false)
        break
      case 'transfer':
        this.log('warning', `Bad protocol from MASTER: ${detail}`)
        this.#link.giveUp('at-once')
        break
      default:
        this.log('warning', `Bad protocol from MASTER during SYNC handshake: ${detail}`)
        this.#link.giveUp('next-second')
    }
  }

  // --- resynchronisation ----------------------------------------------------------------------------

  #resync({ mode, replid, offset, to }: Resync): void {
    // What the conversation tells of a SYNC was our own decision.
    if (this.#link.state !== 'receive-psync-reply') return
    this.#replication.failover.over()
    if (mode === 'partial') {
      this.#goOn(replid, to)
      return
    }
    this.#promised = { replid: replid ?? NO_ID, offset: offset ?? -1 }
    if (replid !== undefined) this.log('notice', `Full resync from master: ${replid}:${offset}`)
    this.#link.move('full')
  }

  #goOn(replid: ByteString | undefined, position: number): void {
    const { history, feed, backlog } = this.#replication
    const db = this.#link.resumed()
    if (db === undefined) {
      this.log('warning', 'Master continues a history that was not asked for')
      this.#link.giveUp('next-second')
      return
    }
    this.log('notice', 'Successful partial resynchronization with master.')
    if (replid?.length === REPLID_LENGTH && replid !== history.replid) {
      this.log('warning', `Master replication ID changed to ${replid}`)
      history.rename(replid)
      this.#replication.replicas.disconnectAll()
    }
    this.log('notice', 'MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.')
    if (!backlog.isActive) feed.open()
    this.#streamBegins(position, history.offset, db).release()
    this.#link.isNowUp('continue')
  }

  #snapshotBegins(begin: SnapshotBegin): void {
    if (this.#link.state !== 'transfer') return
    try {
      const isSameHistory = this.#promised.replid === this.#replication.history.replid
      this.intake = new SnapshotIntake(this.#server, begin, isSameHistory, this)
    } catch (error) {
      const what = 'Opening the temp file needed for MASTER <-> REPLICA synchronization'
      this.log('warning', `${what}: ${(error as Error).message}`)
      this.#link.giveUp('next-second')
    }
  }

  #snapshotEnds(position: number): void {
    if (this.intake === undefined) return
    // What comes behind it waits: here, and in the socket.
    this.#connection.peer.pause()
    this.#streamBegins(position, this.#promised.offset, 0)
    this.intake.end()
  }

  #streamBegins(position: number, offset: number, db: number): Upstream {
    const { executor, databases } = this.#server
    const session = new MasterSession(this.#server, executor, this.#connection.peer, () => this.#killed())
    session.db = databases[db] ?? session.db
    this.#upstream = new Upstream(session, this.#replication.feed, { position, offset }, () =>
      this.acknowledge(),
    )
    if (this.#chunk !== undefined) this.#upstream.chunk(this.#chunk.bytes, this.#chunk.position)
    return this.#upstream
  }

  /** CLIENT KILL */
  #killed(): void {
    if (!this.#isOver) this.lost(undefined)
  }

  // --- what the snapshot tells ----------------------------------------------------------------------

  attach(): void {
    this.#link.forget()
    this.#replication.leaveHistory()
  }

  newline(): void {
    this.#connection.sendBytes(NEWLINE)
  }

  hold(): void {
    this.#connection.peer.pause()
  }

  goOn(): void {
    // The master was kept waiting, not silent.
    this.heardAt = this.#server.clock.now()
    this.#connection.peer.resume()
  }

  loaded({ aux }: Loaded): void {
    const { history, feed } = this.#replication
    const upstream = this.#upstream!
    const byMark = this.intake!.framing === 'mark'
    this.intake = undefined
    // The master was not listened to meanwhile: its silence begins now.
    this.heardAt = this.#server.clock.now()
    this.#replication.localDeadlines.clear()
    history.adopt(this.#promised.replid, this.#promised.offset)
    feed.open()
    const db = Number(aux.get('repl-stream-db') ?? 0)
    upstream.session.db = this.#server.databases[db] ?? upstream.session.db
    this.#link.isNowUp('loaded')
    this.log('notice', 'MASTER <-> REPLICA sync: Finished with success')
    if (byMark) this.acknowledge()
    this.#server.executor.visit(() => upstream.release())
    if (this.#isBroken) this.lost(undefined)
    else this.#connection.peer.resume()
  }

  failed(): void {
    this.intake = undefined
    this.#link.giveUp('at-once')
  }

  log(level: 'notice' | 'warning', line: string): void {
    this.#server.surroundings.log(level, line)
  }
}
