/**
 * FieldTable: many fields of one hash; look-up, change, removal and a random member are O(1).
 *
 *   #index   a → 0   b → 1   c → 2          fields  [a b c]
 *                                           values  [1 2 3]
 *   remove a ─► the last one takes its place: [c b] [3 2]
 *
 * Two dense arrays beside one index: no object per field. A scan runs downward and is resumed by a plain
 * number, as Slots explains: what is there from its beginning to its end is seen at least once.
 */

import type { ByteString } from '../../bytes/byte-string.ts'
import { SteadyMap } from './steady-map.ts'

export class FieldTable {
  readonly fields: ByteString[] = []
  readonly values: ByteString[] = []
  readonly #index = new SteadyMap<ByteString, number>()

  get size(): number {
    return this.fields.length
  }

  get(field: ByteString): ByteString | undefined {
    const index = this.#index.get(field)
    return index === undefined ? undefined : this.values[index]
  }

  /** @returns the value that was there before */
  set(field: ByteString, value: ByteString): ByteString | undefined {
    const index = this.#index.get(field)
    if (index !== undefined) {
      const old = this.values[index]
      this.values[index] = value
      return old
    }
    this.#index.set(field, this.fields.length)
    this.fields.push(field)
    this.values.push(value)
    return undefined
  }

  /** @returns the value that was removed */
  remove(field: ByteString): ByteString | undefined {
    const index = this.#index.get(field)
    if (index === undefined) return undefined
    this.#index.delete(field)
    const removed = this.values[index]!
    const [lastField, lastValue] = [this.fields.pop()!, this.values.pop()!]
    if (index < this.fields.length) {
      this.fields[index] = lastField
      this.values[index] = lastValue
      this.#index.set(lastField, index)
    }
    return removed
  }

  /**
   * Visits up to `count` fields below `cursor` (0: from the beginning).
   * @returns the next cursor, 0 when all was seen
   */
  scan(cursor: number, count: number, visit: (field: ByteString, value: ByteString) => void): number {
    const top = cursor === 0 ? this.size : Math.min(cursor, this.size)
    const bottom = Math.max(0, top - count)
    for (let at = top - 1; at >= bottom; at--) visit(this.fields[at]!, this.values[at]!)
    return bottom
  }
}
