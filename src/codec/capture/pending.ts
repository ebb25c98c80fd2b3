/**
 * Pending: bytes of one direction that arrived before those in front of them.
 *
 *   position  ──┤ delivered      hole      [from … to)   [from … to)      hole   [from … to)
 *
 * Pieces are sorted and never overlap: a byte that is here already is not taken again, only compared.
 * A piece may end in bytes that the capture cut off (`lostTo`). Positions are those of the stream, plain
 * numbers that do not wrap. Memory is charged to a budget that all streams share.
 */
export type Piece = {
  readonly from: number
  readonly to: number
  /** The bytes from..to, owned. */
  readonly bytes: Buffer
  /** Behind `to`: bytes that were sent and not captured. */
  readonly lostTo: number
}

/** What waits, in all connections together, in bytes. */
export type Budget = { used: number; readonly limit: number }

/** What a piece costs beside its bytes. */
export const PIECE_COST = 256
const NOTHING = Buffer.alloc(0)

export class Pending {
  readonly pieces: Piece[] = []
  /** Memory held, in bytes. */
  cost = 0
  readonly #budget: Budget

  constructor(budget: Budget) {
    this.#budget = budget
  }

  /** Where the first piece begins. */
  get start(): number {
    return this.pieces.length === 0 ? Number.POSITIVE_INFINITY : this.pieces[0]!.from
  }

  /** Where the last piece ends. */
  get end(): number {
    const last = this.pieces.at(-1)
    return last === undefined ? 0 : last.lostTo
  }

  /**
   * Copies what is new of bytes[start..end), standing at `from`.
   * @returns position of the first byte that contradicts an earlier copy, or undefined.
   */
  insert(from: number, bytes: Buffer, start: number, end: number): number | undefined {
    const to = from + end - start
    let index = this.#firstEndingAfter(from)
    let differing: number | undefined
    for (let at = from; at < to; index++) {
      const piece = this.pieces[index]
      const free = Math.min(to, piece?.from ?? to)
      if (free > at) {
        const owned = Buffer.from(bytes.subarray(start + at - from, start + free - from))
        this.#add(index, { from: at, to: free, bytes: owned, lostTo: free })
        at = free
      } else {
        const shared = Math.min(to, piece!.to)
        differing ??= difference(piece!, at, shared, bytes, start - from)
        at = shared
      }
    }
    return differing
  }

  /** Notes that the bytes from..to were cut off by the capture. */
  insertLoss(from: number, to: number): void {
    for (let at = from; at < to; ) {
      const index = this.#firstEndingAfter(at)
      const piece = this.pieces[index]
      if (piece === undefined || piece.from >= at) {
        this.#add(index, { from: at, to: at, bytes: NOTHING, lostTo: to })
        return
      }
      // Another copy has these bytes; only what lies behind it is lost.
      at = piece.to
    }
  }

  /** Gives up the first `count` pieces. */
  drop(count: number): void {
    for (const piece of this.pieces.splice(0, count)) this.#charge(-PIECE_COST - piece.bytes.length)
  }

  #add(index: number, piece: Piece): void {
    this.pieces.splice(index, 0, piece)
    this.#charge(PIECE_COST + piece.bytes.length)
  }

  #charge(bytes: number): void {
    this.cost += bytes
    this.#budget.used += bytes
  }

  #firstEndingAfter(position: number): number {
    let low = 0
    let high = this.pieces.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.pieces[middle]!.to > position) high = middle
      else low = middle + 1
    }
    return low
  }
}

function difference(
  piece: Piece,
  from: number,
  to: number,
  bytes: Buffer,
  shift: number,
): number | undefined {
  for (let at = from; at < to; at++) if (bytes[shift + at] !== piece.bytes[at - piece.from]) return at
  return undefined
}
