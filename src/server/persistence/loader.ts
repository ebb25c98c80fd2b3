/**
 * Loader: an RDB file or a snapshot from a master becomes a dataset, aside from the one that is being served.
 *
 *   push(chunk) … ─► staging databases ─► end() ─► swapped in by the caller, when all of it is good
 *
 * Nothing of a snapshot that is broken, too new or does not match its checksum ever reaches the live dataset.
 *
 * Source: redis 7.0 `src/rdb.c`, rdbLoadRioWithLoadingCtx.
 */
import { BYTE_STRING_MAX, type ByteString, readable } from '../../bytes/byte-string.ts'
import { RdbDecoder, type RdbFault } from '../../codec/rdb/decode.ts'
import type { RdbElement, RdbEnd, RdbEvent, RdbKey } from '../../codec/rdb/events.ts'
import { Database } from '../dataset/database.ts'
import type { EncodingLimits } from '../dataset/value.ts'
import { contradictionOf, Damaged, damageOf, damageReport } from './damage.ts'
import { Unloadable, whole } from './unloadable.ts'
import { ValueBuilder } from './value-builder.ts'

/** The newest version that Redis 7.0 reads. */
export const RDB_VERSION_MAX = 10
/** What streams of Redis 8.6 remember to recognise a repeated XADD: no data, and nothing to older servers. */
export const IDEMPOTENCE: ReadonlySet<RdbEvent['kind']> = new Set([
  'stream-idmp',
  'idmp-producer',
  'idmp-entry',
  'idmp-totals',
])
const QUIET = { onChange: () => {}, onDeadline: () => {}, onRemove: () => {} }

export type Loaded = {
  readonly databases: readonly Database[]
  readonly keys: number
  /** How many keys were left out because they had expired, */
  readonly expired: number
  /** and which: replicas may still have them. */
  readonly expiredKeys: readonly { readonly db: number; readonly key: ByteString }[]
  /** Header fields: `repl-id`, `repl-offset` … */
  readonly aux: ReadonlyMap<string, string>
  readonly functions: readonly ByteString[]
  /** Collections without elements, which no dataset holds: how many were left out. */
  readonly empty: number
  /** Length of the snapshot. */
  readonly bytes: number
}

export type LoaderOptions = {
  readonly databases: number
  readonly limits: EncodingLimits
  /**
   * Unix milliseconds. Keys that have expired are left out, unless `keepsExpired`: a replica waits for
   * its master's word.
   */
  readonly now: number
  readonly keepsExpired: boolean
  /** Also files of newer servers and of Valkey are read, as long as they hold nothing that we do not know. */
  readonly readsNewer?: boolean
  /** A wrong checksum does not matter, nor whether there is one. */
  readonly skipsChecksum?: boolean
  /** It was saved without a checksum. */
  readonly onUnchecked?: () => void
  /** A key that is left out because it is empty. */
  readonly onEmpty?: (key: ByteString) => void
  /** A header field, as soon as it is read. */
  readonly onAux?: (name: string, value: string) => void
}

export class Loader {
  readonly #options: LoaderOptions
  readonly #decoder: RdbDecoder
  readonly #builder: ValueBuilder
  readonly #databases: Database[]
  readonly #aux = new Map<string, string>()
  readonly #functions: ByteString[] = []
  #key: RdbKey | undefined
  #keys = 0
  readonly #expired: { readonly db: number; readonly key: ByteString }[] = []
  #empty = 0
  #isOver = false
  /** What is wrong at length, where something is damaged. */
  report: readonly string[] = []
  /** What is wrong, for people; undefined as long as nothing is. */
  problem: string | undefined

