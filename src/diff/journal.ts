/**
 * Journal: writes down what passes while a scenario is played, and lets its steps wait for it.
 *
 *   lane "link r1"    request PING ◄─┐      a reply is put under the request that it answers,
 *                     reply PONG  ───┘      whatever came between
 *
 * Time comes from outside (Clock); waiting means: look again whenever something was written down.
 */
import type { Clock } from '../ports.ts'
import type { ReplEvent } from '../replication/events.ts'
import { Secrets } from '../replication/secrets.ts'
import { jsonEvent } from '../sink/json-event.ts'
import type { Fields, Message, Speaker } from './message.ts'

export type Written = {
  step: number
  readonly lane: string
  readonly from: Speaker
  readonly kind: string
  readonly fields: Fields
  readonly at: number
  awaited: boolean
  /** The reply to it has come. */
  isAnswered: boolean
}

/** What names the event and where it was seen, which the lane says too. */
const SAID_BY_LANE = new Set(['v', 'kind', 'link', 'conn', 'connection', 'side'])

export class Journal {
  /** The step that is being played. */
  step = 0
  readonly #clock: Clock
  readonly #lanes = new Map<string, Written[]>()
  readonly #secrets = new Secrets()
  readonly #bells = new Set<() => void>()
  #isOver = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  write(lane: string, from: Speaker, kind: string, fields: Fields, awaited = false): Written | undefined {
    if (this.#isOver) return undefined
    const at = Math.round(this.#clock.now() / 1000)
    const written: Written = { step: this.step, lane, from, kind, fields, at, awaited, isAnswered: false }
    const list = this.#laneOf(lane)
    const request = isReply(written) ? list.findIndex((other) => isRequest(other) && !other.isAnswered) : -1
    if (request >= 0) {
      list[request]!.isAnswered = true
      list.splice(request + 1, 0, written)
    } else list.push(written)
    this.ring()
    return written
  }

  /** An event of a link, with what else is known of it. */
  event(lane: string, event: ReplEvent, more: Fields = {}): Written | undefined {
    const json = jsonEvent(this.#covered(event))
    if (json === undefined) return undefined
    const fields = Object.fromEntries(Object.entries(json).filter(([name]) => !SAID_BY_LANE.has(name)))
    return this.write(lane, event.side, event.kind, { ...fields, ...more })
  }

  /** What passed in a lane, in order. */
  lane(name: string): readonly Written[] {
    return this.#lanes.get(name) ?? []
  }

  /** Something has happened that somebody may wait for. */
  ring(): void {
    for (const bell of [...this.#bells]) bell()
  }

  /** Looks until there is an answer or the time is over. `within` in milliseconds. */
  until<T>(look: () => T | undefined | false, within: number): Promise<T | undefined> {
    const found = look()
    if (found !== undefined && found !== false) return Promise.resolve(found)
    return new Promise((resolve) => {
      const stop = (answer: T | undefined) => {
        cancel()
        this.#bells.delete(bell)
        resolve(answer)
      }
      const bell = () => {
        const answer = look()
        if (answer !== undefined && answer !== false) stop(answer)
      }
      const cancel = this.#clock.after(within * 1000, () => stop(undefined))
      this.#bells.add(bell)
    })
  }

  /** The same for what must be asked: again and again, at once after each answer but a moment. */
  async poll<T>(ask: () => Promise<T | undefined | false>, within: number): Promise<T | undefined> {
    const end = this.#clock.now() + within * 1000
    for (;;) {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer
      if (this.#clock.now() > end) return undefined
      await this.pause(POLL_MS)
    }
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms * 1000, resolve))
  }

  get now(): number {
    return this.#clock.now()
  }

  /** Nothing is written any more. @returns all that was, lane by lane */
  end(): Message[] {
    this.#isOver = true
    return [...this.#lanes.values()].flat().map(({ isAnswered: _, ...message }) => message)
  }

  /** The event without the passwords that it carries. */
  #covered(event: ReplEvent): ReplEvent {
    if (event.kind === 'request') return { ...event, command: this.#secrets.redact(event.command) }
    if (event.kind === 'reply') return { ...event, value: this.#secrets.redactReply(event.value, undefined) }
    return event
  }

  #laneOf(name: string): Written[] {
    const lane = this.#lanes.get(name)
    if (lane !== undefined) return lane
    const made: Written[] = []
    this.#lanes.set(name, made)
    return made
  }
}

const POLL_MS = 8

function isRequest({ kind }: Written): boolean {
  return kind === 'request'
}

/** What ends the waiting of a request: FULLRESYNC and CONTINUE answer a PSYNC. */
function isReply({ kind }: Written): boolean {
  return kind === 'reply' || kind === 'resync'
}
