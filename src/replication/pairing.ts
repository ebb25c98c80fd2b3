/**
 * Pairing: which two connections are one sync.
 *
 *   Redis 8    main  ← RDBCHANNELSYNC 6          rdb  → REPLCONF … rdb-channel 1 main-ch-client-id 6
 *                                                rdb  ← FULLRESYNC <id> <offset>
 *   Valkey 8   main  ← DUALCHANNELSYNC           rdb  → REPLCONF … rdb-channel 1 listening-port 7000
 *              main  → REPLCONF set-rdb-client-id 5     rdb  ← $ENDOFF:<offset> <id> <db> 5
 *
 * Client ids decide, within one master. Valkey's come late, when the snapshot is about to begin; until then
 * the port that both announce decides, if only one connection fits. Where a packet was lost, the only
 * connection of that host that waits for its second one. Two that fit are none: then ids must tell.
 *
 * Offsets: only the rdb connection says where the stream of Redis 8's main connection begins.
 *
 * Source: redis `src/replication.c` (rdbChannelReplConf…); valkey `src/replication.c` (dual channel).
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { toText } from '../bytes/byte-string.ts'
import type { Micros, ReplEvent, Resync, SnapshotAux } from './events.ts'
import type { Connection } from './link.ts'

/** A connection that may need a second one: it has announced itself, or asked for a sync. */
type Main = {
  readonly connection: Connection
  hasAsked: boolean
  /** Its master has said so; else it has only asked, and the answer may have been lost. */
  isTold: boolean
  clientId: string | undefined
  rdbId: string | undefined
  hasRdb: boolean
}

type Told = { readonly offset: number; readonly replid: ByteString | undefined; readonly at: Micros }
type Rdb = {
  readonly connection: Connection
  /** Client id of its main connection, as it says (Redis), and its own, as its master says (Valkey). */
  mainId: string | undefined
  clientId: string | undefined
  db: number | undefined
  told: Told | undefined
}

/** rdb connections that are remembered for a main connection seen later. */
const RDBS_MAX = 64

export class Pairing {
  readonly #mains = new Map<Connection, Main>()
  readonly #rdbs = new Map<Connection, Rdb>()

