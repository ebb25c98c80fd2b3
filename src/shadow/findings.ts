/**
 * Findings: which keys were found to differ, each told once with the commands that touched it, until it is
 * the same again.
 *
 *   differs(db 0, "k", …) ─► told · differs(…) ─► known already · agrees(db 0, "k") ─► forgotten
 *
 * Bounded: so many are told, more are counted, and of still more the number is not known exactly.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { ByKey } from './by-key.ts'
import type { Difference } from './judge.ts'
import { KeyJournal, swappedBy, type Touches } from './key-journal.ts'
import type { UnitCommand } from './unit.ts'

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

/** Keys that differ and are told; those behind them are counted. */
const TOLD_MAX = 100
const REMEMBERED_MAX = 10_000

export class Findings {
  readonly #listener: VerificationListener
  readonly #journal = new KeyJournal()
  readonly #diverged = new ByKey<true>()
  /** Keys that were found to differ; more than can be remembered are not counted twice. */
  count = 0
  /** Offset at which all keys were the same, or known to differ. */
  agreedAt = 0

  constructor(listener: VerificationListener) {
    this.#listener = listener
  }

  /** A dataset begins at this offset: what was before is of no use. */
  begin(offset: number): void {
    this.#journal.clear()
    this.#diverged.clear()
    this.agreedAt = offset
  }

  applied(command: UnitCommand): void {
    this.#journal.note(command)
    const swapped = swappedBy(command)
    if (swapped !== undefined) this.#diverged.swap(...swapped)
  }

  agrees(db: number, key: ByteString): void {
    this.#journal.agreed(db, key)
    if (this.#diverged.size > 0) this.#diverged.delete(db, key)
  }

  differs(db: number, key: ByteString, difference: Difference, offset: number): void {
    if (this.#diverged.size >= REMEMBERED_MAX || this.#diverged.has(db, key)) return
    this.#diverged.set(db, key, true)
    this.count++
    if (this.count > TOLD_MAX) return
    const { agreedAt } = this
    const touches = this.#journal.of(db, key, agreedAt)
    this.#listener.diverges({ db, key, difference, offset, agreedAt, touches })
    if (this.count === TOLD_MAX) {
      this.#listener.notice(`${TOLD_MAX} keys differ: further ones are counted, not told`)
    }
  }

  /** The replica holds so many keys more than it should, and does not show them. */
  hides(db: number, keys: number): void {
    const more = keys === 1 ? 'a key' : `${keys} keys`
    this.#listener.notice(
      `db ${db} of the replica holds ${more} more than it should, which it does not show: ` +
        'written on the replica itself, and expired',
    )
  }
}
