/**
 * The memory of a program that reads runs of records, and the part of the window that it sees.
 *
 *   own │ input, a copy of what is next in the window │ slack │ inflated │ slack │ output …
 *
 * Copying costs a hundredth of the reading. A block that was copied stays useful when a record in its middle
 * was left to the grammar: what follows that record is still here. Loads and copies of eight bytes may touch
 * the slack.
 */
import type { ByteSource } from '../../bytes/byte-source.ts'

const SLACK = 64
/** For tables and texts of the program. */
export const OWN_BYTES = 16 * 1024
/** A record that is longer is left to the grammar. */
const INPUT_BYTES = 128 * 1024
export const INFLATED_MAX = 256 * 1024
export const INPUT = OWN_BYTES
export const INFLATED = INPUT + INPUT_BYTES + SLACK
export const OUTPUT = INFLATED + INFLATED_MAX + SLACK
/** With less than this left of a block, the next one is copied instead. */
const WORTH_KEEPING = 8 * 1024

const PAGE = 64 * 1024

/** Pages of a memory with room for so many bytes of output. */
export function pagesFor(outputBytes: number): number {
  return Math.ceil((OUTPUT + outputBytes + SLACK) / PAGE)
}

export class RunInput {
  readonly #memory: Buffer
  /** Position in the stream of the first byte of the block. */
  #position = 0
  #size = 0

  constructor(memory: Buffer) {
    this.#memory = memory
  }

  /** The address behind the last byte of the block. */
  get end(): number {
    return INPUT + this.#size
  }

  /** Makes what is next in the window visible. Returns its address; `end` says how far it goes. */
  load(src: ByteSource): number {
    const offset = src.position - this.#position
    const isHere = offset >= 0 && offset < this.#size
    const seenTo = this.#position + this.#size
    const isAll = seenTo >= src.positionOf(src.limit)
    if (isHere && (isAll || this.#size - offset >= WORTH_KEEPING)) return INPUT + offset
    this.#position = src.position
    this.#size = Math.min(src.available, INPUT_BYTES)
    this.#memory.set(src.bytes.subarray(src.index, src.index + this.#size), INPUT)
    return INPUT
  }
}
