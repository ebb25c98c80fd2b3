/**
 * For whom an RDB is written: the target version, the limits of packing, and what to do about losses.
 *
 * Limits are those of redis.conf with the defaults of Redis 7.0; under each, a collection is written packed.
 * A value that the target version cannot hold is never dropped in silence: it is reported as an RdbLoss to
 * `onLoss`, and what can be written without it is written; without `onLoss` it is thrown as RdbLossError.
 */
import type { Bytes } from '../../bytes/byte-writer.ts'

/**
 * The versions that can be written: Redis 2.6 (6), 3.2, 4.0, 5.0–6.2 (9), 7.0, 7.2/Valkey 8, 7.4–8.0 (12).
 */
export const WRITABLE_VERSIONS = [6, 7, 8, 9, 10, 11, 12] as const
export type RdbVersion = (typeof WRITABLE_VERSIONS)[number]

export type PackingLimits = {
  /** hash-max-listpack-entries, -value (bytes); before 7.0 hash-max-ziplist-… */
  readonly hashEntries: number
  readonly hashValue: number
  readonly zsetEntries: number
  readonly zsetValue: number
  readonly setIntsetEntries: number
  /** set-max-listpack-entries, -value: since 7.2 (version 11). */
  readonly setEntries: number
  readonly setValue: number
  /** list-max-listpack-size: entries of a node, or -1 … -5 for 4, 8, 16, 32, 64 KiB. */
  readonly listNodeSize: number
  /**
   * From this size on, in bytes, a list element is a node of its own, not packed; since 7.0.
   * Undefined: 1 GiB in 7.0, whatever is larger than a node since 7.2.
   */
  readonly listPlainSize: number | undefined
  /** stream-node-max-bytes, -entries; 0 is no limit. */
  readonly streamNodeBytes: number
  readonly streamNodeEntries: number
}

export const DEFAULT_LIMITS: PackingLimits = {
  hashEntries: 512,
  hashValue: 64,
  zsetEntries: 128,
  zsetValue: 64,
  setIntsetEntries: 512,
  setEntries: 128,
  setValue: 64,
  listNodeSize: -2,
  listPlainSize: undefined,
  streamNodeBytes: 4096,
  streamNodeEntries: 100,
}

export type RdbEncodeOptions = {
  /** Default 10, that of Redis 7.0. */
  readonly version?: RdbVersion | undefined
  /** rdbcompression; default true. */
  readonly compress?: boolean | undefined
  /** rdbchecksum; default true. */
  readonly checksum?: boolean | undefined
  readonly limits?: Partial<PackingLimits> | undefined
  readonly onLoss?: ((loss: RdbLoss) => void) | undefined
}

/** Something of the dataset that the target version has no form for. */
export type RdbLoss = {
  readonly what:
    | 'stream' // the whole key is left out
    | 'module' // the whole key is left out
    | 'function' // the library is left out
    | 'field-expiry' // the fields stay, their expiry goes
    | 'stream-counters' // entries-added, max-deleted-id or a group's entries-read; loaders estimate them
    | 'consumer-active-time' // loaders take the seen time
    | 'eviction-hint' // idle time or access frequency
    | 'aux' // a header field
  /** Undefined for what belongs to no key. */
  readonly key: Bytes | undefined
  readonly db: number
  /** For people; printable ASCII. */
  readonly detail: string
}

export class RdbLossError extends Error {
  readonly loss: RdbLoss

  constructor(loss: RdbLoss) {
    super(loss.detail)
    this.loss = loss
  }
}
