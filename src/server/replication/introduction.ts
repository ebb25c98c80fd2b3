/**
 * Introduction: the first words on a connection to a master, up to its answer to PSYNC.
 *
 *   PING ─► all that is to be said of us ─► PSYNC <id> <offset + 1>, or PSYNC ? -1
 *                                              └─ not understood: SYNC, on the same connection
 *
 * What is said, and which answers are tolerated, stands in handshake.ts. That PSYNC is granted is not heard
 * here: the conversation tells it as a resync.
 *
 * Source: redis 7.0 `src/replication.c`, syncWithMaster, slaveTryPartialResynchronization.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { Reply } from '../../replication/events.ts'
import type { Settings } from '../config/settings.ts'
import { isAlive, isTransient, type PlannedStep, plannedHandshake } from './handshake.ts'
import type { LinkConnection } from './link-connection.ts'
import type { LinkInput, LinkState, Retry } from './link-states.ts'

export type Wish =
  | {
      readonly replid: ByteString
      readonly offset: number
      /** It is our replica, and is to become our master (failover.ts). */
      readonly isFailover: boolean
    }
  | undefined

export type IntroductionOwner = {
  readonly state: LinkState
  /** What to ask for when it comes to that. */
  readonly wish: Wish
  move(input: LinkInput): void
  /** Nothing comes of this connection. */
  giveUp(retry: Retry): void
  /** PSYNC was not granted. @returns true where that ends it all: a failover has failed */
  refused(): boolean
  log(level: 'notice' | 'warning', line: string): void
}

export class Introduction {
  readonly #owner: IntroductionOwner
  readonly #connection: LinkConnection
  readonly #settings: Settings
  /** Answers that are still awaited. */
  #steps: PlannedStep[] = []

  constructor(owner: IntroductionOwner, connection: LinkConnection, settings: Settings) {
    this.#owner = owner
    this.#connection = connection
    this.#settings = settings
  }

  begin(): void {
    this.#owner.move('opened')
    this.#say('PING')
  }

  /** The next answer is here. */
  answered({ value, error }: Reply): void {
    const text = 'value' in value ? String(value.value) : ''
    const isError = error || value.type !== 'simple'
    switch (this.#owner.state) {
      case 'receive-ping-reply':
        this.#pong(text, isError)
        break
      case 'receive-psync-reply':
        this.#refused(text, isError)
        break
      default:
        this.#introduced(text, isError)
    }
  }

  #pong(text: string, isError: boolean): void {
    const owner = this.#owner
    if (!isAlive(text, isError)) {
      owner.log('warning', `Error reply to PING from master: '-${text}'`)
      owner.giveUp('next-second')
      return
    }
    owner.log('notice', 'Master replied to PING, replication can continue...')
    owner.move('pong')
    this.#steps = plannedHandshake(this.#settings)
    this.#connection.send(...this.#steps.map(({ argv }) => argv))
    this.#await()
  }

  #introduced(text: string, isError: boolean): void {
    const planned = this.#steps.shift()
    // Somebody who answers what was not asked.
    if (planned === undefined) return
    const { complaint, isFatal } = planned.step
    if (isError) {
      this.#owner.log(isFatal ? 'warning' : 'notice', `${complaint}-${text}`)
      if (isFatal) {
        this.#owner.giveUp('next-second')
        return
      }
    }
    this.#await()
  }

  #await(): void {
    const [next] = this.#steps
    this.#owner.move(next === undefined ? 'introduced' : next.step.input)
    if (next === undefined) this.#ask()
  }

  #ask(): void {
    const owner = this.#owner
    const { wish } = owner
    owner.move('psync')
    if (wish === undefined) {
      owner.log('notice', 'Partial resynchronization not possible (no cached master)')
      this.#say('PSYNC', '?', '-1')
      return
    }
    const { replid, offset, isFailover } = wish
    owner.log('notice', `Trying a partial resynchronization (request ${replid}:${offset}).`)
    this.#say('PSYNC', replid, String(offset), ...(isFailover ? ['FAILOVER'] : []))
  }

  #refused(text: string, isError: boolean): void {
    const owner = this.#owner
    if (isError && isTransient(text)) {
      owner.log('notice', `Master is currently unable to PSYNC but should be in the future: -${text}`)
      if (!owner.refused()) owner.giveUp('next-second')
      return
    }
    if (isError && text.startsWith('ERR')) {
      owner.log('notice', `Master does not support PSYNC or is in error state (reply: -${text})`)
    } else {
      owner.log('warning', `Unexpected reply to PSYNC from master: ${isError ? '-' : '+'}${text}`)
    }
    if (owner.refused()) return
    owner.log('notice', 'Retrying with SYNC...')
    owner.move('full')
    this.#connection.sendBytes(SYNC)
  }

  #say(...words: readonly string[]): void {
    this.#connection.send(words as unknown as readonly ByteString[])
  }
}

const SYNC = Buffer.from('SYNC\r\n')
