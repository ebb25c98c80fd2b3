/**
 * What `rdb stats` gathers: per type, how many keys, how large, how many of them expire, and which is the
 * largest.
 */
import type { RdbEvent, RdbKeyEnd } from '../codec/rdb/events.ts'
import type { RdbValueType } from '../codec/rdb/format.ts'
import { Origin } from './origin.ts'
import { SizeHistogram } from './size-histogram.ts'

/** Types in the order in which they are shown. */
const TYPES: readonly RdbValueType[] = ['string', 'list', 'set', 'zset', 'hash', 'stream', 'module']

export class TypeStats {
  readonly type: RdbValueType
  expiring = 0
  readonly bytes = new SizeHistogram()
  readonly items = new SizeHistogram()
  /** Keys by encoding. */
  readonly encodings = new Map<string, number>()
  largest: RdbKeyEnd | undefined
  longest: RdbKeyEnd | undefined

  constructor(type: RdbValueType) {
    this.type = type
  }

  add(end: RdbKeyEnd): void {
    const { of, items, bytes } = end
    if (bytes > this.bytes.max || this.largest === undefined) this.largest = end
    if (items > this.items.max || this.longest === undefined) this.longest = end
    this.bytes.add(bytes)
    this.items.add(items)
    if (of.expireAt !== undefined) this.expiring++
    this.encodings.set(of.encoding, (this.encodings.get(of.encoding) ?? 0) + 1)
  }

  get keys(): number {
    return this.bytes.samples
  }
}

export class Stats {
  readonly origin = new Origin()
  readonly #types = new Map<RdbValueType, TypeStats>()

  event(event: RdbEvent): void {
    this.origin.event(event)
    if (event.kind !== 'key-end') return
    const { type } = event.of
    let stats = this.#types.get(type)
    if (stats === undefined) {
      stats = new TypeStats(type)
      this.#types.set(type, stats)
    }
    stats.add(event)
  }

  /** The types that there are. */
  get types(): TypeStats[] {
    return TYPES.map((type) => this.#types.get(type)).filter((stats) => stats !== undefined)
  }
}
