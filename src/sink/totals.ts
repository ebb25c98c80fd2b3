/**
 * Totals: what a session amounted to. Counts every event, shown or not, in bounded memory; the closing
 * tables and the JSON summary say the same because both are made from this.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { Histogram } from '../bytes/histogram.ts'
import type { LinkRole, Micros, ReplEvent, Resync, Side, SnapshotKey } from '../replication/events.ts'
import type { State } from '../replication/states.ts'
import type { Sink } from './sink.ts'

/** Details that are kept of things that may happen without end. */
const SYNCS_MAX = 100
const FAULTS_MAX = 100
const NAMES_MAX = 1000
/** Chars of a command name; a longer one is none of any server's. */
const NAME_MAX = 64
const LINKS_MAX = 10_000

export type SyncTotals = {
  readonly link: number
  /** Number of the sync within its link, from 1. */
  readonly number: number
  readonly at: Micros
  readonly mode: 'full' | 'partial'
  readonly why: string
  readonly replid: ByteString | undefined
  readonly offset: number | undefined
  /** From PSYNC until the snapshot began; undefined for a partial resync. */
  wait: Micros | undefined
  /** Newlines that the master sent meanwhile. */
  keepAlives: number
  bytes: number | undefined
  duration: Micros | undefined
  keys: number | undefined
  rdbVersion: number | undefined
  checksum: 'good' | 'absent' | 'bad' | undefined
  /** Who wrote the snapshot, as its aux fields say: `Redis 7.0.15`. */
  writer: string | undefined
  /** What the snapshot holds, by type and then by encoding. */
  readonly types: Map<string, Map<string, TypeTotals>>
  outcome: 'going on' | 'done' | 'aborted'
}

export type TypeTotals = { keys: number; items: number; bytes: number; expiring: number }

export type LinkTotals = {
  readonly link: number
  role: LinkRole
  replica: string
  master: string
  state: State | 'lost'
  /** The connection it has now: an older one may end after it. */
  conn: number
  readonly since: Micros
  connections: number
  requests: number
  full: number
  partial: number
  readonly syncs: SyncTotals[]
  /** Replication offset that has passed to the replica, and that it has acknowledged. */
  offset: number | undefined
  acked: number | undefined
  lagBytes: number | undefined
  lag: Micros | undefined
  acks: number
  forwarded: number
}

export type FaultTotals = {
  link: number
  side: Side
  code: string
  detail: string
  position: number
  fatal: boolean
}

/** Connections of a capture that are no Redis and were left out. */
export type StrangerTotals = {
  readonly protocol: string
  readonly address: string
  readonly connections: number
}

/** Aux fields that name the writer of a snapshot. */
const WRITERS: Readonly<Record<string, string>> = { 'redis-ver': 'Redis', 'valkey-ver': 'Valkey' }

/** What is remembered of an open connection. */
type Open = {
  link: number
  askedAt: Micros | undefined
  /** … and it was not PSYNC that asked. */
  saidSync: boolean
  keepAlives: number
}

export class Totals implements Sink {
  readonly links = new Map<number, LinkTotals>()
  readonly commands = new Map<string, { count: number; bytes: number }>()
  readonly faults: FaultTotals[] = []
  faultCount = 0
  gapCount = 0
  gapBytes = 0
  acks = 0
  pings = 0
  heartbeats = 0
  forwarded = 0
  dropped = 0
  /** Ordinary clients, and their requests, that are no longer in `links`. */
  forgottenClients = 0
  forgottenRequests = 0
  /** Told at the end by who read the capture. */
  strangers: readonly StrangerTotals[] = []
  readonly lags = new Histogram()
  readonly #open = new Map<number, Open>()

  event(event: ReplEvent): void {
    switch (event.kind) {
      case 'command':
        this.#command(event.command.name, 1, event.to - event.from)
        this.#passed(event.link, event.end)
        break
      case 'ping':
        this.pings++
        this.#passed(event.link, event.end)
        break
      case 'getack':
        this.#passed(event.link, event.end)
        break
      case 'snapshot-key':
        this.#key(event)
        break
      case 'tally':
        for (const [name, entry] of event.entries) this.#command(name, entry.count, entry.bytes)
        this.#passed(event.link, event.end)
        break
      case 'snapshot-slice':
        break
      case 'overflow':
        // Of the output, not of a link.
        this.dropped += event.dropped
        break
      default:
        this.#other(event)
    }
  }

  end(): void {}

