/**
 * Names of the few keys that stand out, read when it is known which they are.
 *
 * Making a string of every key's name takes a fifth of the time of reading a snapshot, and of a million
 * names `stats` shows fourteen. So where the file can be read again, it is read without names first (detail
 * 'sizes').
 */
import type { RdbHeader, RdbKeyEnd } from '../codec/rdb/events.ts'
import { MAX_VALUE_BYTES } from '../codec/rdb/walk.ts'
import { magicOf, readRecord, type SnapshotBytes } from './reread.ts'

/** The same key with its name. @throws DamagedSnapshot where the file has changed meanwhile */
export function named(end: RdbKeyEnd, bytes: SnapshotBytes, header: RdbHeader): RdbKeyEnd {
  const options = { detail: 'keys', maxValueBytes: MAX_VALUE_BYTES } as const
  for (const event of readRecord(bytes, magicOf(header), end.of.position, options)) {
    if (event.kind === 'key') return { ...end, of: { ...end.of, key: event.key } }
  }
  throw new Error(`${bytes.name} changed while it was read`)
}
