/**
 * Extraction: the data of a captured session as files. Per full sync the snapshot, and the command stream.
 *
 *   link1-sync1-<replid>-0.rdb             the snapshot taken at offset 0, byte for byte
 *   link1-sync1-<replid>-0-168.resp        the commands of offsets 0 to 168, as `redis-cli --pipe` takes them
 *   link1-sync1-<replid>-250-400.partial.resp     … behind a hole in the capture
 *
 * Events say what the master's bytes are, the bytes themselves are taken where they pass: values too long
 * to be kept for a screen are written all the same. Commands are written as they were sent, secrets
 * included: they are the user's own data. Left out is what belongs to the link and not to the data (PING,
 * REPLCONF GETACK). A transaction is written whole or not at all.
 *
 * No files here: the folder is somebody else's. Little is held: a command of which more than HELD_MAX
 * bytes have come goes to its file before it is complete, and is taken back if it never is.
 */
import { fromText } from '../bytes/byte-string.ts'
import { encodeCommand } from '../codec/resp/encode.ts'
import type { Listener } from '../replication/captured-connections.ts'
import type { ReplEvent, ReplKind, Resync, StreamCommand } from '../replication/events.ts'
import type { Sink } from './sink.ts'
import { StreamBytes } from './stream-bytes.ts'
import { bytes, counted } from './units.ts'

/** A file that is being written. Its name may change once, at the end. */
export type ExtractedFile = {
  readonly length: number
  write(bytes: Buffer): void
  truncate(length: number): void
  close(name: string): void
}

export type ExtractionFolder = { create(name: string): ExtractedFile }

/** What was written, for whoever asked for it. */
export type Extracted = { readonly name: string; readonly about: string }

/** More than a book of links ever holds back of what it has understood. */
const HELD_MAX = 2 * 1024 * 1024

/** Events that do not say what all bytes up to theirs are. */
const INSIDE: ReadonlySet<ReplKind> = new Set(['gap', 'fault', 'anchor', 'snapshot-aux', 'snapshot-key'])

type Sync = { readonly number: number; readonly replid: string; readonly offset: number | undefined }

type Snapshot = { readonly file: ExtractedFile; readonly name: string; isWhole: boolean }

type Stream = {
  readonly file: ExtractedFile
  readonly name: string
  readonly begin: number | undefined
  /** Nothing is missing between the sync and its beginning. */
  readonly followsSync: boolean
  /** Length and offset up to which all is whole: outside of a transaction. */
  wholeLength: number
  wholeEnd: number | undefined
  commands: number
  wholeCommands: number
  /** The database of the first commands is not known. */
  readonly lacksDb: boolean
}

type Connection = {
  readonly bytes: StreamBytes
  link: number
  sync: Sync | undefined
  snapshot: Snapshot | undefined
  stream: Stream | undefined
  /** Nothing was lost since it began, or since its sync, which another connection may have told. */
  isWhole: boolean
  isStreaming: boolean
  /** Position from which on an unfinished command is in the file already. */
  spilledFrom: number | undefined
}

export class Extraction implements Sink {
  readonly extracted: Extracted[] = []
  readonly #folder: ExtractionFolder
  readonly #link: number | undefined
  readonly #syncs = new Map<number, Sync>()
  readonly #connections = new Map<number, Connection>()
  #opened = 0

  /** @param link only of this link; undefined: of all */
  constructor(folder: ExtractionFolder, link?: number) {
    this.#folder = folder
    this.#link = link
  }

  /** Listens in to a connection that was just opened, before whoever understands it. */
  around(listener: Listener): Listener {
    const connection = newConnection()
    this.#connections.set(++this.#opened, connection)
    return {
      push: (side, chunk, at) => {
        if (side === 'master') connection.bytes.lend(chunk)
        listener.push(side, chunk, at)
        if (side === 'master') this.#settle(connection)
      },
      gap: (side, missing, at) => {
        listener.gap(side, missing, at)
        if (side === 'master') this.#lose(connection, missing)
      },
      ending: () => listener.ending(),
      end: (side, how, at) => listener.end(side, how, at),
    }
  }

  event(event: ReplEvent): void {
    const connection = this.#connections.get(event.conn)
    if (connection === undefined) return
    connection.link = event.link
    if (this.#link !== undefined && event.link !== this.#link) {
      if (event.side === 'master') connection.bytes.forget(event.to)
      return
    }
    switch (event.kind) {
      case 'opened':
        connection.isWhole = event.begin !== 'middle'
        break
      case 'resync':
        this.#resync(connection, event)
        break
      case 'snapshot-begin':
        this.#beginSnapshot(connection)
        break
      case 'snapshot-slice':
        if (connection.snapshot?.isWhole === true) connection.snapshot.file.write(event.slice)
        break
      case 'snapshot-end':
        connection.isStreaming = true
        this.#endSnapshot(connection, event.checksum !== 'bad')
        break
      case 'command':
        this.#command(connection, event)
        break
      case 'closed':
        this.#endSnapshot(connection, false)
        this.#endStream(connection)
        this.#connections.delete(event.conn)
        return
    }
    if (event.side === 'master' && !INSIDE.has(event.kind)) connection.bytes.forget(event.to)
  }

