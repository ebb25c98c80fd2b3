/**
 * Walk: all keys of a dataset, a slice at a time, while the dataset goes on changing.
 *
 *   db 0: [ k k k k ][ k k k k ][ k ] ─► db 3: [ k k ] ─► over
 *
 * What is there from the beginning of a walk to its end is visited (slots.ts promises that); a slice is small
 * in keys and in bytes.
 */
import type { Database } from '../server/dataset/database.ts'
import type { Entry } from '../server/dataset/entry.ts'

/** Keys of one slice, and what their values take, about. */
const SLICE_KEYS = 100
const SLICE_BYTES = 1024 * 1024
/** A value that is larger keeps a server busy for long: it is left out. */
const VALUE_BYTES_MAX = 64 * 1024 * 1024

export type Slice = { readonly db: number; readonly entries: readonly Entry[] }

export class Walk {
  readonly #databases: readonly Database[]
  /** Databases that are left, and where in the first of them it stands. */
  readonly #left: number[]
  #cursor = 0
  /** Keys that were left out because they are too large. */
  tooLarge = 0

  constructor(databases: readonly Database[]) {
    this.#databases = databases
    this.#left = databases.map((_, db) => db)
  }

  /** Two databases have changed places: what is left of them is found under the other number. */
  swapped(a: number, b: number): void {
    for (const [i, db] of this.#left.entries()) this.#left[i] = otherOf(db, a, b)
  }

  /** The next slice; undefined when all were visited. */
  next(): Slice | undefined {
    for (let db = this.#left[0]; db !== undefined; db = this.#left[0]) {
      const database = this.#databases[db]!
      if (database.size === 0) this.#cursor = 0
      const entries = database.size === 0 ? [] : this.#slice(database)
      if (this.#cursor === 0) this.#left.shift()
      if (entries.length > 0) return { db: database.index, entries }
    }
    return undefined
  }

  #slice({ entries: slots }: Database): Entry[] {
    if (this.#cursor > slots.length) this.#cursor = slots.length
    const entries: Entry[] = []
    let bytes = 0
    do {
      this.#cursor = slots.scan(this.#cursor, 1, (entry) => {
        if (entry.value.sizeBytes > VALUE_BYTES_MAX) {
          this.tooLarge++
          return
        }
        entries.push(entry)
        bytes += entry.value.sizeBytes
      })
    } while (this.#cursor !== 0 && entries.length < SLICE_KEYS && bytes < SLICE_BYTES)
    return entries
  }
}

/** The number of a database behind SWAPDB a b. */
export function otherOf(db: number, a: number, b: number): number {
  return db === a ? b : db === b ? a : db
}
