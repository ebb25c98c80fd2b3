/**
 * ListValue: the value of a key of type list, a deque of blocks.
 *
 *   blocks ─► [a b c … 256] [… 256] … [x y z]        push and pop at either end: O(1)
 *                                                    an index in the middle: from the nearer end, block
 *                                                    by block
 *
 * A short list is one plain array. Blocks split when they are full and join when they are small, so that the
 * directory stays short whatever is inserted and removed. Compare redis `src/quicklist.c`, whose nodes are
 * packed; 7.0 calls every list a quicklist.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { counted, type RdbList } from '../../codec/rdb/encode-model.ts'
import { inserted } from './short-array.ts'
import type { ValueFacts } from './value.ts'

const BLOCK_MAX = 256
/** Two neighbours that are together no longer than this become one. */
const JOINED_MAX = BLOCK_MAX / 2
const OVERHEAD_BYTES = 160
/** What an element takes besides its text: a reference and a string's head. */
const ELEMENT_BYTES = 24

export class ListValue implements ValueFacts {
  declare readonly type: 'list'
  /** None is empty, except the first of an empty list. */
  #blocks: ByteString[][] = [[]]
  #length = 0
  #textBytes = 0

  get length(): number {
    return this.#length
  }

  get sizeBytes(): number {
    return OVERHEAD_BYTES + this.#length * ELEMENT_BYTES + this.#textBytes
  }

  encoding(): string {
    return 'quicklist'
  }

