/**
 * LinkFollower: the events of one link become what a replica would make of them: a dataset to begin with, and
 * then units to apply, in order, each byte of the history once.
 *
 *   resync full ─► snapshot ─► Loader ─► begin()          what passes on the main connection meanwhile waits
 *   command · MULTI … EXEC · ping ─► unit() ─► unit()     joined by offsets, however many connections
 *   gap · fault · unknown offsets ─► lost()               until the next full resync
 *
 * A transaction that its connection did not finish is dropped: the next connection sends it again. Bytes of
 * the history that came before are skipped.
 *
 * Not here: applying (shadow.ts), waiting (lagging.ts).
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { GetAck, Micros, Ping, ReplEvent, Resync, StreamCommand } from '../replication/events.ts'
import { type Loaded, Loader } from '../server/persistence/loader.ts'
import { LOADER_OPTIONS } from './shadow.ts'
import { type Unit, type UnitCommand, unitBytes } from './unit.ts'

/** A dataset and where in its history it stands. */
export type Beginning = {
  readonly loaded: Loaded
  readonly replid: ByteString | undefined
  readonly offset: number
  readonly at: Micros
}

export type FollowerListener = {
  begin(beginning: Beginning): void
  unit(unit: Unit): void
  /** The same history goes on under another id (+CONTINUE). */
  renamed?(replid: ByteString): void
  /** From `offset` on it is not known what the replica has. @param why in words */
  lost(why: string, offset: number | undefined): void
}

export type FollowerOptions = {
  readonly listener: FollowerListener
  /** Which commands are marked as wanted; all by default. */
  readonly wants?: (event: StreamCommand) => boolean
}

/** What is held of a transaction, or of the stream while the snapshot is on its way beside it. */
const HELD_MAX = 256 * 1024 * 1024
const EXPECTED = new Set(['SELECT', 'MULTI', 'EXEC'])

type Told = { readonly replid: ByteString | undefined; readonly offset: number | undefined }

export class LinkFollower {
  readonly #listener: FollowerListener
  readonly #wants: (event: StreamCommand) => boolean
  /** Offset behind the last unit that was told; undefined while there is no dataset. */
  #offset: number | undefined
  #replid: ByteString | undefined
  /** What was said about the snapshot that comes on a connection. */
  readonly #told = new Map<number, Told>()
  #loading: { readonly conn: number; readonly loader: Loader } | undefined
  /** A full resync was answered, and its snapshot is not here yet. */
  #isAwaiting = false
  #waiting: Unit[] = []
  #heldBytes = 0
  #tx: { readonly conn: number; readonly start: number; readonly commands: UnitCommand[] } | undefined
  /** Blank bytes since the last unit: the replica counts them. */
  #blanks = 0

  constructor({ listener, wants = () => true }: FollowerOptions) {
    this.#listener = listener
    this.#wants = wants
  }

  /** Begins with a dataset that did not pass here. */
  beginWith(beginning: Beginning): void {
    this.#begin(beginning)
  }

  /** Lets go of all that it holds. */
  forget(): void {
    this.#offset = undefined
    this.#loading = undefined
    this.#waiting = []
    this.#tx = undefined
    this.#isAwaiting = false
  }

