/**
 * Surplus: where does the replica have more keys than it should? Told by counting, in each answer; only where
 * that does not add up are its own keys looked through, once a pass.
 *
 *   keys of the replica > keys of the reference − keys found missing ─► hunt: SCAN 0 · SCAN … · SCAN
 */
import type { Database } from '../server/dataset/database.ts'
import type { Answer, Question } from './question.ts'

export class Surplus {
  readonly #databases: readonly Database[]
  /** Databases that are or were hunted through in this pass: how many keys were found. */
  readonly #hunts = new Map<number, { found: number }>()
  /** Keys of each database that the replica was found to lack, in this pass. */
  readonly #missing = new Map<number, number>()

  constructor(databases: readonly Database[]) {
    this.#databases = databases
  }

  /** The replica lacks a key. */
  lacks(db: number): void {
    this.#missing.set(db, (this.#missing.get(db) ?? 0) + 1)
  }

  /** The hunts that an answer is reason for. */
  hunts({ sizes }: Answer): Question[] {
    const questions: Question[] = []
    for (const db of sizes.keys()) {
      if (this.of(db, sizes) === 0 || this.#hunts.has(db)) continue
      this.#hunts.set(db, { found: 0 })
      questions.push({ db, keys: [], scan: '0' })
    }
    return questions
  }

  /** So many keys that should not be there were found by a hunt. @returns in all so far */
  found(db: number, keys: number): number {
    const hunt = this.#hunts.get(db) ?? { found: 0 }
    hunt.found += keys
    this.#hunts.set(db, hunt)
    return hunt.found
  }

  /** How many keys the replica has too many. */
  of(db: number, sizes: Answer['sizes']): number {
    const expected = (this.#databases[db]?.size ?? 0) - (this.#missing.get(db) ?? 0)
    return Math.max(0, (sizes.get(db) ?? 0) - expected)
  }
}
