/**
 * The decoded value of a snapshot key, in the JSON form of cli.md:
 *
 *   string "v" · list and set […] · hash {field: value} or [{field, value, expireAt}] · zset [[member,
 * score]]
 *   stream {entries: [[id, {field: value}]], lastId, length, groups} · module {module, opaque}
 *
 * For values held as elements, as an event has them. What was beyond what is held is told by {"more": n} at
 * the end of a list. `syncscope rdb json` writes the same form while it reads, for values of any size.
 */
import { toText } from '../bytes/byte-string.ts'
import type { RdbElement, RdbString } from '../codec/rdb/events.ts'
import type { SnapshotElements, SnapshotKey } from '../replication/events.ts'
import { type Json, rdbStringJson } from './json-bytes.ts'

type Of<K extends RdbElement['kind']> = Extract<RdbElement, { kind: K }>

/** The value of a key whose elements were kept. */
export function elementsJson(key: SnapshotKey, { elements, missing }: SnapshotElements): Json {
  switch (key.type) {
    case 'string':
      return rdbStringJson(all(elements, 'string')[0]?.value ?? ('' as RdbString))
    case 'list':
      return withMore(
        all(elements, 'list-item').map((item) => rdbStringJson(item.value)),
        missing,
      )
    case 'set':
      return withMore(
        all(elements, 'set-member').map((item) => rdbStringJson(item.member)),
        missing,
      )
    case 'zset':
      return withMore(
        all(elements, 'zset-member').map((item) => [rdbStringJson(item.member), scoreJson(item.score)]),
        missing,
      )
    case 'hash':
      return hashJson(all(elements, 'hash-field'), missing)
    case 'stream':
      return streamJson(elements, missing)
    default:
      return { module: key.module ?? null, opaque: key.bytes }
  }
}

function all<K extends RdbElement['kind']>(elements: readonly RdbElement[], kind: K): Of<K>[] {
  return elements.filter((element): element is Of<K> => element.kind === kind)
}

function withMore(items: Json[], missing: number): Json[] {
  return missing > 0 ? [...items, { more: missing }] : items
}

function scoreJson(score: number): Json {
  if (Number.isFinite(score)) return score
  return Number.isNaN(score) ? 'nan' : score > 0 ? 'inf' : '-inf'
}

function hashJson(fields: readonly Of<'hash-field'>[], missing: number): Json {
  const names = fields.map(({ field }) => (typeof field === 'string' ? toText(field) : undefined))
  const isPlain =
    missing === 0 && names.every((name, i) => name !== undefined && fields[i]!.expireAt === undefined)
  if (isPlain) {
    return Object.fromEntries(fields.map(({ value }, i) => [names[i] as string, rdbStringJson(value)]))
  }
  const list = fields.map(({ field, value, expireAt }) => ({
    field: rdbStringJson(field),
    value: rdbStringJson(value),
    ...(expireAt === undefined ? {} : { expireAt }),
  }))
  return withMore(list, missing)
}

function streamJson(elements: readonly RdbElement[], missing: number): Json {
  const entries = all(elements, 'stream-entry').map(({ id, fields }): Json => [id, fieldsJson(fields)])
  const state = all(elements, 'stream-state')[0]
  return {
    entries: withMore(entries, missing),
    lastId: state?.lastId ?? null,
    length: state === undefined ? null : integerJson(state.length),
    ...(state?.firstId === undefined ? {} : { firstId: state.firstId }),
    ...(state?.maxDeletedId === undefined ? {} : { maxDeletedId: state.maxDeletedId }),
    ...(state?.entriesAdded === undefined ? {} : { entriesAdded: integerJson(state.entriesAdded) }),
    groups: groupsJson(elements),
  }
}

/**
 * Groups, each followed by what is pending in it and by its consumers, each followed by what is pending
 * with it.
 */
function groupsJson(elements: readonly RdbElement[]): Json[] {
  const groups: { [name: string]: Json }[] = []
  let pending: Json[] = []
  let consumers: Json[] = []
  let owed: Json[] = []
  for (const element of elements) {
    if (element.kind === 'stream-group') {
      pending = []
      consumers = []
      const { name, lastId, entriesRead } = element
      groups.push({
        name: rdbStringJson(name),
        lastId,
        ...(entriesRead === undefined
          ? {}
          : { entriesRead: entriesRead === -1 ? null : integerJson(entriesRead) }),
        pending,
        consumers,
      })
    } else if (element.kind === 'group-pending') {
      const { id, deliveredAt, deliveries } = element
      pending.push({ id, deliveredAt, deliveries: integerJson(deliveries) })
    } else if (element.kind === 'group-consumer') {
      owed = []
      const { name, seenAt, activeAt } = element
      consumers.push({
        name: rdbStringJson(name),
        seenAt,
        ...(activeAt === undefined ? {} : { activeAt: activeAt === -1 ? null : activeAt }),
        pending: owed,
      })
    } else if (element.kind === 'consumer-pending') owed.push(element.id)
  }
  return groups
}

/** Fields of an entry: an object where their names are text and differ, a list of fields otherwise. */
function fieldsJson(fields: readonly RdbString[]): Json {
  const pairs: [Json, Json][] = []
  for (let i = 0; i + 1 < fields.length; i += 2) {
    pairs.push([rdbStringJson(fields[i]!), rdbStringJson(fields[i + 1]!)])
  }
  const names = new Set(pairs.map(([name]) => name))
  const isObject = names.size === pairs.length && pairs.every(([name]) => typeof name === 'string')
  return isObject ? Object.fromEntries(pairs) : pairs.map(([field, value]) => ({ field, value }))
}

function integerJson(value: number | bigint): Json {
  return typeof value === 'bigint' ? String(value) : value
}
