/** Snapshots in memory, written by our writer, that can be read from any position. */
import { encodeRdb } from '../../src/codec/rdb/encode.ts'
import type { RdbEntry } from '../../src/codec/rdb/encode-model.ts'
import type { RdbEncodeOptions } from '../../src/codec/rdb/encode-options.ts'
import type { SnapshotBytes } from '../../src/rdb/reread.ts'
import { fixtureBytes } from '../support/rdb-document.ts'

/** Bytes as a snapshot that counts how much of it was read. */
export function inMemory(bytes: Buffer, name = 'memory'): SnapshotBytes {
  return {
    name,
    size: bytes.length,
    read: (into, position) => bytes.copy(into, 0, position, Math.min(bytes.length, position + into.length)),
  }
}

export function fixture(name: string): SnapshotBytes {
  return inMemory(fixtureBytes(name), name)
}

export function snapshotOf(
  entries: readonly RdbEntry[],
  options: RdbEncodeOptions = {},
  db = 0,
): SnapshotBytes {
  const databases = entries.length > 0 ? [{ db, entries }] : []
  return inMemory(Buffer.concat([...encodeRdb({ databases }, options)]))
}
