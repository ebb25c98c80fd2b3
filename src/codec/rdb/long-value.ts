/**
 * A string too long to hold, told by its length, its beginning and a hash.
 *
 * The hash is CRC-64, the one snapshots end with: it runs at the speed of the walk, needs no library, and
 * the chance that two different values agree by accident is 2^-64. It does not withstand forgery, and need
 * not: it serves to compare values of one's own servers.
 */
import type { ByteSource } from '../../bytes/byte-source.ts'
import { type ByteString, byteString } from '../../bytes/byte-string.ts'
import { Crc64 } from '../../bytes/crc64.ts'
import { inflating } from '../../bytes/lzf.ts'
import type { ElementCursor } from '../packed/cursor.ts'
import type { LongValue } from './events.ts'

/** Enough to recognise a value on one line of a terminal. */
const PREVIEW_BYTES = 64

/**
 * Consumes the string whose head `cursor` just read (LONG), block by block.
 * @param take sees each block, borrowed.
 */
export function* longBytes(
  cursor: ElementCursor,
  take: (block: Buffer) => void,
): Generator<void, void, void> {
  // Any window that declines is a ByteSource; a complete blob holds the whole string.
  const src = cursor.window as ByteSource
  const { length, packed } = cursor
  if (packed > 0) {
    yield* inflating(src, packed, length, take)
    return
  }
  for (let left = length; left > 0; ) {
    const size = Math.min(left, src.limit - src.index)
    if (size === 0) {
      src.wants(1)
      yield
      continue
    }
    take(src.bytes.subarray(src.index, src.index + size))
    src.index += size
    left -= size
  }
}

/** Collects a LongValue from its blocks. */
export class LongText {
  readonly #crc = new Crc64()
  #bytes = 0
  #preview = ''

  add(block: Buffer): void {
    if (this.#bytes < PREVIEW_BYTES) this.#preview += byteString(block, 0, PREVIEW_BYTES - this.#bytes)
    this.#crc.update(block)
    this.#bytes += block.length
  }

  value(): LongValue {
    return { bytes: this.#bytes, preview: this.#preview as ByteString, hash: this.#crc.hex() }
  }
}
