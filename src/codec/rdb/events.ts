/**
 * RdbEvent: the vocabulary in which a snapshot is told.
 *
 *   header  aux*  function*  ( select-db resize-db? ( key element* key-end )* )*  end
 *
 * Only `key`, its elements and `key-end` come in that order for certain; every other event may come between
 * two keys. Elements are told at detail 'elements' only. A number is a number wherever it is exact; what a
 * file stores in 64 bits and may exceed 2^53 is a number or a bigint.
 *
 * Events own what they carry: they may be kept.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { RdbFamily, RdbValueType } from './format.ts'

/** A string that is longer than the decoder was allowed to hold. */
export type LongValue = {
  /** Its length. */
  readonly bytes: number
  /** Its first bytes (PREVIEW_BYTES). */
  readonly preview: ByteString
  /** CRC-64/Jones of all its bytes, 16 hexadecimal digits: equal strings have equal hashes. */
  readonly hash: string
}

/** A string out of a snapshot: the bytes, or what can be said about very many bytes. */
export type RdbString = ByteString | LongValue

/** `ms-seq`, as Redis writes stream ids. */
export type StreamId = string

export type RdbModuleId = {
  /** Nine characters, as MODULE types name themselves: `vectorset`. */
  readonly name: string
  /** The module's own version of its encoding, 0–1023. */
  readonly version: number
  readonly id: bigint
}

export type RdbHeader = {
  readonly kind: 'header'
  readonly family: RdbFamily
  readonly version: number
  /** False for a version newer than we know: read on, and believe with care. */
  readonly known: boolean
}

export type RdbKey = {
  readonly kind: 'key'
  readonly db: number
  /** Empty at detail 'sizes'. */
  readonly key: RdbString
  readonly type: RdbValueType
  /** What OBJECT ENCODING would call the value in the server that wrote it (see encoding.ts). */
  readonly encoding: string
  /** The type byte. */
  readonly rdbType: number
  /** Unix time in ms, if the key expires. */
  readonly expireAt: number | undefined
  /** Seconds since the last access, where the writer had an LRU policy. */
  readonly idle: number | undefined
  /** The access counter, where the writer had an LFU policy. */
  readonly freq: number | undefined
  /** The module a value of type 'module' belongs to. */
  readonly module: RdbModuleId | undefined
  /** Position of the type byte in the snapshot. */
  readonly position: number
}

export type RdbKeyEnd = {
  readonly kind: 'key-end'
  readonly of: RdbKey
  /**
   * Elements of a collection (pairs count once), live entries of a stream, opcodes of a module, 1 for a
   * string.
   */
  readonly items: number
  /** Serialized bytes of the whole record: expiry and other attributes, type byte, key and value. */
  readonly bytes: number
  /** Serialized bytes of the value alone. */
  readonly valueBytes: number
}

/** One step of what a module wrote. `uint` and `sint` are 64-bit. */
export type RdbModuleValue = {
  readonly kind: 'module-value'
  readonly opcode: 'sint' | 'uint' | 'float' | 'double' | 'string'
  readonly value: number | bigint | RdbString
}

/** What belongs to the key named by the `key` event before it. */
export type RdbElement =
  | { readonly kind: 'string'; readonly value: RdbString }
  | { readonly kind: 'list-item'; readonly value: RdbString }
  | { readonly kind: 'set-member'; readonly member: RdbString }
  | { readonly kind: 'zset-member'; readonly member: RdbString; readonly score: number }
  | {
      readonly kind: 'hash-field'
      readonly field: RdbString
      readonly value: RdbString
      /** Unix time in ms, if this field expires. */
      readonly expireAt: number | undefined
    }
  | {
      readonly kind: 'stream-entry'
      readonly id: StreamId
      /** name, value, name, value, … */
      readonly fields: readonly RdbString[]
      /** The next stream-entry event continues this entry: it is too large to be held at once. */
      readonly more: boolean
    }
  | RdbStreamState
  | {
      readonly kind: 'stream-group'
      readonly name: RdbString
      readonly lastId: StreamId
      /** -1: unknown. undefined: not stored before 7.0. */
      readonly entriesRead: number | bigint | undefined
      readonly pending: number
    }
  /** A delivered and not acknowledged entry of the group before. */
  | {
      readonly kind: 'group-pending'
      readonly id: StreamId
      readonly deliveredAt: number
      readonly deliveries: number | bigint
    }
  | {
      readonly kind: 'group-consumer'
      readonly name: RdbString
      readonly seenAt: number
      /** -1: never. undefined: not stored before 7.2. */
      readonly activeAt: number | undefined
      readonly pending: number
    }
  | { readonly kind: 'consumer-pending'; readonly id: StreamId }
  /** Redis 8.6: what a stream remembers to recognise a repeated XADD. */
  | {
      readonly kind: 'stream-idmp'
      readonly durationSeconds: number | bigint
      readonly maxSize: number | bigint
      readonly producers: number
    }
  | { readonly kind: 'idmp-producer'; readonly producer: RdbString; readonly entries: number }
  | { readonly kind: 'idmp-entry'; readonly iid: RdbString; readonly id: StreamId }
  | { readonly kind: 'idmp-totals'; readonly added: number | bigint; readonly duplicates: number | bigint }
  | RdbModuleValue

/** Follows the entries of a stream, before its groups. */
export type RdbStreamState = {
  readonly kind: 'stream-state'
  readonly length: number | bigint
  readonly lastId: StreamId
  /** The rest is undefined in snapshots older than 7.0. */
  readonly firstId: StreamId | undefined
  readonly maxDeletedId: StreamId | undefined
  readonly entriesAdded: number | bigint | undefined
  readonly groups: number
}

export type RdbEnd = {
  readonly kind: 'end'
  readonly checksum: 'good' | 'absent' | 'bad'
  /** The stored checksum, 16 hexadecimal digits; both are undefined where the version has none. */
  readonly expected: string | undefined
  readonly computed: string | undefined
  readonly keys: number
  /** Length of the snapshot, checksum included. */
  readonly bytes: number
}

export type RdbEvent =
  | RdbHeader
  | { readonly kind: 'aux'; readonly name: RdbString; readonly value: RdbString }
  | { readonly kind: 'select-db'; readonly db: number }
  /** Hints of the writer, not facts. */
  | { readonly kind: 'resize-db'; readonly db: number; readonly keys: number; readonly expires: number }
  | { readonly kind: 'function'; readonly code: RdbString }
  /** What a module keeps beside the keys. Its values follow as module-value events. */
  | {
      readonly kind: 'module-aux'
      readonly module: RdbModuleId
      /** 1 before, 2 after the keys. */
      readonly when: number | bigint
    }
  | { readonly kind: 'slot-info'; readonly slot: number; readonly keys: number; readonly expires: number }
  | {
      readonly kind: 'slot-import'
      readonly job: RdbString
      /** first, last, first, last, … */
      readonly slots: readonly number[]
    }
  /**
   * Redis 8.6: what a module keeps about the next key, once per class. Its values follow as module-value
   * events.
   */
  | {
      readonly kind: 'key-meta'
      /** Four characters. */
      readonly name: string
      readonly version: number
      readonly flags: number
      /** The three above as the file stores them, an unsigned 32-bit number. */
      readonly spec: number
    }
  | RdbKey
  | RdbElement
  | RdbKeyEnd
  | RdbEnd
