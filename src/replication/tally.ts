/**
 * Tally: the commands of a stream by name, counted and not told.
 *
 * Who only wants totals does not need an event for each of half a million commands a second. Names are
 * interned
 * (intern-table.ts), and on a busy stream one name follows itself again and again.
 */
export type TallyEntry = { count: number; bytes: number }

/** Names beyond these are counted under one. */
const NAMES_MAX = 1000
const OTHERS = '(others)'

export class Tally {
  #entries = new Map<string, TallyEntry>()
  #name = ''
  #entry: TallyEntry = { count: 0, bytes: 0 }

  add(name: string, bytes: number): void {
    if (name !== this.#name || this.#entries.size === 0) this.#turnTo(name)
    this.#entry.count++
    this.#entry.bytes += bytes
  }

  /** Further commands of the name that was last added. */
  addAlike(count: number, bytes: number): void {
    this.#entry.count += count
    this.#entry.bytes += bytes
  }

  /** What was counted since the last time; undefined where that is nothing. */
  take(): ReadonlyMap<string, TallyEntry> | undefined {
    if (this.#entries.size === 0) return undefined
    const entries = this.#entries
    this.#entries = new Map()
    return entries
  }

  #turnTo(name: string): void {
    const known = this.#entries.get(name)
    const key = known !== undefined || this.#entries.size < NAMES_MAX ? name : OTHERS
    this.#entry = known ?? this.#entries.get(key) ?? { count: 0, bytes: 0 }
    this.#entries.set(key, this.#entry)
    this.#name = name
  }
}
