/**
 * ByKey: something that is remembered of keys, by database and name. It goes with the keys where databases
 * change places (SWAPDB).
 *
 *   set(db 0, "k", x) ─► swap(0, 1) ─► get(db 1, "k") = x
 */
import type { ByteString } from '../bytes/byte-string.ts'

export class ByKey<T> {
  readonly #databases = new Map<number, Map<ByteString, T>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  get(db: number, key: ByteString): T | undefined {
    return this.#databases.get(db)?.get(key)
  }

  has(db: number, key: ByteString): boolean {
    return this.#databases.get(db)?.has(key) === true
  }

  set(db: number, key: ByteString, value: T): void {
    let keys = this.#databases.get(db)
    if (keys === undefined) this.#databases.set(db, (keys = new Map()))
    const before = keys.size
    keys.set(key, value)
    this.#size += keys.size - before
  }

  delete(db: number, key: ByteString): void {
    if (this.#databases.get(db)?.delete(key)) this.#size--
  }

  /** Takes out the key of a database that was remembered first. */
  shift(db: number): T | undefined {
    for (const [key, value] of this.#databases.get(db) ?? []) {
      this.delete(db, key)
      return value
    }
    return undefined
  }

  swap(a: number, b: number): void {
    const [ofA, ofB] = [this.#databases.get(a), this.#databases.get(b)]
    this.#databases.delete(a)
    this.#databases.delete(b)
    if (ofB !== undefined) this.#databases.set(a, ofB)
    if (ofA !== undefined) this.#databases.set(b, ofA)
  }

  /** @param db all databases where it is undefined */
  clear(db?: number): void {
    if (db === undefined) {
      this.#databases.clear()
      this.#size = 0
      return
    }
    this.#size -= this.#databases.get(db)?.size ?? 0
    this.#databases.delete(db)
  }
}
