/**
 * Verification: is a replica's dataset what its master's stream makes of it? Asked slice by slice, for ever,
 * while the stream goes on.
 *
 *   stream ─► Lagging ─────────────┐ brought to exactly the offset of the answer
 *   next() ─► question ─► replica ─► answer(offset, keys) ─► Pass judges ─► Findings ─► listener
 *
 * Whoever drives it sends the questions and gives the answers; work() then brings the reference to the
 * offset, a little at a time. An answer from before the reference's offset, or from another history, is of no
 * use: it is asked again. A question that was asked about an earlier dataset is forgotten with it.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { Findings, type VerificationListener } from './findings.ts'
import { tellsExactly } from './judge.ts'
import { isWide, swappedBy } from './key-journal.ts'
import { Lagging } from './lagging.ts'
import type { Beginning, FollowerListener } from './link-follower.ts'
import { Looks } from './looks.ts'
import { Pass } from './pass.ts'
import { type Abilities, type Answer, noOffset, type Question } from './question.ts'
import { Taint } from './taint.ts'
import type { Unit, UnitCommand } from './unit.ts'
import { otherOf } from './walk.ts'

export type VerificationOptions = {
  readonly listener: VerificationListener
  /** What waits for the replica, in bytes of memory. */
  readonly waitingBytesMax?: number
  /** Nobody can wait for us: where too much waits, the reference goes ahead. */
  readonly isLive?: boolean
}

const WAITING_BYTES_MAX = 64 * 1024 * 1024
/** Times a strange history is heard before that is said: a replica that has just synced tells the old one. */
const STRANGE_PATIENCE = 50

export class Verification implements FollowerListener {
  readonly #listener: VerificationListener
  readonly #isLive: boolean
  readonly #waitingBytesMax: number
  #lagging: Lagging
  readonly #findings: Findings
  readonly #taint = new Taint()
  readonly #looks = new Looks()
  #hasDataset = false
  /** The master tells until when a key lives. */
  #tellsExactly = true
  /** The replica is known to be at least here. */
  #floor = 0
  #asked: Question | undefined
  #answer: Answer | undefined
  /** SWAPDB moved the keys that are asked about. */
  #hasMoved = false
  #pass: Pass | undefined
  #strangers = 0
  /** Passes that were begun, and those that went over all keys. */
  passes = 0
  finishedPasses = 0
  /** Keys compared in earlier passes. */
  #keysBefore = 0
  /** Answers that came from before the reference's offset, or from another history. */
  late = 0

  constructor({ listener, waitingBytesMax = WAITING_BYTES_MAX, isLive = true }: VerificationOptions) {
    this.#listener = listener
    this.#isLive = isLive
    this.#waitingBytesMax = waitingBytesMax
    this.#findings = new Findings(listener)
    this.#lagging = this.#newLagging()
  }

