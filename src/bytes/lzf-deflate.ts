/**
 * LZF compression, deciding as liblzf decides, so that equal input gives equal bytes.
 *
 *   000LLLLL  L+1 literals       1 … 32 bytes follow
 *   LLLooooo oooooooo            copy L+2 bytes (L 1 … 6) from o+1 back
 *   111ooooo LLLLLLLL oooooooo   copy L+9 bytes from o+1 back
 *
 * One candidate per position: a table of 65,536 slots, indexed by a hash of the next three bytes, holds the
 * last position seen with that hash. A candidate counts when it lies within 8,192 bytes, is not position 0,
 * and its three bytes are equal. Behind a match only the last two of the skipped positions are entered.
 * (liblzf need not clear its table between calls, and might by that luck find a match more. In 60,000 strings
 * compressed by six servers it never did: the bytes were equal.)
 *
 * Clearing 256 KiB for every short string would cost more than compressing it. Here positions grow from call
 * to call instead, so that what earlier calls left in the table lies before the input, which is "absent".
 *
 * Source: the LZF format and the default configuration of liblzf (`lzf_c.c`, HLOG 16, VERY_FAST), as used by
 * redis `src/rdb.c`, rdbSaveLzfStringObject.
 */
const HASH_BITS = 16
const SLOTS = 1 << HASH_BITS
const LITERALS_MAX = 32
const DISTANCE_MAX = 8192
const COPY_MAX = 264
/** Below this many bytes left, liblzf ends a match on a boundary of its unrolled loop; see matchEnd. */
const UNROLLED = 16
/** Positions start again from 0, in a cleared table, before they would leave 31 bits. */
const POSITION_MAX = 0x7fff_ffff

const EMPTY = Buffer.alloc(0)
const KEPT_MAX = 1024 * 1024

export class LzfDeflater {
  #slots: Int32Array | undefined
  #base = 0
  #output: Buffer = EMPTY

  /**
   * Compresses `input[start..end)` into at most `room` bytes.
   * @returns the compressed bytes, borrowed until the next call; or undefined where they do not fit.
   *   Like liblzf it gives up a few bytes early rather than late.
   */
  deflate(input: Buffer, start: number, end: number, room: number): Buffer | undefined {
    const size = end - start
    if (size === 0 || room <= 0) return undefined
    if (size > POSITION_MAX) return undefined
    if (this.#slots === undefined || size > POSITION_MAX - this.#base) {
      this.#slots = new Int32Array(SLOTS).fill(-1)
      this.#base = 0
    }
    if (this.#output.length < room + LITERALS_MAX) this.#output = Buffer.allocUnsafeSlow(room + LITERALS_MAX)
    const output = this.#output
    const written = compress(input, { start, end, base: this.#base - start }, output, room, this.#slots)
    this.#base += size
    if (output.length > KEPT_MAX) this.#output = EMPTY
    return written === 0 ? undefined : output.subarray(0, written)
  }
}

/** `base` added to an index of the input gives its position, which is what the table holds. */
type Span = { readonly start: number; readonly end: number; readonly base: number }

function compress(input: Buffer, span: Span, output: Buffer, room: number, slots: Int32Array): number {
  const { start, end, base } = span
  const last = end - 2
  let at = start
  // output[run] is the control byte of the literals now being copied; they end at `to`.
  let run = 0
  let to = 1
  let hash = at + 1 < end ? (input[at]! << 8) | input[at + 1]! : 0
  while (at < last) {
    hash = ((hash << 8) | input[at + 2]!) & 0xffffff
    const slot = ((hash >>> (24 - HASH_BITS)) - hash * 5) & (SLOTS - 1)
    const from = slots[slot]! - base
    slots[slot] = at + base
    if (from > start && at - from <= DISTANCE_MAX && sameThree(input, from, at)) {
      // The control byte of an empty run is not kept, so it is not counted either.
      if ((to === run + 1 ? run : to) + 4 >= room) return 0
      if (to === run + 1) to = run
      else output[run] = to - run - 2
      const length = matchEnd(input, from, at, end) - at
      to = putCopy(output, to, length, at - from - 1)
      run = to++
      at += length
      if (at >= last) break
      hash = enter(input, at - 2, base, slots)
      hash = enter(input, at - 1, base, slots)
    } else {
      if (to >= room) return 0
      output[to++] = input[at++]!
      if (to - run - 1 === LITERALS_MAX) {
        output[run] = LITERALS_MAX - 1
        run = to++
      }
    }
  }
  if (to + 3 > room) return 0
  while (at < end) {
    output[to++] = input[at++]!
    if (to - run - 1 === LITERALS_MAX) {
      output[run] = LITERALS_MAX - 1
      run = to++
    }
  }
  if (to === run + 1) return run
  output[run] = to - run - 2
  return to
}

/** Enters one position into the table. Returns its hash state: the three bytes there. */
function enter(input: Buffer, at: number, base: number, slots: Int32Array): number {
  const hash = (input[at]! << 16) | (input[at + 1]! << 8) | input[at + 2]!
  slots[((hash >>> (24 - HASH_BITS)) - hash * 5) & (SLOTS - 1)] = at + base
  return hash
}

function sameThree(input: Buffer, a: number, b: number): boolean {
  return input[a] === input[b] && input[a + 1] === input[b + 1] && input[a + 2] === input[b + 2]
}

/**
 * The index behind the match at `at`. liblzf keeps two bytes in reserve before the end, except that it
 * always compares in steps: three bytes where few are left, nineteen where enough are left for a step.
 */
function matchEnd(input: Buffer, from: number, at: number, end: number): number {
  const left = Math.min(end - at - 2, COPY_MAX)
  const limit = at + Math.max(left, left > UNROLLED ? UNROLLED + 3 : 3)
  let index = at + 3
  for (let other = from + 3; index < limit && input[other] === input[index]; other++) index++
  return index
}

/** Writes a copy of `length` bytes from `distance + 1` back. Returns the index behind it. */
function putCopy(output: Buffer, to: number, length: number, distance: number): number {
  const rest = length - 2
  if (rest < 7) output[to++] = (rest << 5) | (distance >>> 8)
  else {
    output[to++] = (7 << 5) | (distance >>> 8)
    output[to++] = rest - 7
  }
  output[to++] = distance
  return to
}
