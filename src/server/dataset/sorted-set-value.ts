/**
 * SortedSetValue: the value of a key of type zset: a Ranking that changes its structure when it grows,
 * and never back.
 *
 * Source: redis 7.0 `src/t_zset.c`, zsetAdd and zsetConvert.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { counted, type RdbZset } from '../../codec/rdb/encode-model.ts'
import { CompactRanking, IndexedRanking, type Ranked, type RankedTest } from './ranking.ts'
import { ENCODING_LIMITS, type EncodingLimits, type ValueFacts } from './value.ts'

type ZsetLimits = Pick<EncodingLimits, 'zsetEntries' | 'zsetValue'>

/** Estimates: the objects of an empty one, and what a member takes beside its bytes. */
const BASE_BYTES = 160
const COMPACT_MEMBER_BYTES = 40
const INDEXED_MEMBER_BYTES = 160

export class SortedSetValue implements ValueFacts {
  declare readonly type: 'zset'
  #ranking: CompactRanking | IndexedRanking = new CompactRanking()
  /** Bytes of all members. */
  #text = 0

  /** A result: a large one never was a small one (which takes -0 for 0). */
  static of(members: readonly Ranked[], limits: ZsetLimits): SortedSetValue {
    const value = new SortedSetValue()
    const isLong = ({ member }: Ranked) => member.length > limits.zsetValue
    if (members.length > limits.zsetEntries || members.some(isLong)) value.index()
    for (const { member, score } of members) value.set(member, score, limits)
    return value
  }

  get length(): number {
    return this.#ranking.length
  }

  get sizeBytes(): number {
    const each = this.#ranking instanceof CompactRanking ? COMPACT_MEMBER_BYTES : INDEXED_MEMBER_BYTES
    return BASE_BYTES + this.#text + this.length * each
  }

  copy(): SortedSetValue {
    const copy = new SortedSetValue()
    if (this.#ranking instanceof IndexedRanking) copy.#ranking = new IndexedRanking()
    for (const { member, score } of this.ascending()) copy.#ranking.insert(member, score)
    copy.#text = this.#text
    return copy
  }

  encoding(): string {
    return this.#ranking instanceof CompactRanking ? 'listpack' : 'skiplist'
  }

  rdb(): RdbZset {
    const ranking = this.#ranking
    return {
      type: 'zset',
      plain: ranking instanceof IndexedRanking,
      members: counted(ranking.length, () => ranking.descending(0, ranking.length)[Symbol.iterator]()),
    }
  }

  score(member: ByteString): number | undefined {
    return this.#ranking.score(member)
  }

  has(member: ByteString): boolean {
    return this.#ranking.score(member) !== undefined
  }

  /** Adds a member, or gives it another score. */
  set(member: ByteString, score: number, limits: ZsetLimits = ENCODING_LIMITS): void {
    const before = this.#ranking.score(member)
    if (before !== undefined) {
      if (before !== score) this.#ranking.move(member, score)
      return
    }
    this.#text += member.length
    if (this.#ranking instanceof CompactRanking) this.#fit(member, limits)
    this.#ranking.insert(member, score)
  }

  /** False if it was not there. */
  delete(member: ByteString): boolean {
    if (this.#ranking.score(member) === undefined) return false
    this.#ranking.remove(member)
    this.#text -= member.length
    return true
  }

  /** Removes members by rank; `to` is exclusive. */
  deleteRange(from: number, to: number): void {
    for (const { member } of [...this.#ranking.ascending(from, to)]) this.delete(member)
  }

  rank(member: ByteString): number | undefined {
    return this.#ranking.score(member) === undefined ? undefined : this.#ranking.rank(member)
  }

  /** The rank must be one of 0 … length - 1. */
  at(rank: number): Ranked {
    return this.#ranking.at(rank)
  }

  ascending(from = 0, to = this.length): Iterable<Ranked> {
    return this.#ranking.ascending(from, to)
  }

  /** The same ranks, the highest first. */
  descending(from = 0, to = this.length): Iterable<Ranked> {
    return this.#ranking.descending(from, to)
  }

  /** See Ranking. */
  firstNot(isBefore: RankedTest, from = 0): number {
    return this.#ranking.firstNot(isBefore, from)
  }

  /** See Ranking. */
  lastNot(isAfter: RankedTest, to = this.length): number {
    return this.#ranking.lastNot(isAfter, to)
  }

  /** One of them, each by another number below length. */
  pick(number: number): Ranked {
    return this.#ranking instanceof CompactRanking ? this.#ranking.at(number) : this.#ranking.pick(number)
  }

  /** Visits about `count` members; a short one is seen whole. @returns the next cursor, 0 at the end */
  scan(cursor: number, count: number, visit: (ranked: Ranked) => void): number {
    if (this.#ranking instanceof IndexedRanking) return this.#ranking.scan(cursor, count, visit)
    for (const ranked of this.ascending()) visit(ranked)
    return 0
  }

  #fit(member: ByteString, { zsetEntries, zsetValue }: ZsetLimits): void {
    if (this.length + 1 > zsetEntries || member.length > zsetValue) this.index()
  }

  /** One that was put together as a large one becomes small, if it is. */
  settle({ zsetEntries, zsetValue }: ZsetLimits): void {
    if (this.#ranking instanceof CompactRanking || this.length > zsetEntries) return
    const compact = new CompactRanking()
    for (const { member, score } of this.ascending()) {
      if (member.length > zsetValue) return
      compact.insert(member, score)
    }
    this.#ranking = compact
  }

  /** Gives it the structure of a large one. */
  index(): void {
    if (this.#ranking instanceof IndexedRanking) return
    const indexed = new IndexedRanking()
    for (const { member: other, score } of this.ascending()) indexed.insert(other, score)
    this.#ranking = indexed
  }
}

Object.defineProperty(SortedSetValue.prototype, 'type', { value: 'zset' })
