/**
 * Streams: entries in listpack nodes under the id of their first entry, counters, consumer groups.
 *
 *   length N, N × ( string of 16 bytes: node id; string: listpack )
 *   length entries, last id [since 7.0: first id, max deleted id, entries added], groups
 *
 *   listpack:  count deleted F field×F 0   ( flags ms seq  values…  lp-count )*
 *              └─ master entry ─────────┘    the id as difference to the node's
 *
 * An entry whose fields are the master entry's stores only its values (flag 2). lp-count, the number of
 * elements before it, lets a reader walk backwards. No entry is written deleted.
 *
 * 15 STREAM_LISTPACKS 5.0   19 …_2 7.0   21 …_3 7.2.   Source: redis 7.0 `src/t_stream.c`, streamAppendItem.
 */
import type { Bytes } from '../../bytes/byte-writer.ts'
import { integerEntrySize, type ListpackBuilder } from '../packed/listpack-builder.ts'
import type { RdbStream, RdbStreamEntry, StreamId } from './encode-model.ts'
import { writeCounted } from './encode-nodes.ts'
import { checkCount, type RdbOutput, type Steps } from './encode-output.ts'
import { writeGroups } from './encode-stream-groups.ts'
import { TYPE } from './format.ts'

const STREAMS_SINCE = 9
const COUNTERS_SINCE = 10
const ACTIVE_TIME_SINCE = 11
/** Where no limit of bytes is set, Redis still keeps nodes below this. */
const NODE_BYTES_MAX = 2 ** 30
const SAME_FIELDS = 2

/** Writes a stream; returns the steps that are left to do. */
export function writeStream(out: RdbOutput, value: RdbStream): Steps | undefined {
  const { version } = out
  if (version < STREAMS_SINCE) {
    out.lose('stream', 'streams need RDB version 9')
    return undefined
  }
  const type = version >= COUNTERS_SINCE ? TYPE.STREAM_LISTPACKS_2 : TYPE.STREAM_LISTPACKS
  out.begin(version >= ACTIVE_TIME_SINCE ? TYPE.STREAM_LISTPACKS_3 : type)
  return stream(out, value)
}

function* stream(out: RdbOutput, value: RdbStream): Steps {
  const nodes = new StreamNodes(out)
  yield* writeCounted(out, () => nodes.cut(value.entries), writeNode)
  checkCount(value.entries.length, nodes.walked)
  out.length(value.entries.length)
  out.idLengths(value.lastId)
  if (out.version >= COUNTERS_SINCE) {
    out.idLengths(value.firstId)
    out.idLengths(value.maxDeletedId)
    out.length(value.entriesAdded)
  } else reportCounters(out, value)
  yield* writeGroups(out, value.groups)
}

/** Loaders of version 9 streams assume what a stream without deletions would have. */
function reportCounters(out: RdbOutput, value: RdbStream): void {
  const { maxDeletedId } = value
  const isPlain = maxDeletedId.ms === 0n && maxDeletedId.seq === 0n
  if (isPlain && BigInt(value.entriesAdded) === BigInt(value.entries.length)) return
  out.lose('stream-counters', 'entries-added and max-deleted-id need RDB version 10')
}

type Node = { readonly id: StreamId; readonly blob: Buffer }

function writeNode(out: RdbOutput, { id, blob }: Node): void {
  out.length(16)
  out.rawId(id)
  out.string(blob)
}

/** Cuts entries into nodes as XADD does. The count in a master entry is known last, so it is built last. */
class StreamNodes {
  readonly #out: RdbOutput
  #master: RdbStreamEntry | undefined
  /** Entries of the last walk. */
  walked = 0
  #entries = 0
  /** Size of the master entry beside its count. */
  #masterSize = 0

  constructor(out: RdbOutput) {
    this.#out = out
  }

  *cut(entries: Iterable<RdbStreamEntry>): Generator<Node> {
    this.#master = undefined
    this.walked = 0
    for (const entry of entries) {
      this.walked++
      if (this.#master !== undefined && this.#isFull(entry)) yield this.#finish(this.#master)
      const master: RdbStreamEntry = this.#master ?? this.#start(entry)
      this.#add(entry, master)
    }
    if (this.#master !== undefined) yield this.#finish(this.#master)
  }

  #isFull(entry: RdbStreamEntry): boolean {
    const { streamNodeBytes, streamNodeEntries } = this.#out.limits
    const limit = streamNodeBytes === 0 ? NODE_BYTES_MAX : Math.min(streamNodeBytes, NODE_BYTES_MAX)
    let size = this.#out.body.byteLength + this.#masterSize + integerEntrySize(this.#entries)
    for (const part of entry.fields) size += part.length
    return size >= limit || (streamNodeEntries > 0 && this.#entries >= streamNodeEntries)
  }

  #start(entry: RdbStreamEntry): RdbStreamEntry {
    this.#master = entry
    this.#entries = 0
    const { listpack } = this.#out
    listpack.reset()
    const empty = listpack.byteLength
    addMaster(listpack, entry, 0)
    this.#masterSize = listpack.byteLength - empty - integerEntrySize(0)
    this.#out.body.reset()
    return entry
  }

  #add(entry: RdbStreamEntry, master: RdbStreamEntry): void {
    const { body } = this.#out
    const { fields } = entry
    const isSame = hasSameFields(fields, master.fields)
    this.#entries++
    body.addInteger(isSame ? SAME_FIELDS : 0)
    body.addInteger(difference(entry.id.ms, master.id.ms))
    body.addInteger(difference(entry.id.seq, master.id.seq))
    if (isSame) {
      for (let i = 1; i < fields.length; i += 2) body.add(fields[i]!)
      body.addInteger(fields.length / 2 + 3)
      return
    }
    body.addInteger(fields.length / 2)
    for (const part of fields) body.add(part)
    body.addInteger(fields.length + 4)
  }

  #finish(master: RdbStreamEntry): Node {
    const { listpack, body } = this.#out
    listpack.reset()
    addMaster(listpack, master, this.#entries)
    listpack.addEntriesOf(body)
    this.#master = undefined
    return { id: master.id, blob: listpack.finish() }
  }
}

function addMaster(listpack: ListpackBuilder, { fields }: RdbStreamEntry, count: number): void {
  listpack.addInteger(count)
  listpack.addInteger(0)
  listpack.addInteger(fields.length / 2)
  for (let i = 0; i < fields.length; i += 2) listpack.add(fields[i]!)
  listpack.addInteger(0)
}

function hasSameFields(fields: readonly Bytes[], master: readonly Bytes[]): boolean {
  if (fields === master) return true
  if (fields.length !== master.length) return false
  for (let i = 0; i < fields.length; i += 2) if (!isEqual(fields[i]!, master[i]!)) return false
  return true
}

function isEqual(a: Bytes, b: Bytes): boolean {
  if (a === b) return true
  if (typeof a === 'string' && typeof b === 'string') return false
  return a.length === b.length && a.toString('latin1') === b.toString('latin1')
}

/** Ids are unsigned, their difference is stored as a signed integer that wraps. */
function difference(id: bigint, master: bigint): number | bigint {
  if (id === master) return 0
  const wrapped = BigInt.asIntN(64, id - master)
  const number = Number(wrapped)
  return Number.isSafeInteger(number) ? number : wrapped
}
