/**
 * HashValue: the value of a key of type hash.
 *
 *   packed   [field, value, field, value …]      small: in order of insertion, as Redis's listpack; searched
 *   table    FieldTable                          beyond hash-max-listpack-entries or -value: indexed
 *
 * It goes from packed to table when Redis does, and like Redis never back. Small hashes are many, and their
 * fields are often called alike: packed fields that have a common name share one string.
 *
 * Source: redis 7.0 `src/t_hash.c`, hashTypeSet, hashTypeTryConversion.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { counted, type RdbField, type RdbHash } from '../../codec/rdb/encode-model.ts'
import { FieldTable } from './field-table.ts'
import type { EncodingLimits, ValueFacts } from './value.ts'

export type HashLimits = Pick<EncodingLimits, 'hashEntries' | 'hashValue'>

const OVERHEAD_BYTES = 96
/** Two strings and two places in an array; in a table a place in its index as well. */
const PACKED_BYTES = 56
const INDEXED_BYTES = 96
/** Up to so many words an array is copied to add one, so that it has no spare places. */
const EXACT_MAX = 32

export class HashValue implements ValueFacts {
  readonly type = 'hash'
  #packed: ByteString[] | undefined = []
  #table: FieldTable | undefined
  #textBytes = 0

  get size(): number {
    return this.#table?.size ?? this.#packed!.length / 2
  }

  get sizeBytes(): number {
    const perField = this.#table === undefined ? PACKED_BYTES : INDEXED_BYTES
    return OVERHEAD_BYTES + this.size * perField + this.#textBytes
  }

  get isPacked(): boolean {
    return this.#packed !== undefined
  }

  encoding(): string {
    return this.isPacked ? 'listpack' : 'hashtable'
  }

  get(field: ByteString): ByteString | undefined {
    if (this.#table !== undefined) return this.#table.get(field)
    const at = this.#indexOf(field)
    return at < 0 ? undefined : this.#packed![at + 1]
  }

  has(field: ByteString): boolean {
    return this.get(field) !== undefined
  }

  /** @returns whether the field is new */
  set(field: ByteString, value: ByteString, limits: HashLimits): boolean {
    if (field.length > limits.hashValue || value.length > limits.hashValue) this.unpack()
    if (this.#table === undefined) return this.#setPacked(field, value, limits)
    const old = this.#table.set(field, value)
    this.#textBytes += value.length + (old === undefined ? field.length : -old.length)
    return old === undefined
  }

  /** @returns whether it was there. The others keep their order while it is packed. */
  remove(field: ByteString): boolean {
    let value: ByteString | undefined
    if (this.#table !== undefined) value = this.#table.remove(field)
    else {
      const at = this.#indexOf(field)
      value = at < 0 ? undefined : this.#packed!.splice(at, 2)[1]
    }
    if (value === undefined) return false
    this.#textBytes -= field.length + value.length
    return true
  }

  fieldAt(index: number): ByteString {
    return this.#table === undefined ? this.#packed![2 * index]! : this.#table.fields[index]!
  }

  valueAt(index: number): ByteString {
    return this.#table === undefined ? this.#packed![2 * index + 1]! : this.#table.values[index]!
  }

  /**
   * Visits fields from a cursor on; a packed hash is visited whole. @returns the next cursor, 0 at the
   * end
   */
  scan(cursor: number, count: number, visit: (field: ByteString, value: ByteString) => void): number {
    if (this.#table !== undefined) return this.#table.scan(cursor, count, visit)
    for (let i = 0; i < this.size; i++) visit(this.fieldAt(i), this.valueAt(i))
    return 0
  }

  rdb(): RdbHash {
    const { size } = this
    return { type: 'hash', fields: counted(size, () => this.#walk(size)), plain: !this.isPacked }
  }

  copy(): HashValue {
    const copy = new HashValue()
    if (this.#packed !== undefined) copy.#packed = [...this.#packed]
    else {
      copy.unpack()
      for (let i = 0; i < this.size; i++) copy.#table!.set(this.fieldAt(i), this.valueAt(i))
    }
    copy.#textBytes = this.#textBytes
    return copy
  }

  /** Becomes a table, whatever its size. */
  unpack(): void {
    if (this.#packed === undefined) return
    const packed = this.#packed
    this.#table = new FieldTable()
    for (let i = 0; i < packed.length; i += 2) this.#table.set(packed[i]!, packed[i + 1]!)
    this.#packed = undefined
  }

  #setPacked(field: ByteString, value: ByteString, limits: HashLimits): boolean {
    const packed = this.#packed!
    const at = this.#indexOf(field)
    if (at >= 0) {
      this.#textBytes += value.length - packed[at + 1]!.length
      packed[at + 1] = value
      return false
    }
    this.#textBytes += field.length + value.length
    if (packed.length < EXACT_MAX) this.#packed = packed.concat(shared(field), value)
    else packed.push(shared(field), value)
    if (this.size > limits.hashEntries) this.unpack()
    return true
  }

  #indexOf(field: ByteString): number {
    const packed = this.#packed!
    for (let i = 0; i < packed.length; i += 2) if (packed[i] === field) return i
    return -1
  }

  *#walk(size: number): Generator<RdbField> {
    for (let i = 0; i < size; i++) yield { field: this.fieldAt(i), value: this.valueAt(i) }
  }
}

const NAMES = 4096
const NAME_CHARS_MAX = 24
const names: (ByteString | undefined)[] = new Array(NAMES).fill(undefined)

/** The string that other hashes use for this name, as long as names do not crowd each other out. */
function shared(name: ByteString): ByteString {
  if (name.length > NAME_CHARS_MAX) return name
  let hash = name.length
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0
  const slot = (hash ^ (hash >>> 12)) & (NAMES - 1)
  const known = names[slot]
  if (known === name) return known
  names[slot] = name
  return name
}
