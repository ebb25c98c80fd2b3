/**
 * Rendition: a chapter as the bytes a master sends now, from its snapshot or from an offset on.
 *
 *   recorded pieces of all its connections, in file order ─► take() ─► what to send of each
 *
 * The snapshot is sent as it was, keep-alives before it included. The stream is joined by offsets: a byte
 * that was recorded twice is sent once. A peer that cannot read a snapshot ending with a mark gets one with
 * its length.
 */
import type { Side } from '../replication/events.ts'
import type { Chapter } from './chapters.ts'

/** A part of what one side of a recorded connection sent. */
export type RecordedBytes = {
  readonly conn: number
  readonly side: Side
  /** Position of the first byte. */
  readonly from: number
  readonly bytes: Buffer
}

const NOTHING = Buffer.alloc(0)

export type RenditionOptions = {
  /** Send the length in front of the snapshot, whatever was recorded. */
  readonly byLength?: boolean
}

export class Rendition {
  readonly chapter: Chapter
  /** Offset behind the last byte of the stream that was given out. */
  offset: number
  /** The next byte to send before the stream; undefined when the stream has begun. */
  #position: number | undefined
  readonly #byLength: boolean

  /** @param from an offset within the chapter; undefined: its snapshot */
  constructor(chapter: Chapter, from: number | undefined, { byLength = false }: RenditionOptions = {}) {
    this.chapter = chapter
    this.offset = from ?? chapter.from
    this.#position = from === undefined ? beginningOf(chapter) : undefined
    this.#byLength = byLength
  }

  get isOver(): boolean {
    return this.#position === undefined && this.offset >= this.chapter.to
  }

  /** The stream has begun. */
  get isStreaming(): boolean {
    return this.#position === undefined
  }

  /** What to send of a piece: nothing, or some of its bytes (borrowed). */
  take(piece: RecordedBytes): Buffer {
    if (piece.side !== 'master') return NOTHING
    const before = this.#takeSnapshot(piece)
    const stream = this.#takeStream(piece)
    if (before.length === 0) return stream
    return stream.length === 0 ? before : Buffer.concat([before, stream])
  }

  #takeSnapshot({ conn, from, bytes }: RecordedBytes): Buffer {
    const { snapshot } = this.chapter
    const position = this.#position
    if (position === undefined || conn !== this.chapter.conn) return NOTHING
    const to = Math.min(from + bytes.length, snapshot.behind)
    if (to <= position) return NOTHING
    this.#position = to === snapshot.behind ? undefined : to
    if (!this.#byLength) return bytes.subarray(position - from, to - from)
    return this.#withLength(bytes, from, position, to)
  }

  #withLength(bytes: Buffer, from: number, position: number, to: number): Buffer {
    const { headerFrom, from: start, end } = this.chapter.snapshot
    const part = (a: number, b: number) =>
      bytes.subarray(Math.max(position, a) - from, Math.max(Math.max(position, a), Math.min(to, b)) - from)
    const hasHeader = position <= headerFrom && to > headerFrom
    const header = hasHeader ? Buffer.from(`$${end - start}\r\n`) : NOTHING
    return Buffer.concat([part(0, headerFrom), header, part(start, end)])
  }

  #takeStream({ conn, from, bytes }: RecordedBytes): Buffer {
    if (this.#position !== undefined) return NOTHING
    for (const part of this.chapter.parts) {
      if (part.conn !== conn) continue
      const first = part.from + Math.max(from, part.position) - part.position
      const last = Math.min(part.from + from + bytes.length - part.position, part.to)
      if (first > this.offset || last <= this.offset) continue
      const start = part.position + this.offset - part.from - from
      const taken = bytes.subarray(start, start + last - this.offset)
      this.offset = last
      return taken
    }
    return NOTHING
  }
}

/** What stands before the snapshot of a second connection is of no use on the only one. */
function beginningOf({ isJoined, snapshot, answerEnd }: Chapter): number {
  return isJoined ? snapshot.headerFrom : answerEnd
}
