/**
 * A snapshot as a stream of commands that rebuild it in an empty server: what `redis-cli --pipe` takes.
 *
 *   SELECT · FUNCTION LOAD · SET · RPUSH · SADD · HSET · HPEXPIREAT · ZADD · XADD … · RESTORE · PEXPIREAT
 *
 * Elements leave in batches. A string too long to hold leaves in pieces, read a second time; a collection
 * with an element too long to hold is read once more from its beginning, and that element is held then,
 * alone. A stream is kept until its groups are known (convert-stream.ts), or read once more if it is large.
 * Values of modules leave as they are, inside of RESTORE.
 *
 * Idle times and access counters are not carried over, and counted; everything else that is not is reported.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { RdbEvent, RdbHeader, RdbKey, RdbKeyEnd, RdbString } from '../codec/rdb/events.ts'
import { ElementCommands } from './convert-batches.ts'
import { CommandOutput } from './convert-commands.ts'
import type { Dialect } from './convert-dialect.ts'
import { hasLong, remembersAdded, sizeOf } from './convert-elements.ts'
import { type ConvertLoss, LossReport } from './convert-loss.ts'
import { PendingTable } from './convert-pending.ts'
import { restoreCommand } from './convert-restore.ts'
import { StreamCommands } from './convert-stream.ts'
import {
  HOLDABLE_BYTES,
  magicOf,
  type RecordSpan,
  readLongString,
  readRecord,
  type SnapshotBytes,
  snapshotSteps,
  spanOf,
} from './reread.ts'

export type RespOptions = {
  readonly dialect: Dialect
  readonly onLoss: (loss: ConvertLoss) => void
  readonly onProgress?: ((position: number, size: number) => void) | undefined
}

export type RespTotals = {
  readonly keys: number
  readonly commands: number
  readonly losses: number
  /** Keys whose idle time or access counter was not carried over. */
  readonly evictionHints: number
  readonly checksum: 'good' | 'absent' | 'bad'
  /** Keys by the module that a server needs for them. */
  readonly modules: ReadonlyMap<string, number>
}

/** Strings up to this size are held. */
const HELD_BYTES = 1024 * 1024
/** Events of a stream that are kept; more are read again. */
const STREAM_EVENTS_MAX = 4096
const STREAM_BYTES_MAX = 4 * 1024 * 1024

/** Steps that write a lot: each yield is a moment to send what is written. */
type Steps = Generator<Buffer, void, void>

/**
 * The commands, in blocks that are borrowed until the next is asked for.
 * @returns what there was @throws DamagedSnapshot
 */
export function* convertToResp(
  bytes: SnapshotBytes,
  options: RespOptions,
): Generator<Buffer, RespTotals, void> {
  const converter = new RespConverter(bytes, options)
  let told: { event: RdbEvent; position: number }[] = []
  const read = { detail: 'elements', maxValueBytes: HELD_BYTES } as const
  for (const at of snapshotSteps(bytes, read, (event, position) => told.push({ event, position }))) {
    const batch = told
    told = []
    for (const { event, position } of batch) {
      const steps = converter.event(event, position)
      if (steps !== undefined) yield* steps
      if (converter.out.isFull) yield converter.out.take()
    }
    options.onProgress?.(at, bytes.size)
  }
  yield converter.out.take()
  return converter.totals()
}

class RespConverter {
  readonly out = new CommandOutput()
  readonly #bytes: SnapshotBytes
  readonly #dialect: Dialect
  readonly #losses: LossReport
  readonly #elements: ElementCommands
  #magic: Buffer = Buffer.alloc(0)
  #db = 0
  #keys = 0
  #evictionHints = 0
  #checksum: RespTotals['checksum'] = 'absent'
  readonly #modules = new Map<string, number>()
  #key: RdbKey | undefined
  /** Elements of the present key that were taken. */
  #taken = 0
  /** The key is already done with: it was read again. */
  #isDone = false
  #longString: number | undefined
  /** Events of a stream, while they are few. */
  #kept: RdbEvent[] | undefined
  #keptBytes = 0
  readonly #owed = new PendingTable()
  /** Whether a stream has something that was not held. */
  #hasLong = false
  #isMetadata = false

