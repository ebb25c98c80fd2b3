/**
 * MemberTable: a set of byte strings as a dense array, with an index from member to place once it is
 * worth one.
 *
 *   [a b c d e]  remove b  ─►  [a e c d]      the last one takes the free place (slots.ts says why scans
 *                                             miss nothing by it)
 *
 * Few members are compared one by one: an index would take several times their memory. A random member is
 * one at a random place.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { inserted } from './short-array.ts'
import { SteadyMap } from './steady-map.ts'

const UNINDEXED_MAX = 16

export class MemberTable {
  #members: ByteString[] = []
  #places: SteadyMap<ByteString, number> | undefined

  get length(): number {
    return this.#members.length
  }

  /** The members in no particular order, borrowed until the next change. */
  get members(): readonly ByteString[] {
    return this.#members
  }

  has(member: ByteString): boolean {
    return this.#places === undefined ? this.#members.includes(member) : this.#places.has(member)
  }

  add(member: ByteString): boolean {
    if (this.has(member)) return false
    const members = this.#members
    if (members.length === UNINDEXED_MAX && this.#places === undefined) {
      this.#places = placesOf(members)
    }
    this.#places?.set(member, members.length)
    this.#members = inserted(members, members.length, member)
    return true
  }

  remove(member: ByteString): boolean {
    const place = this.#places === undefined ? this.#members.indexOf(member) : this.#places.get(member)
    if (place === undefined || place < 0) return false
    const members = this.#members
    const last = members.pop()!
    this.#places?.delete(member)
    if (last !== member) {
      members[place] = last
      this.#places?.set(last, place)
    }
    return true
  }

  copy(): MemberTable {
    const copy = new MemberTable()
    copy.#members = this.#members.slice()
    copy.#places = this.#places && placesOf(copy.#members)
    return copy
  }
}

function placesOf(members: readonly ByteString[]): SteadyMap<ByteString, number> {
  const places = new SteadyMap<ByteString, number>()
  members.forEach((member, place) => {
    places.set(member, place)
  })
  return places
}
