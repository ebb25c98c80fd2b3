/**
 * Value: what a key holds. One discriminated union, one object per key.
 *
 * Each type has a file of its own that knows its structures; this one only joins them. What all of them
 * say of themselves:
 *
 *   type        as TYPE answers
 *   encoding    as OBJECT ENCODING of Redis 7.0 answers
 *   sizeBytes   an honest estimate of the memory it takes, kept up to date in O(1) a change
 *   rdb()       the value for whoever writes, digests or copies it: snapshots, DUMP, DEBUG DIGEST, COPY
 */
import type { RdbValue } from '../../codec/rdb/encode-model.ts'
import type { HashValue } from './hash-value.ts'
import type { ListValue } from './list-value.ts'
import type { SetValue } from './set-value.ts'
import type { SortedSetValue } from './sorted-set-value.ts'
import type { StreamValue } from './stream-value.ts'
import type { StringValue } from './string-value.ts'

export interface ValueFacts {
  readonly type: ValueType
  /** 'embstr', 'listpack', … */
  encoding(limits: EncodingLimits): string
  readonly sizeBytes: number
  /** The value as snapshots, digests and DUMP see it; borrowed until the next change. */
  rdb(): RdbValue
  /** The same content in an object of its own (COPY). */
  copy(): Value
}

export type ValuesByType = {
  string: StringValue
  list: ListValue
  hash: HashValue
  set: SetValue
  zset: SortedSetValue
  stream: StreamValue
}
export type ValueType = 'string' | 'list' | 'hash' | 'set' | 'zset' | 'stream'
export type Value = ValuesByType[ValueType]

/**
 * The thresholds of the configuration at which Redis leaves its compact encodings; live: CONFIG SET
 * changes them.
 */
export type EncodingLimits = {
  /** hash-max-listpack-entries, hash-max-listpack-value */
  hashEntries: number
  hashValue: number
  /** set-max-intset-entries */
  setIntsetEntries: number
  /** zset-max-listpack-entries, zset-max-listpack-value */
  zsetEntries: number
  zsetValue: number
  /** list-max-listpack-size: negative for sizes in bytes (-2: 8 KiB), positive for elements */
  listSize: number
  /** list-compress-depth */
  listCompress: number
  /** DEBUG QUICKLIST-PACKED-THRESHOLD: an element this long gets a node of its own */
  listPlainSize: number
  /** stream-node-max-bytes, stream-node-max-entries */
  streamNodeBytes: number
  streamNodeEntries: number
}

/** Redis 7.0's defaults. */
export const ENCODING_LIMITS: Readonly<EncodingLimits> = {
  hashEntries: 512,
  hashValue: 64,
  setIntsetEntries: 512,
  zsetEntries: 128,
  zsetValue: 64,
  listSize: -2,
  listCompress: 0,
  listPlainSize: 2 ** 30,
  streamNodeBytes: 4096,
  streamNodeEntries: 100,
}
