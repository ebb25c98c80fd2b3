/**
 * SteadyMap: a Map that stays fast when the same keys come and go.
 *
 * V8's Map keeps what was deleted in its chains until the table is built anew, which happens when half of
 * it is deleted. A key of a large Map that is deleted and comes back (a queue that runs empty and is filled
 * again) makes its chain longer each time: after 50,000 times a look-up takes a quarter of a millisecond.
 *
 *   delete ─► vacant: the key stays in the Map without a value      set ─► filled again, no chain grows
 *   a thousand different keys were vacated ─► those that are still vacant are deleted for good
 *
 * Small maps are built anew often enough by themselves.
 * Source: V8 `src/objects/ordered-hash-table.cc`.
 */
const SMALL_MAX = 512
const VACATED_MAX = 1024

export class SteadyMap<K, V extends object | number> {
  readonly #map = new Map<K, V | undefined>()
  #vacancies = 0
  /** Keys that were vacated since the last clearing, filled again or not. */
  #vacated: Set<K> | undefined

  get size(): number {
    return this.#map.size - this.#vacancies
  }

  get(key: K): V | undefined {
    return this.#map.get(key)
  }

  has(key: K): boolean {
    return this.#map.get(key) !== undefined
  }

  set(key: K, value: V): void {
    if (this.#vacancies > 0 && this.#isVacant(key)) this.#vacancies--
    this.#map.set(key, value)
  }

  delete(key: K): boolean {
    if (this.#map.size <= SMALL_MAX) {
      if (this.#vacancies > 0 && this.#isVacant(key)) return false
      return this.#map.delete(key)
    }
    if (this.#map.get(key) === undefined) return false
    this.#map.set(key, undefined)
    this.#vacancies++
    this.#vacated ??= new Set()
    this.#vacated.add(key)
    if (this.#vacated.size >= VACATED_MAX) this.#clearVacancies()
    return true
  }

  #isVacant(key: K): boolean {
    return this.#map.get(key) === undefined && this.#map.has(key)
  }

  #clearVacancies(): void {
    for (const key of this.#vacated!) if (this.#isVacant(key)) this.#map.delete(key)
    this.#vacated = undefined
    this.#vacancies = 0
  }
}
