/**
 * ByteSource: pushed chunks as one window that a decoder reads from.
 *
 *      pushed earlier, unread          pushed now (borrowed)
 *   ┌───────────────────────┐   ┌──────────────────────────────────────┐
 *   │ carry (owned)         │ + │ chunk                                │
 *   └───────────────────────┘   └──────────────────────────────────────┘
 *        index ▲                                                limit ▲
 *
 * A chunk is read where it lies. Only what a decoder could not finish is copied (into `carry`) before
 * push() returns, because the owner of the chunk may then use its memory again. When the next chunk comes,
 * its beginning is copied behind the carry, just enough to finish what was begun; then the window moves to
 * the chunk itself. So a byte is copied at most twice, whatever the size of chunks and values.
 *
 * A primitive consumes or declines: it returns undefined, consumes nothing and records in `need` how many
 * bytes (from `index`) would satisfy it. Nothing is allocated for bytes that are promised but not here:
 * the carry grows by doubling with what really arrived.
 *
 * Not done here: any grammar, any limit. Who waits for many bytes decides how many it is willing to wait for.
 */
const EMPTY = Buffer.alloc(0)
const FIRST_JOIN = 512
const CARRY_MIN = 4 * 1024
/** A carry larger than this is given back as soon as it is read out. */
const CARRY_KEPT = 256 * 1024

export class ByteSource {
  /** The window: bytes[index..limit) are unread. Borrowed: valid until the decoder's push() returns. */
  bytes: Buffer = EMPTY
  index = 0
  limit = 0
  /** Unread bytes that are wanted before the program is resumed; set by whoever declines. */
  need = 1
  /** True once end() was called: what is not here now never comes. */
  ended = false

  /** Stream position of bytes[0]. */
  #base = 0
  #carry: Buffer = EMPTY
  #chunk: Buffer | undefined
  /** While reading the carry: how much of its unread part is older than the chunk, as a window index. */
  #joint = 0
  /** While reading the carry: bytes of the chunk already copied behind it. */
  #copied = 0

  /** Position in the stream of the next unread byte. */
  get position(): number {
    return this.#base + this.index
  }

  get available(): number {
    return this.limit - this.index
  }

  /** Stream position of a window index. */
  positionOf(index: number): number {
    return this.#base + index
  }

  /** Hands over a chunk. It is borrowed until release(). */
  push(chunk: Buffer): void {
    const rest = this.limit - this.index
    this.#chunk = chunk
    if (rest === 0) {
      this.#moveTo(chunk, 0)
      return
    }
    this.#joint = this.limit
    this.#copied = 0
    this.#join(Math.max(FIRST_JOIN, this.need - rest))
  }

  /**
   * Makes more of the present chunk visible, if there is more.
   * Returns false when all that was pushed is in the window.
   */
  refill(): boolean {
    const chunk = this.#chunk
    if (chunk === undefined || this.bytes === chunk) return false
    if (this.index >= this.#joint) {
      this.#moveTo(chunk, this.index - this.#joint)
      return this.index < this.limit
    }
    if (this.#copied === chunk.length) return false
    this.#join(Math.max(this.#copied, this.need - this.available))
    return true
  }

  /** Takes what is unread out of the borrowed chunk. After this the chunk may be overwritten. */
  release(): void {
    const chunk = this.#chunk
    if (chunk === undefined) return
    if (this.bytes === chunk) {
      const rest = this.limit - this.index
      this.#base += this.index
      if (rest > 0) {
        this.#reserve(rest)
        chunk.copy(this.#carry, 0, this.index, this.limit)
      } else if (this.#carry.length > CARRY_KEPT) this.#carry = EMPTY
      this.bytes = this.#carry
      this.index = 0
      this.limit = rest
    }
    this.#chunk = undefined
  }

  /** Drops all that was pushed and moves on by `missing` bytes that will never come (a hole in a capture). */
  skip(missing = 0): void {
    const chunk = this.#chunk
    const unseen = chunk === undefined || this.bytes === chunk ? 0 : chunk.length - this.#copied
    this.#base = this.position + this.available + unseen + missing
    this.bytes = this.#carry
    this.index = 0
    this.limit = 0
    this.#chunk = undefined
  }

  // --- primitives: consume or decline ---------------------------------------------------------------

  /** Declines: `need` unread bytes are wanted. Always returns undefined. */
  wants(need: number): undefined {
    this.need = need
    return undefined
  }

  /** The next byte without consuming it. */
  peek(): number | undefined {
    return this.index < this.limit ? this.bytes[this.index] : this.wants(1)
  }

  u8(): number | undefined {
    return this.index < this.limit ? this.bytes[this.index++] : this.wants(1)
  }

  /** Exactly `length` bytes as a borrowed slice. Wait only for lengths that you are willing to hold. */
  take(length: number): Buffer | undefined {
    if (this.limit - this.index < length) return this.wants(length)
    const start = this.index
    this.index = start + length
    return this.bytes.subarray(start, this.index)
  }

  /** Whatever is here, at most `length` bytes, as a borrowed slice; for values too long to hold. */
  skim(length: number): Buffer | undefined {
    const size = Math.min(length, this.limit - this.index)
    return size > 0 ? this.take(size) : this.wants(1)
  }

  // ---------------------------------------------------------------------------------------------------

  #moveTo(chunk: Buffer, index: number): void {
    this.#base = this.position - index
    this.bytes = chunk
    this.index = index
    this.limit = chunk.length
  }

  /** Copies `size` further bytes of the chunk (or all that are left) behind the carry. */
  #join(size: number): void {
    const chunk = this.#chunk as Buffer
    const part = Math.min(size, chunk.length - this.#copied)
    this.#reserve(part)
    chunk.copy(this.#carry, this.limit, this.#copied, this.#copied + part)
    this.#copied += part
    this.limit += part
  }

  /** Makes room for `extra` bytes behind the unread part of the carry, which is the window or will be. */
  #reserve(extra: number): void {
    if (this.bytes !== this.#carry) {
      if (this.#carry.length < extra) this.#carry = Buffer.allocUnsafeSlow(capacity(extra))
      return
    }
    if (this.#carry.length - this.limit >= extra) return
    const rest = this.limit - this.index
    const old = this.#carry
    if (old.length < rest + extra) this.#carry = Buffer.allocUnsafeSlow(capacity(rest + extra))
    old.copy(this.#carry, 0, this.index, this.limit)
    this.#base += this.index
    this.#joint -= this.index
    this.bytes = this.#carry
    this.limit = rest
    this.index = 0
  }
}

function capacity(size: number): number {
  let room = CARRY_MIN
  while (room < size) room *= 2
  return room
}
