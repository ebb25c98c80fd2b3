/**
 * The bytes a master sends, as one program: replies, then `+FULLRESYNC` and a snapshot, then the command
 * stream.
 *
 *   +PONG +OK … │ \n \n +FULLRESYNC <id> <offset> │ \n $<len> or $EOF:<mark> <rdb> │ *2 SELECT 0 *3 SET …
 *   replies     │ the answer to PSYNC             │ snapshot                       │ stream
 *
 * What the next byte means depends on what the replica has asked, so the state is looked up before every
 * item.
 *
 * Source: redis `src/replication.c`: syncCommand, replicationSetupSlaveForFullResync, readSyncBulkPayload.
 */
import type { ByteSource } from '../bytes/byte-source.ts'
import { type ByteString, quoted } from '../bytes/byte-string.ts'
import { Malformed, type Program } from '../bytes/resumable.ts'
import { commands } from '../codec/resp/command.ts'
import { respValue } from '../codec/resp/decode.ts'
import type { Keep } from '../codec/resp/limits.ts'
import { line } from '../codec/resp/lines.ts'
import type { RespValue } from '../codec/resp/values.ts'
import type { CommandStream } from './command-stream.ts'
import type { Asked } from './events.ts'
import type { Exchange, Waiting } from './exchange.ts'
import type { Histories } from './histories.ts'
import { beginsSnapshot, landmark } from './recognise.ts'
import { relock } from './relock.ts'
import { type EndOff, snapshotHeader } from './snapshot-frame.ts'
import { type FramedHeader, SnapshotPassage } from './snapshot-passage.ts'
import type { SnapshotDetail, StreamHint } from './snapshot-reader.ts'

const LF = 0x0a
const CR = 0x0d
const DOLLAR = 0x24
const MINUS = 0x2d
const REPLID_LENGTH = 40

export class MasterSide {
  readonly #exchange: Exchange
  readonly #stream: CommandStream
  readonly #histories: Histories
  readonly #keep: Keep
  readonly #snapshotDetail: SnapshotDetail
  /** What +FULLRESYNC promised; the stream begins there when the snapshot has passed. */
  #promised: { readonly replid: ByteString | undefined; readonly offset: number | undefined } | undefined

  /** The snapshot that is passing. */
  #passage: SnapshotPassage | undefined
  /** Bytes were lost and the next thing that can be understood is not found yet. */
  #isLost = false

  constructor(
    exchange: Exchange,
    stream: CommandStream,
    histories: Histories,
    depth: { readonly keep: Keep; readonly snapshot: SnapshotDetail },
  ) {
    this.#exchange = exchange
    this.#stream = stream
    this.#histories = histories
    this.#keep = depth.keep
    this.#snapshotDetail = depth.snapshot
  }

