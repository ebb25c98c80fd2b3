/**
 * Migrations: connections to the servers that MIGRATE sends keys to. One to each is kept for the next time.
 *
 *   order ─► a link that is free, or a new one ─► done ─► kept, until nobody has used it for ten seconds
 *
 * Who is second while the first is still under way gets a link of his own, which is not kept. A kept link
 * may have been closed meanwhile by the other side: then the order is given to a new one.
 *
 * Source: redis 7.0 `src/cluster.c`, migrateGetSocket.
 */
import type { Clock, Dialer } from '../ports.ts'
import { MigrationLink, type MigrationOrder } from './migration.ts'

const KEPT_MICROS = 10_000_000
const KEPT_MAX = 64

type Kept = { readonly link: MigrationLink; cancelTimer: () => void }

export class Migrations {
  readonly #ports: { readonly dialer: Dialer; readonly clock: Clock }
  /** By address, the longest unused first. */
  readonly #kept = new Map<string, Kept>()
  readonly #busy = new Set<MigrationLink>()

  constructor(ports: { readonly dialer: Dialer; readonly clock: Clock }) {
    this.#ports = ports
  }

  /** Connections that are kept, busy or not. */
  get count(): number {
    return this.#kept.size
  }

  begin(order: MigrationOrder): void {
    const address = `${order.host}:${order.port}`
    const kept = this.#kept.get(address)
    kept?.cancelTimer()
    const isFree = kept !== undefined && !kept.link.isBusy
    const link = isFree ? kept.link : new MigrationLink(order, this.#ports)
    this.#busy.add(link)
    link.begin(order, (end) => {
      this.#busy.delete(link)
      if (end === 'good') this.#keep(address, link)
      else if (this.#kept.get(address)?.link === link) this.#forget(address)
      if (end === 'stale') this.begin(order)
    })
  }

  /** The server ends. */
  stop(): void {
    for (const address of [...this.#kept.keys()]) this.#forget(address)
    for (const link of this.#busy) link.close()
    this.#busy.clear()
  }

  #keep(address: string, link: MigrationLink): void {
    const kept = this.#kept.get(address)
    if (kept !== undefined && kept.link !== link) {
      link.close()
      return
    }
    this.#kept.delete(address)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size >= KEPT_MAX && oldest !== undefined) this.#forget(oldest)
    const cancelTimer = this.#ports.clock.after(KEPT_MICROS, () => this.#forget(address))
    this.#kept.set(address, { link, cancelTimer })
  }

  #forget(address: string): void {
    const kept = this.#kept.get(address)
    if (kept === undefined) return
    this.#kept.delete(address)
    kept.cancelTimer()
    kept.link.close()
  }
}
