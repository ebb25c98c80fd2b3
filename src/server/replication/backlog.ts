/**
 * Backlog: the last bytes of the replication stream, kept for replicas that come back, and shared by those
 * that are behind.
 *
 *     first                                               offset
 *       ▼                                                   ▼
 *       [ block ████████][ block ████████][ block ███      ]
 *                              ▲                   ▲
 *                              cursor: a replica   cursor: another       each is a number, not a copy
 *
 * It grows by blocks and is trimmed by whole blocks, never below `repl-backlog-size` and never past a block
 * that a cursor still needs: a slow replica costs memory until its own output limit cuts it off.
 * Blocks are written once and never used again, so a slice of one may wait in a socket.
 *
 * Sizes of blocks and moments of trimming are Redis's own (with its allocator), so that the same stream
 * leaves the same first byte.
 *
 * Source: redis 7.0 `src/replication.c`, feedReplicationBuffer, incrementalTrimReplicationBacklog.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { BacklogWindow } from './history.ts'

/** Smaller sizes are raised to it. */
const SIZE_MIN = 16 * 1024
const BLOCK_MIN = 16 * 1024
/** A large piece gets a block of its own, but none is larger than this share of the backlog. */
const BLOCK_SHARE = 16
/** What Redis keeps in front of a block's bytes, and to find it. */
const BLOCK_HEAD = 40
const LIST_NODE = 24
const TRIM_AT_ONCE = 64

/** A place in the stream somebody reads from. */
export type Cursor = {
  /** The next byte it wants. */
  offset: number
}

type Block = { readonly start: number; readonly bytes: Buffer; used: number }

export class Backlog {
  readonly #blocks: Block[] = []
  readonly #cursors = new Set<Cursor>()
  #size: number
  #sizeBytes = 0
  /** Blocks that were ever added. */
  added = 0
  #isActive = false
  #end = 1

  constructor(size: number) {
    this.#size = Math.max(size, SIZE_MIN)
  }

  get isActive(): boolean {
    return this.#isActive
  }

  /** What it holds; undefined while there is none. */
  get window(): BacklogWindow | undefined {
    if (!this.#isActive) return undefined
    const first = this.#blocks[0]?.start ?? this.#end
    return { first, length: this.#end - first }
  }

  /** Memory of its blocks. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** It begins, empty, behind byte number `offset`. */
  open(offset: number): void {
    this.#drop()
    this.#end = offset + 1
    this.#isActive = true
  }

  /** It is given up. */
  close(): void {
    this.#drop()
    this.#cursors.clear()
    this.#isActive = false
  }

  #drop(): void {
    this.#blocks.length = 0
    this.#sizeBytes = 0
  }

  resize(size: number): void {
    this.#size = Math.max(size, SIZE_MIN)
    this.#trim(TRIM_AT_ONCE)
  }

  /** Trims what could not be trimmed before; to be called now and then. */
  tidy(): void {
    this.#trim(10 * TRIM_AT_ONCE)
  }

  /** Bytes of the stream. A piece counts as one when a block must be added for it. */
  append(piece: ByteString | Buffer): void {
    const tail = this.#blocks.at(-1)
    let done = 0
    if (tail !== undefined) done = fill(tail, piece, 0)
    this.#end += done
    let isLonger = false
    while (done < piece.length) {
      const block = this.#addBlock(piece.length - done)
      const count = fill(block, piece, done)
      done += count
      this.#end += count
      isLonger = true
    }
    if (isLonger) this.#trim(TRIM_AT_ONCE)
  }

  /** Somebody reads from byte number `offset` on, which the backlog holds or will hold next. */
  cursor(offset: number): Cursor {
    const cursor = { offset }
    this.#cursors.add(cursor)
    return cursor
  }

  /** It reads no longer. */
  release(cursor: Cursor): void {
    if (this.#cursors.delete(cursor)) this.#trim(TRIM_AT_ONCE)
  }

  /** Bytes in front of a cursor. */
  behind(cursor: Cursor): number {
    return this.#end - cursor.offset
  }

  /** What is kept for a cursor: all blocks from the one it reads on. */
  keptFor({ offset }: Cursor): { readonly blocks: number; readonly bytes: number } {
    const blocks = this.#blocks
    const last = blocks.at(-1)
    if (last === undefined) return { blocks: 0, bytes: 0 }
    const from = this.#indexOf(offset)
    const count = blocks.length - from
    const overhead = count * (BLOCK_HEAD + LIST_NODE)
    return { blocks: count, bytes: last.start + last.bytes.length - blocks[from]!.start + overhead }
  }

  /** The next bytes for a cursor, which moves on; undefined where it has all. The slice stays as it is. */
  read(cursor: Cursor): Buffer | undefined {
    if (cursor.offset >= this.#end) return undefined
    const block = this.#blocks[this.#indexOf(cursor.offset)]!
    const slice = block.bytes.subarray(cursor.offset - block.start, block.used)
    cursor.offset += slice.length
    return slice
  }

  /** Of the block that holds this byte, or will. */
  #indexOf(offset: number): number {
    const blocks = this.#blocks
    let low = 0
    let high = blocks.length - 1
    if (offset >= blocks[high]!.start) return high
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (blocks[middle]!.start <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  #addBlock(wanted: number): Block {
    const limit = Math.max(Math.floor(this.#size / BLOCK_SHARE), BLOCK_MIN)
    const size = Math.min(Math.max(wanted, BLOCK_MIN), limit)
    const bytes = Buffer.allocUnsafeSlow(allocated(size + BLOCK_HEAD) - BLOCK_HEAD)
    const block = { start: this.#end, bytes, used: 0 }
    this.#blocks.push(block)
    this.#sizeBytes += takenBy(block)
    this.added++
    return block
  }

  #trim(most: number): void {
    const blocks = this.#blocks
    let needed = this.#end
    for (const { offset } of this.#cursors) needed = Math.min(needed, offset)
    let count = 0
    let length = this.window?.length ?? 0
    while (length > this.#size && count < most && count < blocks.length - 1) {
      const { start, used } = blocks[count]!
      if (needed < start + used || length - used <= this.#size) break
      length -= used
      count++
    }
    for (const block of blocks.splice(0, count)) this.#sizeBytes -= takenBy(block)
  }
}

function takenBy({ bytes }: Block): number {
  return bytes.length + BLOCK_HEAD + LIST_NODE
}

/** Copies what fits of `piece` from `done` on. @returns how much it was */
function fill(block: Block, piece: ByteString | Buffer, done: number): number {
  const room = block.bytes.length - block.used
  const count = Math.min(room, piece.length - done)
  if (count === 0) return 0
  if (typeof piece === 'string') {
    const part = count === piece.length ? piece : piece.slice(done, done + count)
    block.bytes.write(part, block.used, count, 'latin1')
  } else piece.copy(block.bytes, block.used, done, done + count)
  block.used += count
  return count
}

/** The size class in which jemalloc serves a request: four to each doubling. */
function allocated(size: number): number {
  const step = 2 ** (Math.floor(Math.log2(size - 1)) - 2)
  return Math.ceil(size / step) * step
}
