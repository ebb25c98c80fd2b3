/**
 * ClientLimits: what a client may cost: time (timeout), unread replies (client-output-buffer-limit) and
 * unfinished requests (client-query-buffer-limit). Who costs more is cut off, as Redis does it: at
 * once, without an error.
 *
 *   normal   replies to requests            pubsub   messages to a subscriber
 *   hard: never more than so many bytes     soft: not more than so many for so many seconds
 *
 * Output is looked at when something is sent; soft limits and idle clients on a round through all
 * clients that takes about a second.
 *
 * All together may take maxmemory-clients: then those that take the most go.
 *
 * Source: redis 7.0 `src/networking.c` (checkClientOutputBufferLimits, evictClients), `src/timeout.c`,
 * `src/server.c` (clientsCron).
 */
import { type ClientType, clientLine, clientType } from './client-line.ts'
import { outputOf } from './client-memory.ts'
import { type OutputLimit, outputLimits } from './config/special-kinds.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'

const MICROS = 1_000_000
/** So many clients at least are looked at in a turn. */
const TURN_MIN = 5
/** Whose memory maxmemory-clients limits. */
const COUNTED: ReadonlySet<ClientType> = new Set(['normal', 'pubsub'])
/** Replies to who has not said who it is, behind the first buffer. */
const STRANGER_BYTES_MAX = 1024

export class ClientLimits {
  readonly #server: ServerState
  #text: string | undefined
  #output: ReturnType<typeof outputLimits> = outputLimits('')
  #round: Iterator<Session> | undefined
  #isToCheck = false

  constructor(server: ServerState) {
    this.#server = server
  }

  /** Something was sent to a client that did not take it at once. */
  checkOutput(session: Session): void {
    const isTooMuch = session.isStranger && outputOf(session).bytes > STRANGER_BYTES_MAX
    if (isTooMuch || this.#isOver(this.#limitOf(session), session)) {
      this.#cut(session, 'overcoming of output buffer limits.')
    } else {
      this.#server.clientMemory.counted(session)
      this.#checkSoon()
    }
  }

  /** Something came from a client, and what could be answered of it is. */
  checkInput(session: Session): void {
    const { clientMemory } = this.#server
    if (clientMemory.isAsCounted(session)) return
    clientMemory.counted(session)
    this.#checkSoon()
    const waiting = session.unreadBytes + session.argvBytes
    if (waiting <= this.#server.settings.queryBytesMax || session.isClosed) return
    const line = clientLine(session)
    this.#server.surroundings.log('warning', `Closing client that reached max query buffer length: ${line}`)
    session.destroy()
  }

  /** Looks at the clients whose turn it is (each has one a second), and at the memory of all. */
  turn(turnsPerSecond: number): void {
    const { sessions } = this.#server
    this.checkAll()
    const share = Math.max(TURN_MIN, Math.ceil(sessions.size / turnsPerSecond))
    for (let left = Math.min(sessions.size, share); left > 0; left--) {
      this.#round ??= sessions.values()
      const { value, done } = this.#round.next()
      if (done) {
        this.#round = undefined
        return
      }
      this.#look(value)
    }
  }

  /** Ends clients if all together take more than they may; to be asked before a request is read. */
  checkAll(): void {
    if (!this.#areTooMuch) return
    this.#server.clientMemory.settle()
    if (this.#areTooMuch) this.#evict()
  }

  /** Replies are given to sockets first: what those take at once is not counted. */
  #checkSoon(): void {
    if (this.#isToCheck || !this.#areTooMuch) return
    this.#isToCheck = true
    this.#server.clock.after(0, () => {
      this.#isToCheck = false
      this.checkAll()
    })
  }

  get #areTooMuch(): boolean {
    const { settings, clientMemory } = this.#server
    return settings.clientsBytesMax > 0 && clientMemory.total > settings.clientsBytesMax
  }

  /** Ends those that take the most, until all together take no more than they may. */
  #evict(): void {
    const { sessions, settings, stats, surroundings } = this.#server
    const counted = [...sessions.values()].filter((session) => COUNTED.has(clientType(session)))
    let excess = counted.reduce((sum, { countedBytes }) => sum + countedBytes, -settings.clientsBytesMax)
    const largestFirst = counted.filter(({ isSpared }) => !isSpared)
    for (const session of largestFirst.sort((a, b) => b.countedBytes - a.countedBytes)) {
      if (excess <= 0) return
      surroundings.log('notice', `Evicting client: ${clientLine(session)}`)
      stats.evictedClients++
      excess -= session.countedBytes
      session.destroy()
    }
  }

  #look(session: Session): void {
    session.tidyBuffers()
    this.#server.clientMemory.counted(session)
    if (outputOf(session).bytes > 0) this.checkOutput(session)
    const { settings, clock, surroundings } = this.#server
    const { idleSecondsMax } = settings
    if (idleSecondsMax === 0 || session.isBlocked || session.isSubscribed || session.isMonitor) return
    if (session.isMaster || session.replica?.isAttached) return
    if (clock.now() - session.lastActiveAt <= idleSecondsMax * MICROS) return
    surroundings.log('verbose', 'Closing idle client')
    session.destroy()
  }

  #isOver({ hardBytes, softBytes, softSeconds }: OutputLimit, session: Session): boolean {
    const waitingBytes = outputOf(session).bytes
    if (hardBytes > 0 && waitingBytes >= hardBytes) return true
    if (softBytes === 0 || waitingBytes < softBytes) {
      session.overSoftLimitSince = undefined
      return false
    }
    const now = this.#server.clock.now()
    session.overSoftLimitSince ??= now
    return now - session.overSoftLimitSince > softSeconds * MICROS
  }

  #limitOf(session: Session): OutputLimit {
    const text = this.#server.settings.outputLimits
    if (text !== this.#text) {
      this.#text = text
      this.#output = outputLimits(text)
    }
    if (session.replica?.isAttached && !session.isMonitor) return this.#replicaLimit()
    return session.isSubscribed ? this.#output.pubsub : this.#output.normal
  }

  /** What the backlog keeps anyway costs nothing more. */
  #replicaLimit(): OutputLimit {
    const { slave } = this.#output
    const least = this.#server.settings.get<number>('repl-backlog-size')
    return slave.hardBytes === 0 ? slave : { ...slave, hardBytes: Math.max(slave.hardBytes, least) }
  }

  #cut(session: Session, why: string): void {
    if (session.isClosed) return
    const line = clientLine(session)
    this.#server.surroundings.log('warning', `Client ${line} scheduled to be closed ASAP for ${why}`)
    session.destroy()
  }
}
