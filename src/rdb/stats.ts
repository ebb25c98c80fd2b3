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
  readonly #encodings = new Map<string, { keys: number }>()
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
    const counter = this.#encodings.get(of.encoding)
    if (counter === undefined) this.#encodings.set(of.encoding, { keys: 1 })
    else counter.keys++
  }

  /** Keys by encoding, the most frequent first. */
  get encodings(): [encoding: string, keys: number][] {
    const all = [...this.#encodings].map(([name, { keys }]): [string, number] => [name, keys])
    return all.sort((a, b) => b[1] - a[1])
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

  /** Gives the keys that stand out their names, where they were read without. */
  name(named: (end: RdbKeyEnd) => RdbKeyEnd): void {
    for (const stats of this.types) {
      if (stats.largest !== undefined) stats.largest = named(stats.largest)
      if (stats.longest !== undefined) stats.longest = named(stats.longest)
    }
  }

  /** The types that there are. */
  get types(): TypeStats[] {
    return TYPES.map((type) => this.#types.get(type)).filter((stats) => stats !== undefined)
  }
}
