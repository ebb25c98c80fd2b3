/**
 * Verification: is a replica's dataset what its master's stream makes of it? Asked slice by slice, for ever,
 * while the stream goes on.
 *
 *   stream ─► Lagging ─────────────┐ brought to exactly the offset of the answer
 *   next() ─► question ─► replica ─► answer(offset, keys) ─► judge ─► agreement · divergence
 *
 *   pass    all keys of the reference, in slices;
 *   hunt    where the replica has more keys than the reference: its own keys, in slices;
 *   probe   one key whose digests differ, whole.
 *
 * Whoever drives it sends the questions and gives the answers; work() then brings the reference to the
 * offset, a little at a time. An answer from before the reference's offset is of no use: it is asked again.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { type Difference, judge } from './judge.ts'
import { isWide, KeyJournal, movedBy, type Touches, touchedBy } from './key-journal.ts'
import { Lagging } from './lagging.ts'
import type { Beginning, FollowerListener } from './link-follower.ts'
import type { Abilities, Answer, Look, Question } from './question.ts'
import type { Unit, UnitCommand } from './unit.ts'
import { Walk } from './walk.ts'

export type Divergence = {
  readonly db: number
  readonly key: ByteString
  readonly difference: Difference
  /** Offset at which both were compared; and one at which the key was still the same, or both began. */
  readonly offset: number
  readonly agreedAt: number
  readonly touches: Touches
}

export type Agreement = {
  /** Number of the pass, from 1. */
  readonly pass: number
  /** Keys were compared at offsets from … to. */
  readonly from: number
  readonly to: number
  readonly keys: number
  /** Keys that were not compared: too large, or written by commands the reference does not know. */
  readonly leftOut: number
}

export type VerificationListener = {
  /** A dataset to compare with is there. */
  begins(offset: number, keys: number): void
  agrees(agreement: Agreement): void
  diverges(divergence: Divergence): void
  /** A pass is over in which something differed. */
  passEnds(pass: number, keys: number): void
  notice(text: string): void
}

export type VerificationOptions = {
  readonly listener: VerificationListener
  /** What waits for the replica, in bytes of memory. */
  readonly waitingBytesMax?: number
  /** Nobody can wait for us: where too much waits, the reference goes ahead. */
  readonly isLive?: boolean
}

const WAITING_BYTES_MAX = 64 * 1024 * 1024
/** Keys that differ and are told; those behind them are counted. */
const TOLD_MAX = 100
const DIVERGED_MAX = 10_000
const UNKNOWN_MAX = 100_000
const FAILURES_SHOWN = 3

export class Verification implements FollowerListener {
  readonly #listener: VerificationListener
  /** What the replica can be asked; undefined until that is known. Nothing is asked before. */
  abilities: Abilities | undefined
  readonly #isLive: boolean
  readonly #waitingBytesMax: number
  #lagging: Lagging
  readonly #journal = new KeyJournal()
  #hasDataset = false
  /** The master tells until when a key lives. */
  #tellsExactly = true
  /** The replica is known to be at least here. */
  #floor = 0
  #asked: Question | undefined
  #answer: Answer | undefined
  #walk: Walk | undefined
  /** Questions that come before the walk goes on. */
  #first: Question[] = []
  /** Databases in which the replica has too many keys: how many of them were found in this pass. */
  readonly #hunts = new Map<number, { found: number }>()
  /** Keys of each database that the replica was found to lack, in this pass. */
  readonly #missing = new Map<number, number>()
  readonly #dumped = new Set<string>(['stream'])
  readonly #diverged = new Set<string>()
  readonly #unknown = new Set<string>()
  #failures = 0
  #passFrom = 0
  /** Offset at which the last pass began that went over all keys. */
  #agreedAt = 0
  #passDiffers = false
  #isEmptyAsked = false
  passes = 0
  /** Keys compared in this pass, and in all. */
  keysInPass = 0
  keys = 0
  divergences = 0
  /** Answers that came from before the reference's offset. */
  late = 0
  #strangeHistory = 0

