/**
 * StreamNode: up to about a hundred entries of a stream, one behind the other in one piece of memory.
 *
 *   flags | ms since the first | seq | size of the rest | [number of pairs] | size, bytes | size, bytes …
 *           └──────────── numbers in groups of seven bits, the lowest first ────────────┘
 *
 *   flags: 1 deleted, 2 the fields are those of the node's first entry and only values follow
 *
 * Entries are only appended and marked as deleted, as in the listpacks of Redis; a node goes when none is
 * left. It knows how large that listpack would be, because by that size streams are cut into nodes, and by
 * nodes they are trimmed.
 *
 * Source: redis 7.0 `src/t_stream.c`, streamAppendItem and streamIteratorRemoveEntry.
 */
import { type ByteString, byteString } from '../../bytes/byte-string.ts'
import { EMPTY_LISTPACK_BYTES, integerEntryBytes, textEntryBytes } from '../../codec/packed/listpack-size.ts'
import { compareIds, difference, type Id, plus, type U64, u64 } from './stream-id.ts'

const DELETED = 1
const SAME_FIELDS = 2
/** The most that flags and four numbers take. */
const HEAD_BYTES_MAX = 41

/** `fields` alternate: field, value … */
export type StreamEntry = { readonly id: Id; readonly fields: readonly ByteString[] }

export class StreamNode {
  /** Of its first entry, for ever. */
  readonly firstId: Id
  /** Of its last entry, deleted or not. */
  lastId: Id
  /** Entries that are not deleted, and those that are. */
  live = 0
  deleted = 0
  readonly #fields: readonly ByteString[]
  #bytes: Buffer
  #used = 0
  /** What the listpack would have beside its two counts. */
  #listpackBytes: number

  /** A node without entries. @param fields the names that its entries usually have: those of the first */
  private constructor(id: Id, fields: readonly ByteString[], bytes: Buffer) {
    this.firstId = id
    this.lastId = id
    this.#fields = fields
    this.#bytes = bytes
    this.#listpackBytes = EMPTY_LISTPACK_BYTES + integerEntryBytes(fields.length) + integerEntryBytes(0)
    for (const field of fields) this.#listpackBytes += textEntryBytes(field)
  }

  /** A node with its first entry. */
  static of(id: Id, fields: readonly ByteString[]): StreamNode {
    const names = fields.filter((_, i) => i % 2 === 0)
    const node = new StreamNode(id, names, Buffer.allocUnsafeSlow(HEAD_BYTES_MAX + textBytes(fields)))
    node.append(id, fields)
    return node
  }

  copy(): StreamNode {
    const copy = new StreamNode(this.firstId, this.#fields, copyOf(this.#bytes, this.#used, this.#used))
    copy.lastId = this.lastId
    copy.live = this.live
    copy.deleted = this.deleted
    copy.#used = this.#used
    copy.#listpackBytes = this.#listpackBytes
    return copy
  }

  get listpackBytes(): number {
    return this.#listpackBytes + integerEntryBytes(this.live) + integerEntryBytes(this.deleted)
  }

  /** The memory it takes, about. */
  get sizeBytes(): number {
    return this.#bytes.length
  }

  append(id: Id, fields: readonly ByteString[]): void {
    const isSame = this.#hasSameFields(fields)
    const pairs = fields.length / 2
    const texts = isSame ? fields.filter((_, i) => i % 2 === 1) : fields
    let size = isSame ? 0 : numberBytes(pairs)
    for (const text of texts) size += numberBytes(text.length) + text.length
    this.#reserve(HEAD_BYTES_MAX + size)
    const ms = difference(id.ms, this.firstId.ms)
    this.#bytes[this.#used++] = isSame ? SAME_FIELDS : 0
    this.#putNumber(typeof ms === 'bigint' ? u64(BigInt.asUintN(64, ms)) : ms)
    this.#putNumber(id.seq)
    this.#putNumber(size)
    if (!isSame) this.#putNumber(pairs)
    for (const text of texts) this.#putText(text)
    this.#count(id, ms, texts, isSame)
    this.lastId = id
    this.live++
  }

  /** Nothing will be appended any more: gives back the room behind. */
  close(): void {
    if (this.#used < this.#bytes.length) this.#bytes = copyOf(this.#bytes, this.#used, this.#used)
  }

  /** Marks an entry as deleted; false if it is not there. */
  delete(id: Id): boolean {
    for (const entry of this.all()) {
      const order = compareIds(entry.id, id)
      if (order > 0) return false
      if (order === 0) return this.#mark(entry)
    }
    return false
  }

  /** Marks entries from the first on as long as `isWanted` says so. @returns how many */
  deleteWhile(isWanted: (id: Id) => boolean): number {
    const before = this.live
    for (const entry of this.all()) {
      if (!isWanted(entry.id)) break
      this.#mark(entry)
    }
    return before - this.live
  }

  /** All entries, deleted ones too. */
  *all(): Generator<StoredEntry> {
    const reader = new NodeReader(this.#bytes, this.#fields)
    while (reader.at < this.#used) yield reader.entry(this.firstId.ms)
  }

  *ascending(): Generator<StoredEntry> {
    for (const entry of this.all()) if (!entry.isDeleted) yield entry
  }

  *descending(): Generator<StoredEntry> {
    yield* [...this.ascending()].reverse()
  }

  #mark(entry: StoredEntry): boolean {
    if (entry.isDeleted) return false
    this.#bytes[entry.at]! |= DELETED
    this.live--
    this.deleted++
    return true
  }

  #hasSameFields(fields: readonly ByteString[]): boolean {
    if (fields.length !== this.#fields.length * 2) return false
    return this.#fields.every((field, i) => fields[2 * i] === field)
  }

  /** What this entry would add to the listpack. */
  #count(id: Id, ms: number | bigint, texts: readonly ByteString[], isSame: boolean): void {
    const seq = difference(id.seq, this.firstId.seq)
    let bytes = integerEntryBytes(SAME_FIELDS) + integerEntryBytes(ms) + integerEntryBytes(seq)
    for (const text of texts) bytes += textEntryBytes(text)
    if (!isSame) bytes += integerEntryBytes(texts.length / 2)
    bytes += integerEntryBytes(isSame ? texts.length + 3 : texts.length + 4)
    this.#listpackBytes += bytes
  }

  #reserve(more: number): void {
    const needed = this.#used + more
    if (needed <= this.#bytes.length) return
    this.#bytes = copyOf(this.#bytes, this.#used, Math.max(needed, this.#bytes.length * 2))
  }

  #putNumber(value: U64): void {
    let rest = value
    while (typeof rest === 'bigint') {
      this.#bytes[this.#used++] = 0x80 | Number(rest & 127n)
      rest = u64(rest >> 7n)
    }
    while (rest > 127) {
      this.#bytes[this.#used++] = 0x80 | (rest % 128)
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#used++] = rest
  }

  #putText(text: ByteString): void {
    this.#putNumber(text.length)
    this.#used += this.#bytes.write(text, this.#used, 'latin1')
  }
}

function textBytes(fields: readonly ByteString[]): number {
  let bytes = 0
  for (const text of fields) bytes += text.length + numberBytes(text.length)
  return bytes
}

function numberBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) bytes++
  return bytes
}