  constructor(options: LoaderOptions) {
    this.#options = options
    this.#builder = new ValueBuilder(options.limits)
    this.#databases = Array.from({ length: options.databases }, (_, i) => new Database(i, QUIET))
    this.#decoder = new RdbDecoder({
      detail: 'elements',
      maxValueBytes: BYTE_STRING_MAX,
      onEvent: (event) => this.#event(event),
      onFault: (fault) => this.#fault(fault),
    })
  }

  /** The snapshot has been read to its end, or is not worth reading on. */
  get isOver(): boolean {
    return this.#isOver || this.problem !== undefined
  }

  /** How many keys were read so far, the expired ones too. */
  get keysRead(): number {
    return this.#keys + this.#expired.length
  }

  /** Feeds bytes. @returns how many of them belong to the snapshot */
  push(chunk: Buffer): number {
    return this.isOver ? 0 : this.#decoder.push(chunk)
  }

  /** No more bytes. @returns what was loaded; undefined with a `problem` */
  end(): Loaded | undefined {
    if (!this.isOver) this.#decoder.end()
    if (this.problem === undefined && !this.#isOver) this.problem = 'the snapshot ends early'
    if (this.problem !== undefined) return undefined
    return {
      databases: this.#databases,
      keys: this.#keys,
      expired: this.#expired.length,
      expiredKeys: this.#expired,
      aux: this.#aux,
      functions: this.#functions,
      empty: this.#empty,
      bytes: this.#decoder.position,
    }
  }

  #event(event: RdbEvent): void {
    if (this.problem !== undefined) return
    try {
      this.#take(event)
    } catch (error) {
      if (error instanceof Damaged) {
        this.#damaged(contradictionOf(error, this.#key!.rdbType), this.#key!.position)
        return
      }
      if (!(error instanceof Unloadable)) throw error
      this.problem = `it holds ${error.message}, which Redis 7.0 does not know`
    }
  }

  #take(event: RdbEvent): void {
    switch (event.kind) {
      case 'header':
        if (this.#options.readsNewer) break
        if (event.family !== 'redis' || event.version > RDB_VERSION_MAX) {
          this.problem = `Can't handle RDB format version ${event.version}`
        }
        break
      case 'aux':
        this.#aux.set(whole(event.name), whole(event.value))
        this.#options.onAux?.(whole(event.name), whole(event.value))
        break
      case 'function':
        this.#functions.push(whole(event.code))
        break
      case 'select-db':
        if (event.db >= this.#databases.length) {
          this.problem = `database ${event.db} is beyond the ${this.#databases.length} there are`
        }
        break
      case 'key':
        this.#key = event
        this.#builder.begin(event)
        break
      case 'key-end':
        this.#keyEnd(this.#key!)
        break
      case 'end':
        this.#checked(event)
        this.#isOver = true
        break
      case 'resize-db':
      case 'module-aux':
      case 'slot-info':
      case 'slot-import':
      case 'key-meta':
        break
      default:
        if (this.#options.readsNewer && IDEMPOTENCE.has(event.kind)) break
        // The values of a module's data beside the keys have no key, and no meaning here.
        if (this.#key !== undefined) this.#builder.element(event as RdbElement)
    }
  }

  #keyEnd(key: RdbKey): void {
    const value = this.#builder.end()
    this.#key = undefined
    if (value === undefined) {
      this.#empty++
      this.#options.onEmpty?.(whole(key.key))
      return
    }
    const { now, keepsExpired } = this.#options
    if (!keepsExpired && key.expireAt !== undefined && key.expireAt < now) {
      this.#expired.push({ db: key.db, key: whole(key.key) })
      return
    }
    const db = this.#databases[key.db]!
    const name = whole(key.key)
    if (db.peek(name) !== undefined) {
      this.problem = 'it holds a key twice'
      return
    }
    const entry = db.add(name, value, now - (key.idle ?? 0) * 1000)
    if (key.freq !== undefined) entry.frequency = key.freq
    if (key.expireAt !== undefined) db.expire(entry, key.expireAt)
    this.#keys++
  }

  #fault(fault: RdbFault): void {
    if (this.problem === undefined) this.#damaged(damageOf(fault), fault.position)
  }

  #checked({ checksum, expected }: RdbEnd): void {
    if (this.#options.skipsChecksum) return
    if (checksum === 'bad') this.#damaged('Wrong RDB checksum: RDB CRC error', this.#decoder.position)
    if (checksum === 'absent' && expected !== undefined) this.#options.onUnchecked?.()
  }

  #damaged(what: string, position: number): void {
    this.problem = what
    this.report = damageReport(what, position, keyText(this.#key), this.keysRead)
  }
}

function keyText(key: RdbKey | undefined): string | undefined {
  return key === undefined ? undefined : readable(whole(key.key))
}
