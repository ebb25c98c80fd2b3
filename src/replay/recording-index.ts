/**
 * RecordingIndex: what a first reading of a recording leaves behind: which links it holds, and where in their
 * connections snapshots and streams lie.
 *
 *   connection 1   handshake │ +FULLRESYNC │ snapshot │ stream ─────►   chapter 1
 *   connection 3   handshake │ +CONTINUE │ stream ──────────►           … goes on, by its offsets
 *   connection 4   handshake │ +FULLRESYNC │ snapshot │ stream ─►       chapter 2
 *
 * Positions only: the bytes are read a second time, when they are played.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Anchored, LinkRole, Micros, ReplEvent, Resync } from '../replication/events.ts'
import { type Chapter, chaptersOf } from './chapters.ts'

/** A snapshot in the master's stream of one connection; positions. */
export type RecordedSnapshot = {
  readonly headerFrom: number
  readonly from: number
  readonly end: number
  /** Behind the mark that may follow it: where the command stream begins. */
  readonly behind: number
  /** The database that the stream behind it begins in. */
  readonly db: number
}

/** A resync and what came of it. */
export type RecordedSync = {
  readonly conn: number
  readonly at: Micros
  /** `joined`: the main connection of a sync over two, whose snapshot came on the other. */
  readonly mode: 'full' | 'partial' | 'joined'
  /** Undefined for an old SYNC that says nothing either in its snapshot. */
  replid: ByteString | undefined
  offset: number | undefined
  readonly askedReplid: ByteString | undefined
  /** Position behind the line that announced it. */
  readonly answerEnd: number
  snapshot: RecordedSnapshot | undefined
  /** [from, to) of whole commands behind it, as far as nothing is missing. */
  streamFrom: number | undefined
  streamTo: number
  /** The first hole, if there is one: in the snapshot where that is not complete. */
  hole: { readonly position: number; readonly missing: number } | undefined
}

export type RecordedLink = {
  readonly number: number
  replica: string
  master: string
  role: LinkRole
  readonly conns: Set<number>
  readonly syncs: RecordedSync[]
  at: Micros
}

type OpenSnapshot = { readonly headerFrom: number; aux: Map<string, string> }

/** More links are not indexed: clients come and go by the million. */
const LINKS_MAX = 100_000

export class RecordingIndex {
  readonly links = new Map<number, RecordedLink>()
  /** The newest sync of each connection that is open. */
  readonly #syncs = new Map<number, RecordedSync>()
  readonly #snapshots = new Map<number, OpenSnapshot>()

  /** To be told each event of the reading. */
  readonly event = (event: ReplEvent): void => {
    const link = this.#link(event)
    const sync = this.#syncs.get(event.conn)
    switch (event.kind) {
      case 'opened':
        link?.conns.add(event.conn)
        if (link !== undefined && event.role !== 'unknown') link.role = event.role
        return
      case 'resync':
        this.#resync(link, event)
        return
      case 'snapshot-begin':
        this.#snapshots.set(event.conn, { headerFrom: event.from, aux: new Map() })
        return
      case 'snapshot-aux': {
        const { name, value } = event
        if (typeof name === 'string' && typeof value === 'string')
          this.#snapshots.get(event.conn)?.aux.set(name, value)
        return
      }
      case 'snapshot-end':
        if (sync !== undefined) this.#snapshotEnd(sync, event.conn, event)
        return
      case 'gap':
        if (sync !== undefined && event.side === 'master') {
          sync.hole ??= { position: event.from, missing: event.missing }
        }
        return
      case 'anchor':
        if (event.by === 'rdb') this.#joined(link, event.conn, event)
        return
      case 'command':
      case 'ping':
      case 'getack':
      case 'tally':
        if (sync?.streamFrom !== undefined && sync.hole === undefined) sync.streamTo = event.to
        return
      case 'closed':
        this.#syncs.delete(event.conn)
        this.#snapshots.delete(event.conn)
        return
      default:
        return
    }
  }

  /** Links that begin with a snapshot somewhere. */
  get playable(): RecordedLink[] {
    return [...this.links.values()].filter((link) => chaptersOf(link).length > 0)
  }

  chapters(link: RecordedLink): Chapter[] {
    return chaptersOf(link)
  }

  #link(event: ReplEvent): RecordedLink | undefined {
    const known = this.links.get(event.link)
    if (known !== undefined || event.kind !== 'opened' || this.links.size >= LINKS_MAX) return known
    const { replica, master, role, at } = event
    const link: RecordedLink = {
      number: event.link,
      replica,
      master,
      role,
      conns: new Set(),
      syncs: [],
      at,
    }
    this.links.set(event.link, link)
    return link
  }

  #resync(link: RecordedLink | undefined, event: Resync): void {
    const { conn, at, mode, replid, offset, asked, to } = event
    const isPartial = mode === 'partial'
    const sync: RecordedSync = {
      conn,
      at,
      mode,
      replid,
      offset,
      askedReplid: asked?.replid,
      answerEnd: to,
      snapshot: undefined,
      streamFrom: isPartial ? to : undefined,
      streamTo: to,
      hole: undefined,
    }
    this.#syncs.set(conn, sync)
    link?.syncs.push(sync)
  }

  #joined(link: RecordedLink | undefined, conn: number, { at, to, offset }: Anchored): void {
    const sync: RecordedSync = {
      conn,
      at,
      mode: 'joined',
      replid: undefined,
      offset,
      askedReplid: undefined,
      answerEnd: to,
      snapshot: undefined,
      streamFrom: to,
      streamTo: to,
      hole: undefined,
    }
    this.#syncs.set(conn, sync)
    link?.syncs.push(sync)
  }

  #snapshotEnd(sync: RecordedSync, conn: number, event: ReplEvent & { kind: 'snapshot-end' }): void {
    const open = this.#snapshots.get(conn)
    this.#snapshots.delete(conn)
    if (open === undefined || sync.hole !== undefined || sync.snapshot !== undefined) return
    const { from, to, bytes } = event
    const db = Number(open.aux.get('repl-stream-db') ?? 0)
    const streamDb = Number.isSafeInteger(db) && db >= 0 ? db : 0
    sync.snapshot = { headerFrom: open.headerFrom, from, end: from + bytes, behind: to, db: streamDb }
    sync.streamFrom = to
    sync.streamTo = to
    // An old SYNC names neither; the snapshot may.
    const offset = Number(open.aux.get('repl-offset') ?? Number.NaN)
    sync.replid ??= open.aux.get('repl-id') as ByteString | undefined
    sync.offset ??= Number.isSafeInteger(offset) ? offset : undefined
  }
}