  /** Any event of the link; borrowed. */
  event(event: ReplEvent): void {
    switch (event.kind) {
      case 'resync':
        this.#resync(event)
        return
      case 'snapshot-begin':
        this.#loading = { conn: event.conn, loader: new Loader({ ...LOADER_OPTIONS, now: event.at / 1000 }) }
        return
      case 'snapshot-slice':
        if (this.#loading?.conn === event.conn) this.#loading.loader.push(event.slice)
        return
      case 'snapshot-end':
        this.#loaded(event.conn, event.at)
        return
      case 'command':
        this.#command(event)
        return
      case 'ping':
      case 'getack':
        this.#idle(event)
        return
      case 'heartbeat':
        if (event.side === 'master') this.#blanks += event.to - event.from
        return
      case 'anchor':
        if (event.correction !== 0) this.#lose('offsets that were told turned out to be wrong')
        return
      case 'gap':
        if (event.side === 'master' && this.#loading?.conn === event.conn) this.#dropSnapshot('has a hole')
        return
      case 'fault':
        if (event.side === 'master' && event.fatal) this.#lose(`what the master sends is not understood`)
        return
      case 'closed':
        this.#closed(event.conn)
        return
      default:
        return
    }
  }

  #resync({ conn, mode, replid, offset, asked }: Resync): void {
    this.#told.set(conn, { replid, offset })
    if (mode === 'partial') this.#goesOn(asked?.replid, replid)
    if (mode === 'full') {
      this.#isAwaiting = true
      this.#waiting = []
      this.#heldBytes = 0
      this.#tx = undefined
    }
    this.#blanks = 0
  }

  /** +CONTINUE: of our history, perhaps under a new id; or of another one. */
  #goesOn(asked: ByteString | undefined, replid: ByteString | undefined): void {
    const ours = this.#replid
    if (this.#offset === undefined || replid === undefined || replid === ours) return
    if (ours === undefined || asked === ours) {
      this.#replid = replid
      this.#listener.renamed?.(replid)
    } else this.#lose('the stream goes on with that of another history')
  }

  #loaded(conn: number, at: Micros): void {
    if (this.#loading?.conn !== conn) return
    const { loader } = this.#loading
    this.#loading = undefined
    const loaded = loader.end()
    if (loaded === undefined) {
      this.#dropSnapshot(`cannot be loaded: ${loader.problem}`)
      return
    }
    const { replid, offset } = this.#told.get(conn) ?? { replid: undefined, offset: undefined }
    const ofFile = Number(loaded.aux.get('repl-offset') ?? Number.NaN)
    const known = offset ?? (Number.isSafeInteger(ofFile) ? ofFile : undefined)
    if (known === undefined) this.#dropSnapshot('does not say at which offset it was taken (an old SYNC)')
    else {
      const id = replid ?? (loaded.aux.get('repl-id') as ByteString | undefined)
      this.#begin({ loaded, replid: id, offset: known, at })
    }
  }

  #begin(beginning: Beginning): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#heldBytes = 0
    this.#isAwaiting = false
    this.#offset = beginning.offset
    this.#replid = beginning.replid
    this.#listener.begin(beginning)
    for (const unit of waiting) this.#pass(unit)
  }

  #dropSnapshot(why: string): void {
    this.#loading = undefined
    this.#isAwaiting = false
    this.#waiting = []
    this.#lose(`the snapshot ${why}`, true)
  }

  #command(event: StreamCommand): void {
    const { start, end, command, at, conn } = event
    if (start === undefined || end === undefined) {
      this.#lose('the offsets of the stream are not known')
      return
    }
    if (command.name === 'MULTI') {
      this.#tx = { conn, start, commands: [] }
      return
    }
    const told = EXPECTED.has(command.name) ? undefined : this.#kept(event, start, end)
    const tx = this.#tx
    if (event.tx === undefined || tx === undefined) {
      this.#tx = undefined
      // A transaction whose beginning was not seen is not known whole.
      if (event.tx === undefined) this.#pass({ start, end, at, commands: told === undefined ? [] : [told] })
      return
    }
    if (command.name === 'EXEC') {
      this.#tx = undefined
      this.#pass({ start: tx.start, end, at, commands: tx.commands })
    } else if (told !== undefined) {
      tx.commands.push(told)
      if (end - tx.start > HELD_MAX) this.#lose('a transaction is too long to be held')
    }
  }

  #kept(event: StreamCommand, start: number, end: number): UnitCommand | undefined {
    const { command, db = 0, at, tx } = event
    const argv = command.argv()
    if (argv.length < command.argc || argv.some((arg) => typeof arg !== 'string')) {
      this.#lose(`a command is too long to be held: ${command.name}`)
      return undefined
    }
    const isWanted = this.#wants(event)
    return { name: command.name, argv: argv as readonly ByteString[], db, start, end, at, tx, isWanted }
  }

  #idle({ start, end, at }: Ping | GetAck): void {
    if (start !== undefined && end !== undefined && this.#tx === undefined) {
      this.#pass({ start, end, at, commands: [] })
    }
  }

  #pass(unit: Unit): void {
    if (this.#isAwaiting) {
      this.#waiting.push(unit)
      this.#heldBytes += unitBytes(unit)
      if (this.#heldBytes > HELD_MAX)
        this.#dropSnapshot('takes so long that the stream beside it cannot be held')
      return
    }
    const offset = this.#offset
    if (offset === undefined) return
    const blanks = this.#blanks
    this.#blanks = 0
    if (unit.end <= offset) return
    if (unit.start !== offset && unit.start !== offset + blanks) {
      const missing = unit.start - offset
      this.#lose(
        missing > 0
          ? `${missing} bytes of the stream are missing`
          : 'the stream goes on in the middle of a command',
      )
      return
    }
    this.#offset = unit.end
    this.#listener.unit(unit)
  }

  #closed(conn: number): void {
    this.#told.delete(conn)
    if (this.#tx?.conn === conn) this.#tx = undefined
    if (this.#loading?.conn === conn) {
      this.#dropSnapshot('was not finished: the connection ended')
    }
  }

  /** @param always also where there was no dataset that could be lost */
  #lose(why: string, always = false): void {
    const offset = this.#offset
    this.#offset = undefined
    this.#tx = undefined
    if (offset !== undefined || always) this.#listener.lost(why, offset)
  }
}
