/**
 * Pass: all keys of the reference once, in slices, and what else the answers give reason to ask.
 *
 *   slice   keys of the reference, in slices;
 *   probe   one key whose digests differ, whole;
 *   hunt    where the replica has more keys than the reference: its own keys, in slices (surplus.ts).
 *
 * Probes and hunts come before the next slice. It is driven by a Verification, which brings the reference to
 * the offset of an answer before that is judged here.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Database } from '../server/dataset/database.ts'
import { type Difference, judge, type Rules } from './judge.ts'
import type { Looks } from './looks.ts'
import type { Answer, Question } from './question.ts'
import { Surplus } from './surplus.ts'
import type { Taint } from './taint.ts'
import { otherOf, Walk } from './walk.ts'

export type PassListener = {
  agrees(db: number, key: ByteString): void
  differs(db: number, key: ByteString, difference: Difference): void
  /** The replica holds more keys than it should, and does not show them. */
  hides(db: number, keys: number): void
}

type Options = {
  readonly databases: readonly Database[]
  readonly looks: Looks
  readonly taint: Taint
  readonly listener: PassListener
  /** Offset at which it begins. */
  readonly from: number
}

export class Pass {
  readonly from: number
  /** Keys compared. */
  keys = 0
  /** Something differs. */
  differs = false
  readonly #databases: readonly Database[]
  readonly #looks: Looks
  readonly #taint: Taint
  readonly #listener: PassListener
  readonly #walk: Walk
  readonly #surplus: Surplus
  /** Questions that come before the walk goes on. */
  #first: Question[] = []
  #isEmptyAsked = false

  constructor({ databases, looks, taint, listener, from }: Options) {
    this.#databases = databases
    this.#looks = looks
    this.#taint = taint
    this.#listener = listener
    this.from = from
    this.#walk = new Walk(databases)
    this.#surplus = new Surplus(databases)
  }

  /** Keys that are not compared. */
  get leftOut(): number {
    return this.#walk.tooLarge + this.#taint.size
  }

  /** What to ask; undefined where all is asked. */
  next(): Question | undefined {
    return this.#first.shift() ?? this.#nextSlice()
  }

  /** The question has no answer: it comes next. */
  again(question: Question): void {
    this.#first.unshift(question)
  }

  /** Two databases have changed places: what is to be asked of them is found under the other number. */
  swapped(a: number, b: number): void {
    this.#walk.swapped(a, b)
    this.#first = this.#first.map((question) => ({ ...question, db: otherOf(question.db, a, b) }))
  }

  /** The reference is at the offset of the answer. */
  judge({ db, keys, scan }: Question, answer: Answer, rules: Rules): void {
    const database = this.#databases[db]!
    for (const [i, { key, look }] of keys.entries()) {
      if (this.#taint.has(db, key)) continue
      if (look !== 'both') this.keys++
      const entry = database.peek(key)
      const verdict = judge(entry, answer.keys[i]!, rules)
      if (verdict.kind === 'suspect') this.#first.push({ db, keys: [{ key, look: 'both' }] })
      else if (verdict.kind === 'different') this.#differs(db, key, verdict.difference)
      else if (verdict.kind === 'other-digest') this.#looks.distrust(entry!.value.type)
      else if (look === 'both') this.#passes(db, key)
      else this.#listener.agrees(db, key)
    }
    if (scan !== undefined) this.#hunted(db, answer)
    this.#first.push(...this.#surplus.hunts(answer))
  }

  #nextSlice(): Question | undefined {
    const slice = this.#walk.next()
    if (slice !== undefined) {
      const { db, entries } = slice
      return { db, keys: entries.map(({ key, value }) => ({ key, look: this.#looks.at(value.type) })) }
    }
    // A dataset without keys is asked about all the same: the replica may have some.
    if (this.keys > 0 || this.#isEmptyAsked) return undefined
    this.#isEmptyAsked = true
    return { db: 0, keys: [] }
  }

  /** Its digests differed, and no longer do: that tells nothing where they are made otherwise. */
  #passes(db: number, key: ByteString): void {
    const none = { name: '' as ByteString, ours: undefined, theirs: undefined }
    if (this.#looks.abilities?.digestsAlike === true) this.#differs(db, key, { kind: 'passing', ...none })
    this.#listener.agrees(db, key)
  }

  #differs(db: number, key: ByteString, difference: Difference): void {
    this.differs = true
    if (difference.kind === 'missing') this.#surplus.lacks(db)
    this.#listener.differs(db, key, difference)
  }

  #hunted(db: number, { found, cursor, sizes }: Answer): void {
    const database = this.#databases[db]
    const strangers = found.filter((key) => database?.peek(key) === undefined && !this.#taint.has(db, key))
    const look = this.#looks.atStranger
    this.#first.push(...strangers.map((key) => ({ db, keys: [{ key, look }] })))
    const inAll = this.#surplus.found(db, strangers.length)
    if (cursor !== '0') this.#first.push({ db, keys: [], scan: cursor })
    else if (inAll === 0 && this.#taint.size === 0) this.#hidden(db, this.#surplus.of(db, sizes))
  }

  /** SCAN does not show keys that have expired. */
  #hidden(db: number, keys: number): void {
    if (keys === 0) return
    if (!this.differs) this.#listener.hides(db, keys)
    this.differs = true
  }
}
