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
 * A sync over two connections is one link: see pairing.ts. The second one has a link of its own only where
 * the first was never seen.
 */
import type { Command } from '../codec/resp/command.ts'
import type { Keep } from '../codec/resp/limits.ts'
import { type Beginning, type CommandDetail, Conversation } from './conversation.ts'
import type { Asked, Emit, LinkRole, Micros, ReplEvent, ReplKind, Resync } from './events.ts'
import { owned } from './held-events.ts'
import { Histories } from './histories.ts'
import { Connection, type Link } from './link.ts'
import { askedBy } from './master-side.ts'
import { announcement, Pairing } from './pairing.ts'
import { optionsOf } from './replconf.ts'
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
  /** Links of replicas that were never seen announcing a port. */
  readonly #nameless = new Set<Link>()
  readonly #waiting = new Set<Connection>()
  readonly #pairing = new Pairing()

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
   * @param tap hears each event at once, when its link, or its offset, may not be known yet
   */
  open(
    replica: string,
    master: string,
    at: Micros,
    begin: Beginning = 'handshake',
    tap?: Emit,
  ): Conversation {
    const connection = new Connection(++this.#conns, replica, master, at, begin === 'middle')
    const conversation = new Conversation({
      conn: connection.number,
      begin,
      emit: (event) => this.#receive(connection, event),
      tap,
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
      if (now - connection.since >= most) this.#identifyAsNew(connection, 'unknown')
    }
  }

  #receive(connection: Connection, event: ReplEvent): void {
    if (event.kind === 'request') this.#listen(connection, event.command, event.at)
    else if (event.kind === 'reply') this.#listenToReply(connection, event)
    else if (event.kind === 'resync') this.#listenToResync(connection)
    else if (event.kind === 'closed') connection.isClosed = true
    if (connection.link !== undefined) {
      this.#pass(connection, event)
      return
    }
    connection.events.push(owned(event))
    if (STREAMING.has(event.kind)) {
      this.#identifyByStream(connection, event)
      return
    }
    const tooMany = connection.events.length >= WAITING_EVENTS_MAX
    // An rdb connection that fits to several waits for the ids that tell, a while.
    const isResync = event.kind === 'resync' && this.#pairing.mainsOf(connection).length < 2
    if (isResync && !connection.isRdb) {
      const { asked, replid, offset } = event as Resync
      const has = replid === undefined || offset === undefined ? undefined : { replid, offset: offset + 1 }
      this.#identifyByHistory(connection, asked ?? has, event.at)
    } else if (tooMany || event.kind === 'closed' || event.kind === 'fault' || isResync) {
      // Whoever leaves without a word of replication was no replica.
      this.#identifyAsNew(connection, event.kind === 'closed' ? 'client' : 'unknown')
    }
  }

  /** Tells an event of a connection whose link is known. */
  #pass(connection: Connection, event: ReplEvent): void {
    const link = connection.link!
    event.link = link.number
    if (!connection.isRdb) {
      this.#remember(connection, link, event)
      this.#emit(event)
      if (event.kind === 'closed') this.#pairing.listen(connection, event)
      return
    }
    event.channel = 'rdb'
    const { main } = connection
    if (event.kind === 'resync') {
      link.replid = event.replid
      if (main !== undefined) link.live = main.number
    }
    // What was asked for was asked on the main connection: here it is always everything.
    const asked = event.kind === 'resync' ? main?.conversation?.asked : undefined
    this.#emit(asked === undefined ? event : ({ ...event, asked } as ReplEvent))
    this.#pairing.listen(connection, event)
  }

  /** Draws what can be drawn from a request about who is asking. */
  #listen(connection: Connection, command: Command, at: Micros): void {
    if (command.name === 'REPLCONF') this.#listenToIds(connection, command)
    if (command.name === 'PSYNC') this.#pairing.asks(connection)
    if (connection.settled) return
    if (!HANDSHAKE.has(command.name)) {
      connection.settled = true
      if (connection.link === undefined) this.#identifyAsNew(connection, 'client')
      return
    }
    if (command.name === 'REPLCONF') this.#listenToReplconf(connection, command, at)
    if (command.name === 'PSYNC' || command.name === 'SYNC') this.#listenToSync(connection, command, at)
  }

  #listenToReplconf(connection: Connection, command: Command, at: Micros): void {
    const options = optionsOf(command)
    const port = options.get('listening-port')
    if (port === undefined || port === '0') return
    const name = `${options.get('ip-address') ?? connection.host} ${port}`
    connection.name = name
    this.#pairing.announces(connection)
    const known = this.#comeBack(this.#known.get(`${name} ${connection.master}`), at)
    // It may be one that was never seen announcing its port: then the offset it asks for will tell.
    if (known === undefined && connection.link === undefined && this.#hasNameless(connection, at)) return
    connection.settled = true
    if (known !== undefined) this.#identify(connection, known, 'replica')
    else if (this.#joinsOrphan(connection)) return
    else if (connection.link === undefined) this.#identifyAsNew(connection, 'replica')
    this.#name(name, connection.link!)
  }

  /** Options that say which connections belong together. */
  #listenToIds(connection: Connection, command: Command): void {
    const options = optionsOf(command)
    const rdbId = options.get('set-rdb-client-id')
    if (rdbId !== undefined) {
      const rdb = this.#pairing.names(connection, rdbId)
      if (rdb !== undefined && rdb.link === undefined) this.#join(connection, rdb)
      else if (rdb !== undefined && connection.link === undefined) this.#joinOrphan(connection, rdb)
    }
    if (!options.has('rdb-channel') || connection.link !== undefined) return
    const port = options.get('listening-port')
    if (port !== undefined) connection.name = `${options.get('ip-address') ?? connection.host} ${port}`
    connection.settled = true
    this.#pairing.isRdb(connection, options.get('main-ch-client-id'))
    this.#joinIfClear(connection)
  }

  /** What a master says to open a second connection, and on it. */
  #listenToReply(connection: Connection, event: ReplEvent): void {
    const words = announcement(event)
    if (words === undefined) return
    const [word, first, , rdbId] = words
    if (!word!.startsWith('$')) {
      this.#pairing.isTold(connection, first)
      this.#joinsOrphan(connection)
      return
    }
    if (rdbId === undefined) return
    this.#pairing.isNamed(connection, rdbId)
    if (connection.link === undefined) this.#joinIfClear(connection)
  }

  /**
   * A resync on a connection that never said what it is: its words were lost, or it is seen from the middle
   * on. If there is one that waits for its second connection, this is it.
   */
  #listenToResync(connection: Connection): void {
    if (connection.isRdb) return
    this.#pairing.expectsNoMore(connection)
    if (connection.link === undefined && connection.name === undefined) this.#joinIfClear(connection)
  }

  #joinIfClear(rdb: Connection): void {
    const [main, ...others] = this.#pairing.mainsOf(rdb)
    if (main !== undefined && others.length === 0) this.#join(main, rdb)
  }

  #join(main: Connection, rdb: Connection): void {
    // Both announce the same port; that of the main connection may have been lost.
    main.name ??= rdb.name
    if (main.link === undefined) this.#identifyByHistory(main, main.conversation?.asked, rdb.since)
    this.#pairing.join(main, rdb)
    this.#identify(rdb, main.link!, 'replica')
  }

  /** Whether this is the main connection of one that was seen before it; then they are one link now. */
  #joinsOrphan(main: Connection): boolean {
    const rdb = main.link === undefined ? this.#pairing.orphanOf(main) : undefined
    if (rdb !== undefined) this.#joinOrphan(main, rdb)
    return rdb !== undefined
  }

  #joinOrphan(main: Connection, rdb: Connection): void {
    main.settled = true
    rdb.link ??= this.#newLink(main)
    this.#pairing.join(main, rdb)
    this.#identify(main, rdb.link, 'replica')
    if (main.name !== undefined) this.#name(main.name, rdb.link)
  }

  /** No handshake was seen, but this is what a replica's connection looks like. */
  #identifyByStream(connection: Connection, event: ReplEvent): void {
    const offset = event.kind === 'ack' || event.kind === 'anchor' ? event.offset : undefined
    const rdb = offset === undefined ? undefined : this.#pairing.rdbAt(connection, offset)
    if (rdb !== undefined) {
      this.#joinOrphan(connection, rdb)
      return
    }
    const link = this.#newLink(connection)
    this.#addNameless(link)
    this.#identify(connection, link, 'replica')
  }

  #name(announced: string, link: Link): void {
    const name = `${announced} ${link.master}`
    this.#nameless.delete(link)
    this.#known.delete(name)
    this.#known.set(name, link)
    if (this.#known.size > LOST_MAX) this.#known.delete(this.#known.keys().next().value as string)
  }

  #hasNameless({ host, master }: Connection, now: Micros): boolean {
    return [...this.#nameless].some(
      (link) => link.host === host && link.master === master && this.#comeBack(link, now) !== undefined,
    )
  }

  /**
   * The link, unless its replica is still there: two replicas behind one address may announce the same
   * port, and stay two.
   */
  #comeBack(link: Link | undefined, now: Micros): Link | undefined {
    return link?.last === undefined || link.last.isStale(now) ? link : undefined
  }

  /**
   * Without an announced port that is known, the history that is asked for tells who comes back, if the
   * place is free; or the offset, where the history was never seen.
   */
  #listenToSync(connection: Connection, command: Command, at: Micros): void {
    // Where words were lost, it may be the second connection of somebody: what it gets will tell.
    if (connection.link === undefined && connection.name === undefined && connection.hasLost) return
    this.#identifyByHistory(connection, askedBy(command.arg(1), command.arg(2)), at)
  }

  #identifyByHistory(connection: Connection, asked: Asked | undefined, at: Micros): void {
    connection.settled = true
    const lost =
      [...this.#known.values()].find(
        (link) =>
          link.live === undefined &&
          link.host === connection.host &&
          link.master === connection.master &&
          link.replid !== undefined &&
          link.replid === asked?.replid,
      ) ??
      [...this.#nameless].find(
        (link) =>
          asked !== undefined &&
          link.host === connection.host &&
          link.master === connection.master &&
          this.#comeBack(link, at) !== undefined &&
          link.acked !== undefined &&
          link.acked < asked.offset &&
          asked.offset <= link.passed + 1,
      )
    if (lost !== undefined) this.#identify(connection, lost, 'replica')
    else if (connection.link === undefined) this.#identifyAsNew(connection, 'replica')
    const link = connection.link!
    link.host = connection.host
    if (connection.name !== undefined) this.#name(connection.name, link)
    else if (![...this.#known.values()].includes(link)) {
      this.#known.set(`conn ${connection.number}`, link)
      this.#addNameless(link)
    }
  }

  #addNameless(link: Link): void {
    this.#nameless.add(link)
    if (this.#nameless.size > LOST_MAX) this.#nameless.delete(this.#nameless.values().next().value as Link)
  }

  #remember(connection: Connection, link: Link, event: ReplEvent): void {
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

  #identifyAsNew(connection: Connection, role: LinkRole): void {
    // Its main connection may have shown itself since this one did.
    if (connection.isRdb) this.#joinIfClear(connection)
    if (connection.link !== undefined) return
    this.#identify(connection, this.#newLink(connection), connection.isRdb ? 'snapshot-channel' : role)
  }

  #identify(connection: Connection, link: Link, role: LinkRole): void {
    connection.link = link
    if (!connection.isRdb) link.last = connection.conversation
    this.#waiting.delete(connection)
    const events = connection.events
    connection.events = []
    for (const event of events) this.#pass(connection, event.kind === 'opened' ? { ...event, role } : event)
  }

  #newLink({ host, master }: Connection): Link {
    return {
      number: ++this.#links,
      host,
      master,
      replid: undefined,
      live: undefined,
      last: undefined,
      acked: undefined,
      passed: 0,
    }
  }
}
