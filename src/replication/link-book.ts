/**
 * LinkBook: which connections are the same link.
 *
 *   conn 1  127.0.0.1 announces port 7000 ─┐
 *   conn 2  redis-cli                      │ ─► link 2 (an ordinary client)
 *   conn 3  127.0.0.1 announces port 7000 ─┴──► link 1 goes on
 *
 * A *link* is what a person thinks of: one replica's relation to one master, across reconnects. Who a
 * connection belongs to is known only after its first words: the port a replica announces, the id and
 * offset it asks for, or a command no replica sends. So the first events of a connection wait here until
 * that is known, or until they have waited long enough to be worth showing; then they get a number, and the
 * listener sees them in order.
 *
 * A snapshot that travels on a second connection (REPLCONF rdb-channel) has a link of its own here.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Command } from '../codec/resp/command.ts'
import type { Keep } from '../codec/resp/limits.ts'
import { type Beginning, type CommandDetail, Conversation } from './conversation.ts'
import type { Emit, LinkRole, Micros, ReplEvent, ReplKind } from './events.ts'
import { Histories } from './histories.ts'
import { askedBy } from './master-side.ts'
import { Secrets } from './secrets.ts'
import type { SnapshotDetail } from './snapshot-reader.ts'

/** A connection that has not said who it is after this long is shown all the same. */
const WAIT_MAX: Micros = 200_000
/** One that has begun as replicas do gets longer: a busy or distant master is slow to answer its PING. */
const HANDSHAKE_WAIT_MAX: Micros = 5_000_000
/** One that is seen from its middle on shows what it is within seconds, or nothing passes there. */
const MIDDLE_WAIT_MAX: Micros = 10_000_000
const WAITING_EVENTS_MAX = 64
/** Lost links that are remembered for their replica to come back to. */
const LOST_MAX = 1024

/** What only a connection in sync sees. */
const STREAMING: ReadonlySet<ReplKind> = new Set(['ack', 'anchor', 'command', 'ping', 'getack', 'tally'])

/** What replicas say before PSYNC. Anything else comes from an ordinary client. */
const HANDSHAKE = new Set(['PING', 'AUTH', 'HELLO', 'REPLCONF', 'PSYNC', 'SYNC'])

export type LinkBookOptions = {
  readonly emit: Emit
  readonly secrets?: Secrets
  readonly keep?: Keep
  readonly snapshot?: SnapshotDetail
  readonly commands?: CommandDetail
}

export class LinkBook {
  readonly #emit: Emit
  readonly #secrets: Secrets
  readonly #depth: { keep?: Keep; snapshot?: SnapshotDetail; commands?: CommandDetail }
  readonly #histories = new Histories()
  #links = 0
  #conns = 0
  /** Links of replicas by who announced them (`host port`), lost ones to come back to and live ones. */
  readonly #known = new Map<string, Link>()
  /** Links of replicas whose handshake was never seen. */
  readonly #nameless = new Set<Link>()
  readonly #waiting = new Set<Connection>()

  constructor(options: LinkBookOptions) {
    this.#emit = options.emit
    this.#secrets = options.secrets ?? new Secrets()
    const { keep, snapshot, commands } = options
    this.#depth = { ...(keep && { keep }), ...(snapshot && { snapshot }), ...(commands && { commands }) }
  }

  /**
   * A new connection. `replica` and `master` are addresses as text; the host of `replica` (what stands
   * before its last colon) is what a reconnect must share.
   * @param begin `middle` where a capture begins later than the connection
   */
  open(replica: string, master: string, at: Micros, begin: Beginning = 'handshake'): Conversation {
    const connection = new Connection(++this.#conns, hostOf(replica), at, begin === 'middle')
    const conversation = new Conversation({
      conn: connection.number,
      begin,
      emit: (event) => this.#receive(connection, event),
      histories: this.#histories,
      secrets: this.#secrets,
      ...this.#depth,
    })
    this.#waiting.add(connection)
    connection.conversation = conversation
    conversation.opened(replica, master, at)
    return conversation
  }

  /** Time goes on: connections that have waited long enough get their number. */
  tick(now: Micros): void {
    for (const connection of this.#waiting) {
      const isSilent = connection.events.length <= 1
      const most = connection.isMiddle ? MIDDLE_WAIT_MAX : isSilent ? WAIT_MAX : HANDSHAKE_WAIT_MAX
      if (now - connection.since >= most) this.#identify(connection, this.#newLink(), 'unknown')
    }
  }

  #receive(connection: Connection, event: ReplEvent): void {
    if (event.kind === 'request') this.#listen(connection, event.command, event.at)
    if (connection.link !== undefined) {
      event.link = connection.link.number
      this.#remember(connection, event)
      this.#emit(event)
      return
    }
    connection.events.push(event.kind === 'request' ? { ...event, command: event.command.keep() } : event)
    if (STREAMING.has(event.kind)) {
      // No handshake was seen, but this is what a replica's connection looks like.
      const link = this.#newLink(connection.host)
      this.#nameless.add(link)
      if (this.#nameless.size > LOST_MAX) this.#nameless.delete(this.#nameless.values().next().value as Link)
      this.#identify(connection, link, 'replica')
      return
    }
    const tooMany = connection.events.length >= WAITING_EVENTS_MAX
    if (tooMany || event.kind === 'closed' || event.kind === 'fault' || event.kind === 'resync') {
      // Whoever leaves without a word of replication was no replica.
      this.#identify(connection, this.#newLink(), event.kind === 'closed' ? 'client' : 'unknown')
    }
  }

  /** Draws what can be drawn from a request about who is asking. */
  #listen(connection: Connection, command: Command, at: Micros): void {
    if (connection.settled) return
    if (!HANDSHAKE.has(command.name)) {
      connection.settled = true
      if (connection.link === undefined) this.#identify(connection, this.#newLink(), 'client')
      return
    }
    if (command.name === 'REPLCONF') this.#listenToReplconf(connection, command, at)
    if (command.name === 'PSYNC' || command.name === 'SYNC') this.#listenToSync(connection, command, at)
  }