  constructor({ listener, waitingBytesMax = WAITING_BYTES_MAX, isLive = true }: VerificationOptions) {
    this.#listener = listener
    this.#isLive = isLive
    this.#waitingBytesMax = waitingBytesMax
    this.#lagging = this.#newLagging()
  }

  #newLagging(): Lagging {
    return new Lagging({
      waitingBytesMax: this.#waitingBytesMax,
      onFailure: (command, why) => this.#failed(command, why),
      onApplied: (command) => this.#journal.note(command),
    })
  }

  /** Lets go of the dataset and of all that belongs to it. */
  forget(): void {
    this.#hasDataset = false
    this.#answer = undefined
    this.#walk = undefined
    this.#first = []
    this.#journal.clear()
    this.#lagging = this.#newLagging()
  }

  /** No more of the stream can be taken before the replica is further. */
  get isFull(): boolean {
    return this.#lagging.isFull
  }

  get hasDataset(): boolean {
    return this.#hasDataset
  }

  get offset(): number {
    return this.#lagging.shadow.offset
  }

  get passed(): number {
    return this.#lagging.passed
  }

  /** The answer is from an offset that has not passed here yet. */
  get isWaitingForStream(): boolean {
    return this.#answer !== undefined && this.#lagging.passed < this.#answer.offset!
  }

  /** Keys of the reference. */
  get keysTotal(): number {
    return this.#lagging.shadow.databases.reduce((sum, { size }) => sum + size, 0)
  }

  /** The shadow has gone ahead of the replica, for want of room. */
  get forced(): number {
    return this.#lagging.forced
  }

  begin(beginning: Beginning): void {
    const { loaded, offset } = beginning
    this.#floor = 0
    this.#lagging.begin(beginning)
    this.#journal.clear()
    this.#hasDataset = true
    this.#tellsExactly = tellsExactly(loaded.aux)
    this.#first = []
    this.#walk = undefined
    this.#answer = undefined
    this.#hunts.clear()
    this.#unknown.clear()
    this.#agreedAt = offset
    this.#listener.begins(offset, loaded.keys)
  }

  unit(unit: Unit): void {
    if (!this.#hasDataset) return
    this.#lagging.push(unit)
    if (this.#isLive) this.#lagging.relieve()
  }

  renamed(replid: ByteString): void {
    this.#lagging.shadow.replid = replid
  }

  lost(why: string, offset: number | undefined): void {
    this.#hasDataset = false
    this.#answer = undefined
    const where = offset === undefined ? '' : ` behind offset ${offset}`
    this.#listener.notice(`${why}${where}: nothing is compared until the next full resync`)
  }

  /** The replica is at least at this offset. Not to be told while a question is on its way. */
  reached(offset: number): void {
    if (this.#asked === undefined) this.#floor = offset
  }

  /** What to ask now; undefined if there is nothing. Then answered() or unanswered() must follow. */
  next(): Question | undefined {
    if (!this.#hasDataset || this.abilities === undefined || this.#asked !== undefined) return undefined
    if (this.#walk === undefined) this.#beginPass()
    this.#asked = this.#first.shift() ?? this.#nextSlice()
    if (this.#asked === undefined) this.#endPass()
    return this.#asked
  }

  /** The question was not answered: it will be asked again. */
  unanswered(): void {
    if (this.#asked !== undefined) this.#first.unshift(this.#asked)
    this.#asked = undefined
  }

  /** @returns in words what makes the answer useless, if it is */
  answered(answer: Answer): string | undefined {
    const { offset } = answer
    if (!this.#hasDataset) {
      this.#asked = undefined
      return undefined
    }
    const why = this.#whyUseless(answer)
    if (why !== undefined || offset === undefined) {
      this.unanswered()
      return why
    }
    this.#answer = answer
    this.#floor = offset
    return undefined
  }

  /**
   * Brings the reference further, by a few commands. @returns false while the answer waits for the stream;
   * true when it is judged, or there is none
   */
  work(units: number): boolean {
    if (!this.#hasDataset) return true
    const isThere = this.#lagging.advance(this.#floor, units)
    const answer = this.#answer
    if (answer === undefined) return true
    if (!isThere || this.#lagging.passed < answer.offset!) return false
    this.#answer = undefined
    if (this.#lagging.shadow.offset !== answer.offset) {
      this.late++
      this.unanswered()
      return true
    }
    const question = this.#asked!
    this.#asked = undefined
    this.#judge(question, answer)
    return true
  }

  #whyUseless({ replid, replid2, offset, role }: Answer): string | undefined {
    const ours = this.#lagging.shadow.replid
    if (offset === undefined) return `the server is a ${role} and does not say where in our history it stands`
    if (ours !== undefined && replid !== ours && replid2 !== ours) {
      return ++this.#strangeHistory % STRANGE_PATIENCE === 0
        ? `the replica has another history (${replid}) than what passed here (${ours})`
        : undefined
    }
    this.#strangeHistory = 0
    if (offset >= this.#lagging.shadow.offset) return undefined
    this.late++
    this.unanswered()
    return undefined
  }

  #beginPass(): void {
    this.#walk = new Walk(this.#lagging.shadow.databases)
    this.#passFrom = this.#lagging.shadow.offset
    this.#passDiffers = false
    this.#hunts.clear()
    this.#missing.clear()
    this.#isEmptyAsked = false
    this.keysInPass = 0
    this.passes++
  }

  #nextSlice(): Question | undefined {
    const slice = this.#walk!.next()
    if (slice !== undefined) {
      const { db, entries } = slice
      return { db, keys: entries.map(({ key, value }) => ({ key, look: this.#lookAt(value.type) })) }
    }
    // A dataset without keys is asked about all the same: the replica may have some.
    if (this.keysInPass > 0 || this.#isEmptyAsked) return undefined
    this.#isEmptyAsked = true
    return { db: 0, keys: [] }
  }

  #lookAt(type: string): Look {
    const { hasDebug = false, digestsAlike = false } = this.abilities ?? {}
    const isDigested = hasDebug && !this.#dumped.has(type) && (digestsAlike || type !== 'zset')
    return isDigested ? 'digest' : 'dump'
  }

  #endPass(): void {
    const leftOut = this.#walk!.tooLarge + this.#unknown.size
    this.#walk = undefined
    const { offset } = this.#lagging.shadow
    if (this.#passDiffers) this.#listener.passEnds(this.passes, this.keysInPass)
    else {
      const span = { from: this.#passFrom, to: offset }
      this.#listener.agrees({ pass: this.passes, ...span, keys: this.keysInPass, leftOut })
    }
    this.#agreedAt = this.#passFrom
  }

  #judge(question: Question, answer: Answer): void {
    const { db, keys, scan } = question
    const database = this.#lagging.shadow.databases[db]!
    const exactExpiry = this.#tellsExactly && this.abilities?.hasExpireTime === true
    const rules = { exactExpiry, now: answer.now }
    for (const [i, { key, look }] of keys.entries()) {
      const entry = database.peek(key)
      if (this.#isUnknown(db, key)) continue
      if (look !== 'both') {
        this.keys++
        this.keysInPass++
      }
      const verdict = judge(entry, answer.keys[i]!, rules)
      if (verdict.kind === 'suspect') this.#first.push({ db, keys: [{ key, look: 'both' }] })
      else if (verdict.kind === 'different') this.#differs(db, key, verdict.difference)
      else if (verdict.kind === 'other-digest') this.#dumped.add(entry!.value.type)
      else if (look === 'both') this.#passes(db, key)
      else this.#agrees(db, key)
    }
    if (scan !== undefined) this.#hunt(db, answer)
    this.#compareSizes(answer)
  }

  #agrees(db: number, key: ByteString): void {
    this.#journal.agreed(db, key)
    if (this.#diverged.size > 0) this.#diverged.delete(nameOf(db, key))
  }

  /** Its digests differed a moment ago, and no longer do: that tells nothing where they are made otherwise. */
  #passes(db: number, key: ByteString): void {
    const none = { name: '' as ByteString, ours: undefined, theirs: undefined }
    if (this.abilities?.digestsAlike === true) this.#differs(db, key, { kind: 'passing', ...none })
    this.#agrees(db, key)
  }

  #differs(db: number, key: ByteString, difference: Difference): void {
    this.#passDiffers = true
    if (difference.kind === 'missing') this.#missing.set(db, (this.#missing.get(db) ?? 0) + 1)
    const name = nameOf(db, key)
    if (this.#diverged.has(name)) return
    if (this.#diverged.size < DIVERGED_MAX) this.#diverged.add(name)
    this.divergences++
    if (this.divergences > TOLD_MAX) return
    const { offset } = this.#lagging.shadow
    const touches = this.#journal.of(db, key, this.#agreedAt)
    this.#listener.diverges({ db, key, difference, offset, agreedAt: this.#agreedAt, touches })
    if (this.divergences === TOLD_MAX) {
      this.#listener.notice(`${TOLD_MAX} keys differ: further ones are counted, not told`)
    }
  }

  /** Where the replica has more keys, its own are looked through, once a pass. */
  #compareSizes({ sizes }: Answer): void {
    for (const db of sizes.keys()) {
      if (this.#surplus(db, sizes) === 0 || this.#hunts.has(db)) continue
      this.#hunts.set(db, { found: 0 })
      this.#first.push({ db, keys: [], scan: '0' })
    }
  }

  #surplus(db: number, sizes: Answer['sizes']): number {
    const expected = (this.#lagging.shadow.databases[db]?.size ?? 0) - (this.#missing.get(db) ?? 0)
    return Math.max(0, (sizes.get(db) ?? 0) - expected)
  }

  #hunt(db: number, { found, cursor, sizes }: Answer): void {
    const hunt = this.#hunts.get(db) ?? { found: 0 }
    const database = this.#lagging.shadow.databases[db]
    for (const key of found) {
      if (database?.peek(key) !== undefined || this.#isUnknown(db, key)) continue
      hunt.found++
      this.#first.push({ db, keys: [{ key, look: this.abilities?.hasDebug === true ? 'both' : 'dump' }] })
    }
    if (cursor !== '0') this.#first.push({ db, keys: [], scan: cursor })
    else if (hunt.found === 0 && this.#unknown.size === 0) this.#hidden(db, this.#surplus(db, sizes))
  }

  /** SCAN does not show keys that have expired. */
  #hidden(db: number, surplus: number): void {
    if (surplus === 0) return
    if (!this.#passDiffers) {
      const keys = surplus === 1 ? 'a key' : `${surplus} keys`
      this.#listener.notice(
        `db ${db} of the replica holds ${keys} more than it should, which it does not show: written on the ` +
          'replica itself, and expired',
      )
    }
    this.#passDiffers = true
  }

  #failed(command: UnitCommand, why: string): void {
    if (++this.#failures <= FAILURES_SHOWN) {
      const more = this.#failures === FAILURES_SHOWN ? '; further ones are not told' : ''
      this.#listener.notice(
        `${command.name} at offset ${command.start} fails in the reference (${why}): its keys are not ` +
          `compared from there on${more}`,
      )
    }
    for (const key of touchedBy(command)) this.#unknown.add(nameOf(command.db, key))
    for (const { db, key } of movedBy(command)) this.#unknown.add(nameOf(db, key))
    if (isWide(command) || this.#unknown.size > UNKNOWN_MAX) {
      this.lost('too much of the stream is not known to the reference', command.start)
    }
  }

  #isUnknown(db: number, key: ByteString): boolean {
    return this.#unknown.size > 0 && this.#unknown.has(nameOf(db, key))
  }
}

/** Times a strange history is heard before that is said: a replica that has just synced tells the old one. */
const STRANGE_PATIENCE = 50

function nameOf(db: number, key: ByteString): string {
  return `${db} ${key}`
}

/** Masters before 7.0 tell their replicas how long a key lives, not until when. */
function tellsExactly(aux: ReadonlyMap<string, string>): boolean {
  return aux.has('valkey-ver') || Number.parseInt(aux.get('redis-ver') ?? '', 10) >= 7
}
