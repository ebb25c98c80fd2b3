/**
 * SideFinder: which end of a captured TCP connection is the replica (or client), and which the master?
 *
 *   direction 0   ack ────────────────┐
 *   direction 1   command, command ───┴─► direction 0 is the replica         told by content, never by port
 *
 * Where the handshake of TCP was captured, who connected is known, and only asked is whether they speak
 * Redis at all. Where it was not, what each side says must tell: only a replica acknowledges, a stream of
 * commands that nobody answers comes from a master, commands that are answered come from a client.
 *
 * Only evidence is kept here, no bytes: who feeds it keeps them until there is a verdict.
 */
import type { Direction } from '../codec/capture/tcp-event.ts'
import { type MessageStart, messageStart, type Stranger, strangerStart } from './message-start.ts'

export type Verdict = { readonly replica: Direction } | { readonly stranger: Stranger }

/** What one direction was heard to say: how often by kind, of segments. */
type Heard = Record<MessageStart, number> & {
  /** Its very first bytes. */
  head: Buffer
  /** Some of what it said first was lost: `head` is no beginning. */
  isLossy: boolean
}

const HEAD_MAX = 128
/** Of a connection that has said so much without a word of Redis, the looks of its segments decide. */
const STRANGE_SEGMENTS = 16
/** Redis speaks first only to send somebody away. */
const TURNED_AWAY = /^-(?:DENIED Redis|ERR max number of clients)/
/** The beginning of a command, of which more must come. */
const UNFINISHED = /^[\r\n]*\*\d*(?:\r(?:\n(?:\$\d*(?:\r(?:\n(?:[\w.|-]*\r?)?)?)?)?)?)?$/

export class SideFinder {
  readonly #how: 'handshake' | 'middle'
  readonly #heard: readonly [Heard, Heard] = [nothing(), nothing()]
  #stranger: Stranger | undefined
  #segments = 0

  constructor(how: 'handshake' | 'middle') {
    this.#how = how
  }

  /** Takes note of a segment's bytes. */
  hear(direction: Direction, bytes: Buffer): void {
    const heard = this.#heard[direction]
    heard[messageStart(bytes)]++
    this.#segments++
    if (heard.head.length < HEAD_MAX)
      heard.head = Buffer.concat([heard.head, bytes.subarray(0, HEAD_MAX - heard.head.length)])
    this.#stranger ??= strangerStart(bytes)
  }

  /** Bytes of this direction were lost. */
  lose(direction: Direction): void {
    const heard = this.#heard[direction]
    if (heard.head.length < HEAD_MAX) heard.isLossy = true
  }

  /** Anything at all that Redis says was heard. */
  get soundsLikeRedis(): boolean {
    return this.#heard.some((heard) => speaks(heard) || heard.reply > 0)
  }

  /** Who is who, as soon as that is certain. */
  verdict(): Verdict | undefined {
    if (this.#how === 'handshake' && !this.#heard.some((heard) => heard.isLossy)) return this.#byOpening()
    const replica = this.#how === 'handshake' ? this.#byOwnWords() : this.#byContent()
    if (replica !== undefined) return { replica }
    const isStrange = this.#segments >= STRANGE_SEGMENTS && !this.soundsLikeRedis
    return isStrange && this.#stranger !== undefined ? { stranger: this.#stranger } : undefined
  }

  /** The best answer there is when nothing more will be heard, or enough was. */
  guess(): Verdict {
    const certain = this.verdict()
    if (certain !== undefined) return certain
    if (!this.soundsLikeRedis)
      return { stranger: this.#segments === 0 ? 'silent' : (this.#stranger ?? 'other') }
    if (this.#how === 'handshake') return { replica: 0 }
    const [near, far] = this.#heard
    // One direction only: commands that nobody answers are a stream, and replies come from a master too.
    const nearSpeaks = near.command > 0 || near.reply > 0
    return { replica: nearSpeaks && far.command <= near.command ? 1 : 0 }
  }

  /** Who connected is known; whether they speak Redis is told by their first words. */
  #byOpening(): Verdict | undefined {
    const [near, far] = this.#heard.map(({ head }) => head) as [Buffer, Buffer]
    const strange = { stranger: this.#stranger ?? 'other' } as const
    if (near.length === 0) {
      if (far.length === 0) return undefined
      return TURNED_AWAY.test(far.toString('latin1')) ? { replica: 0 } : strange
    }
    if (this.#stranger !== undefined) return strange
    switch (messageStart(near)) {
      case 'ack':
      case 'handshake':
      case 'command':
      case 'read':
        return { replica: 0 }
      case 'text':
      case 'newline':
        // An unknown line may be an inline command: the answer tells.
        if (far.length === 0) return undefined
        return isAnswer(messageStart(far)) ? { replica: 0 } : strange
      default:
        return UNFINISHED.test(near.toString('latin1')) ? undefined : strange
    }
  }

  #byOwnWords(): Direction | undefined {
    const [near, far] = this.#heard
    return speaks(near) || speaks(far) ? 0 : undefined
  }

  #byContent(): Direction | undefined {
    for (const direction of [0, 1] as const) {
      const own = this.#heard[direction]
      const other = this.#heard[1 - direction]!
      if (own.ack > 0 || own.handshake > 0 || own.read > 0) return direction
      if (other.getack > 0 || other.resync > 0) return direction
      if (own.command > 0 && other.reply > 0 && other.command === 0) return direction
      if (own.newline > 0 && other.command > 0 && own.command + own.other === 0) return direction
    }
    return undefined
  }
}

function nothing(): Heard {
  const none = { ack: 0, getack: 0, handshake: 0, command: 0, read: 0, resync: 0, reply: 0 }
  return { ...none, newline: 0, text: 0, other: 0, head: Buffer.alloc(0), isLossy: false }
}

function speaks(heard: Heard): boolean {
  const { ack, getack, handshake, command, read, resync } = heard
  return ack + getack + handshake + command + read + resync > 0
}

function isAnswer(start: MessageStart): boolean {
  return start === 'reply' || start === 'resync'
}