  #other(
    event: Exclude<
      ReplEvent,
      { kind: 'command' | 'ping' | 'getack' | 'snapshot-slice' | 'snapshot-key' | 'overflow' | 'tally' }
    >,
  ): void {
    const link = this.#linkOf(event)
    const open = this.#openOf(event.conn, event.link)
    switch (event.kind) {
      case 'opened':
        if (link.connections++ > 0 && event.channel === 'rdb') break
        link.role = event.role
        link.replica = event.replica
        link.master = event.master
        link.state = 'client'
        link.conn = event.conn
        break
      case 'request':
        link.requests++
        if (!isSecond(event, link)) link.state = event.state
        if (link.role === 'unknown') link.role = event.state === 'client' ? 'unknown' : 'replica'
        if (event.command.name === 'PSYNC' || event.command.name === 'SYNC') {
          link.role = link.role === 'unknown' || link.role === 'client' ? 'replica' : link.role
          open.askedAt = event.at
          open.saidSync = event.command.name === 'SYNC'
          open.keepAlives = 0
        }
        break
      case 'resync':
        this.#resync(event, link, open)
        break
      case 'snapshot-begin': {
        link.state = 'snapshot'
        const sync = link.syncs.at(-1)
        if (sync === undefined) break
        sync.wait = open.askedAt === undefined ? undefined : event.at - open.askedAt
        sync.keepAlives = open.keepAlives
        break
      }
      case 'snapshot-end': {
        link.state = 'streaming'
        const sync = link.syncs.at(-1)
        if (sync === undefined) break
        const { bytes, duration, keys, rdbVersion, checksum } = event
        Object.assign(sync, { bytes, duration, keys, rdbVersion, checksum, outcome: 'done' })
        break
      }
      case 'snapshot-aux': {
        const sync = link.syncs.at(-1)
        const product = WRITERS[String(event.name)]
        if (sync !== undefined && product !== undefined) sync.writer = `${product} ${String(event.value)}`
        break
      }
      case 'ack':
        this.#ack(event, link)
        break
      case 'anchor':
        if (link.offset !== undefined) link.offset += event.correction
        break
      case 'heartbeat':
        this.heartbeats++
        if (event.side === 'master') open.keepAlives++
        break
      case 'gap':
        this.gapCount++
        this.gapBytes += event.missing
        break
      case 'fault':
        this.faultCount++
        if (this.faults.length < FAULTS_MAX) {
          const { side, code, detail, position, fatal } = event
          this.faults.push({ link: event.link, side, code, detail, position, fatal })
        }
        if (event.fatal && event.side === 'master') link.state = 'opaque'
        break
      case 'closed': {
        link.forwarded += event.bytes.master + event.bytes.replica
        this.forwarded += event.bytes.master + event.bytes.replica
        this.#open.delete(event.conn)
        if (event.how === 'end-of-input') {
          // We stopped watching: nothing is known to have ended.
        } else if (link.conn === event.conn) this.#lost(link)
        else if (isSecond(event, link)) this.#aborted(link)
        if (link.role === 'unknown') link.role = 'client'
        break
      }
    }
  }

  #lost(link: LinkTotals): void {
    link.state = 'lost'
    this.#aborted(link)
  }

  #aborted(link: LinkTotals): void {
    const sync = link.syncs.at(-1)
    if (sync?.outcome === 'going on') sync.outcome = 'aborted'
  }

  #command(name: string, count: number, bytes: number): void {
    let entry = this.commands.get(name)
    if (entry === undefined) {
      const key = this.commands.size < NAMES_MAX && name.length <= NAME_MAX ? name : '(others)'
      entry = this.commands.get(key) ?? { count: 0, bytes: 0 }
      this.commands.set(key, entry)
    }
    entry.count += count
    entry.bytes += bytes
  }

  #key(event: SnapshotKey): void {
    const types = this.links.get(event.link)?.syncs.at(-1)?.types
    if (types === undefined) return
    let encodings = types.get(event.type)
    if (encodings === undefined) types.set(event.type, (encodings = new Map()))
    let totals = encodings.get(event.encoding)
    if (totals === undefined) {
      totals = { keys: 0, items: 0, bytes: 0, expiring: 0 }
      encodings.set(event.encoding, totals)
    }
    totals.keys++
    totals.items += event.items
    totals.bytes += event.bytes
    if (event.expireAt !== undefined) totals.expiring++
  }

  #passed(number: number, offset: number | undefined): void {
    const link = this.links.get(number)
    if (link === undefined) return
    this.#streams(link)
    if (offset !== undefined) link.offset = offset
  }

  /** Its handshake may not have been seen, but only a replica is sent a stream and acknowledges it. */
  #streams(link: LinkTotals): void {
    if (link.role === 'unknown') link.role = 'replica'
    if (link.state === 'client') link.state = 'streaming'
  }

  #resync(event: Resync, link: LinkTotals, open: Open): void {
    const why = reason(event, link, open.saidSync)
    const isFull = event.mode === 'full'
    if (isFull) link.full++
    else link.partial++
    link.state = isFull ? 'awaiting-snapshot' : 'streaming'
    link.offset = event.offset
    const { mode, at, replid, offset } = event
    link.syncs.push({
      link: link.link,
      number: link.full + link.partial,
      at,
      mode,
      why,
      replid,
      offset,
      wait: undefined,
      keepAlives: open.keepAlives,
      bytes: undefined,
      duration: undefined,
      keys: undefined,
      rdbVersion: undefined,
      checksum: undefined,
      writer: undefined,
      types: new Map(),
      outcome: isFull ? 'going on' : 'done',
    })
    if (link.syncs.length > SYNCS_MAX) link.syncs.shift()
  }

  #ack(event: Extract<ReplEvent, { kind: 'ack' }>, link: LinkTotals): void {
    this.#streams(link)
    this.acks++
    link.acks++
    link.lagBytes = event.lagBytes
    const isNews = link.acked !== event.offset
    link.acked = event.offset
    if (!isNews || event.lag === undefined) return
    link.lag = event.lag
    this.lags.add(event.lag)
  }

  #linkOf(event: ReplEvent): LinkTotals {
    let link = this.links.get(event.link)
    if (link === undefined) {
      link = newLink(event.link, event.at)
      this.links.set(event.link, link)
      if (this.links.size > LINKS_MAX) this.#forgetOne()
    }
    return link
  }

  /** The oldest of the ordinary clients that have gone, which come by the thousand; else the oldest link. */
  #forgetOne(): void {
    let oldest: number | undefined
    for (const { link, role, state, requests } of this.links.values()) {
      oldest ??= link
      if (role !== 'client' || state !== 'lost') continue
      this.forgottenClients++
      this.forgottenRequests += requests
      this.links.delete(link)
      return
    }
    this.links.delete(oldest!)
  }

  #openOf(conn: number, link: number): Open {
    let open = this.#open.get(conn)
    if (open === undefined) {
      open = { link, askedAt: undefined, saidSync: false, keepAlives: 0 }
      this.#open.set(conn, open)
    }
    return open
  }
}

