/**
 * Pause: CLIENT PAUSE keeps requests waiting, all of them or those that write.
 *
 *   request ─► held in its session ─► the pause ends ─► made again, in the order in which they came
 *
 * Meanwhile nothing expires and nothing is evicted, so that the dataset (and with `write` the replication
 * stream) stands still: that is what a failover needs.
 *
 * Source: redis 7.0 `src/networking.c`, pauseClients; `src/blocked.c`, blockPostponeClient.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Clock } from '../ports.ts'

/** Whose request waits. */
export type Held = { held: readonly ByteString[] | undefined; goOn(): void }

export class Pause {
  readonly #clock: Clock
  readonly #waiting = new Set<Held>()
  #kind: 'none' | 'write' | 'all' = 'none'
  #cancelTimer = () => {}

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isOn(): boolean {
    return this.#kind !== 'none'
  }

  /** Clients that it keeps waiting. */
  get count(): number {
    return this.#waiting.size
  }

  /** A pause that is on already becomes this one. */
  begin(kind: 'write' | 'all', micros: number): void {
    this.#cancelTimer()
    this.#kind = kind
    this.#cancelTimer = this.#clock.after(micros, () => this.end())
  }

  end(): void {
    this.#cancelTimer()
    this.#kind = 'none'
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const client of waiting) client.goOn()
  }

  /** Whether a request that writes, or one that does not, has to wait. */
  holds(isWrite: boolean): boolean {
    return this.#kind === 'all' || (this.#kind === 'write' && isWrite)
  }

  /** The client's request is made again when the pause is over. */
  hold(client: Held, argv: readonly ByteString[]): void {
    client.held = argv
    this.#waiting.add(client)
  }

  forget(client: Held): void {
    this.#waiting.delete(client)
  }
}
