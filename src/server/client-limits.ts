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
import { clientBytes, clientLine, outputOf } from './client-line.ts'
import { type OutputLimit, outputLimits } from './config/special-kinds.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'

const MICROS = 1_000_000
/** Replies to who has not said who it is: Redis's first buffer, and a little more. */
const STRANGER_BYTES_MAX = 17 * 1024

export class ClientLimits {
  readonly #server: ServerState
  #text: string | undefined
  #output: ReturnType<typeof outputLimits> = outputLimits('')
  #round: Iterator<Session> | undefined

  constructor(server: ServerState) {
    this.#server = server
  }

  /** Something was sent to a client that did not take it at once. */
  checkOutput(session: Session): void {
    const isTooMuch = session.isStranger && outputOf(session).bytes > STRANGER_BYTES_MAX
    if (isTooMuch || this.#isOver(this.#limitOf(session), session))
      this.#cut(session, 'overcoming of output buffer limits.')
  }

  /** Something came from a client. */
  checkInput(session: Session): void {
    const { clientsBytesMax } = this.#server.settings
    if (clientsBytesMax > 0 && clientBytes(session) > clientsBytesMax) this.#evict()
    if (session.unreadBytes <= this.#server.settings.queryBytesMax || session.isClosed) return
    const line = clientLine(session)
    this.#server.surroundings.log('warning', `Closing client that reached max query buffer length: ${line}`)
    session.destroy()
  }

  /** Looks at the clients whose turn it is (each has one a second), and at the memory of all. */
  turn(turnsPerSecond: number): void {
    const { sessions, settings } = this.#server
    if (settings.clientsBytesMax > 0) this.#evict()
    for (let left = Math.ceil(sessions.size / turnsPerSecond); left > 0; left--) {
      this.#round ??= sessions.values()
      const { value, done } = this.#round.next()
      if (done) {
        this.#round = undefined
        return
      }
      this.#look(value)
    }
  }

  /** The memory of all clients but replicas. */
  get clientsBytes(): number {
    let sum = 0
    for (const session of this.#server.sessions.values()) {
      if (!session.replica?.isAttached) sum += clientBytes(session)
    }
    return sum
  }

  /** Ends the clients that take the most, until all together take no more than they may. */
  #evict(): void {
    const { sessions, settings, stats, surroundings } = this.#server
    const counted = [...sessions.values()].filter(
      ({ isMaster, replica }) => !isMaster && !replica?.isAttached,
    )
    const taken = counted.map((session) => ({ session, bytes: clientBytes(session) }))
    let excess = taken.reduce((sum, { bytes }) => sum + bytes, -settings.clientsBytesMax)
    if (excess <= 0) return
    const largestFirst = taken.filter(({ session }) => !session.isSpared && !session.isMonitor)
    for (const { session, bytes } of largestFirst.sort((a, b) => b.bytes - a.bytes)) {
      if (excess <= 0) return
      surroundings.log('notice', `Evicting client: ${clientLine(session)}`)
      stats.evictedClients++
      excess -= bytes
      session.destroy()
    }
  }

  #look(session: Session): void {
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
    if (session.isMonitor) return this.#output.slave
    if (session.replica?.isAttached) return this.#replicaLimit()
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
