/**
 * StringValue: bytes that are usually replaced and sometimes edited.
 *
 *   SET       ─► text (a ByteString)                          embstr, int or raw, as its content says
 *   SETRANGE  ─► editable bytes with room behind them         raw, whatever it holds
 *
 * As long as nobody edits it in place it is a string: compact, immutable, free to hand out. The first edit
 * turns it into a buffer that grows by doubling, so that ten thousand SETBITs do not copy ten thousand times.
 */
import { type ByteString, byteString, toBytes } from '../../bytes/byte-string.ts'
import type { RdbString } from '../../codec/rdb/encode-model.ts'
import { strictInteger } from '../arguments.ts'
import type { ValueFacts } from './value.ts'

/** Longer strings are not embedded (OBJ_ENCODING_EMBSTR_SIZE_LIMIT). */
const EMBEDDED_MAX = 44
const OVERHEAD_BYTES = 24

export class StringValue implements ValueFacts {
  readonly type = 'string'
  #text: ByteString | undefined
  /** Editable bytes; only the first #length are the value. */
  #bytes: Buffer | undefined
  #length: number
  /** It was edited in place: Redis then calls it raw until it is replaced. */
  #isEdited: boolean

  constructor(text: ByteString, isEdited = false) {
    this.#text = text
    this.#length = text.length
    this.#isEdited = isEdited
  }

  get length(): number {
    return this.#length
  }

  get sizeBytes(): number {
    return OVERHEAD_BYTES + (this.#bytes?.length ?? this.#length)
  }

  encoding(): string {
    if (this.#isEdited) return 'raw'
    if (this.#length <= 20 && strictInteger(this.text) !== undefined) return 'int'
    return this.#length <= EMBEDDED_MAX ? 'embstr' : 'raw'
  }

  get text(): ByteString {
    this.#text ??= byteString(this.#bytes!, 0, this.#length)
    return this.#text
  }

  /** The bytes, borrowed until the next edit. */
  get bytes(): Buffer {
    return this.#bytes === undefined ? toBytes(this.#text!) : this.#bytes.subarray(0, this.#length)
  }

  /** Bytes start … end (exclusive). */
  slice(start: number, end: number): ByteString {
    if (this.#text !== undefined) return this.#text.slice(start, end) as ByteString
    return byteString(this.#bytes!, start, Math.min(end, this.#length))
  }

  /** One bit or byte is often all that is asked of a long string. */
  byteAt(index: number): number {
    if (index >= this.#length) return 0
    return this.#text === undefined ? this.#bytes![index]! : this.#text.charCodeAt(index)
  }

  rdb(): RdbString {
    return { type: 'string', value: this.#text ?? this.bytes }
  }

  replace(text: ByteString): void {
    this.#text = text
    this.#bytes = undefined
    this.#length = text.length
    this.#isEdited = false
  }

  /**
   * Makes it at least `length` bytes long (zeros behind) and gives its bytes for editing, until the next
   * call.
   */
  edit(length: number): Buffer {
    this.#isEdited = true
    const bytes = this.#room(Math.max(length, this.#length))
    this.#text = undefined
    if (length > this.#length) {
      bytes.fill(0, this.#length, length)
      this.#length = length
    }
    return bytes.subarray(0, this.#length)
  }

  append(more: ByteString): void {
    const at = this.#length
    this.edit(at + more.length).write(more, at, 'latin1')
  }

  #room(length: number): Buffer {
    let bytes = this.#bytes
    if (bytes === undefined) {
      bytes = Buffer.allocUnsafeSlow(length)
      bytes.write(this.#text!, 0, 'latin1')
    } else if (bytes.length < length) {
      bytes = Buffer.allocUnsafeSlow(Math.max(length, bytes.length * 2))
      this.#bytes!.copy(bytes, 0, 0, this.#length)
    }
    this.#bytes = bytes
    return bytes
  }
}
