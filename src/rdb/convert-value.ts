/**
 * A value as the writer wants it, out of the events of its record.
 *
 *   events() ─► Counted<item> · <member> · <field> · Counted<entry>, Counted<group> ─► RdbWriter
 *
 * The writer pulls elements one by one, and may walk them twice. So a value is a way to get its events
 * again, from memory or from the file, and what has to be known before the first of them is written: how
 * many there are (ValueSummary, made while the record passes).
 */
import type { ByteString } from '../bytes/byte-string.ts'
import {
  type Counted,
  counted,
  type RdbConsumer,
  type RdbField,
  type RdbGroup,
  type RdbMember,
  type RdbPending,
  type RdbStream,
  type RdbStreamEntry,
  type RdbValue,
  type StreamId,
  streamId,
} from '../codec/rdb/encode-model.ts'
import type { RdbElement, RdbEvent, RdbKey, RdbStreamState } from '../codec/rdb/events.ts'

/** What must be known of a value before its elements are written. */
export class ValueSummary {
  /** The earliest expiry of a field. */
  minExpireAt: number | undefined
  state: RdbStreamState | undefined
  firstEntry: string | undefined
  /** Consumers of each group, in order. */
  readonly consumers: number[] = []

  add(event: RdbElement): void {
    switch (event.kind) {
      case 'hash-field':
        if (event.expireAt === undefined) return
        this.minExpireAt = Math.min(this.minExpireAt ?? event.expireAt, event.expireAt)
        return
      case 'stream-entry':
        this.firstEntry ??= event.id
        return
      case 'stream-state':
        this.state = event
        return
      case 'stream-group':
        this.consumers.push(0)
        return
      case 'group-consumer':
        this.consumers[this.consumers.length - 1]!++
        return
      default:
        return
    }
  }
}

/** Gives the events of the value from the beginning; all strings are held. */
export type Events = () => Iterable<RdbEvent>

type Kind = RdbEvent['kind']
type Of<K extends Kind> = Extract<RdbEvent, { kind: K }>

/**
 * The value of a list, set, hash, sorted set or stream.
 * @param items of it, as key-end tells
 */
export function collectionOf(key: RdbKey, items: number, summary: ValueSummary, events: Events): RdbValue {
  // What its server kept unpacked is written unpacked, whatever the size.
  const plain = key.encoding === 'hashtable' || key.encoding === 'skiplist'
  switch (key.type) {
    case 'list':
      return { type: 'list', items: mapped(items, events, 'list-item', (e) => e.value as ByteString) }
    case 'set':
      return {
        type: 'set',
        plain,
        members: mapped(items, events, 'set-member', (e) => e.member as ByteString),
      }
    case 'zset':
      return { type: 'zset', plain, members: mapped(items, events, 'zset-member', (e) => e as RdbMember) }
    case 'hash': {
      const fields = mapped(items, events, 'hash-field', (e) => e as RdbField)
      return { type: 'hash', plain, fields, minExpireAt: summary.minExpireAt }
    }
    case 'stream':
      return streamOf(items, summary, events)
    default:
      throw new Error(`${key.type} is no collection`)
  }
}

function mapped<K extends Kind, T>(
  length: number,
  events: Events,
  kind: K,
  of: (event: Of<K>) => T,
): Counted<T> {
  return counted(length, function* () {
    for (const event of events()) if (event.kind === kind) yield of(event as Of<K>)
  })
}

function streamOf(items: number, summary: ValueSummary, events: Events): RdbStream {
  const { lastId, firstId, maxDeletedId, entriesAdded } = summary.state!
  return {
    type: 'stream',
    entries: counted(items, () => entriesOf(events())),
    lastId: streamId(lastId),
    firstId: streamId(firstId ?? summary.firstEntry ?? '0-0'),
    maxDeletedId: streamId(maxDeletedId ?? '0-0'),
    entriesAdded: entriesAdded ?? items,
    groups: counted(summary.consumers.length, () => groupsOf(new Cursor(events()), summary.consumers)),
  }
}

function* entriesOf(events: Iterable<RdbEvent>): Generator<RdbStreamEntry> {
  let fields: ByteString[] = []
  for (const event of events) {
    if (event.kind === 'stream-state') return
    if (event.kind !== 'stream-entry') continue
    if (fields.length === 0) fields = event.fields as ByteString[]
    else fields = fields.concat(event.fields as ByteString[])
    if (event.more) continue
    yield { id: streamId(event.id), fields }
    fields = []
  }
}

/**
 * Groups, whose parts are pulled out of one and the same walk over the events: each must be walked to its
 * end, in order and once, which is what the writer does.
 */
function* groupsOf(cursor: Cursor, consumers: readonly number[]): Generator<RdbGroup> {
  for (const count of consumers) {
    const { name, lastId, entriesRead, pending } = cursor.next('stream-group')
    yield {
      name: name as ByteString,
      lastId: streamId(lastId),
      entriesRead: entriesRead === -1 ? undefined : entriesRead,
      pending: counted(pending, () => pendingOf(cursor, pending)),
      consumers: counted(count, () => consumersOf(cursor, count)),
    }
  }
}

function* pendingOf(cursor: Cursor, count: number): Generator<RdbPending> {
  for (let left = count; left > 0; left--) {
    const { id, deliveredAt, deliveries } = cursor.next('group-pending')
    yield { id: streamId(id), deliveredAt, count: Number(deliveries) }
  }
}

function* consumersOf(cursor: Cursor, count: number): Generator<RdbConsumer> {
  for (let left = count; left > 0; left--) {
    const { name, seenAt, activeAt, pending } = cursor.next('group-consumer')
    yield {
      name: name as ByteString,
      seenAt,
      // Before 7.2 there was one time for both.
      activeAt: activeAt === undefined ? seenAt : activeAt < 0 ? undefined : activeAt,
      pending: counted(pending, () => ownedOf(cursor, pending)),
    }
  }
}

function* ownedOf(cursor: Cursor, count: number): Generator<StreamId> {
  for (let left = count; left > 0; left--) yield streamId(cursor.next('consumer-pending').id)
}

/** A walk over events of which only some kinds are wanted. */
class Cursor {
  readonly #events: Iterator<RdbEvent>

  constructor(events: Iterable<RdbEvent>) {
    this.#events = events[Symbol.iterator]()
  }

  /** The next event of a kind; those between are passed over. */
  next<K extends Kind>(kind: K): Of<K> {
    for (;;) {
      const { value, done } = this.#events.next()
      if (done) throw new Error(`no ${kind} where one was announced`)
      if (value.kind === kind) return value as Of<K>
    }
  }
}
