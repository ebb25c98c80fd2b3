/**
 * Prefixes: which groups of keys take the most bytes, in bounded memory.
 *
 *   session:17:cart     depth 1: session:          depth 2: also session:17:
 *
 * A key counts in each of its prefixes up to the depth. While there are no more prefixes than room, the
 * figures are exact. When there are, the smaller half is forgotten, and from then on a row may lack what
 * was forgotten of it: at most `missing` bytes. Every prefix that has more than that in all is in the
 * table.
 *
 * Source: the Space-Saving algorithm (Metwally, Agrawal, El Abbadi 2005), with evictions in batches.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { RdbKeyEnd } from '../codec/rdb/events.ts'

/** Longer ones are no prefixes but values in disguise; they would make memory unbounded. */
const PREFIX_MAX = 256

export type PrefixTotals = {
  readonly prefix: ByteString
  keys: number
  bytes: number
  items: number
  /** Bytes that it may have had before it was met again. */
  missing: number
}

export class Prefixes {
  readonly #separator: string
  readonly #depth: number
  readonly #room: number
  readonly #totals = new Map<string, PrefixTotals>()
  /** The most that anything forgotten can have had. */
  #forgotten = 0
  /** Keys without a separator. */
  readonly others: PrefixTotals = { prefix: '' as ByteString, keys: 0, bytes: 0, items: 0, missing: 0 }

  /** @param separator not empty @param depth at least 1 @param room prefixes that are kept */
  constructor(separator: string, depth: number, room = 50_000) {
    this.#separator = separator
    this.#depth = depth
    this.#room = room
  }

  /** Whether prefixes had to be forgotten. */
  get isApproximate(): boolean {
    return this.#forgotten > 0
  }

  add(end: RdbKeyEnd): void {
    const { key } = end.of
    const name = typeof key === 'string' ? key : key.preview
    const step = this.#separator.length
    let at = name.indexOf(this.#separator)
    if (at < 0 || at + step > PREFIX_MAX) {
      count(this.others, end)
      return
    }
    for (let depth = 0; depth < this.#depth && at >= 0 && at + step <= PREFIX_MAX; depth++) {
      count(this.#of(name.slice(0, at + step)), end)
      at = name.indexOf(this.#separator, at + step)
    }
  }

  /** The `limit` largest by bytes. */
  largest(limit: number): PrefixTotals[] {
    return [...this.#totals.values()].sort((a, b) => b.bytes - a.bytes).slice(0, limit)
  }

  #of(prefix: string): PrefixTotals {
    const known = this.#totals.get(prefix)
    if (known !== undefined) return known
    if (this.#totals.size >= this.#room) this.#forget()
    // Out of the key's name, so that it does not keep the name alive.
    const owned = Buffer.from(prefix, 'latin1').toString('latin1') as ByteString
    const totals = { prefix: owned, keys: 0, bytes: 0, items: 0, missing: this.#forgotten }
    this.#totals.set(owned, totals)
    return totals
  }

  #forget(): void {
    const most = (totals: PrefixTotals) => totals.bytes + totals.missing
    const sorted = [...this.#totals.values()].sort((a, b) => most(a) - most(b))
    for (const totals of sorted.slice(0, Math.ceil(sorted.length / 2))) {
      this.#forgotten = Math.max(this.#forgotten, most(totals))
      this.#totals.delete(totals.prefix)
    }
  }
}

function count(totals: PrefixTotals, end: RdbKeyEnd): void {
  totals.keys++
  totals.bytes += end.bytes
  totals.items += end.items
}
