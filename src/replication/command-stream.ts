/**
 * CommandStream: what a master propagates once the replica is in sync, with exact replication offsets.
 *
 *   position in the connection   …│*2 SELECT 0│*3 SET k v│*1 PING│…
 *   replication offset        off │   off+23  │  off+50  │ off+64
 *
 * An offset is a count of bytes, so it is the position plus a constant (anchor.ts), whatever happens in
 * between. SELECT is followed, MULTI … EXEC numbered as one transaction, PING and GETACK told apart.
 *
 * Where the constant is not known yet (the capture begins in the middle; the other connection of a
 * two-connection sync tells it) events are held back, and told with their offsets when it is known: when two
 * ACKs agree, or a GETACK is answered, or it is told. Not for ever: see HOLD_MAX and held-events.ts. Then
 * they are told with the best estimate, or without offsets.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Command, CommandSink } from '../codec/resp/command.ts'
import { AckLag, type Lag } from './ack-lag.ts'
import { Anchor, type Finding } from './anchor.ts'
import type { Anchored, Micros, Offsets, Origin, ReplEvent } from './events.ts'
import type { Exchange } from './exchange.ts'
import type { Held } from './held-events.ts'
import type { Histories } from './histories.ts'
import { TYPICAL } from './recognise.ts'
import { Tally } from './tally.ts'

/** Commands that say something about the stream itself. */
const PROTOCOL: ReadonlySet<string> = new Set(['PING', 'REPLCONF', 'SELECT', 'MULTI', 'EXEC'])

/** A replica ACKs every second: after so long without knowing more, what is held back is told. */
const HOLD_MAX: Micros = 5_000_000

export class CommandStream implements CommandSink {
  readonly #anchor = new Anchor()
  readonly #lag = new AckLag()
  #hasBegun = false
  /** Its offset was not told when it began, but the replica may know it. */
  #isUntold = false
  /** Where it began, if that was seen. */
  #start: number | undefined
  /** Behind the last whole command outside a transaction; undefined where bytes are missing. */
  #boundary: number | undefined
  /** Commands before this position are in the database that was selected when it began. */
  #inFirstDb = 0
  #firstDb: number | undefined
  /** What another connection has told of the beginning of this stream. */
  #told: { offset: number; replid: ByteString | undefined; db: number | undefined } | undefined
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

