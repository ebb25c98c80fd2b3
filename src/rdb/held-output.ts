/**
 * HeldOutput: text on its way out, the end of which may be held until it is known what becomes of it.
 *
 *   parts, ready to leave │ … writer … │ held record …
 *
 * A record is held where its form depends on what follows (a hash: hash-form.ts), or whether it is wanted
 * at all (a filter by size). What is held beyond a bound waits outside of memory, and so do values too long
 * for it; they are read back, block by block, when they leave. So memory is constant whatever the size of
 * values.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { ByteWriter } from '../bytes/byte-writer.ts'
import { FieldsForm } from './hash-form.ts'
import { around, putBase64, putEscaped } from './json-text.ts'
import type { Keep, KeptValue } from './value-decoder.ts'

const BLOCK_BYTES = 256 * 1024
/** What is held in memory; a snapshot with more than a few records of this size has few records. */
const HELD_BYTES_MAX = 1024 * 1024

/** What leaves: bytes, or what waits outside of memory and the way it is written. */
type Part =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'value'; readonly value: KeptValue }
  | { readonly kind: 'close'; readonly value: KeptValue }
  /** @property fieldsFrom where in it a hash begins that must be rewritten */
  | { readonly kind: 'record'; readonly keep: Keep; readonly fieldsFrom: number | undefined }

export class HeldOutput {
  readonly writer = new ByteWriter(2 * BLOCK_BYTES)
  readonly #keep: () => Keep
  #parts: Part[] = []
  /** Where in the writer the held record begins; -1 while none is held. */
  #heldAt = -1
  /** Where in the writer the record begins that is not held; -1 when its beginning has left. */
  #recordAt = 0
  /** The beginning of the held record, where it is too long for memory. */
  #held: Keep | undefined

  constructor(keep: () => Keep) {
    this.#keep = keep
  }

  /** A record begins. @param isHeld what is written from now on waits for release() or drop() */
  begin(isHeld: boolean): void {
    if (isHeld) this.#heldAt = this.writer.length
    else this.#recordAt = this.writer.length
  }

  /** Records that are whole, as text. None is held. */
  whole(text: Buffer): void {
    this.writer.put(text)
  }

  /** How long the held record is. */
  get heldLength(): number {
    return (this.#held?.length ?? 0) + this.writer.length - this.#heldAt
  }

  /** The held record stands. @param fieldsFrom where in it a hash begins that is to be rewritten as fields */
  release(fieldsFrom?: number): void {
    const { writer } = this
    const heldAt = this.#heldAt
    this.#heldAt = -1
    if (this.#held !== undefined) {
      this.#held.append(writer.bytes.subarray(heldAt, writer.length))
      this.#parts.push({ kind: 'bytes', bytes: Buffer.from(writer.bytes.subarray(0, heldAt)) })
      this.#parts.push({ kind: 'record', keep: this.#held, fieldsFrom })
      this.#held = undefined
      writer.length = 0
    } else if (fieldsFrom !== undefined) {
      const hash = Buffer.from(writer.bytes.subarray(heldAt + fieldsFrom, writer.length))
      writer.length = heldAt + fieldsFrom
      new FieldsForm(writer).push(hash)
    }
  }

  /** The held record is forgotten. */
  drop(): void {
    this.writer.length = this.#heldAt
    this.#heldAt = -1
    this.#held?.close()
    this.#held = undefined
  }

  /**
   * The record that was begun has no end: it is forgotten, or if a part of it has left, its line is ended.
   */
  abandon(): void {
    if (this.#heldAt >= 0) this.drop()
    else if (this.#recordAt >= 0) this.writer.length = this.#recordAt
    else this.writer.put('\n' as ByteString)
  }

  /** Writes a long value, which must stay open until close() is called with it. */
  long(value: KeptValue): void {
    const { writer } = this
    if (this.#heldAt < 0) {
      this.#recordAt = -1
      if (writer.length > 0) this.#parts.push({ kind: 'bytes', bytes: writer.take() })
      this.#parts.push({ kind: 'value', value })
      return
    }
    for (const _ of putValue(writer, value)) this.#spill()
  }

  /** Closes a long value when all that was written of it has left. */
  close(value: KeptValue): void {
    if (this.#heldAt < 0) this.#parts.push({ kind: 'close', value })
    else value.keep.close()
  }

  /** Moves what is ready out, block by block. To be called between two pushes of the decoder. */
  async flush(write: (block: Buffer) => Promise<void>, isLast = false): Promise<void> {
    const { writer } = this
    if (this.#parts.length > 0) {
      const parts = this.#parts
      this.#parts = []
      const out = new ByteWriter(BLOCK_BYTES)
      for (const part of parts) {
        for (const _ of steps(out, part)) {
          await write(out.view())
          out.clear()
        }
      }
    }
    if (this.#heldAt >= 0) this.#spill()
    const ready = this.#heldAt < 0 ? writer.length : this.#heldAt
    if (ready < BLOCK_BYTES && !isLast) return
    await write(writer.bytes.subarray(0, ready))
    this.#recordAt = -1
    if (this.#heldAt < 0) writer.clear()
    else {
      writer.bytes.copy(writer.bytes, 0, ready, writer.length)
      writer.length -= ready
      this.#heldAt = 0
    }
  }

  #spill(): void {
    const { writer } = this
    if (writer.length - this.#heldAt <= HELD_BYTES_MAX) return
    this.#held ??= this.#keep()
    this.#held.append(writer.bytes.subarray(this.#heldAt, writer.length))
    writer.length = this.#heldAt
  }
}

/** Writes a part to `out`, pausing whenever there is something to take. */
function* steps(out: ByteWriter, part: Part): Generator<void, void, void> {
  if (part.kind === 'bytes') {
    out.put(part.bytes)
    yield
  } else if (part.kind === 'value') yield* putValue(out, part.value)
  else if (part.kind === 'close') part.value.keep.close()
  else {
    const { keep, fieldsFrom } = part
    const fields = new FieldsForm(out)
    let at = 0
    for (const block of keep.blocks()) {
      const plain = Math.min(block.length, Math.max(0, (fieldsFrom ?? Number.POSITIVE_INFINITY) - at))
      out.put(block.subarray(0, plain))
      fields.push(block.subarray(plain))
      at += block.length
      yield
    }
    keep.close()
  }
}

/** Writes a long value as JSON, pausing after each block. */
function* putValue(out: ByteWriter, value: KeptValue): Generator<void, void, void> {
  const { isText, keep } = value
  const [open, close] = around(isText)
  out.put(open)
  for (const block of keep.blocks()) {
    if (isText) putEscaped(out, block)
    else putBase64(out, block)
    yield
  }
  out.put(close)
  yield
}
