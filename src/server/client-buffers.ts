/**
 * ClientBuffers: how large the buffers are that redis-server keeps for a client.
 *
 *   query buffer   16 kB from the first request on; as long as a long argument from its length line on;
 *                  otherwise doubled as it fills; given back when the client has been idle
 *   reply buffer   16 kB at first, then between 1 kB and 16 kB, after the longest reply of late
 *
 * The bytes themselves are in other places here (byte-source.ts, the socket). But a client is charged what
 * it would cost there, so that limits (maxmemory-clients, maxmemory) and CLIENT LIST mean the same.
 *
 * Source: redis 7.0 `src/networking.c` (readQueryFromClient, processMultibulkBuffer), `src/server.c`
 * (clientsCronResizeQueryBuffer, clientsCronResizeOutputBuffer).
 */
import type { Instant } from '../ports.ts'
import { allocated } from './size-class.ts'

/** What is read at once, and the longest reply buffer. */
const READ_BYTES = 16 * 1024
/** What Redis keeps around a string, shorter than 64 kB or longer. */
const SHORT_FRAME = 6
const LONG_FRAME = 10
const SHORT_MAX = 2 ** 16 - 1
/** An argument this long gets the room it needs at once. */
const LONG_ARGUMENT = 32 * 1024
const GROWTH_MAX = 1024 * 1024
/** Less unused room is not worth being given back. */
const WASTE_MAX = 4 * 1024
const IDLE_MICROS = 2_000_000
/** Smaller query buffers are only given back by idle clients. */
const QUERY_KEPT = 32 * 1024
const REPLY_MIN = 1024

/** DEBUG REPLYBUFFER */
export type ReplyBufferRules = {
  resizes: boolean
  /** After how long the longest reply is forgotten; undefined: never. */
  forgetAfterMs: number | undefined
}

export const REPLY_BUFFER_RULES: Readonly<ReplyBufferRules> = { resizes: true, forgetAfterMs: 5000 }

export type ReplyBufferCounts = { replyBufferShrinks: number; replyBufferExpands: number }

export class ClientBuffers {
  queryRoom = 0
  replyRoom = READ_BYTES
  /** The most of the reply buffer that was used of late. */
  replyPeak = READ_BYTES
  #queryPeak = 0
  #replyPeakSince: Instant = 0

  /** Something is about to be read. */
  open(awaited: number): void {
    if (awaited < LONG_ARGUMENT && this.queryRoom < READ_BYTES) this.queryRoom = roomFor(READ_BYTES)
  }

  /**
   * Bytes were read.
   * @param unread what of them, and of others before, belongs to no whole argument yet
   * @param awaited length of the argument that is not whole, or -1
   */
  read(bytes: number, unread: number, awaited: number): void {
    if (awaited >= LONG_ARGUMENT) {
      this.queryRoom = Math.max(this.queryRoom, roomFor(awaited + 2))
      this.#queryPeak = Math.max(this.#queryPeak, awaited + 2)
    }
    if (unread > this.queryRoom) this.queryRoom = roomFor(unread + Math.min(unread, GROWTH_MAX))
    this.#queryPeak = Math.max(this.#queryPeak, unread, Math.min(bytes, READ_BYTES))
  }

  /** So many bytes of replies were waiting to be sent. */
  replied(bytes: number): void {
    this.replyPeak = Math.max(this.replyPeak, Math.min(bytes, this.replyRoom))
  }

  /** Gives back what is not needed; to be called about once a second. */
  tidy(idleMicros: number, unread: number, awaited: number): void {
    if (this.queryRoom - unread > WASTE_MAX) {
      const needed = Math.max(unread, this.#queryPeak, awaited)
      if (idleMicros > IDLE_MICROS) this.queryRoom = unread
      else if (this.queryRoom > QUERY_KEPT && this.queryRoom / 2 > this.#queryPeak) this.queryRoom = needed
    }
    this.#queryPeak = Math.max(unread, awaited)
  }

  /** Fits the reply buffer to the replies of late; to be called about once a second. */
  tidyReplies(now: Instant, { resizes, forgetAfterMs }: ReplyBufferRules, counts: ReplyBufferCounts): void {
    if (!resizes) return
    const { replyRoom, replyPeak } = this
    if (replyRoom / 2 >= REPLY_MIN && replyPeak < replyRoom / 2) {
      this.replyRoom = Math.max(REPLY_MIN, replyPeak + 1)
      counts.replyBufferShrinks++
    } else if (replyRoom * 2 < READ_BYTES * 2 && replyPeak === replyRoom) {
      this.replyRoom = Math.min(READ_BYTES, replyRoom * 2)
      counts.replyBufferExpands++
    }
    if (forgetAfterMs !== undefined && now - this.#replyPeakSince > forgetAfterMs * 1000) {
      this.replyPeak = 0
      this.#replyPeakSince = now
    }
  }
}

/** How long a string may become where room for so many bytes was asked for. */
function roomFor(bytes: number): number {
  const frame = bytes <= SHORT_MAX ? SHORT_FRAME : LONG_FRAME
  return allocated(bytes + frame) - frame
}
