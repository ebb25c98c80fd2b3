/**
 * RecordedSession: one connection on its way into a recording, seen from both ends.
 *
 *   push ─► conversation.push ─► events say what the bytes were ─► packets
 *
 * Bytes are written when they are known to hold no secret, at the time at which they came (SideRecording).
 * Each message's one line is a comment on the packet in which it begins.
 */
import type { RecordedConnection } from '../codec/capture/recorded-connection.ts'
import type { Strip } from '../replication/capa-stripper.ts'
import type { HowClosed, Micros, ReplEvent, Side } from '../replication/events.ts'
import { RedactedCommand, type Secrets } from '../replication/secrets.ts'
import { blankCommand, blankReply } from './blank.ts'
import { ARROW, describe } from './describe.ts'
import { type Reading, SideRecording } from './side-recording.ts'

/** What a conversation takes, and this passes on to one. */
export type Conversing = {
  push(side: Side, chunk: Buffer, at: Micros): void
  stripped(strip: Strip): void
  ending(): void
  end(side: Side, how: HowClosed, at: Micros): void
}

const DIRECTION = { replica: 0, master: 1 } as const

export class RecordedSession {
  readonly #connection: RecordedConnection
  readonly #secrets: Secrets
  readonly #sides: Readonly<Record<Side, SideRecording>>
  #conversation: Conversing | undefined
  #finished: Side[] = []
  #isInSnapshot = false
  #isStreaming = false

  /** @param isFull whether the recording cannot take more at present */
  constructor(connection: RecordedConnection, secrets: Secrets, isFull: () => boolean) {
    this.#connection = connection
    this.#secrets = secrets
    const side = (of: Side) => new SideRecording(connection, DIRECTION[of], secrets, isFull)
    this.#sides = { replica: side('replica'), master: side('master') }
  }

  /** The same conversation, recorded on its way. */
  around(conversation: Conversing): this {
    this.#conversation = conversation
    return this
  }

  push(side: Side, chunk: Buffer, at: Micros): void {
    const recording = this.#sides[side]
    recording.take(chunk)
    let isUnderstood = false
    try {
      this.#conversation?.push(side, chunk, at)
      isUnderstood = true
    } finally {
      if (!isUnderstood) for (const each of Object.values(this.#sides)) each.giveUp(0)
      recording.release(this.#reading(side), at)
    }
  }

  stripped(strip: Strip): void {
    this.#conversation?.stripped(strip)
  }

  ending(side: Side, at: Micros): void {
    this.#conversation?.ending()
    // The second to end closes the connection, and that is told by end().
    if (this.#finished.length === 0) this.#finish(side, at)
  }

  end(side: Side, how: HowClosed, at: Micros): void {
    this.#conversation?.end(side, how, at)
    const other = side === 'master' ? 'replica' : 'master'
    if (how === 'fin') for (const each of [side, other] as const) this.#finish(each, at)
    else {
      for (const each of [side, other] as const) this.#sides[each].finish(this.#reading(each), at)
      if (how === 'reset') this.#connection.reset(DIRECTION[side], at)
      else this.#connection.note(at, 'watching ends here')
    }
  }

  /** To be told each event of the conversation, at once. */
  readonly event = (event: ReplEvent): void => {
    const recording = this.#sides[event.side]
    const { from, to } = event
    switch (event.kind) {
      case 'opened':
        this.#connection.open(event.at)
        return
      case 'snapshot-slice':
        recording.settle(to)
        return
      case 'snapshot-end':
        this.#isInSnapshot = false
        this.#isStreaming = true
        recording.settle(to)
        recording.comment(to - 1, () => this.#line(event))
        return
      case 'fault':
        if (event.fatal) recording.giveUp(event.position)
        // One that has bytes is about a message of its own: an ACK without an offset.
        else if (event.side === 'replica' && from < to) recording.settle(to)
        recording.comment(event.position, () => this.#line(event))
        return
      case 'request':
      case 'command':
        this.#overwriteCommand(event)
        break
      case 'reply':
        this.#overwriteReply(event)
        break
      case 'resync':
        this.#isStreaming = event.mode === 'partial'
        break
      case 'snapshot-begin':
        this.#isInSnapshot = true
        break
      case 'ping':
      case 'getack':
      case 'ack':
      case 'heartbeat':
      case 'stripped':
        break
      default:
        return
    }
    recording.settle(to)
    recording.comment(from, () => this.#line(event))
  }

  #overwriteCommand(event: ReplEvent & { readonly kind: 'request' | 'command' }): void {
    const { command, from, to, side } = event
    this.#sides.master.mayReveal ||= this.#secrets.sensitive(command)
    if (!(command instanceof RedactedCommand) || command.blanked === undefined) return
    const { blanked } = command
    this.#sides[side].overwrite(from, to, (bytes) => blankCommand(bytes, blanked))
  }

  #overwriteReply({ blanked, value, from, to, answers }: ReplEvent & { readonly kind: 'reply' }): void {
    // Redis 8: the stream follows at once.
    const isLine = value.type === 'simple' && answers === 'PSYNC'
    if (isLine && value.value.startsWith('RDBCHANNELSYNC')) this.#isStreaming = true
    if (blanked === undefined) return
    this.#sides.master.overwrite(from, to, (bytes) =>
      blankReply(bytes, blanked, (text) => this.#secrets.blankText(text)),
    )
  }

  #reading(side: Side): Reading {
    if (side === 'replica') return 'commands'
    if (this.#isInSnapshot) return 'snapshot'
    return this.#isStreaming ? 'commands' : 'replies'
  }

  #finish(side: Side, at: Micros): void {
    if (this.#finished.includes(side)) return
    this.#finished.push(side)
    this.#sides[side].finish(this.#reading(side), at)
    this.#connection.finish(DIRECTION[side], at)
  }

  #line(event: ReplEvent): string {
    const offsets =
      'start' in event && event.start !== undefined && event.end !== undefined
        ? `@${event.start + 1}..${event.end} `
        : ''
    return `${ARROW[event.side]} ${offsets}${describe(event)}`
  }
}