  rdb(): RdbList {
    return { type: 'list', items: counted(this.#length, () => this.elements()) }
  }

  copy(): ListValue {
    const copy = new ListValue()
    copy.#blocks = this.#blocks.map((block) => block.slice())
    copy.#length = this.#length
    copy.#textBytes = this.#textBytes
    return copy
  }

  *elements(): Generator<ByteString> {
    for (const block of this.#blocks) yield* block
  }

  pushFirst(element: ByteString): void {
    const block = this.#blocks[0]!
    if (block.length < BLOCK_MAX) this.#blocks[0] = inserted(block, 0, element)
    else this.#blocks.unshift([element])
    this.#count(1, element.length)
  }

  pushLast(element: ByteString): void {
    const blocks = this.#blocks
    const block = blocks[blocks.length - 1]!
    if (block.length < BLOCK_MAX) blocks[blocks.length - 1] = inserted(block, block.length, element)
    else {
      // A full block grows no more: its copy has no room to spare.
      blocks[blocks.length - 1] = block.slice()
      blocks.push([element])
    }
    this.#count(1, element.length)
  }

  /** The list must not be empty. */
  popFirst(): ByteString {
    const blocks = this.#blocks
    const block = blocks[0]!
    const element = block.shift()!
    if (block.length === 0 && blocks.length > 1) blocks.shift()
    this.#count(-1, -element.length)
    return element
  }

  /** The list must not be empty. */
  popLast(): ByteString {
    const blocks = this.#blocks
    const block = blocks[blocks.length - 1]!
    const element = block.pop()!
    if (block.length === 0 && blocks.length > 1) blocks.pop()
    this.#count(-1, -element.length)
    return element
  }

  /** The element at `index`, counted from 0. */
  at(index: number): ByteString | undefined {
    if (index < 0 || index >= this.#length) return undefined
    const { block, offset } = this.#seek(index)
    return this.#blocks[block]![offset]
  }

  /** `index` must be one of the list's. */
  set(index: number, element: ByteString): void {
    const { block, offset } = this.#seek(index)
    const elements = this.#blocks[block]!
    this.#count(0, element.length - elements[offset]!.length)
    elements[offset] = element
  }

  /** Puts an element where it will have `index` (0 … length). */
  insert(index: number, element: ByteString): void {
    if (index === this.#length) {
      this.pushLast(element)
      return
    }
    const { block, offset } = this.#seek(index)
    const elements = this.#blocks[block]!
    const grown = inserted(elements, offset, element)
    this.#blocks[block] = grown
    if (grown.length > BLOCK_MAX) {
      const half = grown.length >> 1
      this.#blocks.splice(block, 1, grown.slice(0, half), grown.slice(half))
    }
    this.#count(1, element.length)
  }

  /** Elements first … end (exclusive), both within the list. */
  range(first: number, end: number): ByteString[] {
    if (first >= end) return []
    const found: ByteString[] = []
    let { block, offset } = this.#seek(first)
    for (let left = end - first; left > 0; block++, offset = 0) {
      const elements = this.#blocks[block]!
      const stop = Math.min(elements.length, offset + left)
      for (let i = offset; i < stop; i++) found.push(elements[i]!)
      left -= stop - offset
    }
    return found
  }

  /** Keeps only elements first … end (exclusive), both within the list. */
  keep(first: number, end: number): void {
    this.#dropLast(this.#length - end)
    this.#dropFirst(Math.min(first, this.#length))
  }

  /** The index of the first element from `from` on that equals; -1 if none before `end`. */
  indexOf(element: ByteString, from: number, end: number): number {
    if (from >= end) return -1
    let { block, offset } = this.#seek(from)
    for (let base = from - offset; base < end; block++, offset = 0) {
      const elements = this.#blocks[block]!
      const at = elements.indexOf(element, offset)
      if (at >= 0) return base + at < end ? base + at : -1
      base += elements.length
    }
    return -1
  }

  /** The index of the last element up to `from` that equals; -1 if none after or at `first`. */
  lastIndexOf(element: ByteString, from: number, first: number): number {
    if (from < first) return -1
    let { block, offset } = this.#seek(from)
    for (let base = from - offset; ; ) {
      const at = this.#blocks[block]!.lastIndexOf(element, offset)
      if (at >= 0) return base + at >= first ? base + at : -1
      if (base <= first) return -1
      block--
      offset = this.#blocks[block]!.length - 1
      base -= offset + 1
    }
  }

  /** Removes up to `count` equal elements, from the first one on, or from the last. @returns how many */
  removeEqual(element: ByteString, count: number, isFromLast: boolean): number {
    const blocks = this.#blocks
    let removed = 0
    for (let i = 0; i < blocks.length && removed < count; i++) {
      const at = isFromLast ? blocks.length - 1 - i : i
      const kept = without(blocks[at]!, element, count - removed, isFromLast)
      removed += blocks[at]!.length - kept.length
      blocks[at] = kept
    }
    if (removed > 0) {
      this.#count(-removed, -removed * element.length)
      this.#tidy()
    }
    return removed
  }

  #dropFirst(count: number): void {
    let left = count
    let whole = 0
    while (whole < this.#blocks.length && left >= this.#blocks[whole]!.length) {
      left -= this.#blocks[whole]!.length
      this.#forget(this.#blocks[whole++]!)
    }
    this.#blocks.splice(0, whole)
    if (left > 0) this.#forget(this.#blocks[0]!.splice(0, left))
    if (this.#blocks.length === 0) this.#blocks.push([])
  }

  #dropLast(count: number): void {
    let left = count
    while (this.#blocks.length > 0 && left >= this.#blocks.at(-1)!.length) {
      const block = this.#blocks.pop()!
      left -= block.length
      this.#forget(block)
    }
    if (left > 0) this.#forget(this.#blocks.at(-1)!.splice(-left))
    if (this.#blocks.length === 0) this.#blocks.push([])
  }

  #forget(elements: readonly ByteString[]): void {
    let textBytes = 0
    for (const element of elements) textBytes += element.length
    this.#count(-elements.length, -textBytes)
  }

  #count(elements: number, textBytes: number): void {
    this.#length += elements
    this.#textBytes += textBytes
  }

  /** Which block holds `index`, and where in it; from the nearer end. */
  #seek(index: number): { block: number; offset: number } {
    const blocks = this.#blocks
    if (index < this.#length / 2) {
      let block = 0
      let offset = index
      while (offset >= blocks[block]!.length) offset -= blocks[block++]!.length
      return { block, offset }
    }
    let block = blocks.length - 1
    let first = this.#length - blocks[block]!.length
    while (index < first) first -= blocks[--block]!.length
    return { block, offset: index - first }
  }

  /** Empty blocks go, small neighbours join. */
  #tidy(): void {
    const blocks: ByteString[][] = []
    for (const block of this.#blocks) {
      if (block.length === 0) continue
      const last = blocks.at(-1)
      if (last !== undefined && last.length + block.length <= JOINED_MAX) last.push(...block)
      else blocks.push(block)
    }
    this.#blocks = blocks.length > 0 ? blocks : [[]]
  }
}

Object.defineProperty(ListValue.prototype, 'type', { value: 'list' })

/** The same array where nothing is to be removed. */
function without(
  elements: ByteString[],
  element: ByteString,
  count: number,
  isFromLast: boolean,
): ByteString[] {
  let equal = 0
  for (const one of elements) if (one === element) equal++
  if (equal === 0) return elements
  const spared = isFromLast ? Math.max(0, equal - count) : 0
  let seen = 0
  return elements.filter((one) => one !== element || seen++ < spared || seen > spared + count)
}
