/**
 * Consumer groups of a stream.
 *
 *   length G, G × group:
 *     string name, last id as two lengths [since 7.0: length entries-read, 81 ff×8 if unknown]
 *     length pending, each: 16 bytes id, 8 bytes LE delivery time, length deliveries
 *     length consumers, each: string name, 8 bytes LE seen time [since 7.2: 8 bytes LE active time, -1
 * never],
 *                             length pending, each: 16 bytes id
 *
 * Source: redis 7.0 and 7.2 `src/rdb.c`, rdbSaveObject.
 */
import type { Counted, RdbConsumer, RdbGroup } from './encode-model.ts'
import { checkCount, type RdbOutput, type Steps } from './encode-output.ts'

const ENTRIES_READ_SINCE = 10
const ACTIVE_TIME_SINCE = 11
const NEVER = -1

/** Writes all groups of a stream. */
export function* writeGroups(out: RdbOutput, groups: Counted<RdbGroup>): Steps {
  out.length(groups.length)
  for (const group of groups) {
    out.string(group.name)
    out.idLengths(group.lastId)
    writeEntriesRead(out, group.entriesRead)
    let walked = 0
    out.length(group.pending.length)
    for (const { id, deliveredAt, count } of group.pending) {
      out.rawId(id)
      out.writer.i64le(deliveredAt)
      out.length(count)
      walked++
      if (out.full) yield
    }
    checkCount(group.pending.length, walked)
    out.length(group.consumers.length)
    for (const consumer of group.consumers) yield* writeConsumer(out, consumer)
  }
}

function* writeConsumer(out: RdbOutput, consumer: RdbConsumer): Steps {
  const { seenAt, activeAt, pending } = consumer
  out.string(consumer.name)
  out.writer.i64le(seenAt)
  if (out.version >= ACTIVE_TIME_SINCE) out.writer.i64le(activeAt ?? NEVER)
  else if (activeAt !== undefined && activeAt !== seenAt) {
    out.lose('consumer-active-time', 'the active time of a consumer needs RDB version 11')
  }
  let walked = 0
  out.length(pending.length)
  for (const id of pending) {
    walked++
    out.rawId(id)
    if (out.full) yield
  }
  checkCount(pending.length, walked)
}

function writeEntriesRead(out: RdbOutput, entriesRead: number | bigint | undefined): void {
  if (out.version < ENTRIES_READ_SINCE) {
    if (entriesRead !== undefined) out.lose('stream-counters', 'entries-read of a group needs RDB version 10')
  } else if (entriesRead === undefined) {
    out.writer.u8(0x81)
    out.writer.i64be(-1)
  } else out.length(entriesRead)
}
