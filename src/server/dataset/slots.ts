/**
 * Slots: a dense array of things that know their place in it. Adding, removing and picking one at random are
 * O(1), and so a scan can be resumed by a plain number.
 *
 *   [a b c d e]  remove b  ─►  [a e c d]      the last one takes the free place
 *
 * The cursor of a scan is the index below which nothing was seen yet; scans run downward. Whoever moves into
 * a free place comes from the end: from where the scan has been (then it may be seen twice, which SCAN
 * allows), or from below the cursor to below the cursor. So what is there from the beginning to the end of a
 * scan is seen at least once, whatever else happens: the same promise as Redis's reversed binary cursors.
 */
export type Place<T> = { get(item: T): number; set(item: T, slot: number): void }

export class Slots<T> {
  readonly items: T[] = []
  readonly #place: Place<T>

  constructor(place: Place<T>) {
    this.#place = place
  }

  get length(): number {
    return this.items.length
  }

  add(item: T): void {
    this.#place.set(item, this.items.length)
    this.items.push(item)
  }

  remove(item: T): void {
    const { items } = this
    const slot = this.#place.get(item)
    const last = items.pop()!
    if (last !== item) {
      items[slot] = last
      this.#place.set(last, slot)
    }
    this.#place.set(item, -1)
  }

  /**
   * Visits up to `count` items below `cursor` (0: from the beginning). `visit` may remove the item it is
   * given.
   * @returns the next cursor, 0 when all was seen
   */
  scan(cursor: number, count: number, visit: (item: T) => void): number {
    const { items } = this
    let at = cursor === 0 ? items.length : Math.min(cursor, items.length)
    for (let left = count; left > 0 && at > 0; left--) visit(items[--at]!)
    return at
  }
}
