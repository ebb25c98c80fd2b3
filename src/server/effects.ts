/**
 * Effects: the one door through which every change of the dataset leaves.
 *
 *    client call ─┐                       ┌► feed         replication backlog, replicas
 *    expiry cycle ┼► executor ─► unit ─► log ► persistence  save points, append-only file
 *    eviction    ─┘                       └► recorder     tests, diff
 *
 * A unit is what one execution changed: a command, a transaction, a key that expired. Its effects are
 * already rewritten the way Redis propagates them (relative times absolute, random results concrete), so
 * whoever applies them to an equal dataset gets an equal dataset. More than one effect means MULTI … EXEC on
 * the wire. Listeners are unknown to commands.
 *
 * Source: redis 7.0 `src/server.c`, alsoPropagate and propagatePendingCommands.
 */
import type { ByteString } from '../bytes/byte-string.ts'

export type Effect = {
  readonly db: number
  readonly argv: readonly ByteString[]
  /** False: replicas get it, an append-only file does not (PUBLISH). */
  readonly durable: boolean
}

export type EffectUnit = {
  readonly effects: readonly Effect[]
  /** They are wrapped in MULTI … EXEC on the wire. */
  readonly isAtomic: boolean
  readonly origin: 'client' | 'expiry' | 'eviction' | 'master'
}

export type EffectListener = (unit: EffectUnit) => void

/** Publishes units to whoever listens, in the order in which they subscribed. */
export class EffectLog {
  readonly #listeners: EffectListener[] = []

  get hasListeners(): boolean {
    return this.#listeners.length > 0
  }

  /** @returns a function that ends the subscription */
  subscribe(listener: EffectListener): () => void {
    this.#listeners.push(listener)
    return () => {
      const at = this.#listeners.indexOf(listener)
      if (at >= 0) this.#listeners.splice(at, 1)
    }
  }

  publish(unit: EffectUnit): void {
    for (const listener of this.#listeners) listener(unit)
  }
}