const UNSEEN = 'what it asked for was not captured'

/**
 * Why this resync is what it is, as far as the wire tells.
 * @param link as it was before it @param saidSync the old SYNC was seen to ask for it
 */
export function reason(
  event: Resync,
  link: { readonly syncs: readonly SyncTotals[] },
  saidSync: boolean,
): string {
  const { asked } = event
  const before = link.syncs.at(-1)
  if (event.mode === 'partial') {
    if (asked === undefined) return UNSEEN
    if (event.replid !== asked.replid) return 'history goes on under a new id (promotion)'
    return before === undefined ? 'the backlog holds what it asks for' : 'link lost; the backlog held it'
  }
  if (asked === undefined)
    return saidSync && event.replid === undefined ? 'old SYNC: asks for everything' : UNSEEN
  if (asked.replid === '?') return 'no history (PSYNC ? -1)'
  if (event.replid === undefined) return 'what its PSYNC was answered is not known'
  if (asked.replid !== event.replid && asked.offset === 1 && before === undefined) {
    return 'it has nothing of this master (offers a history of its own)'
  }
  if (asked.replid === event.replid) return `the backlog does not hold offset ${asked.offset}`
  if (before?.replid === asked.replid) return 'the master has another history now'
  return "its history is not the master's"
}

/** Whether an event is of the second connection of a two-connection sync, and the link has its first one. */
function isSecond(event: ReplEvent, link: LinkTotals): boolean {
  return event.channel === 'rdb' && link.connections > 0 && link.conn !== event.conn
}

function newLink(link: number, since: Micros): LinkTotals {
  return {
    link,
    role: 'unknown',
    replica: '',
    master: '',
    state: 'client',
    conn: 0,
    since,
    connections: 0,
    requests: 0,
    full: 0,
    partial: 0,
    syncs: [],
    offset: undefined,
    acked: undefined,
    lagBytes: undefined,
    lag: undefined,
    acks: 0,
    forwarded: 0,
  }
}
