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

const NO_LIMITS: HashLimits = { hashEntries: Number.MAX_SAFE_INTEGER, hashValue: Number.MAX_SAFE_INTEGER }
const OVERHEAD_BYTES = 96
/** Two strings and two places in an array; in a table a place in its index as well. */
const PACKED_BYTES = 56
const INDEXED_BYTES = 96
/** Up to so many words an array is copied to add one, so that it has no spare places. */
const EXACT_MAX = 32

export class HashValue implements ValueFacts {
  declare readonly type: 'hash'
  /** Packed, or a table. */
  #fields: ByteString[] | FieldTable = []
  #textBytes = 0

  get size(): number {
    const fields = this.#fields
    return fields instanceof FieldTable ? fields.size : fields.length / 2
  }

  get sizeBytes(): number {
    const perField = this.isPacked ? PACKED_BYTES : INDEXED_BYTES
    return OVERHEAD_BYTES + this.size * perField + this.#textBytes
  }

  get isPacked(): boolean {
    return !(this.#fields instanceof FieldTable)
  }

  encoding(): string {
    return this.isPacked ? 'listpack' : 'hashtable'
  }

  get(field: ByteString): ByteString | undefined {
    const fields = this.#fields
    if (fields instanceof FieldTable) return fields.get(field)
    const at = indexOf(fields, field)
    return at < 0 ? undefined : fields[at + 1]
  }

  has(field: ByteString): boolean {
    return this.get(field) !== undefined
  }

  /** @returns whether the field is new */
  set(field: ByteString, value: ByteString, limits: HashLimits): boolean {
    if (field.length > limits.hashValue || value.length > limits.hashValue) this.unpack()
    const fields = this.#fields
    if (!(fields instanceof FieldTable)) return this.#setPacked(fields, field, value, limits)
    const old = fields.set(field, value)
    this.#textBytes += value.length + (old === undefined ? field.length : -old.length)
    return old === undefined
  }

  /** @returns whether it was there. The others keep their order while it is packed. */
  remove(field: ByteString): boolean {
    const fields = this.#fields
    let value: ByteString | undefined
    if (fields instanceof FieldTable) value = fields.remove(field)
    else {
      const at = indexOf(fields, field)
      value = at < 0 ? undefined : fields.splice(at, 2)[1]
    }
    if (value === undefined) return false
    this.#textBytes -= field.length + value.length
    return true
  }

  fieldAt(index: number): ByteString {
    const fields = this.#fields
    return fields instanceof FieldTable ? fields.fields[index]! : fields[2 * index]!
  }

  valueAt(index: number): ByteString {
    const fields = this.#fields
    return fields instanceof FieldTable ? fields.values[index]! : fields[2 * index + 1]!
  }

  /**
   * Visits fields from a cursor on; a packed hash is visited whole. @returns the next cursor, 0 at the
   * end
   */
  scan(cursor: number, count: number, visit: (field: ByteString, value: ByteString) => void): number {
    const fields = this.#fields
    if (fields instanceof FieldTable) return fields.scan(cursor, count, visit)
    for (let i = 0; i < fields.length; i += 2) visit(fields[i]!, fields[i + 1]!)
    return 0
  }

  /** The same fields in an object of its own, kept in the same form. */
  copy(): HashValue {
    const copy = new HashValue()
    if (!this.isPacked) copy.unpack()
    for (let i = 0; i < this.size; i++) copy.set(this.fieldAt(i), this.valueAt(i), NO_LIMITS)
    return copy
  }

  rdb(): RdbHash {
    const { size } = this
    return { type: 'hash', fields: counted(size, () => this.#walk(size)), plain: !this.isPacked }
  }

  /** Becomes a table, whatever its size. */
  unpack(): void {
    const fields = this.#fields
    if (fields instanceof FieldTable) return
    this.#fields = new FieldTable()
    for (let i = 0; i < fields.length; i += 2) this.#fields.set(fields[i]!, fields[i + 1]!)
  }

  #setPacked(packed: ByteString[], field: ByteString, value: ByteString, limits: HashLimits): boolean {
    const at = indexOf(packed, field)
    if (at >= 0) {
      this.#textBytes += value.length - packed[at + 1]!.length
      packed[at + 1] = value
      return false
    }
    this.#textBytes += field.length + value.length
    if (packed.length < EXACT_MAX) this.#fields = packed.concat(shared(field), value)
    else packed.push(shared(field), value)
    if (this.size > limits.hashEntries) this.unpack()
    return true
  }

  *#walk(size: number): Generator<RdbField> {
    for (let i = 0; i < size; i++) yield { field: this.fieldAt(i), value: this.valueAt(i) }
  }
}

Object.defineProperty(HashValue.prototype, 'type', { value: 'hash' })

function indexOf(packed: readonly ByteString[], field: ByteString): number {
  for (let i = 0; i < packed.length; i += 2) if (packed[i] === field) return i
  return -1
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