  constructor(bytes: SnapshotBytes, { dialect, onLoss }: RespOptions) {
    this.#bytes = bytes
    this.#dialect = dialect
    this.#losses = new LossReport(onLoss)
    this.#elements = new ElementCommands(this.out, dialect, this.#losses)
  }

  totals(): RespTotals {
    return {
      keys: this.#keys,
      commands: this.out.commands,
      losses: this.#losses.count,
      evictionHints: this.#evictionHints,
      checksum: this.#checksum,
      modules: this.#modules,
    }
  }

  /** Takes the next event. What it cannot write at once it returns as steps, to be run before the next. */
  event(event: RdbEvent, position: number): Steps | undefined {
    switch (event.kind) {
      case 'header':
        this.#magic = magicOf(event as RdbHeader)
        return undefined
      case 'end':
        this.#checksum = event.checksum
        return undefined
      case 'aux':
        // Scripts that EVALSHA may ask for; stored until 6.2.
        if (event.name === 'lua' && typeof event.value === 'string')
          this.out.command('SCRIPT', 'LOAD', event.value)
        return undefined
      case 'function':
        this.#function(event.code)
        return undefined
      case 'module-aux':
        this.#losses.open(0, undefined)
        this.#losses.lose('module-aux', `module ${event.module.name} keeps data beside the keys`)
        return undefined
      case 'key-meta':
        this.#isMetadata = true
        return undefined
      case 'key':
        return this.#begin(event)
      case 'key-end':
        return this.#end(event, spanOf(event, position))
      case 'select-db':
      case 'resize-db':
      case 'slot-info':
      case 'slot-import':
      case 'module-value':
        return undefined
      default:
        if (this.#isDone) return undefined
        return this.#element(event)
    }
  }

  #begin(key: RdbKey): Steps | undefined {
    this.#key = key
    this.#keys++
    this.#taken = 0
    this.#isDone = false
    this.#hasLong = typeof key.key !== 'string'
    this.#longString = undefined
    this.#kept = key.type === 'stream' ? [] : undefined
    this.#keptBytes = 0
    this.#owed.clear()
    this.#losses.open(key.db, key.key)
    this.#elements.begin(key.type)
    if (key.idle !== undefined || key.freq !== undefined) this.#evictionHints++
    if (this.#isMetadata) this.#losses.lose('key-metadata', 'metadata that modules keep about the key')
    this.#isMetadata = false
    if (key.db !== this.#db) this.out.command('SELECT', key.db)
    this.#db = key.db
    if (this.#hasLong && key.type !== 'stream' && key.type !== 'module') return this.#again()
    return undefined
  }

  #end(end: RdbKeyEnd, span: RecordSpan): Steps | undefined {
    const { of } = end
    if (of.type === 'stream') return this.#stream(of, span)
    if (typeof of.key !== 'string') {
      if (of.type === 'module') this.#losses.lose('too-long', 'the name of the key is too long to be held')
      return undefined
    }
    if (of.type === 'module') return this.#module(of, of.key, span)
    if (this.#longString !== undefined) return this.#string(of.key, this.#longString, span)
    this.#elements.end(of.key, this.#key!.expireAt)
    return undefined
  }

  /** An element of the present key; with one that is not held the key is read again, from that element on. */
  #element(event: RdbEvent): Steps | undefined {
    const key = this.#key!
    if (key.type === 'stream') return this.#keep(event)
    if (event.kind === 'string' && typeof event.value !== 'string' && typeof key.key === 'string') {
      this.#longString = event.value.bytes
      return undefined
    }
    if (hasLong(event)) return this.#again()
    this.#taken++
    this.#elements.add(key.key as ByteString, event)
    return undefined
  }

  /** Reads the present key once more with its longest strings held, and takes the elements not yet taken. */
  *#again(): Steps {
    const { position } = this.#key!
    this.#isDone = true
    let seen = 0
    let name: RdbString = this.#key!.key
    for (const event of this.#held(position)) {
      if (event.kind === 'key') name = event.key
      if (typeof name !== 'string') {
        this.#losses.lose('too-long', 'the name of the key is too long to be held')
        return
      }
      if (event.kind === 'key-end') {
        this.#elements.end(name, this.#key!.expireAt)
      } else if (event.kind !== 'key' && seen++ >= this.#taken) {
        if (hasLong(event)) this.#losses.lose('too-long', 'an element is too long to be held')
        else this.#elements.add(name, event)
        if (this.out.isFull) yield this.out.take()
      }
    }
  }

  #held(position: number): Generator<RdbEvent> {
    return readRecord(this.#bytes, this.#magic, position, {
      detail: 'elements',
      maxValueBytes: HOLDABLE_BYTES,
    })
  }

  *#string(key: ByteString, length: number, span: RecordSpan): Steps {
    const { out } = this
    out.head(3)
    out.word('SET')
    out.word(key)
    out.wordHead(length)
    yield out.take()
    yield* readLongString(this.#bytes, span)
    out.wordEnd()
    this.#elements.end(key, this.#key!.expireAt)
  }

  #keep(event: RdbEvent): undefined {
    if (event.kind === 'group-pending') this.#owed.add(event.id, 0, 0)
    if (remembersAdded(event)) this.#losses.lose('idempotence', 'what recognises repeated XADDs')
    if (hasLong(event)) this.#hasLong = true
    if (this.#kept === undefined) return
    this.#kept.push(event)
    this.#keptBytes += sizeOf(event)
    if (this.#kept.length > STREAM_EVENTS_MAX || this.#keptBytes > STREAM_BYTES_MAX) this.#kept = undefined
  }

  *#stream(key: RdbKey, span: RecordSpan): Steps {
    const isKept = this.#kept !== undefined && !this.#hasLong
    const events = isKept ? this.#kept! : this.#held(key.position)
    let commands: StreamCommands | undefined
    let name = key.key
    if (typeof name === 'string') commands = new StreamCommands(this.out, this.#dialect, name, this.#owed)
    for (const event of events) {
      if (event.kind === 'key') {
        name = event.key
        if (typeof name === 'string') commands = new StreamCommands(this.out, this.#dialect, name, this.#owed)
      }
      if (commands === undefined || hasLong(event)) {
        this.#losses.lose(
          'too-long',
          `a string in a stream of ${span.valueBytes} bytes is too long to be held`,
        )
        return
      }
      commands.add(event)
      if (this.out.isFull) yield this.out.take()
    }
    commands!.end()
    this.#elements.end(name as ByteString, this.#key!.expireAt)
  }

  *#module(key: RdbKey, name: ByteString, span: RecordSpan): Steps {
    const module = key.module!.name
    this.#modules.set(module, (this.#modules.get(module) ?? 0) + 1)
    yield* restoreCommand(this.out, this.#bytes, { name, rdbType: key.rdbType, span })
    this.#elements.end(name, key.expireAt)
  }

  #function(code: RdbString): void {
    this.#losses.open(0, undefined)
    if (!this.#dialect.functions) this.#losses.lose('function', 'function libraries need Redis 7.0')
    else if (typeof code !== 'string')
      this.#losses.lose('function', 'a function library is too long to be held')
    else if (!code.startsWith('#!')) {
      this.#losses.lose('function', 'a function library of a 7.0 release candidate, which no server loads')
    } else this.out.command('FUNCTION', 'LOAD', 'REPLACE', code)
  }
}