function copyOf(bytes: Buffer, used: number, size: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(size)
  bytes.copy(copy, 0, 0, used)
  return copy
}

/** An entry where it lies; its fields become strings when they are asked for. */
export class StoredEntry implements StreamEntry {
  readonly id: Id
  readonly isDeleted: boolean
  /** Where it begins, and where its pairs do. */
  readonly at: number
  readonly #body: number
  readonly #isSame: boolean
  readonly #reader: NodeReader

  constructor(reader: NodeReader, at: number, flags: number, id: Id) {
    this.#reader = reader
    this.at = at
    this.id = id
    this.isDeleted = (flags & DELETED) !== 0
    this.#isSame = (flags & SAME_FIELDS) !== 0
    this.#body = reader.at
  }

  get fields(): readonly ByteString[] {
    return this.#reader.fields(this.#body, this.#isSame)
  }
}

class NodeReader {
  at = 0
  readonly #bytes: Buffer
  readonly #master: readonly ByteString[]

  constructor(bytes: Buffer, master: readonly ByteString[]) {
    this.#bytes = bytes
    this.#master = master
  }

  /** Reads the head of an entry, and goes on to the next. */
  entry(firstMs: U64): StoredEntry {
    const { at } = this
    const flags = this.#bytes[this.at++]!
    const ms = plus(firstMs, this.#number())
    const seq = this.#number()
    const size = this.#number() as number
    const entry = new StoredEntry(this, at, flags, { ms, seq })
    this.at += size
    return entry
  }

  /** Reads pairs without going on. */
  fields(body: number, isSame: boolean): readonly ByteString[] {
    const { at } = this
    this.at = body
    const pairs = isSame ? this.#master.length : (this.#number() as number)
    const fields: ByteString[] = []
    for (let i = 0; i < pairs; i++) {
      fields.push(isSame ? this.#master[i]! : this.#text())
      fields.push(this.#text())
    }
    this.at = at
    return fields
  }

  #text(): ByteString {
    const size = this.#number() as number
    const text = byteString(this.#bytes, this.at, this.at + size)
    this.at += size
    return text
  }

  #number(): U64 {
    let value = 0
    let unit = 1
    for (let digits = 0; digits < 7; digits++) {
      const byte = this.#bytes[this.at++]!
      value += (byte & 127) * unit
      if (byte < 128) return value
      unit *= 128
    }
    return this.#longNumber(BigInt(value), 49n)
  }

  #longNumber(low: bigint, from: bigint): U64 {
    let value = low
    for (let shift = from; ; shift += 7n) {
      const byte = this.#bytes[this.at++]!
      value += BigInt(byte & 127) << shift
      if (byte < 128) return u64(value)
    }
  }
}
