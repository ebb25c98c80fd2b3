/**
 * LongBytes: what we say of a byte string that is too long to hold: how long, how it begins, what it hashes
 * to.
 *
 * A bulk may have 512 MiB and more, a JavaScript string at most 2^29 - 24 chars, a proxy 150 MB of memory in
 * all. So a long value passes by in slices and leaves this behind.
 */
import { createHash, type Hash } from 'node:crypto'
import { type ByteString, byteString } from './byte-string.ts'

export type LongBytes = {
  /** Whole length in bytes. */
  readonly bytes: number
  /** The first bytes. */
  readonly preview: ByteString
  /** SHA-256 of the whole in hex; undefined where nobody asked for it. */
  readonly sha256: string | undefined
}

/** A byte string, or the description of one too long to hold. */
export type MaybeLong = ByteString | LongBytes

const PREVIEW_BYTES = 64

/** Describes one long value from the slices that pass by. */
export class LongBytesReader {
  #preview: ByteString = '' as ByteString
  #bytes = 0
  readonly #hash: Hash | undefined

  constructor(hashed: boolean) {
    this.#hash = hashed ? createHash('sha256') : undefined
  }

  /** @param slice borrowed */
  add(slice: Buffer): void {
    const missing = PREVIEW_BYTES - this.#preview.length
    if (missing > 0) this.#preview = (this.#preview + byteString(slice, 0, missing)) as ByteString
    this.#bytes += slice.length
    this.#hash?.update(slice)
  }

  finish(): LongBytes {
    return { bytes: this.#bytes, preview: this.#preview, sha256: this.#hash?.digest('hex') }
  }
}

/** Length in bytes of either form. */
export function lengthOf(value: MaybeLong): number {
  return typeof value === 'string' ? value.length : value.bytes
}

/** The beginning of either form: the whole of a held value. */
export function beginningOf(value: MaybeLong): ByteString {
  return typeof value === 'string' ? value : value.preview
}
