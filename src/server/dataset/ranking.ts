/**
 * Ranking: members in the order of their scores, and of their bytes where scores are equal. Two structures
 * do it, as in Redis, and they are changed at the same thresholds:
 *
 *   listpack  ─►  CompactRanking   two short arrays; everything is looked for from the beginning
 *   skiplist  ─►  IndexedRanking   a tree by rank, a map by member, a dense table for scans and dice
 *
 * Ranks count from 0, the lowest score first. -0 and 0 are the same score; a listpack even keeps them as one.
 */

import type { ByteString } from '../../bytes/byte-string.ts'
import { OrderedTree } from './ordered-tree.ts'
import { inserted } from './short-array.ts'
import { Slots } from './slots.ts'
import { SteadyMap } from './steady-map.ts'

export type Ranked = { readonly member: ByteString; readonly score: number }
export type RankedTest = (ranked: Ranked) => boolean

export interface Ranking {
  readonly length: number
  score(member: ByteString): number | undefined
  /** The member must not be there. */
  insert(member: ByteString, score: number): void
  /** Gives a member that is there another score. */
  move(member: ByteString, score: number): void
  /** The member must be there. */
  remove(member: ByteString): void
  /** Of a member that is there. */
  rank(member: ByteString): number
  /** The rank must be there. */
  at(rank: number): Ranked
  ascending(from: number, to: number): Iterable<Ranked>
  /** The same ranks, the highest first. */
  descending(from: number, to: number): Iterable<Ranked>
  /**
   * The rank of the first, from rank `from` on, for which `isBefore` is false; length if there is none.
   * An indexed one searches by halves and needs `isBefore` to stay false from there on.
   */
  firstNot(isBefore: RankedTest, from?: number): number
  /** The rank of the last below `to` for which `isAfter` is false; -1 if there is none. */
  lastNot(isAfter: RankedTest, to?: number): number
}

export function compareRanked(a: Ranked, b: Ranked): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1
  return a.member < b.member ? -1 : a.member === b.member ? 0 : 1
}

export class CompactRanking implements Ranking {
  #members: ByteString[] = []
  #scores: number[] = []

  get length(): number {
    return this.#members.length
  }

  score(member: ByteString): number | undefined {
    const at = this.#members.indexOf(member)
    return at < 0 ? undefined : this.#scores[at]
  }

  insert(member: ByteString, score: number): void {
    const [members, scores] = [this.#members, this.#scores]
    let at = members.length
    while (at > 0 && (scores[at - 1]! > score || (scores[at - 1] === score && members[at - 1]! > member)))
      at--
    this.#members = inserted(members, at, member)
    this.#scores = inserted(scores, at, score + 0)
  }

  move(member: ByteString, score: number): void {
    this.remove(member)
    this.insert(member, score)
  }

  remove(member: ByteString): void {
    const at = this.#members.indexOf(member)
    this.#members.splice(at, 1)
    this.#scores.splice(at, 1)
  }

  rank(member: ByteString): number {
    return this.#members.indexOf(member)
  }

  at(rank: number): Ranked {
    return { member: this.#members[rank]!, score: this.#scores[rank]! }
  }

  *ascending(from: number, to: number): Generator<Ranked> {
    for (let rank = from; rank < to; rank++) yield this.at(rank)
  }

  *descending(from: number, to: number): Generator<Ranked> {
    for (let rank = to - 1; rank >= from; rank--) yield this.at(rank)
  }

  firstNot(isBefore: RankedTest, from = 0): number {
    let rank = from
    while (rank < this.length && isBefore(this.at(rank))) rank++
    return rank
  }

  lastNot(isAfter: RankedTest, to = this.length): number {
    let rank = to - 1
    while (rank >= 0 && isAfter(this.at(rank))) rank--
    return rank
  }
}

class Item implements Ranked {
  readonly member: ByteString
  readonly score: number
  slot = -1

  constructor(member: ByteString, score: number) {
    this.member = member
    this.score = score
  }
}

export class IndexedRanking implements Ranking {
  readonly #tree = new OrderedTree<Item>(compareRanked)
  readonly #byMember = new SteadyMap<ByteString, Item>()
  readonly #slots = new Slots<Item>({
    get: (item) => item.slot,
    set: (item, slot) => {
      item.slot = slot
    },
  })

  get length(): number {
    return this.#slots.length
  }

  score(member: ByteString): number | undefined {
    return this.#byMember.get(member)?.score
  }

  insert(member: ByteString, score: number): void {
    const item = new Item(member, score)
    this.#tree.insert(item)
    this.#byMember.set(member, item)
    this.#slots.add(item)
  }

  /** A new item, because order must not change within a tree; in the same place, or a scan might miss it. */
  move(member: ByteString, score: number): void {
    const before = this.#byMember.get(member)!
    const item = new Item(member, score)
    this.#tree.delete(before)
    this.#tree.insert(item)
    this.#byMember.set(member, item)
    item.slot = before.slot
    this.#slots.items[item.slot] = item
  }

  remove(member: ByteString): void {
    const item = this.#byMember.get(member)!
    this.#tree.delete(item)
    this.#byMember.delete(member)
    this.#slots.remove(item)
  }

  rank(member: ByteString): number {
    return this.#tree.rank(this.#byMember.get(member)!)
  }

  at(rank: number): Ranked {
    return this.#tree.at(rank)!
  }

  ascending(from: number, to: number): Iterable<Ranked> {
    return this.#tree.ascending(from, to)
  }

  descending(from: number, to: number): Iterable<Ranked> {
    return this.#tree.descending(from, to)
  }

  firstNot(isBefore: RankedTest, from = 0): number {
    return Math.max(from, this.#tree.countWhile(isBefore))
  }

  lastNot(isAfter: RankedTest, to = this.length): number {
    return (
      Math.min(
        to,
        this.#tree.countWhile((ranked) => !isAfter(ranked)),
      ) - 1
    )
  }

  /** See Slots: cursors stay good whatever is added or removed meanwhile. */
  scan(cursor: number, count: number, visit: (ranked: Ranked) => void): number {
    return this.#slots.scan(cursor, count, visit)
  }

  /** A random one, by a number below length. */
  pick(number: number): Ranked {
    return this.#slots.items[number]!
  }
}
