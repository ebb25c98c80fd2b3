/**
 * LZF, the reading half: the compression inside snapshots.
 *
 *   000nnnnn                      n+1 literal bytes follow
 *   lllddddd dddddddd             copy l+2 bytes from d+1 bytes back           (l = 1 … 6)
 *   111ddddd llllllll dddddddd    copy l+9 bytes from d+1 bytes back           (may overlap itself)
 *
 * An instruction reads at most 33 bytes and writes at most 264; a reference reaches at most 8,192 bytes back.
 * So a small ring inflates a value of any size, and no honest input grows more than 88-fold: a length that
 * promises more is a lie, told before a byte is allocated for it.
 *
 * Not done here: compression (lzf-deflate.ts).
 * Source: liblzf by Marc Lehmann as in redis `src/lzf_d.c`.
 */
import type { ByteSource } from './byte-source.ts'
import { LzfMachine, MACHINE_INPUT_MAX, MACHINE_OUTPUT_MAX } from './lzf-machine.ts'
import { Malformed } from './resumable.ts'

const EMPTY = Buffer.alloc(0)
const INSTRUCTION_MAX = 33
const COPY_MAX = 264
const DISTANCE_MAX = 8192
const EXPANSION_MAX = 88
/** From here on one memmove beats a loop: measured, 16 ns against 1 ns a byte. */
const MOVE_MIN = 24
/** What the streaming form collects before it passes it on. */
const BLOCK = 64 * 1024

/**
 * Whether `packed` bytes can inflate to `size` bytes at all: an instruction writes half of what it reads or
 * more.
 */
export function isPlausibleLzf(packed: number, size: number): boolean {
  return size > 0 && size <= packed * EXPANSION_MAX && packed <= size * 2
}

/** Where an Inflater stands: `at` is the next instruction in the input, `filled` the end of the output. */
export class Inflater {
  at = 0
  filled = 0

  /**
   * Runs the instructions in input[at..end), writing to output[filled..room), until the input ends or the
   * next instruction does not fit either of them. Returns false on a reference to before the output's
   * beginning.
   */
  run(input: Buffer, end: number, output: Buffer, room: number): boolean {
    let at = this.at
    let filled = this.filled
    let good = true
    while (at < end) {
      const control = input[at]!
      if (control < 32) {
        const stop = at + control + 2
        if (stop > end || filled + control + 1 > room) break
        for (at++; at < stop; at++) output[filled++] = input[at]!
        continue
      }
      let length = (control >>> 5) + 2
      let low = at + 1
      if (length === 9) {
        if (low >= end) break
        length += input[low++]!
      }
      if (low >= end || filled + length > room) break
      let from = filled - (((control & 31) << 8) | input[low]!) - 1
      if (from < 0) {
        good = false
        break
      }
      at = low + 1
      const stop = filled + length
      if (length >= MOVE_MIN && stop - filled <= filled - from) {
        output.copyWithin(filled, from, from + length)
        filled = stop
      } else while (filled < stop) output[filled++] = output[from++]!
    }
    this.at = at
    this.filled = filled
    return good
  }
}

/**
 * Inflates complete strings, one after the other, into memory of its own.
 *
 * Small ones, which come by the hundred thousand, are copied eight bytes at a time by a machine made for it
 * (lzf-machine.ts); large ones by the loop above, which needs no copy of them.
 */
export class LzfScratch {
  /** The inflated string is at the beginning, until the next call. */
  bytes: Buffer = EMPTY
  readonly #inflater = new Inflater()
  #machine: LzfMachine | undefined
  #large: Buffer = EMPTY

  /**
   * Inflates input[start..end) to exactly `size` bytes. Returns -1, or the index in `input` of the first
   * instruction that is wrong (`end` when one is missing).
   */
  inflate(input: Buffer, start: number, end: number, size: number): number {
    if (end - start <= MACHINE_INPUT_MAX && size <= MACHINE_OUTPUT_MAX) {
      this.#machine ??= new LzfMachine()
      this.bytes = this.#machine.output
      return this.#machine.inflate(input, start, end, size)
    }
    if (this.#large.length < size) this.#large = Buffer.allocUnsafeSlow(powerOfTwo(size))
    this.bytes = this.#large
    const inflater = this.#inflater
    inflater.at = start
    inflater.filled = 0
    const good = inflater.run(input, end, this.#large, size)
    return good && inflater.at === end && inflater.filled === size ? -1 : inflater.at
  }
}

function powerOfTwo(size: number): number {
  return 2 ** Math.ceil(Math.log2(size))
}

/**
 * Whether input[start..end) inflates to exactly `size` bytes, without inflating it: a quarter of the work.
 * Returns -1, or the index of the first instruction that is wrong, as LzfScratch does.
 */
export function checkLzf(input: Buffer, start: number, end: number, size: number): number {
  let at = start
  let filled = 0
  while (at < end) {
    const control = input[at]!
    let next = at + 2
    if (control < 32) {
      next += control
      filled += control + 1
    } else {
      let length = (control >>> 5) + 2
      if (length === 9) {
        if (next > end) return at
        length += input[at + 1]!
        next++
      }
      if (next > end || ((control & 31) << 8) + input[next - 1]! >= filled) return at
      filled += length
    }
    if (next > end || filled > size) return at
    at = next
  }
  return filled === size ? -1 : at
}

/**
 * The same for a value too long to hold: reads `packed` bytes from `src` and hands the inflated bytes to
 * `take` in borrowed blocks of at most 64 KiB, `size` bytes in all.
 */
export function* inflating(
  src: ByteSource,
  packed: number,
  size: number,
  take: (block: Buffer) => void,
): Generator<void, void, void> {
  const inflater = new Inflater()
  const output = Buffer.allocUnsafe(DISTANCE_MAX + BLOCK + COPY_MAX)
  let passed = 0
  let total = 0
  for (let left = packed; left > 0; ) {
    const wanted = Math.min(left, INSTRUCTION_MAX)
    while (src.available < wanted) {
      src.wants(wanted)
      yield
    }
    const from = src.index
    const before = inflater.filled
    inflater.at = from
    const end = Math.min(src.limit, from + left)
    const good = inflater.run(src.bytes, end, output, Math.min(output.length, before + size - total))
    src.index = inflater.at
    left -= inflater.at - from
    total += inflater.filled - before
    const isFull = output.length - inflater.filled < COPY_MAX
    if (!good || (inflater.at === from && !isFull)) throw badLzf(src.position, total)
    if (isFull || left === 0) {
      take(output.subarray(passed, inflater.filled))
      passed = Math.min(inflater.filled, DISTANCE_MAX)
      output.copyWithin(0, inflater.filled - passed, inflater.filled)
      inflater.filled = passed
    }
  }
  if (total !== size) throw badLzf(src.position, total)
}

/** @param position of the instruction in the input. @param reached bytes that were inflated before it. */
export function badLzf(position: number, reached?: number): Malformed {
  const after = reached === undefined ? '' : ` after ${reached} bytes`
  return new Malformed('LZF_MALFORMED', `compressed string does not inflate to its length${after}`, position)
}