  /** Closes what is open. */
  end(): void {
    for (const connection of this.#connections.values()) {
      this.#endSnapshot(connection, false)
      this.#endStream(connection)
    }
    this.#connections.clear()
  }

  #resync(connection: Connection, { link, replid, offset, mode }: Resync): void {
    const number = (this.#syncs.get(link)?.number ?? 0) + 1
    const sync = { number, replid: replid ?? 'unknown', offset }
    this.#syncs.set(link, sync)
    connection.sync = sync
    connection.isWhole = true
    connection.isStreaming = mode === 'partial'
  }

  #beginSnapshot(connection: Connection): void {
    const name = `${baseName(connection, this.#syncs)}-${offsetText(connection.sync?.offset)}`
    connection.snapshot = { file: this.#folder.create(`${name}.partial.rdb`), name, isWhole: true }
  }

  #endSnapshot(connection: Connection, isGood: boolean): void {
    const { snapshot } = connection
    if (snapshot === undefined) return
    connection.snapshot = undefined
    const isWhole = snapshot.isWhole && isGood
    const name = `${snapshot.name}${isWhole ? '' : '.partial'}.rdb`
    const { length } = snapshot.file
    snapshot.file.close(name)
    this.extracted.push({ name, about: `${bytes(length)}${isWhole ? '' : ', incomplete or damaged'}` })
  }

  #command(connection: Connection, event: StreamCommand): void {
    connection.isStreaming = true
    const stream = (connection.stream ??= this.#beginStream(connection, event))
    const held = connection.bytes
    if (!held.has(event.from) && connection.spilledFrom !== event.from) {
      // It was let go before it was understood.
      this.#endStream(connection)
      connection.isWhole = false
      return
    }
    const from = connection.spilledFrom === undefined ? event.from : Math.max(event.from, held.start)
    connection.spilledFrom = undefined
    held.copy(from, event.to, (part) => stream.file.write(part))
    stream.commands++
    if (event.tx !== undefined && event.command.name !== 'EXEC') return
    this.#mark(stream, event.end)
  }

  #mark(stream: Stream, end: number | undefined): void {
    stream.wholeLength = stream.file.length
    stream.wholeEnd = end
    stream.wholeCommands = stream.commands
  }

  #beginStream(connection: Connection, { start, db, command }: StreamCommand): Stream {
    const sync = connection.sync ?? this.#syncs.get(connection.link)
    const followsSync = connection.isWhole && sync !== undefined
    const name = baseName(connection, this.#syncs)
    const file = this.#folder.create(`${name}-${offsetText(start)}-.partial.resp`)
    const needsDb = command.name !== 'SELECT'
    if (needsDb && db !== undefined) file.write(encodeCommand(['SELECT', String(db)].map(fromText)))
    return {
      file,
      name,
      begin: start,
      followsSync,
      wholeLength: 0,
      wholeEnd: start,
      commands: 0,
      wholeCommands: 0,
      lacksDb: needsDb && db === undefined,
    }
  }

  #endStream(connection: Connection): void {
    const { stream } = connection
    if (stream === undefined) return
    connection.stream = undefined
    connection.spilledFrom = undefined
    stream.file.truncate(stream.wholeLength)
    const range = `${offsetText(stream.begin)}-${offsetText(stream.wholeEnd)}`
    const name = `${stream.name}-${range}${stream.followsSync ? '' : '.partial'}.resp`
    stream.file.close(name)
    const remarks = [
      counted(stream.wholeCommands, 'command'),
      ...(stream.followsSync ? [] : ['what was sent before is missing']),
      ...(stream.lacksDb ? ['the database of the first ones is unknown'] : []),
      ...(stream.commands > stream.wholeCommands ? ['without an unfinished transaction'] : []),
    ]
    this.extracted.push({ name, about: remarks.join(', ') })
  }

  #lose(connection: Connection, missing: number): void {
    if (connection.snapshot !== undefined) connection.snapshot.isWhole = false
    else this.#endStream(connection)
    connection.isWhole = false
    connection.bytes.lose(missing)
  }

  /** After a chunk: what is not understood yet is kept, in memory or in its file. */
  #settle(connection: Connection): void {
    const { bytes: held, stream } = connection
    if (connection.snapshot !== undefined) held.forget(held.end)
    held.keep()
    if (held.end - held.start <= HELD_MAX) return
    if (stream !== undefined && connection.isStreaming) {
      connection.spilledFrom ??= held.start
      held.copy(held.start, held.end, (part) => stream.file.write(part))
    }
    held.forget(held.end)
  }
}

function newConnection(): Connection {
  return {
    bytes: new StreamBytes(),
    link: 0,
    sync: undefined,
    snapshot: undefined,
    stream: undefined,
    isWhole: true,
    isStreaming: false,
    spilledFrom: undefined,
  }
}

function baseName({ link, sync }: Connection, syncs: ReadonlyMap<number, Sync>): string {
  const { number = 0, replid = 'unknown' } = sync ?? syncs.get(link) ?? {}
  return `link${link}-sync${number}-${replid.replace(/[^0-9a-zA-Z]/g, '_')}`
}

function offsetText(offset: number | undefined): string {
  return offset === undefined ? 'unknown' : String(offset)
}
