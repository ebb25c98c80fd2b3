/**
 * Streams: the record around the nodes. The nodes themselves: stream-nodes.ts.
 *
 *   nodes n, n × ( string: 16 bytes id, string: listpack )
 *   length, last id                                        ids as two lengths: ms, seq
 *   first id, largest deleted id, entries ever added       from type 19 on (7.0)
 *   groups n, n × ( name, last id, entries read            the latter from 19 on
 *       pending n, n × ( 16 bytes id, i64 delivered ms, deliveries )
 *       consumers n, n × ( name, i64 seen ms, i64 active ms     the latter from 21 on (7.2)
 *           pending n, n × 16 bytes id ) )
 *   what recognises repeated XADDs                         type 26 (8.6)
 *
 * Source: redis `src/rdb.c`, rdbLoadObject, RDB_TYPE_STREAM_LISTPACKS….
 */
import { Malformed, type Program } from '../../bytes/resumable.ts'
import { type Form, LONG, PENDING, TEXT } from '../packed/cursor.ts'
import type { RdbString, StreamId } from './events.ts'
import { TYPE } from './format.ts'
import { readLength, readTimeMs, readUint64 } from './lengths.ts'
import { LISTPACK, packedValue } from './packed-value.ts'
import { streamNode } from './stream-nodes.ts'
import type { Walk } from './walk.ts'

const RAW_ID = 16
const RAW_PENDING = RAW_ID + 8
/** What a length of -1 looks like when it is read as unsigned. */
const MINUS_ONE = 0xffff_ffff_ffff_ffffn

export function* stream(walk: Walk, type: number): Program {
  const { src, strings } = walk
  const hasCounters = type !== TYPE.STREAM_LISTPACKS
  const hasActiveTime = hasCounters && type !== TYPE.STREAM_LISTPACKS_2
  let form: Form
  for (let nodes = yield* count(walk); nodes > 0; nodes--) {
    while ((form = strings.read(RAW_ID)) === PENDING) yield
    if (form !== TEXT || strings.length !== RAW_ID) {
      throw new Malformed('RDB_BAD_STREAM', 'stream node whose id has not 16 bytes', src.position)
    }
    const ms = uint64At(strings.bytes, strings.start)
    const sequence = uint64At(strings.bytes, strings.start + 8)
    yield* packedValue(walk, LISTPACK, 0, (_, cursor) => streamNode(walk, cursor, ms, sequence))
  }
  const length = yield* uint64(walk)
  const lastId = yield* id(walk)
  const firstId = hasCounters ? yield* id(walk) : undefined
  const maxDeletedId = hasCounters ? yield* id(walk) : undefined
  const entriesAdded = hasCounters ? yield* uint64(walk) : undefined
  const groups = yield* count(walk)
  if (walk.elements) {
    walk.emit({ kind: 'stream-state', length, lastId, firstId, maxDeletedId, entriesAdded, groups })
  }
  for (let left = groups; left > 0; left--) yield* group(walk, hasCounters, hasActiveTime)
  if (type === TYPE.STREAM_LISTPACKS_4) yield* idempotence(walk)
}

function* group(walk: Walk, hasEntriesRead: boolean, hasActiveTime: boolean): Program {
  const src = walk.src
  const name = yield* text(walk)
  const lastId = yield* id(walk)
  let entriesRead = hasEntriesRead ? yield* uint64(walk) : undefined
  if (entriesRead === MINUS_ONE) entriesRead = -1
  const pending = yield* count(walk)
  if (walk.elements) walk.emit({ kind: 'stream-group', name, lastId, entriesRead, pending })
  let deliveries: number | bigint | undefined
  for (let left = pending; left > 0; left--) {
    // One step, although it is three fields: the id lies in the window and must be told before it moves.
    for (;;) {
      const at = src.index
      if (src.available > RAW_PENDING) {
        src.index = at + RAW_PENDING
        deliveries = readUint64(src)
        if (deliveries !== undefined) {
          if (walk.elements) tellPending(walk, at, deliveries)
          break
        }
        src.index = at
        src.wants(RAW_PENDING + src.need)
      } else src.wants(RAW_PENDING + 1)
      yield
    }
  }
  for (let left = yield* count(walk); left > 0; left--) yield* consumer(walk, hasActiveTime)
}

function* consumer(walk: Walk, hasActiveTime: boolean): Program {
  const src = walk.src
  let seenAt: number | undefined
  let activeAt: number | undefined
  const name = yield* text(walk)
  while ((seenAt = readTimeMs(src)) === undefined) yield
  if (hasActiveTime) while ((activeAt = readTimeMs(src)) === undefined) yield
  const pending = yield* count(walk)
  if (walk.elements) walk.emit({ kind: 'group-consumer', name, seenAt, activeAt, pending })
  for (let left = pending; left > 0; left--) {
    while (src.available < RAW_ID) {
      src.wants(RAW_ID)
      yield
    }
    if (walk.elements) walk.emit({ kind: 'consumer-pending', id: rawId(src.bytes, src.index) })
    src.index += RAW_ID
  }
}

function* idempotence(walk: Walk): Program {
  const durationSeconds = yield* uint64(walk)
  const maxSize = yield* uint64(walk)
  const producers = yield* count(walk)
  if (walk.elements) walk.emit({ kind: 'stream-idmp', durationSeconds, maxSize, producers })
  for (let left = producers; left > 0; left--) {
    const producer = yield* text(walk)
    const entries = yield* count(walk)
    if (walk.elements) walk.emit({ kind: 'idmp-producer', producer, entries })
    for (let rest = entries; rest > 0; rest--) {
      const iid = yield* text(walk)
      const entry = yield* id(walk)
      if (walk.elements) walk.emit({ kind: 'idmp-entry', iid, id: entry })
    }
  }
  const added = yield* uint64(walk)
  const duplicates = yield* uint64(walk)
  if (walk.elements) walk.emit({ kind: 'idmp-totals', added, duplicates })
}

function tellPending(walk: Walk, at: number, deliveries: number | bigint): void {
  const bytes = walk.src.bytes
  const deliveredAt = bytes.readInt32LE(at + RAW_ID + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at + RAW_ID)
  walk.emit({ kind: 'group-pending', id: rawId(bytes, at), deliveredAt, deliveries })
}

function* count(walk: Walk): Generator<void, number, void> {
  let value: number | undefined
  while ((value = readLength(walk.src)) === undefined) yield
  return value
}

function* uint64(walk: Walk): Generator<void, number | bigint, void> {
  let value: number | bigint | undefined
  while ((value = readUint64(walk.src)) === undefined) yield
  return value
}

function* id(walk: Walk): Generator<void, StreamId, void> {
  const ms = yield* uint64(walk)
  const sequence = yield* uint64(walk)
  return walk.elements ? `${ms}-${sequence}` : ''
}

function* text(walk: Walk): Generator<void, RdbString, void> {
  let form: Form
  while ((form = walk.strings.value()) === PENDING) yield
  return form === LONG ? yield* walk.long(walk.strings) : walk.take(walk.strings, form)
}

function rawId(bytes: Buffer, at: number): StreamId {
  return `${uint64At(bytes, at)}-${uint64At(bytes, at + 8)}`
}

/** Eight bytes big-endian: a number where that is exact. */
function uint64At(bytes: Buffer, at: number): number | bigint {
  const value = bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)
  return Number.isSafeInteger(value) ? value : bytes.readBigUInt64BE(at)
}