  /** The connection has announced its port. */
  announces(connection: Connection): void {
    if (connection.isRdb || this.#mains.has(connection)) return
    const ids = { clientId: undefined, rdbId: undefined }
    this.#mains.set(connection, { connection, hasAsked: false, isTold: false, ...ids, hasRdb: false })
  }

  /** The connection has asked for a sync. */
  asks(connection: Connection): void {
    this.announces(connection)
    const main = this.#mains.get(connection)
    if (main !== undefined) main.hasAsked = true
  }

  /** It was told to open a second connection, which will name it by `clientId`. */
  isTold(connection: Connection, clientId: string | undefined): void {
    this.asks(connection)
    const main = this.#mains.get(connection)
    if (main === undefined) return
    main.isTold = true
    main.clientId ??= clientId
  }

  /** It got an answer that needs no second connection. */
  expectsNoMore(connection: Connection): void {
    this.#mains.delete(connection)
  }

  /** The connection says that it carries a snapshot for another one. */
  isRdb(connection: Connection, mainId: string | undefined): void {
    connection.isRdb = true
    this.#mains.delete(connection)
    const rdb = this.#rdbs.get(connection)
    if (rdb !== undefined) {
      rdb.mainId ??= mainId
      return
    }
    this.#rdbs.set(connection, { connection, mainId, clientId: undefined, db: undefined, told: undefined })
    if (this.#rdbs.size > RDBS_MAX) this.#rdbs.delete(this.#rdbs.keys().next().value as Connection)
  }

  /**
   * Valkey: the main connection names its second one. @returns the rdb connection that bears this id, if it
   * waits
   */
  names(connection: Connection, rdbId: string): Connection | undefined {
    this.isTold(connection, undefined)
    const main = this.#mains.get(connection)
    if (main !== undefined) main.rdbId = rdbId
    return [...this.#rdbs.values()].find(
      (rdb) =>
        rdb.connection.main === undefined &&
        rdb.clientId === rdbId &&
        rdb.connection.master === connection.master,
    )?.connection
  }

  /**
   * Valkey: the master names the rdb connection. The database it names too is none to rely on: where a
   * replica of a replica gets no SELECT, it says 0 (8.1) or -1 (9.1). The snapshot itself knows.
   */
  isNamed(connection: Connection, clientId: string): void {
    this.isRdb(connection, undefined)
    this.#rdbs.get(connection)!.clientId = clientId
  }

  /** The connections to which this one may be the second: one where ids tell, or where only one fits. */
  mainsOf(connection: Connection): readonly Connection[] {
    const rdb = this.#rdbs.get(connection)
    const mains = [...this.#mains.values()].filter(
      (main) => !main.hasRdb && !main.connection.isClosed && main.connection.master === connection.master,
    )
    const exact = mains.find(
      (main) =>
        (rdb?.mainId !== undefined && main.clientId === rdb.mainId) ||
        (rdb?.clientId !== undefined && main.rdbId === rdb.clientId),
    )
    const fitting = exact === undefined ? mains.filter((main) => mayBelong(main, rdb, connection)) : [exact]
    const asking = fitting.filter(({ hasAsked }) => hasAsked)
    return (asking.length > 0 ? asking : fitting).map((main) => main.connection)
  }

  /**
   * The rdb connection of this one, where a capture showed it first: a lost packet keeps back those behind it,
   * of its own connection only. A main connection is always opened before.
   */
  orphanOf(connection: Connection): Connection | undefined {
    const clientId = this.#mains.get(connection)?.clientId
    const [orphan, ...others] = [...this.#rdbs.values()].filter(
      ({ connection: rdb, mainId }) =>
        rdb.main === undefined &&
        rdb.link !== undefined &&
        rdb.master === connection.master &&
        rdb.since >= connection.since &&
        (clientId === undefined || mainId === undefined
          ? rdb.name !== undefined && rdb.name === connection.name
          : mainId === clientId),
    )
    return others.length === 0 ? orphan?.connection : undefined
  }

  /**
   * The rdb connection of a main connection whose beginning was not seen, known by the offset it begins
   * with.
   */
  rdbAt(connection: Connection, offset: number): Connection | undefined {
    return [...this.#rdbs.values()].find(
      (rdb) =>
        rdb.connection.main === undefined &&
        rdb.told?.offset === offset &&
        rdb.connection.host === connection.host &&
        rdb.connection.master === connection.master,
    )?.connection
  }

  /** They are one sync. */
  join(main: Connection, rdb: Connection): void {
    rdb.isRdb = true
    rdb.main = main
    const entry = this.#mains.get(main)
    if (entry !== undefined) entry.hasRdb = true
    this.#tell(rdb)
  }

  /** Takes note of what the rdb connection tells of the stream on the main connection. */
  listen(connection: Connection, event: ReplEvent): void {
    if (event.kind === 'resync') this.#resync(connection, event)
    else if (event.kind === 'snapshot-aux') this.#aux(connection, event)
    else if (event.kind === 'snapshot-end' && connection.main !== undefined) {
      this.#mains.delete(connection.main)
    } else if (event.kind === 'closed') this.#closed(connection)
  }

  #resync(connection: Connection, event: Resync): void {
    this.isRdb(connection, undefined)
    const { offset, replid, at } = event
    this.#rdbs.get(connection)!.told = offset === undefined ? undefined : { offset, replid, at }
    this.#tell(connection)
  }

  /**
   * The snapshot itself knows too where it was taken: the database always, the offset where no line told
   * it.
   */
  #aux(connection: Connection, { name, value, at }: SnapshotAux): void {
    const rdb = this.#rdbs.get(connection)
    if (rdb === undefined || typeof value !== 'string') return
    const number = Number(value)
    if (name === 'repl-stream-db' && number >= 0) {
      rdb.db = number
      connection.main?.conversation?.firstDb(number)
    } else if (name === 'repl-offset' && rdb.told === undefined && Number.isSafeInteger(number)) {
      rdb.told = { offset: number, replid: undefined, at }
      this.#tell(connection)
    }
  }

  #tell(connection: Connection): void {
    const rdb = this.#rdbs.get(connection)
    if (rdb?.told === undefined) return
    connection.main?.conversation?.tell(rdb.told.offset, rdb.told.replid, rdb.db, rdb.told.at)
  }

  #closed(connection: Connection): void {
    this.#mains.delete(connection)
    if (connection.main === undefined) return
    // Another attempt may follow.
    const main = this.#mains.get(connection.main)
    if (main !== undefined) main.hasRdb = false
    this.#rdbs.delete(connection)
  }
}

/** Whether a connection may be the second one of `main`, where ids do not tell (yet). */
function mayBelong(main: Main, rdb: Rdb | undefined, connection: Connection): boolean {
  const { name, host } = main.connection
  // Who has not asked yet, as far as was seen, is only known by its announced port.
  if (!main.hasAsked && (name === undefined || name !== connection.name)) return false
  // One that has not said that it carries a snapshot for another is only taken for it where that is waited
  // for.
  if (host !== connection.host || (rdb === undefined && !main.isTold)) return false
  if (rdb?.mainId !== undefined && main.clientId !== undefined) return false
  if (rdb?.clientId !== undefined && main.rdbId !== undefined) return false
  return connection.name === undefined || name === undefined || name === connection.name
}

/** `RDBCHANNELSYNC 6`, `DUALCHANNELSYNC` or `$ENDOFF:…`, as a master says them. */
export function announcement(event: ReplEvent): readonly string[] | undefined {
  if (event.kind !== 'reply' || event.value.type !== 'simple') return undefined
  const words = (toText(event.value.value) ?? '').split(' ')
  return /^(RDBCHANNELSYNC|DUALCHANNELSYNC|\$ENDOFF:\d+)$/i.test(words[0]!) ? words : undefined
}
