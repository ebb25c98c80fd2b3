/**
 * StreamValue: the value of a key of type stream: entries in nodes, counters, consumer groups.
 *
 *   nodes    1-0 [• • † •]   7-3 [• •]   9-0 [•]        † deleted, but still in its node
 *   firstId  of the first live entry; lastId: the highest there ever was; maxDeletedId: the highest XDEL took
 *   added    how many entries there ever were
 *
 * Approximate trimming takes whole nodes, so nodes are cut exactly where Redis cuts them.
 *
 * Source: redis 7.0 `src/t_stream.c`.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { counted, type RdbStream, type StreamId } from '../../codec/rdb/encode-model.ts'
import { byName, ConsumerGroup } from './consumer-group.ts'
import { OrderedTree } from './ordered-tree.ts'
import { compareIds, type Id, isZeroId, MAX_ID, MIN_ID } from './stream-id.ts'
import { type StoredEntry, StreamNode } from './stream-node.ts'
import { ENCODING_LIMITS, type EncodingLimits, type ValueFacts } from './value.ts'

type NodeLimits = Pick<EncodingLimits, 'streamNodeBytes' | 'streamNodeEntries'>

/** Where no limit of bytes is set, Redis still keeps nodes below this (STREAM_LISTPACK_MAX_SIZE). */
const NODE_BYTES_MAX = 2 ** 30
/** Estimates. */
const BASE_BYTES = 400
const NODE_OVERHEAD_BYTES = 300
const GROUP_BYTES = 500
const PENDING_BYTES = 120

export class StreamValue implements ValueFacts {
  readonly type = 'stream'
  length = 0
  lastId: Id = MIN_ID
  firstId: Id = MIN_ID
  maxDeletedId: Id = MIN_ID
  added = 0n
  readonly nodes = new OrderedTree<StreamNode>((a, b) => compareIds(a.firstId, b.firstId))
  #groups: Map<ByteString, ConsumerGroup> | undefined
  /** Bytes of all nodes. */
  #nodeBytes = 0

  get sizeBytes(): number {
    let bytes = BASE_BYTES + this.#nodeBytes + this.nodes.length * NODE_OVERHEAD_BYTES
    for (const group of this.#groups?.values() ?? []) {
      bytes += GROUP_BYTES * (1 + group.consumers.size) + PENDING_BYTES * group.pending.length
    }
    return bytes
  }

  encoding(): string {
    return 'stream'
  }

