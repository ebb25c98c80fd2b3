/**
 * SetValue: the value of a key of type set.
 *
 *   intset      integers only, few of them                sorted
 *   hashtable   anything else, and what was so once       in no particular order
 *
 * A set that has left the first form never returns to it, as in redis `src/t_set.c`.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { counted, type RdbSet } from '../../codec/rdb/encode-model.ts'
import { IntegerSet } from './integer-set.ts'
import { MemberTable } from './member-table.ts'
import type { EncodingLimits, ValueFacts } from './value.ts'

/** Redis lets an intset hold no more, whatever is configured. */
const INTSET_MAX = 2 ** 30
const OVERHEAD_BYTES = 160
const INTEGER_BYTES = 8
/** What a member takes besides its text: its place, a string's head, its share of the index. */
const MEMBER_BYTES = 72

export class SetValue implements ValueFacts {
  declare readonly type: 'set'
  #form: IntegerSet | MemberTable = new IntegerSet()
  #textBytes = 0

  get size(): number {
    return this.#form.length
  }

  get sizeBytes(): number {
    const { length } = this.#form
    if (this.#form instanceof IntegerSet) return OVERHEAD_BYTES + length * INTEGER_BYTES
    return OVERHEAD_BYTES + length * MEMBER_BYTES + this.#textBytes
  }

  encoding(): string {
    return this.#form instanceof IntegerSet ? 'intset' : 'hashtable'
  }

  rdb(): RdbSet {
    return {
      type: 'set',
      members: counted(this.size, () => this.members()[Symbol.iterator]()),
      plain: this.#form instanceof MemberTable,
    }
  }

  copy(): SetValue {
    const copy = new SetValue()
    if (this.#form instanceof MemberTable) copy.#form = this.#form.copy()
    else for (const member of this.#form.members()) copy.#form.add(member)
    copy.#textBytes = this.#textBytes
    return copy
  }

  /** All members, borrowed until the next change; an intset's in order. */
  members(): Iterable<ByteString> {
    return this.#form instanceof IntegerSet ? this.#form.members() : this.#form.members
  }

  has(member: ByteString): boolean {
    return this.#form.has(member)
  }

  /** @returns whether it is new */
  add(member: ByteString, limits: EncodingLimits): boolean {
    if (this.#form instanceof IntegerSet) {
      const isNew = this.#form.add(member)
      if (isNew !== 'wrong-type') {
        if (this.#form.length > Math.min(limits.setIntsetEntries, INTSET_MAX)) this.leaveIntset()
        return isNew
      }
      this.leaveIntset()
    }
    if (!(this.#form as MemberTable).add(member)) return false
    this.#textBytes += member.length
    return true
  }

  remove(member: ByteString): boolean {
    if (!this.#form.remove(member)) return false
    this.#textBytes -= member.length
    return true
  }

  /** The member at a place (0 … size - 1); places change with every addition and removal. */
  at(place: number): ByteString {
    return this.#form instanceof IntegerSet ? this.#form.at(place) : this.#form.members[place]!
  }

  /**
   * Visits up to `count` members below `cursor` (0: from the beginning); an intset is visited as a whole.
   * @returns the next cursor, 0 when all was seen
   */
  scan(cursor: number, count: number, visit: (member: ByteString) => void): number {
    if (this.#form instanceof IntegerSet) {
      for (const member of this.#form.members()) visit(member)
      return 0
    }
    const { members } = this.#form
    let at = cursor === 0 ? members.length : Math.min(cursor, members.length)
    for (let left = count; left > 0 && at > 0; left--) visit(members[--at]!)
    return at
  }

  /** To the form for anything, as a set that is loaded from a hash table begins. */
  leaveIntset(): void {
    if (!(this.#form instanceof IntegerSet)) return
    const table = new MemberTable()
    this.#textBytes = 0
    for (const member of this.#form.members()) {
      table.add(member)
      this.#textBytes += member.length
    }
    this.#form = table
  }
}

Object.defineProperty(SetValue.prototype, 'type', { value: 'set' })
