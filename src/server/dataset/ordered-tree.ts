/**
 * OrderedTree: items in order, with their ranks. A B+ tree in which every branch knows how many items are
 * below it.
 *
 *              branch 11                     separators: firsts[i] ≤ all of child i, > all of child i-1
 *            ╱     │      ╲
 *      [a b c d] [f g h] [k l m n]           rank of g = 4 + 1
 *
 * Finding, inserting, removing, the rank of an item and the item of a rank are O(log n); a leaf is one
 * array, so that walking is as fast as walking arrays. Redis uses a skip list with spans for the same
 * (`src/t_zset.c`), and a radix tree for what is ordered by stream ids; blocks cost a third of their memory,
 * and fewer cache misses.
 *
 * An item's order must not change while it is in the tree. Separators may be items that were removed long
 * ago.
 */
export type Compare<T> = (a: T, b: T) => number

/** Items of a leaf, children of a branch. */
const WIDTH = 64
/** A node with fewer looks for a neighbour to join. */
const THIN = WIDTH / 4
/** What is joined must not have to be split again soon. */
const JOINED_MAX = WIDTH * 0.75

class Leaf<T> {
  items: T[]
  constructor(items: T[]) {
    this.items = items
  }

  get count(): number {
    return this.items.length
  }

  get width(): number {
    return this.items.length
  }
}

class Branch<T> {
  count: number
  firsts: T[]
  children: Node<T>[]
  constructor(children: Node<T>[], firsts: T[]) {
    this.children = children
    this.firsts = firsts
    this.count = children.reduce((sum, child) => sum + child.count, 0)
  }

  get width(): number {
    return this.children.length
  }
}

type Node<T> = Leaf<T> | Branch<T>
/** A new right neighbour, and its separator. */
type Split<T> = { readonly node: Node<T>; readonly first: T }

export class OrderedTree<T> {
  readonly #compare: Compare<T>
  #root: Node<T> = new Leaf<T>([])

  constructor(compare: Compare<T>) {
    this.#compare = compare
  }

  get length(): number {
    return this.#root.count
  }

  /** Adds an item; an equal one must not be there. */
  insert(item: T): void {
    const split = this.#insertInto(this.#root, item)
    if (split !== undefined) this.#root = new Branch([this.#root, split.node], [split.first, split.first])
  }