  #newLagging(): Lagging {
    return new Lagging({
      waitingBytesMax: this.#waitingBytesMax,
      onFailure: (command, why) => this.#failed(command, why),
      onApplied: (command) => this.#applied(command),
    })
  }

  /** What the replica can be asked. Nothing is asked before that is known. */
  set abilities(abilities: Abilities) {
    this.#looks.abilities = abilities
  }

  /** Lets go of the dataset and of all that belongs to it. */
  forget(): void {
    this.#hasDataset = false
    this.#drop()
    this.#findings.begin(0)
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

  /** Keys compared in this pass. */
  get keysInPass(): number {
    return this.#pass?.keys ?? 0
  }

  /** Keys compared in all. */
  get keys(): number {
    return this.#keysBefore + this.keysInPass
  }

  get divergences(): number {
    return this.#findings.count
  }

  /** The shadow has gone ahead of the replica, for want of room. */
  get forced(): number {
    return this.#lagging.forced
  }

  begin(beginning: Beginning): void {
    const { loaded, offset } = beginning
    this.#floor = 0
    this.#drop()
    this.#lagging.begin(beginning)
    this.#hasDataset = true
    this.#tellsExactly = tellsExactly(loaded.aux)
    this.#taint.clear()
    this.#findings.begin(offset)
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
    this.#drop()
    const where = offset === undefined ? '' : ` behind offset ${offset}`
    this.#listener.notice(`${why}${where}: nothing is compared until the next full resync`)
  }

  /** What is asked, answered or begun is about a dataset that is no more. */
  #drop(): void {
    this.#keysBefore += this.keysInPass
    this.#pass = undefined
    this.#asked = undefined
    this.#answer = undefined
    this.#hasMoved = false
  }

  /** The replica is at least at this offset. Not heard while a question is on its way. */
  reached(offset: number): void {
    if (this.#asked === undefined) this.#floor = offset
  }

  /** What to ask now; undefined if there is nothing. Then answered() or unanswered() must follow. */
  next(): Question | undefined {
    if (!this.#hasDataset || this.#looks.abilities === undefined || this.#asked !== undefined)
      return undefined
    this.#pass ??= this.#newPass()
    this.#asked = this.#pass.next()
    if (this.#asked === undefined) this.#endPass(this.#pass)
    return this.#asked
  }

  /** The question was not answered: it will be asked again. */
  unanswered(): void {
    if (this.#asked !== undefined) this.#pass?.again(this.#asked)
    this.#asked = undefined
    this.#answer = undefined
    this.#hasMoved = false
  }

  /** @returns in words what makes the answer useless, if it is, and that is not to pass */
  answered(answer: Answer): string | undefined {
    if (this.#asked === undefined) return undefined
    const { offset, role } = answer
    if (offset === undefined) {
      this.unanswered()
      return noOffset(role)
    }
    const isStrange = this.#isStrange(answer)
    this.#strangers = isStrange ? this.#strangers + 1 : 0
    if (isStrange || offset < this.#lagging.shadow.offset) {
      this.late++
      this.unanswered()
      if (this.#strangers % STRANGE_PATIENCE !== 0 || !isStrange) return undefined
      const ours = this.#lagging.shadow.replid
      return `the replica has another history (${answer.replid}) than what passed here (${ours})`
    }
    this.#answer = answer
    this.#floor = offset
    return undefined
  }

  #isStrange({ replid, replid2 }: Answer): boolean {
    const ours = this.#lagging.shadow.replid
    return ours !== undefined && replid !== ours && replid2 !== ours
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
    if (this.#lagging.shadow.offset !== answer.offset || this.#hasMoved) {
      this.late++
      this.unanswered()
      return true
    }
    const question = this.#asked!
    this.#asked = undefined
    this.#answer = undefined
    const exactExpiry = this.#tellsExactly && this.#looks.abilities?.hasExpireTime === true
    this.#pass!.judge(question, answer, { exactExpiry, now: answer.now })
    return true
  }

  #newPass(): Pass {
    this.passes++
    const { databases, offset: from } = this.#lagging.shadow
    const findings = this.#findings
    return new Pass({
      databases,
      looks: this.#looks,
      taint: this.#taint,
      from,
      listener: {
        agrees: (db, key) => findings.agrees(db, key),
        differs: (db, key, difference) => findings.differs(db, key, difference, this.offset),
        hides: (db, keys) => findings.hides(db, keys),
      },
    })
  }

  #endPass(pass: Pass): void {
    const { from, keys, leftOut } = pass
    this.#drop()
    this.finishedPasses++
    if (pass.differs) this.#listener.passEnds(this.passes, keys)
    else this.#listener.agrees({ pass: this.passes, from, to: this.offset, keys, leftOut })
    this.#findings.agreedAt = from
  }

  #applied(command: UnitCommand): void {
    this.#findings.applied(command)
    this.#taint.applied(command)
    const swapped = swappedBy(command)
    if (swapped !== undefined) this.#swapped(...swapped)
  }

  /** What is being asked of one of them is answered of other keys. */
  #swapped(a: number, b: number): void {
    this.#pass?.swapped(a, b)
    const asked = this.#asked
    if (asked === undefined || (asked.db !== a && asked.db !== b)) return
    this.#asked = { ...asked, db: otherOf(asked.db, a, b) }
    this.#hasMoved = true
  }

  #failed(command: UnitCommand, why: string): void {
    const notice = this.#taint.failed(command, why)
    if (notice !== undefined) this.#listener.notice(notice)
    if (isWide(command) || this.#taint.isTooMuch) {
      this.lost('too much of the stream is not known to the reference', command.start)
    }
  }
}
