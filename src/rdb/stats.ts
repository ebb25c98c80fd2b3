/**
 * What `rdb stats` gathers: per type, how many keys, how large, how many of them expire, and which is the
 * largest.
 */
import type { RdbEvent, RdbKeyEnd } from '../codec/rdb/events.ts'
import type { RdbValueType } from '../codec/rdb/format.ts'
import type { SizedRecord } from '../codec/rdb/sized-record.ts'
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
    if (this.#count(bytes, items, of.encoding, of.expireAt !== undefined)) this.#keep(end)
  }

  record(record: SizedRecord): void {
    const { bytes, items, encoding, expires } = record
    if (this.#count(bytes, items, encoding, expires)) this.#keep(record.keyEnd())
  }

  /** Returns whether this one is larger or longer than all before. */
  #count(bytes: number, items: number, encoding: string, expires: boolean): boolean {
    const standsOut = bytes > this.bytes.max || items > this.items.max || this.bytes.samples === 0
    this.bytes.add(bytes)
    this.items.add(items)
    if (expires) this.expiring++
    const counter = this.#encodings.get(encoding)
    if (counter === undefined) this.#encodings.set(encoding, { keys: 1 })
    else counter.keys++
    return standsOut
  }

  #keep(end: RdbKeyEnd): void {
    if (this.largest === undefined || end.bytes > this.largest.bytes) this.largest = end
    if (this.longest === undefined || end.items > this.longest.items) this.longest = end
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
    this.#of(event.of.type).add(event)
  }

  /** A key that is told in this way and not by events. */
  record(record: SizedRecord): void {
    this.origin.key(record.db, record.expires)
    this.#of(record.type).record(record)
  }

  #of(type: RdbValueType): TypeStats {
    let stats = this.#types.get(type)
    if (stats === undefined) {
      stats = new TypeStats(type)
      this.#types.set(type, stats)
    }
    return stats
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