  /** Removes the item that is equal to this one; false if there is none. */
  delete(item: T): boolean {
    if (!this.#deleteFrom(this.#root, item)) return false
    while (this.#root instanceof Branch && this.#root.children.length === 1)
      this.#root = this.#root.children[0]!
    return true
  }

  /** How many items come before this one. */
  rank(item: T): number {
    return this.countWhile((other) => this.#compare(other, item) < 0)
  }

  /** The item that is equal to this one. */
  find(item: T): T | undefined {
    const found = this.at(this.rank(item))
    return found !== undefined && this.#compare(found, item) === 0 ? found : undefined
  }

  /**
   * How many items there are up to the first one for which `isBefore` is false; all behind it must be so
   * too.
   */
  countWhile(isBefore: (item: T) => boolean): number {
    let before = 0
    let node = this.#root
    while (node instanceof Branch) {
      const { children, firsts } = node
      const at = partition(firsts, 1, isBefore) - 1
      for (let i = 0; i < at; i++) before += children[i]!.count
      node = children[at]!
    }
    return before + partition(node.items, 0, isBefore)
  }

  /** The item of a rank (0: the first). */
  at(rank: number): T | undefined {
    if (rank < 0 || rank >= this.length) return undefined
    const { items, offset } = this.#locate(rank)
    return items[offset]
  }

  /** Items of ranks `from` up to but not including `to`. The tree must not change meanwhile. */
  *ascending(from = 0, to = this.length): Generator<T> {
    const stop = Math.min(to, this.length)
    for (let rank = from; rank < stop; ) {
      const { items, offset } = this.#locate(rank)
      const end = Math.min(items.length, offset + stop - rank)
      for (let i = offset; i < end; i++) yield items[i]!
      rank += end - offset
    }
  }

  /** The same items from the last to the first. */
  *descending(from = 0, to = this.length): Generator<T> {
    for (let rank = Math.min(to, this.length) - 1; rank >= from; ) {
      const { items, offset } = this.#locate(rank)
      const end = Math.max(0, offset - (rank - from))
      for (let i = offset; i >= end; i--) yield items[i]!
      rank -= offset - end + 1
    }
  }

  #locate(rank: number): { items: readonly T[]; offset: number } {
    let node = this.#root
    let offset = rank
    while (node instanceof Branch) {
      let i = 0
      for (; offset >= node.children[i]!.count; i++) offset -= node.children[i]!.count
      node = node.children[i]!
    }
    return { items: node.items, offset }
  }

  #insertInto(node: Node<T>, item: T): Split<T> | undefined {
    if (node instanceof Leaf) {
      const { items } = node
      const at = this.#place(items, 0, item)
      items.splice(at, 0, item)
      if (items.length <= WIDTH) return undefined
      // Who always adds at the end gets full leaves.
      const right = items.splice(at === WIDTH ? WIDTH : WIDTH / 2)
      return { node: new Leaf(right), first: right[0]! }
    }
    const at = this.#childOf(node, item)
    const split = this.#insertInto(node.children[at]!, item)
    node.count++
    if (split === undefined) return undefined
    node.children.splice(at + 1, 0, split.node)
    node.firsts.splice(at + 1, 0, split.first)
    return node.children.length <= WIDTH ? undefined : splitBranch(node, at === WIDTH - 1)
  }

  #deleteFrom(node: Node<T>, item: T): boolean {
    if (node instanceof Leaf) {
      const at = this.#place(node.items, 0, item)
      if (at === node.items.length || this.#compare(node.items[at]!, item) !== 0) return false
      node.items.splice(at, 1)
      return true
    }
    const at = this.#childOf(node, item)
    if (!this.#deleteFrom(node.children[at]!, item)) return false
    node.count--
    if (node.children[at]!.width < THIN) mend(node, at)
    return true
  }

  /** Index of the child in whose range an item is. */
  #childOf(branch: Branch<T>, item: T): number {
    const { firsts } = branch
    let low = 1
    let high = firsts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(firsts[middle]!, item) <= 0) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  /** Index of the first item that is not before this one. */
  #place(items: readonly T[], from: number, item: T): number {
    let low = from
    let high = items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(items[middle]!, item) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

function partition<T>(items: readonly T[], from: number, isBefore: (item: T) => boolean): number {
  let low = from
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(items[middle]!)) low = middle + 1
    else high = middle
  }
  return low
}

function splitBranch<T>(branch: Branch<T>, isAtEnd: boolean): Split<T> {
  const at = isAtEnd ? WIDTH : WIDTH / 2
  const right = new Branch(branch.children.splice(at), branch.firsts.splice(at))
  branch.count -= right.count
  return { node: right, first: right.firsts[0]! }
}

/** A child has become thin: it goes if it is empty, or joins a neighbour if both are small enough. */
function mend<T>(branch: Branch<T>, at: number): void {
  const { children, firsts } = branch
  if (children.length === 1) return
  if (children[at]!.count === 0) {
    children.splice(at, 1)
    firsts.splice(at, 1)
    return
  }
  const right = at === 0 ? 1 : at
  const [into, from] = [children[right - 1]!, children[right]!]
  if (into.width + from.width > JOINED_MAX) return
  if (into instanceof Leaf && from instanceof Leaf) into.items.push(...from.items)
  else if (into instanceof Branch && from instanceof Branch) {
    from.firsts[0] = firsts[right]!
    into.children.push(...from.children)
    into.firsts.push(...from.firsts)
    into.count += from.count
  }
  children.splice(right, 1)
  firsts.splice(right, 1)
}
