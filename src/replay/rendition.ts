/**
 * Rendition: a chapter as the bytes a master sends now, from its snapshot or from an offset on.
 *
 *   recorded pieces of all its connections, in file order ─► takeSnapshot(), takeStream() ─► what to send
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

  /**
   * A replica finds the mark only where it ends what it has read: nothing may follow before it has
   * acknowledged.
   * Source: redis `src/replication.c`, readSyncBulkPayload and repl_put_online_on_ack.
   */
  get endsWithMark(): boolean {
    const { end, behind } = this.chapter.snapshot
    return behind > end && !this.#byLength
  }

  /** What to send of a piece before the stream (borrowed), the snapshot above all; mostly nothing. */
  takeSnapshot({ conn, side, from, bytes }: RecordedBytes): Buffer {
    const { snapshot } = this.chapter
    const position = this.#position
    if (position === undefined || side !== 'master' || conn !== this.chapter.conn) return NOTHING
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

  /** What to send of a piece when the stream has begun (borrowed). */
  takeStream({ conn, side, from, bytes }: RecordedBytes): Buffer {
    if (this.#position !== undefined || side !== 'master') return NOTHING
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
