/**
 * Entry: one key of a database with all that is known of it. No parallel maps: RENAME moves one object,
 * DEL forgets one.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { Value } from './value.ts'

/** `expireAt` of a key that does not expire. */
export const NEVER = -1

export class Entry {
  key: ByteString
  value: Value
  /** Unix milliseconds, or NEVER. Changed by Database.expire() only. */
  expireAt = NEVER
  /**
   * Where it stands in its database's table, and among the keys that expire (-1: not there). Database's
   * own.
   */
  slot = -1
  expirySlot = -1
  /** Last access, unix seconds (LRU; Redis's clock is no finer, and they fit where milliseconds do not), */
  usedAt: number
  /** and how often (LFU: Redis's logarithmic counter, 0 … 255) as of `usedAt`. */
  frequency = 5
  /** Its part of the estimated memory (see Memory). */
  countedBytes = 0
  /** Number of the snapshot that has it, or does not want it any more (see Snapshotting). */
  snapshot = 0

  /** @param now unix milliseconds */
  constructor(key: ByteString, value: Value, now: number) {
    this.key = key
    this.value = value
    this.usedAt = Math.floor(now / 1000)
  }

  /** An estimate: the entry itself, its places in the tables, its key; as in Redis (memory.ts). */
  get sizeBytes(): number {
    return ENTRY_BYTES + this.key.length + this.value.sizeBytes
  }
}

const ENTRY_BYTES = 72
