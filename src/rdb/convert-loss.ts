/**
 * What a conversion could not carry over, told key by key and counted.
 */
import type { RdbString } from '../codec/rdb/events.ts'

export type ConvertLoss = {
  /** A word for the kind, by which losses are counted: `field-expiry`. */
  readonly what: string
  readonly db: number
  /** Undefined for what belongs to no key. */
  readonly key: RdbString | undefined
  /** For people; one line of printable ASCII. */
  readonly detail: string
}

/** Passes losses on, each kind once for a key. */
export class LossReport {
  readonly #onLoss: (loss: ConvertLoss) => void
  #db = 0
  #key: RdbString | undefined
  #told = new Set<string>()
  /** How many were passed on. */
  count = 0

  constructor(onLoss: (loss: ConvertLoss) => void) {
    this.#onLoss = onLoss
  }

  /** Says whose losses come next; undefined for those of the snapshot itself. */
  open(db: number, key: RdbString | undefined): void {
    this.#db = db
    this.#key = key
    if (this.#told.size > 0) this.#told = new Set()
  }

  lose(what: string, detail: string): void {
    if (this.#key !== undefined && this.#told.has(what)) return
    this.#told.add(what)
    this.count++
    this.#onLoss({ what, db: this.#db, key: this.#key, detail })
  }
}
