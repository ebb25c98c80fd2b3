/**
 * What a live server says of its keys, and what `rdb json` says of its file, in one comparable form: bytes as latin1
 * strings, sorted where there is no order, or where JSON.parse
 * has one of its own (objects with names like integers).
 */
import type { RedisClient, Reply } from '../../src/io/redis-client.ts'
import type { Json } from '../support/rdb-document.ts'
import { bytesOf, fieldsOf } from './json-lines.ts'
import type { Abilities } from './server-dataset.ts'

/** Every key of a database. @param client opened with `buffers`, the database selected */
export async function serverKeys(client: RedisClient, abilities: Abilities): Promise<Map<string, Json>> {
  const names = (await client.command('KEYS', '*')) as Buffer[]
  const keys = new Map<string, Json>()
  for (const name of names) keys.set(name.toString('latin1'), await serverKey(client, name, abilities))
  return keys
}

async function serverKey(client: RedisClient, name: Buffer, abilities: Abilities): Promise<Json> {
  const ask = async (...words: (string | number)[]): Promise<Json> =>
    latin1(await client.command(String(words[0]), name, ...words.slice(1)))
  const type = await ask('TYPE')
  // PEXPIRETIME came with 7.0; before, the time that is left tells it to about a second.
  const expireAt = abilities.functions ? await ask('PEXPIRETIME') : await ask('PTTL')
  const head = { type, expires: expireAt >= 0, ...(abilities.functions ? { expireAt } : {}) }
  switch (type) {
    case 'string':
      return { ...head, value: await ask('GET') }
    case 'list':
      return { ...head, value: await ask('LRANGE', 0, -1) }
    case 'set':
      return { ...head, value: (await ask('SMEMBERS')).sort() }
    case 'zset':
      return {
        ...head,
        value: pairs(await ask('ZRANGE', 0, -1, 'WITHSCORES'))
          .map(scored)
          .sort(),
      }
    case 'hash': {
      const fields = pairs(await ask('HGETALL'))
      const fieldNames = fields.map(([field]) => Buffer.from(field, 'latin1'))
      const times = abilities.fieldExpiry
        ? latin1(await client.command('HPEXPIRETIME', name, 'FIELDS', fieldNames.length, ...fieldNames))
        : []
      const value = fields.map(([field, of], i) => [field, of, times[i] > 0 ? times[i] : null])
      return { ...head, value: value.sort() }
    }
    default: {
      const full = record(latin1(await client.command('XINFO', 'STREAM', name, 'FULL', 'COUNT', 0)))
      const entries = (await ask('XRANGE', '-', '+')).map(([id, fields]: Json) => [id, pairs(fields).sort()])
      return { ...head, entries, state: streamState(full) }
    }
  }
}

function streamState(full: Json): Json {
  return {
    lastId: full['last-generated-id'],
    length: full.length,
    maxDeletedId: full['max-deleted-entry-id'],
    entriesAdded: full['entries-added'],
    groups: full.groups.map(record).map((group: Json) => ({
      name: group.name,
      lastId: group['last-delivered-id'],
      entriesRead: group['entries-read'],
      pending: (group.pel ?? group.pending).map(([id, , at, deliveries]: Json) => [id, at, deliveries]),
      consumers: group.consumers.map(record).map((consumer: Json) => ({
        name: consumer.name,
        seenAt: consumer['seen-time'],
        activeAt: consumer['active-time'],
        pending: (consumer.pel ?? consumer.pending).map(([id]: Json) => id),
      })),
    })),
  }
}

/** A record of `rdb json` in the same form. */
export function fileKey(record: Json, abilities: Abilities): Json {
  const { type, value, expireAt } = record
  const head = {
    type,
    expires: expireAt !== undefined,
    ...(abilities.functions ? { expireAt: expireAt ?? -1 } : {}),
  }
  switch (type) {
    case 'string':
      return { ...head, value: bytesOf(value) }
    case 'list':
      return { ...head, value: value.map(bytesOf) }
    case 'set':
      return { ...head, value: value.map(bytesOf).sort() }
    case 'zset':
      return {
        ...head,
        value: value.map(([member, score]: Json) => scored([bytesOf(member), String(score)])).sort(),
      }
    case 'hash':
      return { ...head, value: fieldsOf(value).sort() }
    default: {
      const { entries, lastId, length, maxDeletedId, entriesAdded, groups } = value
      return {
        ...head,
        entries: entries.map(([id, fields]: Json) => [
          id,
          fieldsOf(fields)
            .map(([field, of]) => [field, of])
            .sort(),
        ]),
        state: { lastId, length, maxDeletedId, entriesAdded, groups: groups.map(fileGroup) },
      }
    }
  }
}

function fileGroup({ name, lastId, entriesRead, pending, consumers }: Json): Json {
  return {
    name: bytesOf(name),
    lastId,
    entriesRead,
    pending: pending.map(({ id, deliveredAt, deliveries }: Json) => [id, deliveredAt, deliveries]),
    consumers: consumers.map(({ name, seenAt, activeAt, pending }: Json) => {
      return { name: bytesOf(name), seenAt, activeAt: activeAt === null ? -1 : activeAt, pending }
    }),
  }
}

function scored([member, score]: string[]): Json {
  const value = score === 'inf' ? Infinity : score === '-inf' ? -Infinity : Number(score)
  return [member, String(value)]
}

function pairs(flat: string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!])
}

function record(flat: Json[]): Json {
  return Object.fromEntries(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]]] : [])))
}

function latin1(reply: Reply): Json {
  if (Buffer.isBuffer(reply)) return reply.toString('latin1')
  return Array.isArray(reply) ? reply.map(latin1) : reply
}
