/**
 * Compares two snapshots of any size, key by key.
 *
 *   pass 1  first, every element    digest of each key ─► KeyTable
 *           second, every element   digest of each key ─► equal, different, or not there at all
 *   pass 2  first, keys only        which are only there; of each that differs, the record in both, again
 *
 * Values are compared by digests of 128 bits of their facts (diff-facts.ts), so order counts only where it
 * means something, and no value is ever held. Pass 2 is left out where nothing differs, and ends when as
 * many differences are told as were wanted; the totals are known by then.
 *
 * Not compared: header fields, what modules keep beside the keys, idle times and access counters.
 */
import { createHash } from 'node:crypto'
import type { ByteString } from '../bytes/byte-string.ts'
import type { RdbEvent, RdbHeader, RdbKey, RdbKeyEnd, RdbString } from '../codec/rdb/events.ts'
import { addLanes, Digest } from './diff-digest.ts'
import { FactReader } from './diff-facts.ts'
import { type FunctionDifference, LibraryBook } from './diff-functions.ts'
import { digestFact, type FirstDifference, firstDifference, type RecordRules } from './diff-record.ts'
import { KeyTable } from './diff-table.ts'
import { magicOf, readLongString, readSnapshot, type SnapshotBytes, spanOf } from './reread.ts'

/** 0: the first snapshot, 1: the second. */
export type Which = 0 | 1

export type Difference =
  | {
      readonly kind: 'only'
      readonly in: Which
      readonly db: number
      readonly key: RdbString
      readonly type: string
    }
  | {
      readonly kind: 'differs'
      readonly db: number
      readonly key: RdbString
      /** In the first. */
      readonly type: string
      /** Undefined where the digests differ and the second look found nothing it could tell. */
      readonly first: FirstDifference | undefined
    }
  /** The key stands twice in one snapshot; only its first record was compared. */
  | {
      readonly kind: 'twice'
      readonly in: Which
      readonly db: number
      readonly key: RdbString
      readonly type: string
    }
  | FunctionDifference

export type DiffTotals = {
  /** In the first and the second. */
  keys: [number, number]
  equal: number
  only: [number, number]
  different: number
  twice: [number, number]
  functions: number
  /** Elements of collections that are too long to be read whole: compared by length and CRC-64. */
  byHash: number
  badChecksum: [boolean, boolean]
}

export type DiffOptions = {
  /** Encodings, and when consumers were last seen, are compared too. */
  readonly strict: boolean
  /** Differences told; all are counted. */
  readonly limit: number
  readonly onDifference: (difference: Difference) => void
  /** Where the reading of the pass stands, now and then. */
  readonly onProgress?: ((pass: string, position: number, size: number) => void) | undefined
}

/** Strings up to this size are part of the digest by every byte. */
const DIGEST_VALUE_BYTES = 4 * 1024 * 1024
const COUNTERS_SINCE = 10
const KEY_SEED = 1
const RECORD_SEED = 2

/** Compares. @throws DamagedSnapshot */
export function diffSnapshots(first: SnapshotBytes, second: SnapshotBytes, options: DiffOptions): DiffTotals {
  return new Comparison([first, second], options).run()
}

