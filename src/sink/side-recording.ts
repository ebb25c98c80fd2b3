/**
 * SideRecording: the bytes of one side of a connection, from when they came until they are in the recording.
 *
 *         told what they were        the message that is coming in
 *   ──────────────────────────────┼──────────────────────────┤
 *   written                    settled     harmless: written too; may hold a secret: held back
 *
 * A command says by its first word whether it can carry a secret; those that can, and replies, are held until
 * they are complete and their secrets known. What is not understood is overwritten. What becomes too long to
 * hold is recorded as lost.
 */
import type { RecordedConnection } from '../codec/capture/recorded-connection.ts'
import type { Direction } from '../codec/capture/tcp-event.ts'
import type { Micros } from '../replication/events.ts'
import type { Secrets } from '../replication/secrets.ts'
import { blankUnread } from './blank.ts'
import { isHarmless } from './harmless.ts'

/** What the side is sending at present. */
export type Reading = 'commands' | 'replies' | 'snapshot'

/** Messages that may hold a secret are held up to this size. */
const HELD_MAX = 1024 * 1024
/** Messages that arrived together get a packet each, if they are not too many. */
const PACKETS_EACH_MAX = 64
/** Messages of one arrival that are described; the others are counted. */
const DESCRIBED_MAX = 256

const NOTHING = Buffer.alloc(0)

type Comment = { readonly position: number; readonly text: string }
type Overwritten = { readonly from: number; readonly bytes: Buffer }

export class SideRecording {
  /** Replies of this side may tell a secret. */
  mayReveal = false
  readonly #connection: RecordedConnection
  readonly #direction: Direction
  readonly #secrets: Secrets
  readonly #isFull: () => boolean
  /** Bytes from position #base on; borrowed between take() and release(). */
  #held: Buffer = NOTHING
  #base = 0
  /** Position up to which bytes are written (or lost). */
  #written = 0
  /** Position behind the last message that we were told of. */
  #settled = 0
  /** What came of the present message was harmless, so the rest is. */
  #isHarmless = false
  /** The present message is too long to be held, and is left out; its end, once that is known. */
  #isLosing = false
  #losingUntil: number | undefined
  /** Position of the first byte that was not understood. */
  #opaqueFrom: number | undefined
  #overwritten: Overwritten[] = []
  #comments: Comment[] = []
  #more = 0
  /** Bytes left out since the last packet. */
  #lost = 0

  constructor(connection: RecordedConnection, direction: Direction, secrets: Secrets, isFull: () => boolean) {
    this.#connection = connection
    this.#direction = direction
    this.#secrets = secrets
    this.#isFull = isFull
  }

  /** Position behind the last byte that came. */
  get behind(): number {
    return this.#base + this.#held.length
  }

