/**
 * Largest: the n largest keys of any number, in memory for n. A heap whose root is the smallest that is
 * kept.
 */
import type { RdbKeyEnd } from '../codec/rdb/events.ts'

export class Largest {
  readonly #room: number
  readonly #sizeOf: (end: RdbKeyEnd) => number
  readonly #heap: RdbKeyEnd[] = []
  #smallest = Number.NEGATIVE_INFINITY

  constructor(room: number, sizeOf: (end: RdbKeyEnd) => number) {
    this.#room = room
    this.#sizeOf = sizeOf
  }

  add(end: RdbKeyEnd): void {
    const heap = this.#heap
    if (heap.length < this.#room) {
      heap.push(end)
      this.#rise(heap.length - 1)
    } else if (this.#sizeOf(end) > this.#smallest) {
      heap[0] = end
      this.#sink()
    } else return
    if (heap.length === this.#room) this.#smallest = this.#sizeOf(heap[0]!)
  }

  /** Largest first; of equal ones, first met first. */
  sorted(): RdbKeyEnd[] {
    return this.#heap.toSorted((a, b) => this.#sizeOf(b) - this.#sizeOf(a) || a.of.position - b.of.position)
  }

  #rise(from: number): void {
    const heap = this.#heap
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1
      if (this.#sizeOf(heap[parent]!) <= this.#sizeOf(heap[at]!)) return
      ;[heap[parent], heap[at]] = [heap[at]!, heap[parent]!]
      at = parent
    }
  }

  #sink(): void {
    const heap = this.#heap
    for (let at = 0; ; ) {
      let least = 2 * at + 1
      if (least >= heap.length) return
      if (least + 1 < heap.length && this.#sizeOf(heap[least + 1]!) < this.#sizeOf(heap[least]!)) least++
      if (this.#sizeOf(heap[at]!) <= this.#sizeOf(heap[least]!)) return
      ;[heap[at], heap[least]] = [heap[least]!, heap[at]!]
      at = least
    }
  }
}
