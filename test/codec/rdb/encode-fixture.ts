/**
 * The logical values of fixtures/rdb/*.json as values for the writer, and the bytes that the servers wrote for
 * them. Values that the JSON only describes (by length and hash) have none and are left out.
 */
import { readFileSync } from 'node:fs'
import { type ByteString, fromText } from '../../../src/bytes/byte-string.ts'
import { type RdbStream, type RdbValue, streamId } from '../../../src/codec/rdb/encode-model.ts'

type Text = string | { hex: string }
type Described = { len: number } | { count: number }
type FixtureGroup = {
  name: Text
  last: string
  entries_read: number | null
  pel: [string, number, number][]
  consumers: { name: Text; seen_ms: number; active_ms: number | null; pel: string[] }[]
}
export type FixtureKey = {
  key: Text
  type: string
  rdb_type: number
  expire_ms: number | null
  rdb_idle_s: number | null
  rdb_freq: number | null
  rdb_value_offset_len: [number, number]
  value: unknown
  rdb_groups?: FixtureGroup[]
  rdb_last?: string
  rdb_first?: string | null
  rdb_maxdel?: string | null
  rdb_added?: number | null
  rdb_deleted?: string[]
}

export type Fixture = { keys: FixtureKey[]; aux: [name: string, value: string][]; file: Buffer }

export function readFixture(name: string): Fixture {
  const path = new URL(`../../../fixtures/rdb/${name}`, import.meta.url).pathname
  const { keys, aux } = JSON.parse(readFileSync(`${path}.json`, 'utf8'))
  return { keys, aux, file: readFileSync(`${path}.rdb`) }
}

export function bytesOf(text: Text): ByteString {
  if (typeof text === 'string') return fromText(text)
  return Buffer.from(text.hex, 'hex').toString('latin1') as ByteString
}

/** The value for the writer, or undefined where the fixture does not hold it whole. */
export function valueFrom(key: FixtureKey): RdbValue | undefined {
  const { value } = key
  if (isDescribed(value)) return undefined
  switch (key.type) {
    case 'string':
      return { type: 'string', value: bytesOf(value as Text) }
    case 'list':
      return { type: 'list', items: (value as Text[]).map(bytesOf) }
    case 'set':
      return { type: 'set', members: (value as Text[]).map(bytesOf) }
    case 'zset':
      return {
        type: 'zset',
        members: (value as [Text, string][]).map(([member, score]) => ({
          member: bytesOf(member),
          score: scoreOf(score),
        })),
      }
    case 'hash': {
      const fields = (value as [Text, Text, number | null | undefined][]).map(([field, text, at]) => ({
        field: bytesOf(field),
        value: bytesOf(text),
        expireAt: at ?? undefined,
      }))
      const times = fields.flatMap((f) => f.expireAt ?? [])
      return { type: 'hash', fields, minExpireAt: times.length > 0 ? Math.min(...times) : undefined }
    }
    case 'stream':
      return streamOf(key)
    default:
      return undefined
  }
}

function streamOf(key: FixtureKey): RdbStream {
  return {
    type: 'stream',
    entries: (key.value as [string, Text[]][]).map(([id, fields]) => ({
      id: streamId(id),
      fields: fields.map(bytesOf),
    })),
    lastId: streamId(key.rdb_last!),
    firstId: streamId(key.rdb_first ?? '0-0'),
    maxDeletedId: streamId(key.rdb_maxdel ?? '0-0'),
    entriesAdded: key.rdb_added ?? (key.value as unknown[]).length,
    groups: key.rdb_groups!.map((group) => ({
      name: bytesOf(group.name),
      lastId: streamId(group.last),
      entriesRead: group.entries_read === null || group.entries_read < 0 ? undefined : group.entries_read,
      pending: group.pel.map(([id, deliveredAt, count]) => ({ id: streamId(id), deliveredAt, count })),
      consumers: group.consumers.map((consumer) => ({
        name: bytesOf(consumer.name),
        seenAt: consumer.seen_ms,
        activeAt: consumer.active_ms === null || consumer.active_ms < 0 ? undefined : consumer.active_ms,
        pending: consumer.pel.map(streamId),
      })),
    })),
  }
}

function isDescribed(value: unknown): value is Described {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(isDescribed)
  return 'len' in value || 'count' in value
}

function scoreOf(text: string): number {
  if (text === 'inf') return Number.POSITIVE_INFINITY
  return text === '-inf' ? Number.NEGATIVE_INFINITY : Number(text)
}