  #listenToReplconf(connection: Connection, command: Command, at: Micros): void {
    const options = optionsOf(command)
    if (options.has('rdb-channel')) {
      connection.settled = true
      if (connection.link === undefined) this.#identify(connection, this.#newLink(), 'snapshot-channel')
      return
    }
    const port = options.get('listening-port')
    if (port === undefined || port === '0') return
    const name = `${options.get('ip-address') ?? connection.host} ${port}`
    connection.name = name
    const known = this.#comeBack(this.#known.get(name), at)
    // It may be one whose handshake was never seen: then the offset it asks for will tell.
    if (known === undefined && connection.link === undefined && this.#hasNameless(connection.host, at)) return
    connection.settled = true
    if (known !== undefined) this.#identify(connection, known, 'replica')
    else if (connection.link === undefined) this.#identify(connection, this.#newLink(), 'replica')
    this.#name(name, connection.link!)
  }

  #name(name: string, link: Link): void {
    this.#nameless.delete(link)
    this.#known.delete(name)
    this.#known.set(name, link)
    if (this.#known.size > LOST_MAX) this.#known.delete(this.#known.keys().next().value as string)
  }

  #hasNameless(host: string, now: Micros): boolean {
    return [...this.#nameless].some((link) => link.host === host && this.#comeBack(link, now) !== undefined)
  }

  /**
   * The link, unless its replica is still there: two replicas behind one address may announce the same
   * port, and stay two.
   */
  #comeBack(link: Link | undefined, now: Micros): Link | undefined {
    return link?.last === undefined || link.last.isStale(now) ? link : undefined
  }

  /**
   * Without an announced port that is known, the history that is asked for tells who comes back, if the place is
   * free; or the offset, where the history was never seen.
   */
  #listenToSync(connection: Connection, command: Command, at: Micros): void {
    connection.settled = true
    const asked = askedBy(command.arg(1), command.arg(2))
    const lost =
      [...this.#known.values()].find(
        (link) =>
          link.live === undefined &&
          link.host === connection.host &&
          link.replid !== undefined &&
          link.replid === asked?.replid,
      ) ??
      [...this.#nameless].find(
        (link) =>
          asked !== undefined &&
          link.host === connection.host &&
          this.#comeBack(link, at) !== undefined &&
          link.acked !== undefined &&
          link.acked < asked.offset &&
          asked.offset <= link.passed + 1,
      )
    if (lost !== undefined) this.#identify(connection, lost, 'replica')
    else if (connection.link === undefined) this.#identify(connection, this.#newLink(), 'replica')
    const link = connection.link!
    link.host = connection.host
    if (connection.name !== undefined) this.#name(connection.name, link)
    else if (![...this.#known.values()].includes(link)) this.#known.set(`conn ${connection.number}`, link)
  }

  #remember(connection: Connection, event: ReplEvent): void {
    const link = connection.link!
    if (event.kind === 'resync') {
      link.replid = event.replid
      link.live = connection.number
      // An older connection of the link may end later than this one began.
    } else if (event.kind === 'ack') link.acked = event.offset
    else if (event.kind === 'closed') {
      link.passed = connection.conversation?.offset ?? 0
      if (link.live === connection.number) link.live = undefined
      if (link.last === connection.conversation) link.last = undefined
    }
  }

  #identify(connection: Connection, link: Link, role: LinkRole): void {
    connection.link = link
    link.last = connection.conversation
    this.#waiting.delete(connection)
    const events = connection.events
    connection.events = []
    for (const event of events) {
      event.link = link.number
      this.#remember(connection, event)
      this.#emit(event.kind === 'opened' ? { ...event, role } : event)
    }
  }

  #newLink(host = ''): Link {
    const number = ++this.#links
    return { number, host, replid: undefined, live: undefined, last: undefined, acked: undefined, passed: 0 }
  }
}

type Link = {
  readonly number: number
  host: string
  /** The history it follows. */
  replid: ByteString | undefined
  /** Its connection that is in sync or on the way, if it has one. */
  live: number | undefined
  /** Its newest connection. */
  last: Conversation | undefined
  /** The offset it acknowledged last, and the one that had passed when its connection ended. */
  acked: number | undefined
  passed: number
}

class Connection {
  readonly number: number
  readonly host: string
  readonly since: Micros
  /** Its beginning was not seen. */
  readonly isMiddle: boolean
  conversation: Conversation | undefined
  link: Link | undefined
  /** What it announces: host and port. */
  name: string | undefined
  /** Who is asking is known for good. */
  settled = false
  events: ReplEvent[] = []

  constructor(number: number, host: string, since: Micros, isMiddle: boolean) {
    this.number = number
    this.isMiddle = isMiddle
    this.host = host
    this.since = since
  }
}

function hostOf(address: string): string {
  const colon = address.lastIndexOf(':')
  return address.startsWith('unix:') || colon < 0 ? address : address.slice(0, colon)
}

/** REPLCONF's pairs, names in lower case. Of an option that is repeated the last stays. */
export function optionsOf(command: Command): Map<string, string> {
  const options = new Map<string, string>()
  for (let i = 1; i + 1 < command.argc; i += 2) {
    const name = command.arg(i)
    const value = command.arg(i + 1)
    if (typeof name === 'string' && typeof value === 'string') options.set(name.toLowerCase(), value)
  }
  return options
}
