/**
 * A value of a dataset in the JSON form of `rdb json` (docs/EVENTS.md), for values in memory. Of a long
 * collection the first elements, and then {"more": n}.
 */

import { byteString } from '../bytes/byte-string.ts'
import type { Bytes } from '../bytes/byte-writer.ts'
import type { Counted, RdbStream, RdbValue, StreamId } from '../codec/rdb/encode-model.ts'
import { bytesJson, type Json } from './json-bytes.ts'

const ELEMENTS_MAX = 1000
const STRING_MAX = 64 * 1024

/** Null where there is no value. */
export function storedJson(value: RdbValue | undefined): Json {
  if (value === undefined) return null
  switch (value.type) {
    case 'string':
      return stringJson(value.value)
    case 'list':
      return some(value.items, text)
    case 'set':
      return some(value.members, text)
    case 'zset':
      return some(value.members, ({ member, score }) => [text(member), scoreJson(score)])
    case 'hash':
      return hashJson(value)
    case 'stream':
      return streamJson(value)
    case 'module':
      return { module: value.name, opaque: value.payload?.length ?? 0 }
  }
}

function some<T>(items: Counted<T>, show: (item: T) => Json): Json[] {
  const shown: Json[] = []
  for (const item of items) {
    if (shown.length === ELEMENTS_MAX) return [...shown, { more: items.length - ELEMENTS_MAX }]
    shown.push(show(item))
  }
  return shown
}

function hashJson({ fields }: RdbValue & { type: 'hash' }): Json {
  const list = some(fields, ({ field, value, expireAt }) => ({
    field: text(field),
    value: text(value),
    ...(expireAt === undefined ? {} : { expireAt }),
  })) as { [name: string]: Json }[]
  const isPlain =
    fields.length <= ELEMENTS_MAX && list.every((of) => typeof of.field === 'string' && !('expireAt' in of))
  return isPlain ? Object.fromEntries(list.map((of) => [of.field as string, of.value!])) : list
}

function streamJson(stream: RdbStream): Json {
  return {
    entries: some(stream.entries, ({ id, fields }) => [idText(id), fields.map(text)]),
    lastId: idText(stream.lastId),
    length: stream.entries.length,
    groups: some(stream.groups, ({ name, lastId, pending, consumers }) => ({
      name: text(name),
      lastId: idText(lastId),
      pending: some(pending, ({ id, count }) => ({ id: idText(id), deliveries: count })),
      consumers: some(consumers, (consumer) => ({
        name: text(consumer.name),
        pending: some(consumer.pending, idText),
      })),
    })),
  }
}

function stringJson(value: (RdbValue & { type: 'string' })['value']): Json {
  if (typeof value === 'string' || Buffer.isBuffer(value) || !('pieces' in value)) return text(value)
  return text(Buffer.concat([...value.pieces]))
}

function text(bytes: Bytes): Json {
  const value = typeof bytes === 'string' ? bytes : byteString(bytes)
  if (value.length <= STRING_MAX) return bytesJson(value)
  const preview = byteString(Buffer.from(value.slice(0, 64), 'latin1'))
  return { bytes: value.length, preview: bytesJson(preview) }
}

function scoreJson(score: number): Json {
  if (Number.isFinite(score)) return score
  return Number.isNaN(score) ? 'nan' : score > 0 ? 'inf' : '-inf'
}

function idText({ ms, seq }: StreamId): string {
  return `${ms}-${seq}`
}