  /** Bytes have come. Borrowed until release(). */
  take(chunk: Buffer): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
  }

  /** All before `position` is told. */
  settle(position: number): void {
    if (position <= this.#settled) return
    if (this.#isLosing) this.#losingUntil ??= position
    this.#settled = position
    this.#isHarmless = false
  }

  /** From `position` on nothing is understood any longer. */
  giveUp(position: number): void {
    this.#opaqueFrom ??= position
  }

  /** Notes what the message at `position` says. */
  comment(position: number, text: () => string): void {
    if (this.#comments.length < DESCRIBED_MAX) this.#comments.push({ position, text: text() })
    else this.#more++
  }

  /** Changes the bytes of one whole message before they are written. */
  overwrite(from: number, to: number, change: (bytes: Buffer) => void): void {
    if (from < this.#base || to > this.behind) return
    const bytes = Buffer.from(this.#held.subarray(from - this.#base, to - this.#base))
    change(bytes)
    this.#overwritten.push({ from, bytes })
  }

  /** Writes what may be written, and keeps a copy of the rest. */
  release(reading: Reading, at: Micros): void {
    const until = this.#releasable(reading)
    this.#write(until, at)
    const base = this.#isHarmless || this.#isLosing ? until : Math.min(until, this.#settled)
    this.#held = Buffer.from(this.#held.subarray(base - this.#base))
    this.#base = base
    this.#overwritten = []
  }

  /** No more will come: an unfinished message is written without its words. */
  finish(reading: Reading, at: Micros): void {
    this.giveUp(this.behind)
    this.release(reading, at)
    this.#tellLost(at)
  }

  #releasable(reading: Reading): number {
    const { behind } = this
    if (!this.#secrets.blanks) return behind
    if (this.#opaqueFrom !== undefined) {
      this.#overwriteUnread(this.#opaqueFrom, reading)
      return behind
    }
    if (this.#isLosing) this.#lose(this.#losingUntil ?? behind)
    if (this.#isLosing && this.#losingUntil === undefined) return behind
    this.#isLosing = false
    this.#losingUntil = undefined
    if (this.#isHarmless || reading === 'snapshot') return this.#isHarmless ? behind : this.#settled
    const coming = this.#held.subarray(this.#settled - this.#base)
    const canTell = this.mayReveal || this.#secrets.hasSeen
    const isLong = coming.length > HELD_MAX
    const harmless =
      reading === 'commands'
        ? isHarmless(coming, this.#direction === 0)
        : { blank: 0, bytes: 0, isWhole: isLong && !canTell }
    const start = this.#settled
    this.settle(start + harmless.blank)
    this.#isHarmless = harmless.isWhole
    if (harmless.isWhole) return behind
    if (isLong) {
      this.#isLosing = true
      this.#lose(behind)
      return behind
    }
    return Math.max(this.#written, start + harmless.bytes)
  }

  /** What is not understood may say anything: but for what made it so, all is overwritten. */
  #overwriteUnread(from: number, reading: Reading): void {
    const isCommand = reading === 'commands'
    const wasHarmless =
      this.#isHarmless || (isCommand && isHarmless(this.#unsettled(from), this.#direction === 0).isWhole)
    const start = Math.max(wasHarmless ? from + 1 : this.#settled, this.#base)
    if (start >= this.behind) return
    const bytes = Buffer.from(this.#held.subarray(start - this.#base))
    if (start > from) bytes.fill('*')
    else blankUnread(bytes, from - start)
    this.#overwritten.push({ from: start, bytes })
    this.settle(this.behind)
  }

  #unsettled(until: number): Buffer {
    const start = Math.max(0, this.#settled - this.#base)
    return this.#held.subarray(start, Math.max(start, until - this.#base))
  }

  /** Leaves out what was not written before `until`. */
  #lose(until: number): void {
    this.#lost += Math.max(0, until - this.#written)
    this.#written = Math.max(this.#written, until)
  }

  #write(until: number, at: Micros): void {
    const comments = this.#comments
    const more = this.#more
    this.#comments = []
    this.#more = 0
    if (until <= this.#written) {
      this.#comments = comments
      this.#more = more
      return
    }
    const bytes = this.#bytesUntil(until)
    const from = this.#written
    this.#written = until
    if (this.#isFull()) {
      this.#lost += bytes.length
      return
    }
    this.#tellLost(at)
    if (more > 0) comments.push({ position: until, text: `… and ${more} more messages` })
    const starts = comments.length <= PACKETS_EACH_MAX ? comments.map(({ position }) => position) : []
    const cuts = [...new Set(starts.filter((position) => position > from && position < until))]
    let next = 0
    for (const [i, start] of [from, ...cuts].entries()) {
      const end = cuts[i] ?? until
      const texts: string[] = []
      while (next < comments.length && (comments[next]!.position < end || end === until)) {
        texts.push(comments[next++]!.text)
      }
      this.#connection.bytes(this.#direction, bytes.subarray(start - from, end - from), at, texts)
    }
  }

  /** Bytes not yet written, with what was overwritten. */
  #bytesUntil(until: number): Buffer {
    const start = this.#written
    const bytes = this.#held.subarray(start - this.#base, until - this.#base)
    if (this.#overwritten.length === 0) return bytes
    const changed = Buffer.from(bytes)
    for (const { from, bytes: by } of this.#overwritten) {
      const skipped = Math.max(0, start - from)
      if (skipped < by.length) by.copy(changed, from + skipped - start, skipped)
    }
    return changed
  }

  #tellLost(at: Micros): void {
    if (this.#lost > 0) this.#connection.lost(this.#direction, this.#lost, at)
    this.#lost = 0
  }
}
