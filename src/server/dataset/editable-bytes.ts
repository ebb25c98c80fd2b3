/**
 * EditableBytes: a string that is changed in place, with room behind it.
 *
 *   #room   [ value … | zeros … ]         grows by doubling, so ten thousand SETBITs do not copy ten thousand
 *           0         length              times
 *
 * What is short is copied for a reply; what is long is lent, and the next edit then works on a copy: a reply
 * may be sent long after it was given.
 */
import { type ByteString, byteString } from '../../bytes/byte-string.ts'

/** Up to this many bytes are copied into a reply. */
const COPIED_MAX = 64 * 1024
/** Below this, room doubles; above, it grows by a quarter. */
const DOUBLED_MAX = 16 * 1024 * 1024

export class EditableBytes {
  #room: Buffer
  #length: number
  #isLent = false

  /** @param bytes ours from now on */
  constructor(bytes: Buffer) {
    this.#room = bytes
    this.#length = bytes.length
  }

  get length(): number {
    return this.#length
  }

  get roomBytes(): number {
    return this.#room.length
  }

  /** Borrowed until the next edit. */
  get bytes(): Buffer {
    return this.#room.subarray(0, this.#length)
  }

  byteAt(index: number): number {
    return this.#room[index]!
  }

  /** Bytes start … end (exclusive, within the value): nobody will change them. */
  range(start: number, end: number): ByteString | Buffer {
    if (end - start <= COPIED_MAX) return byteString(this.#room, start, end)
    this.#isLent = true
    return this.#room.subarray(start, end)
  }

  /**
   * Makes it at least `length` bytes long (zeros behind) and gives its bytes, to be changed before the next
   * call.
   */
  edit(length: number): Buffer {
    const size = this.#room.length
    if (length > size || this.#isLent) {
      const grown = size * (size < DOUBLED_MAX ? 2 : 1.25)
      const room = Buffer.alloc(length > size ? Math.max(length, Math.floor(grown)) : size)
      this.#room.copy(room, 0, 0, this.#length)
      this.#room = room
      this.#isLent = false
    }
    this.#length = Math.max(length, this.#length)
    return this.bytes
  }

  /** Cuts off what lies behind `length` bytes. */
  truncate(length: number): void {
    this.edit(0).fill(0, length)
    this.#length = length
  }
}