  rdb(): RdbStream {
    return {
      type: 'stream',
      entries: counted(this.length, () => this.#rdbEntries()),
      lastId: wide(this.lastId),
      firstId: wide(this.firstId),
      maxDeletedId: wide(this.maxDeletedId),
      entriesAdded: this.added,
      groups: this.sortedGroups.map((group) => ({
        name: group.name,
        lastId: wide(group.lastId),
        entriesRead: group.entriesRead,
        pending: counted(group.pending.length, () =>
          mapped(group.pending.ascending(), ({ id, deliveredAt, count }) => ({
            id: wide(id),
            deliveredAt,
            count,
          })),
        ),
        consumers: group.sortedConsumers.map(({ name, seenAt, pending }) => ({
          name,
          seenAt,
          pending: counted(pending.length, () => mapped(pending.ascending(), ({ id }) => wide(id))),
        })),
      })),
    }
  }

  copy(): StreamValue {
    const copy = new StreamValue()
    for (const node of this.nodes.ascending()) copy.nodes.insert(node.copy())
    copy.length = this.length
    copy.lastId = this.lastId
    copy.firstId = this.firstId
    copy.maxDeletedId = this.maxDeletedId
    copy.added = this.added
    copy.#nodeBytes = this.#nodeBytes
    for (const group of this.#groups?.values() ?? []) {
      group.copyTo(copy.addGroup(group.name, group.lastId, group.entriesRead))
    }
    return copy
  }

  /** Appends an entry; its id must be higher than lastId. `fields` alternate: field, value … */
  append(id: Id, fields: readonly ByteString[], limits: NodeLimits = ENCODING_LIMITS): void {
    const tail = this.nodes.at(this.nodes.length - 1)
    if (tail !== undefined && !isFull(tail, fields, limits)) {
      this.#nodeBytes -= tail.sizeBytes
      tail.append(id, fields)
      this.#nodeBytes += tail.sizeBytes
    } else {
      if (tail !== undefined) {
        this.#nodeBytes -= tail.sizeBytes
        tail.close()
        this.#nodeBytes += tail.sizeBytes
      }
      const node = StreamNode.of(id, fields)
      this.nodes.insert(node)
      this.#nodeBytes += node.sizeBytes
    }
    this.added = BigInt.asIntN(64, this.added + 1n)
    this.length++
    this.lastId = id
    if (this.length === 1) this.firstId = id
  }

  /** Live entries from … to, both inclusive. */
  *ascending(from: Id = MIN_ID, to: Id = MAX_ID): Generator<StoredEntry> {
    for (let i = Math.max(0, this.#nodeRank(from)); i < this.nodes.length; i++) {
      for (const entry of this.nodes.at(i)!.ascending()) {
        if (compareIds(entry.id, to) > 0) return
        if (compareIds(entry.id, from) >= 0) yield entry
      }
    }
  }

  /** The same from the last to the first. */
  *descending(from: Id = MIN_ID, to: Id = MAX_ID): Generator<StoredEntry> {
    for (let i = this.#nodeRank(to); i >= 0; i--) {
      for (const entry of this.nodes.at(i)!.descending()) {
        if (compareIds(entry.id, from) < 0) return
        if (compareIds(entry.id, to) <= 0) yield entry
      }
    }
  }

  find(id: Id): StoredEntry | undefined {
    for (const entry of this.ascending(id, id)) return entry
    return undefined
  }

  /** The first entry that is still in a node, deleted or not: what Redis names after an approximate trim. */
  get firstStoredId(): Id {
    for (const node of this.nodes.ascending()) for (const { id } of node.all()) return id
    return MAX_ID
  }

  get lastLiveId(): Id {
    for (const { id } of this.descending()) return id
    return MIN_ID
  }

  /** False if there is no such entry. */
  delete(id: Id): boolean {
    const node = this.nodes.at(this.#nodeRank(id))
    if (node === undefined || !node.delete(id)) return false
    this.length--
    if (node.live === 0) this.#drop(node)
    if (compareIds(id, this.maxDeletedId) > 0) this.maxDeletedId = id
    if (compareIds(id, this.firstId) === 0 || this.length === 0) this.#findFirst()
    return true
  }

  /**
   * Takes entries from the beginning until at most `length` are left.
   * @param isApproximate only whole nodes @param limit at most so many, in whole nodes; 0: no limit
   * @returns how many went
   */
  trimToLength(length: number, isApproximate: boolean, limit: number): number {
    return this.#trim({
      isDone: () => this.length <= length,
      takesNode: (node) => this.length - node.live >= length,
      takes: (taken) => this.length - taken > length,
      isApproximate,
      limit,
    })
  }

  /** Takes entries from the beginning that are below `id`; parameters as of trimToLength. */
  trimToId(id: Id, isApproximate: boolean, limit: number): number {
    return this.#trim({
      isDone: () => false,
      takesNode: (node) => compareIds(node.lastId, id) < 0,
      takes: (_, entry) => compareIds(entry, id) < 0,
      isApproximate,
      limit,
    })
  }

  #trim({ isDone, takesNode, takes, isApproximate, limit }: Trim): number {
    const before = this.length
    for (let node = this.nodes.at(0); node !== undefined && !isDone(); node = this.nodes.at(0)) {
      const taken = before - this.length
      if (limit > 0 && taken + node.live > limit) break
      if (!takesNode(node)) {
        if (!isApproximate) this.length -= trimNode(node, takes)
        break
      }
      this.length -= node.live
      this.#drop(node)
    }
    if (this.length < before) this.#findFirst()
    return before - this.length
  }

  #drop(node: StreamNode): void {
    this.nodes.delete(node)
    this.#nodeBytes -= node.sizeBytes
  }

  #findFirst(): void {
    this.firstId = MIN_ID
    for (const { id } of this.ascending()) {
      this.firstId = id
      break
    }
  }

  /** Rank of the node in which `id` would be; -1 if it is before all. */
  #nodeRank(id: Id): number {
    return this.nodes.countWhile(({ firstId }) => compareIds(firstId, id) <= 0) - 1
  }

  *#rdbEntries() {
    for (const { id, fields } of this.ascending()) yield { id: wide(id), fields }
  }

  get groupCount(): number {
    return this.#groups?.size ?? 0
  }

  /** In the order in which Redis shows them: that of their names' bytes. */
  get sortedGroups(): ConsumerGroup[] {
    return [...(this.#groups?.values() ?? [])].sort(byName)
  }

  group(name: ByteString): ConsumerGroup | undefined {
    return this.#groups?.get(name)
  }

  /** The name must be new. */
  addGroup(name: ByteString, lastId: Id, entriesRead: bigint | undefined): ConsumerGroup {
    const group = new ConsumerGroup(name, lastId, entriesRead)
    this.#groups ??= new Map()
    this.#groups.set(name, group)
    return group
  }

  removeGroup(name: ByteString): void {
    this.#groups?.delete(name)
  }

  /** Whether XDEL took an entry at or behind `from`, so that counting from there on would be wrong. */
  hasGapFrom(from: Id): boolean {
    const { maxDeletedId } = this
    if (this.length === 0 || isZeroId(maxDeletedId) || compareIds(this.firstId, maxDeletedId) > 0)
      return false
    return compareIds(from, maxDeletedId) <= 0
  }

  /** How many entries there ever were up to `id`; undefined where that cannot be told. */
  countUpTo(id: Id): bigint | undefined {
    if (this.added === 0n) return 0n
    const atLast = compareIds(id, this.lastId)
    if (atLast === 0 || (this.length === 0 && atLast < 0)) return this.added
    if (atLast > 0) return undefined
    const { maxDeletedId, firstId } = this
    if (!isZeroId(maxDeletedId) && compareIds(maxDeletedId, firstId) >= 0) return undefined
    const atFirst = compareIds(id, firstId)
    if (atFirst > 0) return undefined
    return this.added - BigInt(this.length) + (atFirst === 0 ? 1n : 0n)
  }
}

type Trim = {
  readonly isDone: () => boolean
  readonly takesNode: (node: StreamNode) => boolean
  /** Whether an entry goes, when `taken` of its node have gone. */
  readonly takes: (taken: number, id: Id) => boolean
  readonly isApproximate: boolean
  readonly limit: number
}

function trimNode(node: StreamNode, takes: Trim['takes']): number {
  const before = node.live
  return node.deleteWhile((id) => takes(before - node.live, id))
}

function isFull(node: StreamNode, fields: readonly ByteString[], limits: NodeLimits): boolean {
  const { streamNodeBytes, streamNodeEntries } = limits
  const bytesMax = streamNodeBytes === 0 ? NODE_BYTES_MAX : Math.min(streamNodeBytes, NODE_BYTES_MAX)
  let bytes = node.listpackBytes
  for (const text of fields) bytes += text.length
  return bytes >= bytesMax || (streamNodeEntries > 0 && node.live + node.deleted >= streamNodeEntries)
}

function wide({ ms, seq }: Id): StreamId {
  return { ms: BigInt(ms), seq: BigInt(seq) }
}

function* mapped<T, U>(items: Iterable<T>, to: (item: T) => U): Generator<U> {
  for (const item of items) yield to(item)
}
