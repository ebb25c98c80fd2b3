/**
 * What the RDB writer is given: a dataset as values, without saying how any of it is stored.
 *
 * Collections are Counted: a length that is known up front, and elements that are pulled one by one, so a
 * sorted set of ten million members is never copied. An array is Counted as it is; `counted` makes one of a
 * Map or of anything else that can be walked. Lists and streams are walked twice when they are long (the
 * format wants the number of nodes first), so a walk must be repeatable and give the same elements again.
 *
 * Redis knows no empty collections except streams, and no member or field twice; nobody checks that here.
 *
 * Not said here: encodings. They follow from the target version and the limits (encode-options.ts).
 */
import type { Bytes } from '../../bytes/byte-writer.ts'

/** Elements that can be walked more than once, and how many they are. Every array is one. */
export type Counted<T> = Iterable<T> & { readonly length: number }

/** A Counted of anything that can be walked anew each time `walk` is called. */
export function counted<T>(length: number, walk: () => Iterator<T>): Counted<T> {
  return { length, [Symbol.iterator]: walk }
}

/** Exact to the full 64 bits that Redis allows. */
export type StreamId = { readonly ms: bigint; readonly seq: bigint }

/** The id that Redis writes as `ms-seq`. */
export function streamId(text: string): StreamId {
  const dash = text.indexOf('-')
  return { ms: BigInt(text.slice(0, dash)), seq: BigInt(text.slice(dash + 1)) }
}

export type RdbEntry = {
  readonly key: Bytes
  readonly value: RdbValue
  /** Unix milliseconds. */
  readonly expireAt?: number | undefined
  /** Seconds since last access; written under an LRU policy. */
  readonly idleSeconds?: number | undefined
  /** LFU counter, 0 … 255; written under an LFU policy. */
  readonly frequency?: number | undefined
}

export type RdbValue = RdbString | RdbList | RdbSet | RdbHash | RdbZset | RdbStream | RdbModule

export type RdbString = {
  readonly type: 'string'
  /** In one piece, or in pieces of `length` bytes together, which are written as they come, uncompressed. */
  readonly value: Bytes | Pieces
}
export type Pieces = { readonly length: number; readonly pieces: Iterable<Buffer> }

/** A collection that a server keeps unpacked, though it would fit the limits, is written as it is kept. */
export type MayBePlain = { readonly plain?: boolean | undefined }

export type RdbList = { readonly type: 'list'; readonly items: Counted<Bytes> }

export type RdbSet = MayBePlain & { readonly type: 'set'; readonly members: Counted<Bytes> }

export type RdbHash = MayBePlain & {
  readonly type: 'hash'
  readonly fields: Counted<RdbField>
  /** At most the earliest `expireAt` of the fields; must be given if any field has one. */
  readonly minExpireAt?: number | undefined
}
export type RdbField = {
  readonly field: Bytes
  readonly value: Bytes
  /** Unix milliseconds. */
  readonly expireAt?: number | undefined
}

/** Members in any order; Redis writes and loads large ones fastest from the highest to the lowest score. */
export type RdbZset = MayBePlain & { readonly type: 'zset'; readonly members: Counted<RdbMember> }
export type RdbMember = { readonly member: Bytes; readonly score: number }

export type RdbStream = {
  readonly type: 'stream'
  /** In order of their ids. */
  readonly entries: Counted<RdbStreamEntry>
  readonly lastId: StreamId
  readonly firstId: StreamId
  readonly maxDeletedId: StreamId
  readonly entriesAdded: number | bigint
  /** Redis writes groups, and the consumers of each, in the order of their names' bytes. */
  readonly groups: Counted<RdbGroup>
}
/** `fields` alternate: field, value, field, value … */
export type RdbStreamEntry = { readonly id: StreamId; readonly fields: readonly Bytes[] }
export type RdbGroup = {
  readonly name: Bytes
  readonly lastId: StreamId
  /** Undefined: unknown, as Redis says when it cannot tell. */
  readonly entriesRead?: number | bigint | undefined
  /** In order of the ids. */
  readonly pending: Counted<RdbPending>
  readonly consumers: Counted<RdbConsumer>
}
/** Delivered and not acknowledged. `deliveredAt` in unix milliseconds, `count` deliveries so far. */
export type RdbPending = { readonly id: StreamId; readonly deliveredAt: number; readonly count: number }
/** Times in unix milliseconds. Each of `pending` must be in the group's pending as well. */
export type RdbConsumer = {
  readonly name: Bytes
  readonly seenAt: number
  /** Undefined: never active. */
  readonly activeAt?: number | undefined
  readonly pending: Counted<StreamId>
}

export type RdbModule = {
  readonly type: 'module'
  /** Nine characters of A–Z a–z 0–9 - _. */
  readonly name: string
  /** 0 … 1023. */
  readonly encodingVersion: number
  /** The value's opcode stream with its closing 0, byte for byte; undefined if it was not kept. */
  readonly payload: Buffer | undefined
}