  constructor(exchange: Exchange, histories: Histories) {
    this.#exchange = exchange
    this.#histories = histories
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
    this.#hasBegun = true
    this.#isUntold = false
    this.#start = position
    this.#boundary = position
    this.#inFirstDb = Number.POSITIVE_INFINITY
    this.#tx = undefined
    this.#anchor.forget()
    this.#db = undefined
    this.#firstDb = undefined
    if (offset === undefined) this.#replid = replid
    else this.#know(offset, replid)
    this.firstDb(freshDb ?? this.#told?.db)
  }

  /** The stream begins at `position`; its offset will be told later, and until then events are held back. */
  beginUntold(position: number): void {
    this.begin(position, undefined, undefined)
    this.#isUntold = true
    this.#exchange.hold()
    if (this.#told !== undefined) this.tell(this.#told.offset, this.#told.replid, this.#told.db)
  }

  /**
   * The offset right before a stream that began untold (or will), and the database that was selected there.
   */
  tell(offset: number, replid: ByteString | undefined, db: number | undefined): void {
    this.#told = { offset, replid, db }
    if (!this.#isUntold || this.#start === undefined) return
    this.#isUntold = false
    const before = this.#exchange.held === undefined ? this.#anchor.value : undefined
    this.#know(offset, replid)
    this.firstDb(db)
    this.#settle('rdb', before === undefined ? 0 : this.#anchor.value! - before)
  }

  /** The database that was selected when the stream began, where only somebody else knows it. */
  firstDb(db: number | undefined): void {
    if (this.#told !== undefined) this.#told.db ??= db
    this.#firstDb ??= db
    if (this.#isInFirstDb) this.#db ??= this.#firstDb
  }

  /** Bytes were lost: a SELECT, a MULTI or an EXEC may have been among them. Offsets stay what they are. */
  lose(): void {
    this.#db = undefined
    this.#inFirstDb = Math.min(this.#inFirstDb, this.#exchange.bytes.master)
    this.#tx = undefined
    this.#boundary = undefined
  }

  /** Behind lost bytes, a command begins at `position`. */
  find(position: number): void {
    // Its beginning was not seen.
    if (!this.#hasBegun) this.#isUntold = true
    this.#hasBegun = true
    this.#boundary = position
  }

  /** What looked like a stream was none. */
  drop(): void {
    this.#tally?.take()
    this.#exchange.held?.dropStream()
    this.lose()
  }

  /** ACKs may have been lost. */
  lostAcks(): void {
    this.#anchor.lostAcks()
  }

  /** The replication offset at a position, if it is known. */
  offsetAt(position: number): number | undefined {
    const { value } = this.#anchor
    return value === undefined ? undefined : value + position
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
    if (this.#tx === undefined) this.#boundary = to
  }

  /** A chunk of the master's bytes has been read: tells what was counted, and marks when it passed. */
  passed(position: number): void {
    const entries = this.#tally?.take()
    if (entries !== undefined) {
      const end = this.offsetAt(position)
      const origin = this.#exchange.origin('master', position, position)
      this.#exchange.emit({ kind: 'tally', ...origin, entries, end })
    }
    const { bytes, now } = this.#exchange
    // Where no snapshot stands before it, that nothing has passed yet is no moment to count from.
    const isEmpty = this.#isUntold && bytes.master === this.#start
    if (this.#hasBegun && !isEmpty) this.#lag.mark(bytes.master, now)
  }

  command(command: Command, from: number, to: number): void {
    const { name } = command
    if (this.#tally !== undefined) {
      this.#isCounted = !PROTOCOL.has(name)
      if (this.#isCounted) {
        this.#tally.add(name, to - from)
        if (this.#tx === undefined) this.#boundary = to
        return
      }
    }
    const exchange = this.#exchange
    if (name === 'PING' && command.argc === 1) {
      exchange.emit({ kind: 'ping', ...this.#where(from, to) })
    } else if (name === 'REPLCONF' && isGetAck(command)) {
      this.#anchor.getack(from)
      exchange.emit({ kind: 'getack', ...this.#where(from, to) })
    } else {
      if (name === 'SELECT') this.#select(command, from, to)
      else if (name === 'MULTI') this.#tx = ++this.#transactions
      exchange.emit({
        kind: 'command',
        link: 0,
        conn: exchange.conn,
        side: 'master',
        at: exchange.now,
        from,
        to,
        start: this.offsetAt(from),
        end: this.offsetAt(to),
        db: this.#db,
        tx: this.#tx,
        command: exchange.secrets.redact(command),
      })
      if (name === 'EXEC') this.#tx = undefined
    }
    if (this.#tx === undefined) this.#boundary = to
    if (exchange.held?.isFull) this.giveUp()
  }

  /** A stray newline: a replica counts it, so it moves the offset like any other byte. */
  blank(from: number, to: number): void {
    this.#exchange.emit({ kind: 'heartbeat', ...this.#exchange.origin('master', from, to) })
  }

  /** The replica acknowledges `offset`, with bytes from position `from` on in its stream. */
  acked(offset: number, from: number): void {
    const { bytes, isIncomplete, state } = this.#exchange
    if (state !== 'streaming') return
    if (!this.#hasBegun) this.find(bytes.master)
    if (this.#anchor.value === undefined && !this.#isUntold) return
    const finding = this.#anchor.acked(offset, this.#boundary, bytes.master, isIncomplete)
    if (finding !== undefined) this.#found(finding, from)
  }

  /** The lag of an ACK; undefined where offsets are not known, or not for sure yet. */
  lagOf(offset: number): Lag | undefined {
    const { value } = this.#anchor
    const { bytes, now, held } = this.#exchange
    if (value === undefined || held !== undefined) return undefined
    return this.#lag.measure(offset - value, bytes.master, now)
  }

  /** Time has gone on: what was held back for long is told. */
  tick(): void {
    const { held, now } = this.#exchange
    if (held?.since !== undefined && now - held.since >= HOLD_MAX) this.giveUp()
  }

  /** Nothing more will be known: what is held back is told with what is known. */
  giveUp(): void {
    const exchange = this.#exchange
    if (exchange.state === 'unknown' && !exchange.held?.some(isTypical)) {
      exchange.held?.dropStream()
      return
    }
    exchange.move('stream')
    if (this.#anchor.value !== undefined) this.#settle(this.#anchor.by, 0)
    else exchange.release(({ event }) => event)
  }

  /** The connection ends. */
  end(): void {
    const { held, bytes } = this.#exchange
    if (held !== undefined) this.giveUp()
    // What nobody has recognised waits for no more.
    this.#exchange.release(({ event }) => event)
    const finding = this.#anchor.ended(bytes.master)
    if (finding !== undefined) this.#found(finding, bytes.replica)
  }

  #found(finding: Finding, from: number): void {
    if (finding.kind === 'mismatch') this.#mismatch(finding, from)
    else if (finding.kind === 'settled' && this.#exchange.held !== undefined) this.#settle(finding.by, 0)
    else if (this.#exchange.held === undefined && (finding.kind === 'moved' || finding.correction !== 0)) {
      this.#exchange.emit(this.#anchored(finding.by, finding.correction))
    }
  }

  /** The protocol has told where the stream began. */
  #know(offset: number, replid: ByteString | undefined): void {
    this.#anchor.know(offset - this.#start!)
    this.#replid = replid
    if (replid !== undefined) this.firstDb(this.#histories.dbAt(replid, offset))
  }

  get #isInFirstDb(): boolean {
    return this.#inFirstDb === Number.POSITIVE_INFINITY
  }

  #settle(by: Anchored['by'], correction: number): void {
    const anchored = this.#anchored(by, correction)
    this.#exchange.release((held) => this.#complete(held), anchored)
  }

  #anchored(by: Anchored['by'], correction: number): Anchored {
    const exchange = this.#exchange
    const { first, ofStream } = exchange.held ?? { first: undefined, ofStream: 0 }
    const position = first?.from ?? this.#boundary ?? exchange.bytes.master
    const origin = exchange.origin('master', position, position)
    return { kind: 'anchor', ...origin, offset: this.offsetAt(position)!, by, held: ofStream, correction }
  }

  /** What was held back, with what is known now. */
  #complete({ event, passed }: Held): ReplEvent {
    switch (event.kind) {
      case 'command': {
        const db = event.db ?? (event.from < this.#inFirstDb ? this.#firstDb : undefined)
        if (event.command.name === 'SELECT') this.#rememberSelect(event.db, event.to)
        return { ...event, db, ...this.#offsets(event) }
      }
      case 'ping':
      case 'getack':
        return { ...event, ...this.#offsets(event) }
      case 'tally':
        return { ...event, end: this.offsetAt(event.to) }
      case 'ack':
        return { ...event, ...this.#lag.measure(event.offset - this.#anchor.value!, passed, event.at) }
      default:
        return event
    }
  }

  #mismatch({ by, correction }: Finding, from: number): void {
    const bytes = `${Math.abs(correction)} ${Math.abs(correction) === 1 ? 'byte' : 'bytes'}`
    const detail =
      by === 'ack'
        ? `the replica acknowledges ${bytes} more than have passed`
        : `the answer to GETACK is ${bytes} ${correction > 0 ? 'ahead of' : 'behind'} where it stood`
    this.#exchange.emit({
      kind: 'fault',
      ...this.#exchange.origin('replica', from, from),
      code: 'REPL_OFFSET_MISMATCH',
      detail: `${detail}; from here on offsets are the replica's`,
      position: from,
      fatal: false,
    })
  }

  /** A replica ignores a SELECT it cannot follow, and goes on in the database it was in. */
  #select(command: Command, from: number, to: number): void {
    const db = Number(command.arg(1))
    if (!Number.isSafeInteger(db) || db < 0) return
    this.#inFirstDb = Math.min(this.#inFirstDb, from)
    this.#db = db
    if (this.#exchange.held === undefined) this.#rememberSelect(db, to)
  }

  #rememberSelect(db: number | undefined, to: number): void {
    const offset = this.offsetAt(to)
    if (db === undefined || this.#replid === undefined || offset === undefined) return
    this.#histories.selected(this.#replid, offset, db)
  }

  #offsets({ from, to }: { readonly from: number; readonly to: number }): Offsets {
    return { start: this.offsetAt(from), end: this.offsetAt(to) }
  }

  #where(from: number, to: number): Origin & Offsets {
    return {
      ...this.#exchange.origin('master', from, to),
      start: this.offsetAt(from),
      end: this.offsetAt(to),
    }
  }
}

/** Whether an event of the stream is such as no reply to a client looks like. */
function isTypical(event: ReplEvent): boolean {
  if (event.kind === 'command') return TYPICAL.has(event.command.name)
  return event.kind === 'ping' || event.kind === 'getack' || event.kind === 'tally'
}

function isGetAck(command: Command): boolean {
  const option = command.arg(1)
  return typeof option === 'string' && option.toUpperCase() === 'GETACK'
}
