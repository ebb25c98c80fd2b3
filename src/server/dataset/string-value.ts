/**
 * StringValue: bytes that are usually replaced, often counted up, and sometimes edited.
 *
 *   SET       ─► a ByteString       compact, immutable, free to hand out
 *   INCR      ─► a number           no text is made before somebody asks for it
 *   SETRANGE  ─► a Buffer           with room behind its #used bytes; zeros there
 *
 * The first edit turns it into a buffer that grows by doubling, so that ten thousand SETBITs do not copy ten
 * thousand times. A long buffer is not copied for a reply: it is lent, and the next edit works on a copy.
 *
 * What OBJECT ENCODING says follows from the content, but for two memories: Redis tries no `int` for what
 * INCRBYFLOAT wrote, and what was edited in place is `raw` until it is replaced.
 * Source: redis 7.0 `src/object.c`, tryObjectEncoding; `src/t_string.c`, dbUnshareStringValue's callers.
 */
import { type ByteString, byteString, toBytes } from '../../bytes/byte-string.ts'
import type { RdbString } from '../../codec/rdb/encode-model.ts'
import { smallInteger, strictInteger } from '../arguments.ts'
import type { ValueFacts } from './value.ts'

/** Longer strings are not embedded (OBJ_ENCODING_EMBSTR_SIZE_LIMIT). */
const EMBEDDED_MAX = 44
/** No integer of 64 bits is longer. */
const INTEGER_CHARS_MAX = 20
const OVERHEAD_BYTES = 72
/** Buffers up to this many bytes are copied into a reply, longer ones are lent. */
const COPIED_MAX = 64 * 1024
/** Below this, room doubles; above, it grows by a quarter. */
const DOUBLED_MAX = 16 * 1024 * 1024

/** How Redis may keep it: as it likes, not as an integer, or only as bytes of their own. */
export type StringForm = 'free' | 'text' | 'raw'

export class StringValue implements ValueFacts {
  readonly type = 'string'
  #content: ByteString | number | Buffer
  /** Of a buffer: how many of its bytes are the value. */
  #used = 0
  #form: StringForm
  /** The buffer is part of a reply that may not have been sent yet. */
  #isLent = false

  constructor(content: ByteString | Buffer, form: StringForm = 'free') {
    this.#content = content
    this.#form = form
    if (typeof content !== 'string') this.#used = content.length
  }

  /** An integer of 64 bits, as INCR leaves it. */
  static ofInteger(value: number | bigint): StringValue {
    const made = new StringValue('' as ByteString)
    made.replaceByInteger(value)
    return made
  }

  get length(): number {
    const content = this.#content
    if (typeof content === 'string') return content.length
    return typeof content === 'number' ? String(content).length : this.#used
  }

  get sizeBytes(): number {
    const content = this.#content
    return OVERHEAD_BYTES + (typeof content === 'number' ? 0 : content.length)
  }

  encoding(): string {
    if (this.#form === 'raw') return 'raw'
    if (this.#form === 'free' && this.isInteger) return 'int'
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

  /** The value as a string; for values that may be longer than a JavaScript string, see `content`. */
  get text(): ByteString {
    const content = this.#content
    if (typeof content === 'string') return content
    return typeof content === 'number' ? (String(content) as ByteString) : byteString(content, 0, this.#used)
  }

  /** The value for a reply: nobody will change it. */
  get content(): ByteString | Buffer {
    return this.range(0, this.length)
  }

  /** Bytes start … end (exclusive, within the value), for a reply. */
  range(start: number, end: number): ByteString | Buffer {
    const content = this.#content
    if (typeof content === 'number') return String(content).slice(start, end) as ByteString
    if (typeof content === 'string') {
      return start === 0 && end === content.length ? content : (content.slice(start, end) as ByteString)
    }
    if (end - start <= COPIED_MAX) return byteString(content, start, end)
    this.#isLent = true
    return content.subarray(start, end)
  }

  /** The bytes, borrowed until the next edit. */
  get bytes(): Buffer {
    const content = this.#content
    return Buffer.isBuffer(content) ? content.subarray(0, this.#used) : toBytes(this.text)
  }

  /** One bit or byte is often all that is asked of a long string. Zero behind its end. */
  byteAt(index: number): number {
    if (index >= this.length) return 0
    const content = this.#content
    return Buffer.isBuffer(content) ? content[index]! : this.text.charCodeAt(index)
  }

  copy(): StringValue {
    const copy = new StringValue('' as ByteString, this.#form)
    const content = this.#content
    copy.#content = Buffer.isBuffer(content) ? Buffer.from(content.subarray(0, this.#used)) : content
    copy.#used = this.#used
    return copy
  }

  rdb(): RdbString {
    return { type: 'string', value: Buffer.isBuffer(this.#content) ? this.bytes : this.text }
  }

  replace(content: ByteString | Buffer, form: StringForm = 'free'): void {
    this.#content = content
    this.#form = form
    this.#used = typeof content === 'string' ? 0 : content.length
    this.#isLent = false
  }

  replaceByInteger(value: number | bigint): void {
    this.replace('' as ByteString)
    this.#content = typeof value === 'number' ? value : (String(value) as ByteString)
  }

  /**
   * Makes it at least `length` bytes long (zeros behind) and gives its bytes, to be changed before the next
   * call.
   */
  edit(length: number): Buffer {
    const used = Math.max(length, this.length)
    const bytes = this.#room(used)
    this.#content = bytes
    this.#form = 'raw'
    this.#used = used
    return bytes.subarray(0, used)
  }

  /** Cuts off what lies behind `length` bytes of a value that is being edited. */
  truncate(length: number): void {
    this.edit(0).fill(0, length)
    this.#used = length
  }

  append(more: ByteString): void {
    const at = this.length
    this.edit(at + more.length).write(more, at, 'latin1')
  }

  /**
   * A buffer of our own with the value at its beginning and at least `length` bytes, zeros behind the
   * value.
   */
  #room(length: number): Buffer {
    const content = this.#content
    if (!Buffer.isBuffer(content)) {
      const text = this.text
      const bytes = Buffer.alloc(length)
      bytes.write(text, 0, 'latin1')
      return bytes
    }
    if (content.length >= length && !this.#isLent) return content
    const grown = content.length * (content.length < DOUBLED_MAX ? 2 : 1.25)
    const bytes = Buffer.alloc(length > content.length ? Math.max(length, Math.floor(grown)) : content.length)
    content.copy(bytes, 0, 0, this.#used)
    this.#isLent = false
    return bytes
  }
}