  /**
   * A hole in the capture: what was being read is lost, and so are requests that would tell replies apart.
   */
  lose(): void {
    this.#passage?.lose()
    if (this.#passage !== undefined) return
    this.#exchange.move('lost')
    this.#isLost = true
    this.#stream.lose()
  }

  /** What comes next is the beginning of a reply. */
  recognised(): void {
    this.#isLost = false
  }

  *program(src: ByteSource): Program {
    for (;;) {
      let first: number | undefined
      while ((first = src.peek()) === undefined) yield
      const { state, answered } = this.#exchange
      const repliesAreOver = answered === undefined || answered.name === 'SYNC'
      if (state === 'unknown') yield* this.#recognise(src)
      else if (this.#isLost && state === 'streaming') yield* this.#findAgain(src)
      else if (this.#passage !== undefined) yield* this.#passSnapshot(src, this.#passage)
      else if (state === 'streaming') yield* commands(src, this.#stream, { inline: false, keep: this.#keep })
      else if (first === LF || first === CR) yield* this.#heartbeat(src)
      else if (state === 'awaiting-snapshot' && repliesAreOver && first !== MINUS)
        yield* this.#snapshot(src, first)
      else if (this.#exchange.isIncomplete && (yield* beginsSnapshot(src))) {
        // Whoever asked for it was not seen asking.
        this.#exchange.move('sync')
        yield* this.#snapshot(src, DOLLAR)
      } else yield* this.#reply(src)
    }
  }

  /** Finds the next command of the stream. */
  *#findAgain(src: ByteSource): Program {
    yield* relock(src)
    this.#stream.find(src.position)
    this.#isLost = false
  }

  /**
   * Nobody has told what passes: looks for something that can be told by its looks. Commands are tried:
   * their events are held back, and taken back when something else follows them.
   */
  *#recognise(src: ByteSource): Program {
    this.#isLost = false
    const found = yield* landmark(src)
    if (found === 'command') {
      yield* this.#tryStream(src)
      return
    }
    this.#stream.drop()
    this.#exchange.release(({ event }) => event)
    if (found === 'snapshot') {
      this.#exchange.move('sync')
      yield* this.#snapshot(src, DOLLAR)
    } else yield* this.#reply(src)
  }

  *#tryStream(src: ByteSource): Program {
    const { position } = src
    this.#stream.find(position)
    try {
      yield* commands(src, this.#stream, { inline: false, keep: this.#keep })
    } catch (error) {
      if (!(error instanceof Malformed) || this.#exchange.state !== 'unknown') throw error
      this.#stream.drop()
      if (src.position === position) src.take(1)
    }
  }

  *#heartbeat(src: ByteSource): Program {
    const from = src.position
    if (src.peek() === CR) src.take(1)
    let byte: number | undefined
    while ((byte = src.u8()) === undefined) yield
    if (byte !== LF) throw new Malformed('RESP_BAD_LINE_END', 'CR without LF', src.position - 1)
    this.#exchange.emit({ kind: 'heartbeat', ...this.#exchange.origin('master', from, src.position) })
  }

  *#reply(src: ByteSource): Program {
    const from = src.position
    const value = yield* respValue(src, this.#keep)
    const exchange = this.#exchange
    if (
      value.type === 'simple' &&
      this.#psyncMayBeAnswered() &&
      this.#resync(value.value, from, src.position)
    )
      return
    // Out-of-band pushes and attributes answer nothing.
    const isReply = value.type !== 'push' && value.type !== 'attribute'
    const request = isReply
      ? exchange.takeAnswered(value.type === 'simple' || value.type === 'error')
      : undefined
    this.#emitReply(value, request, from, src.position)
    const isRefused = request?.name === 'PSYNC' || request?.name === 'SYNC'
    // A SYNC that was sent behind a refused PSYNC is still to be answered.
    if (isRefused && exchange.answered?.name !== 'SYNC') exchange.move('refused')
  }

  #emitReply(value: RespValue, request: Waiting | undefined, from: number, to: number): void {
    const { secrets, state, replicaIsOpaque } = this.#exchange
    const mayReveal = this.#exchange.mayReveal || replicaIsOpaque
    this.#exchange.emit({
      kind: 'reply',
      ...this.#exchange.origin('master', from, to),
      value: secrets.redactReply(value, request?.sensitive, mayReveal),
      ...(secrets.blanks && { blanked: secrets.blankReply(value, request?.sensitive, mayReveal) }),
      error: value.type === 'error',
      answers: request?.name,
      state,
    })
  }

  /**
   * A PSYNC is waiting, perhaps behind one that was refused; or the requests cannot be read, and we judge
   * by what the master says.
   */
  #psyncMayBeAnswered(): boolean {
    const { state, answered, replicaIsOpaque, isIncomplete } = this.#exchange
    if (state === 'unknown') return true
    return state === 'awaiting-resync' || answered?.name === 'PSYNC' || replicaIsOpaque || isIncomplete
  }

  /** Acts on a line that answers PSYNC; false where it is none. */
  #resync(text: ByteString, from: number, to: number): boolean {
    const [word, first, second] = text.split(' ') as (ByteString | undefined)[]
    const exchange = this.#exchange
    switch (word?.toUpperCase()) {
      case 'FULLRESYNC':
        this.#fullResync(first, second, from, to)
        break
      case 'CONTINUE':
        if (exchange.isTwoConnection) this.#streamBegins(text, from, to)
        else this.#partialResync(first, from, to)
        break
      case 'RDBCHANNELSYNC':
      case 'DUALCHANNELSYNC':
        this.#emitReply({ type: 'simple', value: text }, { name: 'PSYNC', sensitive: undefined }, from, to)
        exchange.isTwoConnection = true
        if (exchange.state !== 'awaiting-resync') exchange.move('psync')
        exchange.move(word.toUpperCase() === 'RDBCHANNELSYNC' ? 'rdbchannel' : 'dualchannel')
        // Redis 8: the stream follows here, but only the other connection says from which offset.
        if (exchange.state === 'streaming') this.#stream.beginUntold(to)
        break
      default:
        return false
    }
    exchange.forgetOutstanding()
    return true
  }

  #fullResync(
    id: ByteString | undefined,
    offsetText: ByteString | undefined,
    from: number,
    to: number,
  ): void {
    const exchange = this.#exchange
    const offset = Number(offsetText)
    const good = id?.length === REPLID_LENGTH && offsetText !== undefined && Number.isSafeInteger(offset)
    this.#promised = good ? { replid: id, offset } : { replid: undefined, offset: undefined }
    if (!good) {
      // A real replica goes on too, as if it had sent SYNC.
      exchange.emit({
        kind: 'fault',
        ...exchange.origin('master', from, to),
        code: 'REPL_BAD_FULLRESYNC',
        detail: 'FULLRESYNC without a 40-character id and an offset: offsets of this link are unknown',
        position: from,
        fatal: false,
      })
    }
    if (exchange.state !== 'awaiting-resync') exchange.move('psync')
    exchange.move('fullresync')
    exchange.emit({
      kind: 'resync',
      ...exchange.origin('master', from, to),
      mode: 'full',
      ...this.#promised,
      asked: exchange.asked,
    })
  }

  /** Valkey 8: the snapshot comes elsewhere, and the stream behind it begins here. No sync of its own. */
  #streamBegins(text: ByteString, from: number, to: number): void {
    const exchange = this.#exchange
    this.#emitReply({ type: 'simple', value: text }, exchange.takeAnswered(false), from, to)
    if (exchange.state !== 'awaiting-resync') exchange.move('psync')
    exchange.move('continue')
    const { asked } = exchange
    if (asked === undefined || asked.offset < 1) this.#stream.beginUntold(to)
    else this.#stream.begin(to, asked.offset - 1, asked.replid)
  }

  #partialResync(id: ByteString | undefined, from: number, to: number): void {
    const exchange = this.#exchange
    const { asked } = exchange
    const knows = asked !== undefined && asked.offset > 0
    const replid = id ?? (knows ? asked.replid : undefined)
    const offset = knows ? asked.offset - 1 : undefined
    if (knows && replid !== undefined) {
      this.#histories.continues(replid, asked.replid, asked.offset - 1)
    }
    if (exchange.state !== 'awaiting-resync') exchange.move('psync')
    exchange.move('continue')
    exchange.emit({
      kind: 'resync',
      ...exchange.origin('master', from, to),
      mode: 'partial',
      replid,
      offset,
      asked,
    })
    // What it asked for was not captured: ACKs will tell.
    if (asked === undefined && exchange.isIncomplete) this.#stream.beginUntold(to)
    else this.#stream.begin(to, offset, replid)
  }

  *#snapshot(src: ByteSource, first: number): Program {
    const exchange = this.#exchange
    if (first !== DOLLAR) {
      const got = quoted(String.fromCharCode(first))
      const after = this.#promised === undefined ? 'SYNC' : 'FULLRESYNC'
      throw new Malformed('REPL_BAD_SNAPSHOT_HEADER', `after ${after} expected "$", got ${got}`)
    }
    const from = src.position
    let text: ByteString | undefined
    while ((text = line(src, 1)) === undefined) yield
    const header = snapshotHeader(text)
    if (header.framing === 'endoff') {
      this.#emitReply(
        { type: 'simple', value: header.text },
        { name: 'SYNC', sensitive: undefined },
        from,
        src.position,
      )
      this.#syncTold(header, src.position)
      return
    }
    exchange.forgetOutstanding()
    exchange.replicaHasLoaded = false
    if (this.#promised === undefined) this.#emitUntold(from)
    exchange.move('snapshot-begin')
    this.#emitBegin(header, from, src.position)
    this.#passage = new SnapshotPassage(exchange, header, src.position, {
      detail: this.#snapshotDetail,
      valueBytes: this.#keep.valueBytes,
    })
    yield* this.#passSnapshot(src, this.#passage)
  }

  /** Valkey 8, on the connection that carries the snapshot: what FULLRESYNC says elsewhere. */
  #syncTold({ replid, offset }: EndOff, position: number): void {
    this.#promised = { replid, offset }
    const origin = this.#exchange.origin('master', position, position)
    this.#exchange.emit({ kind: 'resync', ...origin, mode: 'full', replid, offset, asked: undefined })
  }

  *#passSnapshot(src: ByteSource, passage: SnapshotPassage): Program {
    const ending = yield* passage.pass(src)
    this.#passage = undefined
    this.#isLost ||= src.position > ending.behind
    this.#exchange.move('snapshot-end')
    this.#beginStream(ending.behind, passage.hint)
    passage.tellEnd(ending)
  }

  /**
   * The stream goes on where +FULLRESYNC said; after an old SYNC, where the snapshot itself says it was
   * taken. A replica of a replica gets a stream that does not begin with SELECT: then the snapshot knows
   * the database too.
   */
  #beginStream(position: number, hint: StreamHint): void {
    const { replid = hint.replid, offset = hint.offset } = this.#promised ?? {}
    if (offset === undefined && this.#exchange.isIncomplete) this.#stream.beginUntold(position)
    else this.#stream.begin(position, offset, replid, hint.db ?? 0)
  }

  /**
   * SYNC has no status line, and that of a PSYNC may be lost: that a full resync happens is only said by
   * the snapshot itself.
   */
  #emitUntold(from: number): void {
    const exchange = this.#exchange
    exchange.emit({
      kind: 'resync',
      ...exchange.origin('master', from, from),
      mode: 'full',
      replid: undefined,
      offset: undefined,
      asked: exchange.isIncomplete ? exchange.asked : undefined,
    })
  }

  #emitBegin(header: FramedHeader, from: number, to: number): void {
    this.#exchange.emit({
      kind: 'snapshot-begin',
      ...this.#exchange.origin('master', from, to),
      framing: header.framing,
      bytes: header.framing === 'length' ? header.bytes : undefined,
      mark: header.framing === 'mark' ? header.mark : undefined,
    })
  }
}

/** What a PSYNC asks: id and first wanted byte; undefined where its arguments are not of that form. */
export function askedBy(replid: unknown, offsetText: unknown): Asked | undefined {
  const offset = Number(offsetText)
  if (typeof replid !== 'string' || typeof offsetText !== 'string' || !Number.isSafeInteger(offset))
    return undefined
  return { replid: replid as ByteString, offset }
}
