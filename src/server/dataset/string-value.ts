/**
 * StringValue: bytes that are usually replaced, often counted up, and sometimes edited.
 *
 *   SET          ─► a ByteString       compact, immutable, free to hand out
 *   INCR         ─► a number           no text is made before somebody asks for it
 *   INCRBYFLOAT  ─► PlainText          Redis tries no `int` for it
 *   SETRANGE     ─► EditableBytes      `raw` for OBJECT ENCODING until it is replaced
 *
 * Strings are the most frequent values, so this object is as small as an object can be: one field, and its
 * type is its prototype's.
 *
 * Source: redis 7.0 `src/object.c`, tryObjectEncoding; `src/t_string.c`, dbUnshareStringValue's callers.
 */
import { type ByteString, toBytes } from '../../bytes/byte-string.ts'
import type { RdbString } from '../../codec/rdb/encode-model.ts'
import { smallInteger, strictInteger } from '../arguments.ts'
import { EditableBytes } from './editable-bytes.ts'
import type { ValueFacts } from './value.ts'

/** Longer strings are not embedded (OBJ_ENCODING_EMBSTR_SIZE_LIMIT). */
const EMBEDDED_MAX = 44
/** No integer of 64 bits is longer. */
const INTEGER_CHARS_MAX = 20
const OVERHEAD_BYTES = 40

class PlainText {
  readonly text: ByteString
  constructor(text: ByteString) {
    this.text = text
  }
}

export class StringValue implements ValueFacts {
  declare readonly type: 'string'
  #content: ByteString | number | PlainText | EditableBytes

  constructor(text: ByteString) {
    this.#content = text
  }

  /** An integer of 64 bits, as INCR leaves it. */
  static ofInteger(value: number | bigint): StringValue {
    const made = new StringValue('' as ByteString)
    made.replaceByInteger(value)
    return made
  }

  /** Text that is kept as text whatever it spells, as INCRBYFLOAT leaves it. */
  static ofPlainText(text: ByteString): StringValue {
    const made = new StringValue(text)
    made.replaceByPlainText(text)
    return made
  }

  /** Bytes to be edited; the value's own from now on. */
  static ofBytes(bytes: Buffer): StringValue {
    const made = new StringValue('' as ByteString)
    made.replaceByBytes(bytes)
    return made
  }

  get length(): number {
    const content = this.#content
    return typeof content === 'string' || content instanceof EditableBytes ? content.length : this.text.length
  }

  get sizeBytes(): number {
    const content = this.#content
    if (typeof content === 'string') return OVERHEAD_BYTES + content.length
    if (typeof content === 'number') return OVERHEAD_BYTES
    return OVERHEAD_BYTES + (content instanceof EditableBytes ? 128 + content.roomBytes : this.length)
  }

  encoding(): string {
    const content = this.#content
    if (content instanceof EditableBytes) return 'raw'
    if (this.isInteger && !(content instanceof PlainText)) return 'int'
    return this.length <= EMBEDDED_MAX ? 'embstr' : 'raw'
  }

  /** It spells a 64-bit integer exactly as Redis would print it. */
  get isInteger(): boolean {
    if (typeof this.#content === 'number') return true
    return this.length <= INTEGER_CHARS_MAX && strictInteger(this.text) !== undefined
  }

  /** The integer it spells, where that is exact as a number. */
  get smallInteger(): number | undefined {
    const content = this.#content
    if (typeof content === 'number') return content
    return this.length <= INTEGER_CHARS_MAX ? smallInteger(this.text) : undefined
  }

  /** The value as a string. It may be longer than a JavaScript string can be: see `content`. */
  get text(): ByteString {
    const content = this.#content
    if (typeof content === 'string') return content
    if (typeof content === 'number') return String(content) as ByteString
    return content instanceof PlainText ? content.text : (content.bytes.toString('latin1') as ByteString)
  }

  /** The value for a reply: nobody will change it. */
  get content(): ByteString | Buffer {
    const content = this.#content
    return content instanceof EditableBytes ? content.range(0, content.length) : this.text
  }

  /** Bytes start … end (exclusive, within the value), for a reply. */
  range(start: number, end: number): ByteString | Buffer {
    const content = this.#content
    if (content instanceof EditableBytes) return content.range(start, end)
    return this.text.slice(start, end) as ByteString
  }

  /** The bytes, borrowed until the next edit. */
  get bytes(): Buffer {
    const content = this.#content
    return content instanceof EditableBytes ? content.bytes : toBytes(this.text)
  }

  /** One bit or byte is often all that is asked of a long string. Zero behind its end. */
  byteAt(index: number): number {
    if (index >= this.length) return 0
    const content = this.#content
    return content instanceof EditableBytes ? content.byteAt(index) : this.text.charCodeAt(index)
  }

  rdb(): RdbString {
    return { type: 'string', value: this.#content instanceof EditableBytes ? this.bytes : this.text }
  }

  /** The same content in an object of its own, kept in the same form. */
  copy(): StringValue {
    const content = this.#content
    if (content instanceof EditableBytes) return StringValue.ofBytes(Buffer.from(content.bytes))
    const copy = new StringValue('' as ByteString)
    copy.#content = content
    return copy
  }

  replace(text: ByteString): void {
    this.#content = text
  }

  replaceByInteger(value: number | bigint): void {
    this.#content = typeof value === 'number' ? value : (String(value) as ByteString)
  }

  replaceByPlainText(text: ByteString): void {
    this.#content = new PlainText(text)
  }

  replaceByBytes(bytes: Buffer): void {
    this.#content = new EditableBytes(bytes)
  }

  /**
   * Makes it at least `length` bytes long (zeros behind) and gives its bytes, to be changed before the next
   * call.
   */
  edit(length: number): Buffer {
    const content = this.#content
    if (content instanceof EditableBytes) return content.edit(length)
    const { text } = this
    const bytes = Buffer.alloc(Math.max(length, text.length))
    bytes.write(text, 0, 'latin1')
    this.replaceByBytes(bytes)
    return bytes
  }

  /** Cuts off what lies behind `length` bytes. */
  truncate(length: number): void {
    this.edit(0)
    const content = this.#content as EditableBytes
    content.truncate(length)
  }

  append(more: ByteString): void {
    const at = this.length
    this.edit(at + more.length).write(more, at, 'latin1')
  }
}

Object.defineProperty(StringValue.prototype, 'type', { value: 'string' })
