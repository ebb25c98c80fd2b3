/**
 * CommandStream: what a master propagates once the replica is in sync, with exact replication offsets.
 *
 *   position in the connection   …│*2 SELECT 0│*3 SET k v│*1 PING│…
 *   replication offset        off │   off+23  │  off+50  │ off+64
 *
 * An offset is a count of bytes, so it is the position plus a constant (`anchor`), whatever happens in
 * between. SELECT is followed, MULTI … EXEC numbered as one transaction, PING and GETACK told apart.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Command, CommandSink } from '../codec/resp/command.ts'
import type { Emit, Origin } from './events.ts'
import type { Exchange } from './exchange.ts'
import type { Histories } from './histories.ts'
import { Tally } from './tally.ts'

/** Commands that say something about the stream itself. */
const PROTOCOL: ReadonlySet<string> = new Set(['PING', 'REPLCONF', 'SELECT', 'MULTI', 'EXEC'])

export class CommandStream implements CommandSink {
  /** replication offset − position; undefined while the offset is unknown */
  #anchor: number | undefined
  #replid: ByteString | undefined
  #db: number | undefined
  #transactions = 0
  /** The transaction that is open. */
  #tx: number | undefined
  #tally: Tally | undefined
  /** The last command was only counted. */
  #isCounted = false
  readonly #exchange: Exchange
  readonly #histories: Histories
  readonly #emit: Emit

  constructor(exchange: Exchange, histories: Histories) {
    this.#exchange = exchange
    this.#histories = histories
    this.#emit = exchange.emit
  }

  /**
   * The stream begins at `position`, which is right behind replication offset `offset`.
   * @param freshDb what is selected where no SELECT was seen before: 0 after a snapshot, unknown otherwise
   */
  begin(
    position: number,
    offset: number | undefined,
    replid: ByteString | undefined,
    freshDb?: number,
  ): void {
    this.#anchor = offset === undefined ? undefined : offset - position
    this.#replid = replid
    const known =
      replid === undefined || offset === undefined ? undefined : this.#histories.dbAt(replid, offset)
    this.#db = known ?? freshDb
    this.#tx = undefined
  }

  /** Bytes were lost: a SELECT, a MULTI or an EXEC may have been among them. Offsets stay what they are. */
  lose(): void {
    this.#db = undefined
    this.#tx = undefined
  }

  /** The replication offset at a position, if it is known. */
  offsetAt(position: number): number | undefined {
    return this.#anchor === undefined ? undefined : this.#anchor + position
  }

  leaves(): boolean {
    return false
  }

  /** From now on commands are counted, not told, but for those that the protocol itself is interested in. */
  count(): void {
    this.#tally = new Tally()
  }

  countsAlike(): boolean {
    return this.#isCounted
  }

  alike(count: number, from: number, to: number): void {
    this.#tally?.addAlike(count, to - from)
  }

  /** Tells what was counted. */
  tellCounted(position: number): void {
    const entries = this.#tally?.take()
    if (entries === undefined) return
    const end = this.offsetAt(position)
    this.#emit({ kind: 'tally', ...this.#exchange.origin('master', position, position), entries, end })
  }

  command(command: Command, from: number, to: number): void {
    const { name } = command
    if (this.#tally !== undefined) {
      this.#isCounted = !PROTOCOL.has(name)
      if (this.#isCounted) {
        this.#tally.add(name, to - from)
        return
      }
    }
    if (name === 'PING' && command.argc === 1) {
      this.#emit({ kind: 'ping', ...this.#where(from, to) })
      return
    }
    if (name === 'REPLCONF' && isGetAck(command)) {
      this.#emit({ kind: 'getack', ...this.#where(from, to) })
      return
    }
    if (name === 'SELECT') this.#select(command, to)
    else if (name === 'MULTI') this.#tx = ++this.#transactions
    this.#emit({
      kind: 'command',
      link: 0,
      conn: this.#exchange.conn,
      side: 'master',
      at: this.#exchange.now,
      from,
      to,
      start: this.offsetAt(from),
      end: this.offsetAt(to),
      db: this.#db,
      tx: this.#tx,
      command: this.#exchange.secrets.redact(command),
    })
    if (name === 'EXEC') this.#tx = undefined
  }

  /** A stray newline: a replica counts it, so it moves the offset like any other byte. */
  blank(from: number, to: number): void {
    this.#emit({ kind: 'heartbeat', ...this.#exchange.origin('master', from, to) })
  }

  /** A replica ignores a SELECT it cannot follow, and goes on in the database it was in. */
  #select(command: Command, to: number): void {
    const db = Number(command.arg(1))
    if (!Number.isSafeInteger(db) || db < 0) return
    this.#db = db
    const offset = this.offsetAt(to)
    if (this.#replid !== undefined && offset !== undefined) this.#histories.selected(this.#replid, offset, db)
  }

  #where(from: number, to: number): Origin & { start: number | undefined; end: number | undefined } {
    return {
      ...this.#exchange.origin('master', from, to),
      start: this.offsetAt(from),
      end: this.offsetAt(to),
    }
  }
}

function isGetAck(command: Command): boolean {
  const option = command.arg(1)
  return typeof option === 'string' && option.toUpperCase() === 'GETACK'
}
