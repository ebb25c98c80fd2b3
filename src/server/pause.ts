/**
 * Pause: requests are kept waiting, all of them or those that write.
 *
 *   request ─► held in its session ─► the pause ends ─► made again, in the order in which they came
 *
 * Four may want it at once: CLIENT PAUSE, a shutdown that waits for replicas, a failover, MIGRATE. The
 * widest one counts, until the last is over. Meanwhile nothing expires and nothing is evicted, so that the
 * dataset (and with `write` the replication stream) stands still.
 *
 * Source: redis 7.0 `src/networking.c`, pauseClients; `src/blocked.c`, blockPostponeClient.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Clock, Instant } from '../ports.ts'

/** Whose request waits. */
export type Held = { held: readonly ByteString[] | undefined; goOn(): void }

export type PausePurpose = 'client' | 'shutdown' | 'failover' | 'migrate'
export type PauseKind = 'write' | 'all'

type Wanted = { readonly kind: PauseKind; readonly until: number; readonly cancelTimer: () => void }

/** Until it is ended. */
export const FOR_EVER = Number.POSITIVE_INFINITY

export class Pause {
  readonly #clock: Clock
  readonly #waiting = new Set<Held>()
  readonly #wanted = new Map<PausePurpose, Wanted>()
  #kind: PauseKind | undefined
  isOn = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Clients that it keeps waiting. */
  get count(): number {
    return this.#waiting.size
  }

  /** A pause for the same purpose that is on already is made longer and wider, never shorter or narrower. */
  begin(purpose: PausePurpose, kind: PauseKind, micros: number): void {
    const before = this.#wanted.get(purpose)
    const until = Math.max(this.#clock.now() + micros, before?.until ?? 0)
    before?.cancelTimer()
    const cancelTimer = until === FOR_EVER ? () => {} : this.#after(until, () => this.end(purpose))
    this.#wanted.set(purpose, { kind: before?.kind === 'all' ? 'all' : kind, until, cancelTimer })
    this.#look()
  }

  end(purpose: PausePurpose): void {
    this.#wanted.get(purpose)?.cancelTimer()
    this.#wanted.delete(purpose)
    this.#look()
    // Those that are still to be held are held again.
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const client of waiting) client.goOn()
  }

  /** The server ends: no timer may keep the process. */
  stop(): void {
    for (const { cancelTimer } of this.#wanted.values()) cancelTimer()
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

  /** Whether a client's request waits. */
  keeps(client: Held): boolean {
    return this.#waiting.has(client)
  }

  forget(client: Held): void {
    this.#waiting.delete(client)
  }

  /** A timer may be a moment early; a pause is not. */
  #after(until: Instant, run: () => void): () => void {
    let cancel = () => {}
    const wait = (): void => {
      cancel = this.#clock.after(until - this.#clock.now(), () => {
        if (this.#clock.now() < until) wait()
        else run()
      })
    }
    wait()
    return () => cancel()
  }

  #look(): void {
    const kinds = [...this.#wanted.values()].map(({ kind }) => kind)
    this.isOn = kinds.length > 0
    this.#kind = kinds.includes('all') ? 'all' : kinds[0]
  }
}