class Comparison {
  readonly #snapshots: readonly [SnapshotBytes, SnapshotBytes]
  readonly #options: DiffOptions
  readonly #rules: RecordRules
  readonly #magic: readonly [Buffer, Buffer]
  readonly #table = new KeyTable()
  readonly #libraries = new LibraryBook()
  /** Keys that are only in the second, found in pass 1, told after pass 2. */
  readonly #onlySecond: Difference[] = []
  #told = 0
  readonly #totals: DiffTotals = {
    keys: [0, 0],
    equal: 0,
    only: [0, 0],
    different: 0,
    twice: [0, 0],
    functions: 0,
    byHash: 0,
    badChecksum: [false, false],
  }

  constructor(snapshots: readonly [SnapshotBytes, SnapshotBytes], options: DiffOptions) {
    this.#snapshots = snapshots
    this.#options = options
    const headers = [headerOf(snapshots[0]), headerOf(snapshots[1])] as const
    this.#magic = [magicOf(headers[0]), magicOf(headers[1])]
    const counters = headers.every(({ version }) => version >= COUNTERS_SINCE)
    this.#rules = { counters, consumerTimes: options.strict, encodings: options.strict }
  }

  run(): DiffTotals {
    const totals = this.#totals
    this.#digests(0, (hash, digest, key) => {
      if (!this.#table.insert(hash, digest)) this.#twice(0, key)
    })
    this.#digests(1, (hash, digest, key, startsAt) => {
      const match = this.#table.match(hash, digest, startsAt)
      if (match === 'equal') totals.equal++
      else if (match === 'different') totals.different++
      else if (match === 'twice') this.#twice(1, key)
      else this.#absent(key)
    })
    totals.only[0] = totals.keys[0] - totals.twice[0] - totals.equal - totals.different
    for (const difference of this.#libraries.differences()) {
      totals.functions++
      this.#tell(difference)
    }
    if (totals.only[0] + totals.different > 0 && this.#hasRoom) this.#tellDifferences()
    for (const difference of this.#onlySecond) this.#tell(difference)
    return totals
  }

  /** Pass 1 over one of them. */
  #digests(
    which: Which,
    take: (hash: Int32Array, digest: Int32Array, key: RdbKey, startsAt: number) => void,
  ): void {
    const snapshot = this.#snapshots[which]
    const reader = new KeyDigests(snapshot, this.#rules)
    const progress = this.#progress(`reading ${snapshot.name}`, snapshot)
    readSnapshot(snapshot, { detail: 'elements', maxValueBytes: DIGEST_VALUE_BYTES }, (event, position) => {
      if (event.kind === 'function') this.#libraries.add(which, event.code)
      if (event.kind === 'end') this.#totals.badChecksum[which] = event.checksum === 'bad'
      if (event.kind !== 'key-end') {
        reader.element(event)
        return
      }
      reader.end(event, position)
      this.#totals.keys[which]++
      take(reader.hash.lanes, reader.digest.lanes, event.of, position - event.bytes)
      progress(position)
    })
    this.#totals.byHash += reader.byHash
  }

  #tellDifferences(): void {
    const [first, second] = this.#snapshots
    const totals = this.#totals
    const hash = new Digest()
    const progress = this.#progress(`comparing ${first.name}`, first)
    try {
      readSnapshot(first, { detail: 'keys', maxValueBytes: DIGEST_VALUE_BYTES }, (event, position) => {
        if (event.kind !== 'key-end') return
        progress(position)
        const { of } = event
        const { db, key, type } = of
        hashKey(hash, of)
        const state = this.#table.stateOf(hash.lanes)
        if (state === 'only-first') this.#tell({ kind: 'only', in: 0, db, key, type })
        if (state === 'different') {
          const found = firstDifference(
            { bytes: first, magic: this.#magic[0], startsAt: position - event.bytes },
            { bytes: second, magic: this.#magic[1], startsAt: this.#table.positionOf(hash.lanes) },
            this.#rules,
          )
          if (found === 'other-key') {
            // Two keys with one hash: each is only where it is.
            totals.different--
            totals.only[0]++
            totals.only[1]++
            this.#tell({ kind: 'only', in: 0, db, key, type })
          } else this.#tell({ kind: 'differs', db, key, type, first: found })
        }
        if (!this.#hasRoom) throw ENOUGH
      })
    } catch (error) {
      if (error !== ENOUGH) throw error
    }
  }

  #absent({ db, key, type }: RdbKey): void {
    this.#totals.only[1]++
    if (this.#onlySecond.length < this.#options.limit) {
      this.#onlySecond.push({ kind: 'only', in: 1, db, key, type })
    }
  }

  #twice(which: Which, { db, key, type }: RdbKey): void {
    this.#totals.twice[which]++
    this.#tell({ kind: 'twice', in: which, db, key, type })
  }

  get #hasRoom(): boolean {
    return this.#told < this.#options.limit
  }

  #tell(difference: Difference): void {
    if (!this.#hasRoom) return
    this.#told++
    this.#options.onDifference(difference)
  }

  #progress(pass: string, { size }: SnapshotBytes): (position: number) => void {
    let keys = 0
    return (position) => {
      if ((++keys & 0xfff) === 0) this.#options.onProgress?.(pass, position, size)
    }
  }
}

/** Ends a reading that would tell nothing more. */
const ENOUGH = Symbol('enough')

/** Makes the hash of each key and the digest of all that is compared. */
class KeyDigests {
  readonly hash = new Digest()
  readonly digest = new Digest()
  byHash = 0
  readonly #snapshot: SnapshotBytes
  readonly #rules: RecordRules
  readonly #facts: FactReader
  readonly #sum = new Int32Array(4)
  #longString = false

  constructor(snapshot: SnapshotBytes, rules: RecordRules) {
    this.#snapshot = snapshot
    this.#rules = rules
    this.#facts = new FactReader(rules)
  }

  element(event: RdbEvent): void {
    if (event.kind === 'string' && typeof event.value !== 'string') this.#longString = true
    else this.#facts.read(event, this.#take)
  }

  readonly #take = (fact: Parameters<typeof digestFact>[1]): void => {
    digestFact(this.digest, fact)
    addLanes(this.#sum, this.digest.lanes)
    for (const part of fact.where) if (typeof part === 'object') this.byHash++
    for (const part of fact.what) if (typeof part === 'object') this.byHash++
  }

  /** After this the key's `hash` and `digest` are ready. */
  end(end: RdbKeyEnd, position: number): void {
    const { of } = end
    if (this.#longString) this.#wholeString(end, position)
    this.#facts.read(end, this.#take)
    const { digest } = this
    digest.begin(RECORD_SEED)
    digest.text(of.type)
    digest.part(of.key)
    digest.number(of.db)
    digest.part(of.expireAt)
    if (this.#rules.encodings) digest.text(of.encoding)
    digest.lanesOf(this.#sum)
    digest.end()
    this.#sum.fill(0)
    hashKey(this.hash, of)
  }

  /** A string too long for one piece is read once more, into a hash that does not care about pieces. */
  #wholeString(end: RdbKeyEnd, position: number): void {
    this.#longString = false
    const sha = createHash('sha256')
    for (const piece of readLongString(this.#snapshot, spanOf(end, position))) sha.update(piece)
    const value = sha.digest('hex') as ByteString
    this.#take({ name: 'value', where: [], what: [value], ordinal: undefined })
  }
}

function hashKey(hash: Digest, { db, key }: RdbKey): void {
  hash.begin(KEY_SEED)
  hash.number(db)
  hash.part(key)
  hash.end()
}

/** @throws DamagedSnapshot */
function headerOf(snapshot: SnapshotBytes): RdbHeader {
  let header: RdbHeader | undefined
  try {
    readSnapshot(snapshot, { detail: 'keys', maxValueBytes: DIGEST_VALUE_BYTES }, (event) => {
      if (event.kind === 'header') header = event
      throw ENOUGH
    })
  } catch (error) {
    if (error !== ENOUGH) throw error
  }
  return header as RdbHeader
}
