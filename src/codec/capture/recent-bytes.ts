/**
 * RecentBytes: the last bytes of a stream, to compare a retransmission with what was sent before.
 *
 *   position  …  end - 16 KiB                       end
 *                 ├── ring, at position mod 16 KiB ──┤
 *
 * A fixed number of rings is shared by all streams, each stream has one place, and whoever used a place
 * last owns it: memory is bounded whatever the number of connections. A comparison that is not possible any
 * more is not made; this serves a notice, not the bytes themselves.
 */
const RING = 16 * 1024
const RINGS = 512

export class RecentBytes {
  readonly #rings: (Ring | undefined)[] = new Array(RINGS).fill(undefined)

  /** Keeps bytes[start..end), which stand at `position` of the stream. */
  remember(stream: number, position: number, bytes: Buffer, start: number, end: number): void {
    const place = stream % RINGS
    const ring = (this.#rings[place] ??= new Ring())
    if (ring.stream !== stream || ring.end !== position) ring.claim(stream, position)
    ring.add(bytes, start, end)
  }

  /**
   * Position of the first remembered byte that differs from bytes[start..end) at `position`; or undefined.
   */
  difference(
    stream: number,
    position: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): number | undefined {
    const ring = this.#rings[stream % RINGS]
    return ring?.stream === stream ? ring.difference(position, bytes, start, end) : undefined
  }
}

class Ring {
  stream = -1
  end = 0
  #held = 0
  readonly #bytes = Buffer.alloc(RING)

  claim(stream: number, position: number): void {
    this.stream = stream
    this.end = position
    this.#held = 0
  }

  add(bytes: Buffer, start: number, end: number): void {
    this.end += end - start
    this.#held = Math.min(RING, this.#held + end - start)
    const from = Math.max(start, end - RING)
    const index = (this.end - (end - from)) % RING
    const untilEdge = Math.min(end - from, RING - index)
    bytes.copy(this.#bytes, index, from, from + untilEdge)
    bytes.copy(this.#bytes, 0, from + untilEdge, end)
  }

  difference(position: number, bytes: Buffer, start: number, end: number): number | undefined {
    const skipped = Math.max(0, this.end - this.#held - position)
    const last = Math.min(end, start + this.end - position)
    for (let i = start + skipped; i < last; i++) {
      const at = position + (i - start)
      if (bytes[i] !== this.#bytes[at % RING]) return at
    }
    return undefined
  }
}
