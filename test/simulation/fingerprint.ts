/**
 * A fingerprint of a dataset: quick, and of more than DEBUG DIGEST sees: exact deadlines, and of streams also
 * ids, counters, groups, consumers and what is pending.
 *
 * Two sums of 32 bits each, over all entries; nobody tries to find collisions here. Order counts where it
 * means something (lists, entries of a stream), and not where it does not (keys, members, fields).
 *
 * Left out is what Redis 7.0 tells no replica: when a key was used, when a consumer was seen, how many entries
 * a group has read (XCLAIM, as which XREADGROUP is propagated, does not say).
 */
import type { Bytes } from '../../src/bytes/byte-writer.ts'
import type { RdbGroup, RdbStream, RdbValue, StreamId } from '../../src/codec/rdb/encode-model.ts'
import type { Database } from '../../src/server/dataset/database.ts'
import type { Entry } from '../../src/server/dataset/entry.ts'

const PRIME = 0x01000193
const OTHER_PRIME = 0x85ebca6b

/** One after another. */
class Print {
  low = 0x811c9dc5
  high = 0x9e3779b9

  text(bytes: string | Buffer): this {
    let { low, high } = this
    const { length } = bytes
    for (let i = 0; i < length; i++) {
      const byte = typeof bytes === 'string' ? bytes.charCodeAt(i) : bytes[i]!
      low = Math.imul(low ^ byte, PRIME)
      high = Math.imul((high << 5) ^ (high >>> 27) ^ byte, OTHER_PRIME)
    }
    this.low = low
    this.high = high
    return this.number(length)
  }

  number(value: number): this {
    this.low = Math.imul(this.low ^ value, PRIME) ^ Math.imul(Math.floor(value / 2 ** 32), OTHER_PRIME)
    this.high = Math.imul(this.high ^ value, OTHER_PRIME) ^ (this.low >>> 15)
    return this
  }

  id({ ms, seq }: StreamId): this {
    return this.number(Number(ms)).number(Number(seq))
  }

  /** What has no order: the sum of the prints of each. */
  all<T>(items: Iterable<T>, print: (print: Print, item: T) => void): this {
    let [low, high] = [0, 0]
    for (const item of items) {
      const one = new Print()
      print(one, item)
      low = (low + one.low) | 0
      high = (high + one.high) | 0
    }
    return this.number(low).number(high)
  }

  toString(): string {
    return [this.low, this.high].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
  }
}

/** 16 hexadecimal digits. */
export function fingerprint(databases: Iterable<Database>): string {
  const print = new Print()
  for (const { entries } of databases) {
    print.all(entries.items, (one, { key, expireAt, value }) => {
      one.text(key).number(Number.isFinite(expireAt) ? expireAt : -1)
      printValue(one, value.rdb())
    })
  }
  return print.toString()
}

function printValue(print: Print, value: RdbValue): void {
  print.text(value.type)
  switch (value.type) {
    case 'string':
      print.text(whole(value.value))
      break
    case 'list':
      for (const item of value.items) print.text(item)
      break
    case 'set':
      print.all(value.members, (one, member) => one.text(member))
      break
    case 'zset':
      print.all(value.members, (one, { member, score }) => one.text(member).text(String(score)))
      break
    case 'hash':
      print.all(value.fields, (one, { field, value: text }) => one.text(field).text(text))
      break
    case 'stream':
      printStream(print, value)
      break
    case 'module':
  }
}

function whole(value: Bytes | { readonly pieces: Iterable<Buffer> }): Bytes {
  return typeof value === 'object' && 'pieces' in value ? Buffer.concat([...value.pieces]) : value
}

function printStream(print: Print, stream: RdbStream): void {
  for (const { id, fields } of stream.entries) {
    print.id(id)
    for (const text of fields) print.text(text)
  }
  print.id(stream.lastId).id(stream.firstId).id(stream.maxDeletedId).number(Number(stream.entriesAdded))
  print.all(stream.groups, printGroup)
}

function printGroup(print: Print, { name, lastId, pending, consumers }: RdbGroup): void {
  print.text(name).id(lastId)
  for (const { id, deliveredAt, count } of pending) print.id(id).number(deliveredAt).number(count)
  print.all(consumers, (one, consumer) => {
    one.text(consumer.name)
    for (const id of consumer.pending) one.id(id)
  })
}

/** The first key that two datasets do not have in the same way, for who has to find out why. */
export function firstDifference(ours: readonly Database[], theirs: readonly Database[]): string {
  for (const [i, db] of ours.entries()) {
    const other = theirs[i]!
    for (const key of new Set([...db.entries.items, ...other.entries.items].map((entry) => entry.key))) {
      const [here, there] = [db.peek(key), other.peek(key)].map((entry) => entry && described(entry))
      if (here !== there) return `${key} in db ${i}: ${here}\n       and ${there}`
    }
  }
  return 'nothing differs'
}

function described({ value, expireAt }: Entry): string {
  // Not what a Buffer's toJSON has made of it.
  function plain(this: Record<string, unknown>, name: string): unknown {
    const part = this[name]
    if (typeof part === 'bigint') return String(part)
    if (Buffer.isBuffer(part)) return part.toString('latin1')
    if (typeof part === 'object' && part !== null && Symbol.iterator in part)
      return [...(part as Iterable<unknown>)]
    return part
  }
  const rdb = value.rdb()
  // What has no order, in any order.
  const list = (items: Iterable<unknown>): string[] =>
    [...items].map((item) => JSON.stringify(item, plain)).sort()
  if (rdb.type === 'set' || rdb.type === 'zset') return `${expireAt} ${rdb.type} ${list(rdb.members)}`
  if (rdb.type === 'hash') return `${expireAt} hash ${list(rdb.fields)}`
  if (rdb.type !== 'stream') return `${expireAt} ${JSON.stringify(rdb, plain)}`
  const groups = [...rdb.groups].map((group) => ({
    ...group,
    entriesRead: undefined,
    consumers: [...group.consumers].map(({ name, pending }) => ({ name, pending })),
  }))
  return `${expireAt} ${JSON.stringify({ ...rdb, groups }, plain)}`
}
