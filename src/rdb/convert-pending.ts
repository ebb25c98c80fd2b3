/**
 * PendingTable: the pending entries of a consumer group, or the ids of several, in 32 bytes each.
 *
 *   ids (ms, seq) ascending │ delivered at │ deliveries
 *
 * A group may have millions of them, and a consumer names its own by their ids only: looking one up is a
 * binary search. Servers write them in ascending order; several groups one after the other are sorted when
 * first asked.
 */
import type { StreamId } from '../codec/rdb/events.ts'

const FIRST_ROWS = 16

export class PendingTable {
  length = 0
  #ms = new BigUint64Array(FIRST_ROWS)
  #sequence = new BigUint64Array(FIRST_ROWS)
  #deliveredAt = new Float64Array(FIRST_ROWS)
  #deliveries = new Float64Array(FIRST_ROWS)
  #isSorted = true

  clear(): void {
    this.length = 0
    this.#isSorted = true
  }

  add(id: StreamId, deliveredAt: number, deliveries: number): void {
    const row = this.length
    if (row === this.#ms.length) this.#grow()
    const [ms, sequence] = idParts(id)
    this.#ms[row] = ms
    this.#sequence[row] = sequence
    this.#deliveredAt[row] = deliveredAt
    this.#deliveries[row] = deliveries
    if (row > 0 && this.#compare(row - 1, ms, sequence) > 0) this.#isSorted = false
    this.length++
  }

  /** The row of an id, -1 if it has none. */
  find(id: StreamId): number {
    const row = this.lowerBound(id)
    return row < this.length && this.idAt(row) === id ? row : -1
  }

  /** The first row whose id is not less. */
  lowerBound(id: StreamId): number {
    this.#sort()
    const [ms, sequence] = idParts(id)
    let low = 0
    let high = this.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(middle, ms, sequence) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Ids in ascending order; one that was added twice stands twice. */
  idAt(row: number): StreamId {
    this.#sort()
    return `${this.#ms[row]}-${this.#sequence[row]}`
  }

  deliveredAt(row: number): number {
    return this.#deliveredAt[row]!
  }

  deliveries(row: number): number {
    return this.#deliveries[row]!
  }

  #compare(row: number, ms: bigint, sequence: bigint): number {
    const own = this.#ms[row]!
    if (own !== ms) return own < ms ? -1 : 1
    const ownSequence = this.#sequence[row]!
    return ownSequence === sequence ? 0 : ownSequence < sequence ? -1 : 1
  }

  #sort(): void {
    if (this.#isSorted) return
    const order = new Uint32Array(this.length).map((_, i) => i)
    order.sort((a, b) => this.#compare(a, this.#ms[b]!, this.#sequence[b]!))
    const sorted = <T extends BigUint64Array | Float64Array>(column: T): T => {
      const copy = column.slice() as T
      for (let row = 0; row < order.length; row++) copy[row] = column[order[row]!]!
      return copy
    }
    this.#ms = sorted(this.#ms)
    this.#sequence = sorted(this.#sequence)
    this.#deliveredAt = sorted(this.#deliveredAt)
    this.#deliveries = sorted(this.#deliveries)
    this.#isSorted = true
  }

  #grow(): void {
    const rows = this.length * 2
    const grown = <T extends BigUint64Array | Float64Array>(into: T, from: T): T => {
      into.set(from as never)
      return into
    }
    this.#ms = grown(new BigUint64Array(rows), this.#ms)
    this.#sequence = grown(new BigUint64Array(rows), this.#sequence)
    this.#deliveredAt = grown(new Float64Array(rows), this.#deliveredAt)
    this.#deliveries = grown(new Float64Array(rows), this.#deliveries)
  }
}

function idParts(id: StreamId): [ms: bigint, sequence: bigint] {
  const dash = id.indexOf('-')
  return [BigInt(id.slice(0, dash)), BigInt(id.slice(dash + 1))]
}

/** Whether an id is less than another. */
export function isBefore(a: StreamId, b: StreamId): boolean {
  const [ms, sequence] = idParts(a)
  const [otherMs, otherSequence] = idParts(b)
  return ms === otherMs ? sequence < otherSequence : ms < otherMs
}
