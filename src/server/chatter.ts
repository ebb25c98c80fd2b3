/**
 * Chatter: what the log tells besides, with loglevel verbose or debug: who comes, who goes, and every five
 * seconds how much there is.
 *
 *   - Accepted 127.0.0.1:43812
 *   - DB 0: 2 keys (1 volatile) in 4 slots HT.
 *   . 1 clients connected (0 replicas), 950456 bytes in use
 *   - Client closed connection id=3 addr=127.0.0.1:43812 …
 *
 * The slots are those that a hash table of Redis would have for so many keys.
 *
 * Source: redis 7.0 `src/networking.c` (acceptCommonHandler, readQueryFromClient), `src/server.c`
 * (serverCron).
 */
import type { Peer } from '../ports.ts'
import { clientLine } from './client-line.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'

const PERIOD_SECONDS = 5
const SLOTS_MIN = 4

export class Chatter {
  readonly #server: ServerState
  /** Turns since the last figures; none were told yet. */
  #turns = Number.POSITIVE_INFINITY

  constructor(server: ServerState) {
    this.#server = server
  }

  accepted({ remote }: Peer): void {
    this.#server.surroundings.log('verbose', `Accepted ${remote}`)
  }

  /** A client has hung up. Its line is not made for nobody. */
  left(session: Session): void {
    if (this.#isHeard)
      this.#server.surroundings.log('verbose', `Client closed connection ${clientLine(session)}`)
  }

  turn(turnsPerSecond: number): void {
    if (++this.#turns < PERIOD_SECONDS * turnsPerSecond) return
    this.#turns = 0
    if (this.#isHeard) this.#tell()
  }

  #tell(): void {
    const { databases, sessions, replication, memoryUse, surroundings } = this.#server
    for (const { index, size, expiring } of databases) {
      if (size === 0) continue
      const line = `DB ${index}: ${size} keys (${expiring.length} volatile) in ${slotsFor(size)} slots HT.`
      surroundings.log('verbose', line)
    }
    const { count } = replication.replicas
    const clients = `${sessions.size - count} clients connected (${count} replicas)`
    surroundings.log('debug', `${clients}, ${memoryUse.total} bytes in use`)
  }

  get #isHeard(): boolean {
    const level = this.#server.settings.get<string>('loglevel')
    return level === 'verbose' || level === 'debug'
  }
}

function slotsFor(keys: number): number {
  return Math.max(SLOTS_MIN, 2 ** Math.ceil(Math.log2(keys)))
}
