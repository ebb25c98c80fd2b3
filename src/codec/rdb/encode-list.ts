/**
 * Lists, as the nodes that a quicklist would have after pushing each element at its tail.
 *
 *   18 QUICKLIST_2    length n, n × ( length container, string )     7.0: 2 = a listpack, 1 = one large element
 *   14 QUICKLIST      length n, n × string                           3.2: a ziplist each
 *   10 LIST_ZIPLIST / 1 LIST                                         before: one ziplist, or element by element
 *
 * A node is closed when the next element might not fit: by an estimate, not by the exact size, and the
 * estimate differs between the generations. Source: redis 7.0 and 6.0 `src/quicklist.c`.
 */
import type { Bytes } from '../../bytes/byte-writer.ts'
import type { Counted, RdbList } from './encode-model.ts'
import { writeCounted } from './encode-nodes.ts'
import { checkCount, type RdbOutput, type Steps } from './encode-output.ts'
import { QUICKLIST_NODE, TYPE } from './format.ts'

/** What -1 … -5 mean as size of a node. */
const NODE_BYTES = [4096, 8192, 16384, 32768, 65536]
/** A node that is limited by its number of entries is limited to this size too. */
const SAFE_BYTES = 8192
/** What 7.0 reckons an entry costs beside its bytes. */
const LISTPACK_OVERHEAD = 8
/** Since 7.2 a list begins as a bare listpack, and grows to a quicklist only when that is really full. */
const BARE_LISTPACK_SINCE = 11
const PLAIN_SIZE_7_0 = 2 ** 30
/** list-max-ziplist-entries and -value of Redis 2.6 … 3.0. */
const OLD_ENTRIES = 512
const OLD_VALUE = 64

/** Writes a list; returns the steps that are left to do. */
export function writeList(out: RdbOutput, value: RdbList): Steps | undefined {
  const { items } = value
  if (out.version >= 10) {
    out.begin(TYPE.LIST_QUICKLIST_2)
    return writeCounted(out, () => listpackNodes(out, items), writeContainer)
  }
  if (out.version >= 7) {
    out.begin(TYPE.LIST_QUICKLIST)
    return writeCounted(out, () => ziplistNodes(out, items), writeBlob)
  }
  if (isSmall(items)) {
    out.begin(TYPE.LIST_ZIPLIST)
    out.ziplist.reset()
    for (const item of items) out.ziplist.add(item)
    out.string(out.ziplist.finish())
    return undefined
  }
  out.begin(TYPE.LIST)
  return writePlainList(out, items)
}

/** Length and elements, one by one: what every version loads, and none since 3.2 writes. */
function* writePlainList(out: RdbOutput, items: Counted<Bytes>): Steps {
  let walked = 0
  out.length(items.length)
  for (const item of items) {
    walked++
    out.string(item)
    if (out.full) yield
  }
  checkCount(items.length, walked)
}

type Container = { readonly kind: number; readonly blob: Bytes }

function writeContainer(out: RdbOutput, node: Container): void {
  out.length(node.kind)
  out.string(node.blob)
}

function writeBlob(out: RdbOutput, blob: Buffer): void {
  out.string(blob)
}

function* listpackNodes(out: RdbOutput, items: Iterable<Bytes>): Generator<Container> {
  const { listpack, limits } = out
  const { bytes, entries } = nodeLimits(limits.listNodeSize)
  const beginsBare = out.version >= BARE_LISTPACK_SINCE
  const plainSize = limits.listPlainSize ?? (beginsBare ? bytes + 1 : PLAIN_SIZE_7_0)
  let overhead = beginsBare ? 0 : LISTPACK_OVERHEAD
  listpack.reset()
  for (const item of items) {
    const isPlain = item.length >= plainSize
    const size = listpack.byteLength + item.length + overhead
    if (listpack.count > 0 && (isPlain || size > bytes || listpack.count >= entries)) {
      yield { kind: QUICKLIST_NODE.PACKED, blob: listpack.finish() }
      listpack.reset()
      overhead = LISTPACK_OVERHEAD
    }
    if (isPlain) yield { kind: QUICKLIST_NODE.PLAIN, blob: item }
    else listpack.add(item)
  }
  if (listpack.count > 0) yield { kind: QUICKLIST_NODE.PACKED, blob: listpack.finish() }
}

function* ziplistNodes(out: RdbOutput, items: Iterable<Bytes>): Generator<Buffer> {
  const { ziplist } = out
  const { bytes, entries } = nodeLimits(out.limits.listNodeSize)
  ziplist.reset()
  for (const item of items) {
    const size = ziplist.byteLength + item.length + ziplistOverhead(item.length)
    if (ziplist.count > 0 && (size > bytes || ziplist.count >= entries)) {
      yield ziplist.finish()
      ziplist.reset()
    }
    ziplist.add(item)
  }
  if (ziplist.count > 0) yield ziplist.finish()
}

/** What 6.0 reckons: the size of the element before in the next entry, and the encoding. */
function ziplistOverhead(size: number): number {
  const back = size < 254 ? 1 : 5
  return back + (size < 64 ? 1 : size < 16384 ? 2 : 5)
}

function nodeLimits(nodeSize: number): { bytes: number; entries: number } {
  if (nodeSize >= 0) return { bytes: SAFE_BYTES, entries: Math.max(1, nodeSize) }
  return { bytes: NODE_BYTES[Math.min(-nodeSize, NODE_BYTES.length) - 1]!, entries: Number.POSITIVE_INFINITY }
}

function isSmall(items: Counted<Bytes>): boolean {
  if (items.length > OLD_ENTRIES) return false
  for (const item of items) if (item.length > OLD_VALUE) return false
  return true
}
