/**
 * Reassembly: TCP segments of a capture → per connection two ordered byte streams with gaps.
 *
 *   Segment ─► connection by flow key ─► its two streams ─TcpEvent─►
 *
 * Here is only the table: which connection a segment belongs to, when ports are used again, who is forgotten
 * when there are too many, and the passing of time for those who wait. Time is that of the capture.
 *
 * Memory is bounded: connections by number (the longest idle is forgotten), what waits behind holes per
 * direction and altogether (then the hole becomes a gap).
 */
import type { Micros } from './capture-event.ts'
import { reversed } from './flow.ts'
import { RecentBytes } from './recent-bytes.ts'
import type { Segment } from './tcp.ts'
import { TcpConnection } from './tcp-connection.ts'
import type { EmitTcp, TcpClosed } from './tcp-event.ts'
import type { Surroundings } from './tcp-stream.ts'

export type ReassemblyLimits = {
  /** Connections remembered, closed ones included. */
  readonly connections: number
  /** Bytes that one direction may hold behind a hole. */
  readonly pendingPerDirection: number
  /** Bytes that all connections together may hold. */
  readonly pending: number
}

/**
 * More connections than a Redis server admits by default (10,000); the largest receive window of Linux (6
 * MB).
 */
export const REASSEMBLY_LIMITS: ReassemblyLimits = {
  connections: 16_384,
  pendingPerDirection: 8 * 1024 * 1024,
  pending: 64 * 1024 * 1024,
}

export class Reassembly {
  readonly #around: Surroundings
  readonly #connectionsMax: number
  /** Each connection under the flow keys of both directions. */
  readonly #byFlow = new Map<string, TcpConnection>()
  /** Connections in which something waits, in the order in which that began. */
  readonly #waiting = new Set<TcpConnection>()
  #oldest: TcpConnection | undefined
  #newest: TcpConnection | undefined
  #count = 0
  #last = 0
  #now: Micros = 0

  /** @param emit receives the events; slices in them are borrowed. */
  constructor(emit: EmitTcp, limits: Partial<ReassemblyLimits> = {}) {
    const { connections, pendingPerDirection, pending } = { ...REASSEMBLY_LIMITS, ...limits }
    this.#connectionsMax = connections
    this.#around = {
      emit,
      recent: new RecentBytes(),
      budget: { used: 0, limit: pending },
      packets: { seen: 0 },
      pendingMax: pendingPerDirection,
    }
  }

  segment(segment: Segment): void {
    this.#now = segment.at
    this.#around.packets.seen++
    if (this.#waiting.size > 0) this.tick(segment.at)
    const connection = this.#find(segment)
    connection.accept(segment)
    if (connection.isWaiting) this.#waiting.add(connection)
    if (this.#around.budget.used > this.#around.budget.limit) this.#hurry()
  }

  /** Time has passed: what has waited long enough is given up. Needed only where packets may stop coming. */
  tick(now: Micros): void {
    this.#now = now
    for (const connection of this.#waiting) {
      connection.tick(now)
      if (connection.isWaiting) return
      this.#waiting.delete(connection)
    }
  }

  /** The capture is over: all that waits is delivered, every connection is closed. */
  end(): void {
    while (this.#oldest !== undefined) this.#forget(this.#oldest, 'end-of-input')
  }

  /** Too much waits: who has waited longest gives way. */
  #hurry(): void {
    const { budget } = this.#around
    for (const connection of this.#waiting) {
      if (budget.used <= budget.limit) return
      connection.hurry()
      this.#waiting.delete(connection)
    }
  }

  #find(segment: Segment): TcpConnection {
    const known = this.#byFlow.get(segment.flow)
    if (known !== undefined) {
      if (!known.isReplacedBy(segment)) {
        if (known !== this.#newest) {
          this.#unlink(known)
          this.#link(known)
        }
        return known
      }
      this.#forget(known, 'replaced')
    }
    if (this.#count === this.#connectionsMax) this.#forget(this.#oldest!, 'forgotten')
    const connection = new TcpConnection(++this.#last, segment.flow, this.#around)
    this.#byFlow.set(segment.flow, connection)
    this.#byFlow.set(reversed(segment.flow), connection)
    this.#link(connection)
    this.#count++
    return connection
  }

  #forget(connection: TcpConnection, how: TcpClosed): void {
    connection.close(how, undefined, this.#now)
    this.#byFlow.delete(connection.flow)
    this.#byFlow.delete(reversed(connection.flow))
    this.#waiting.delete(connection)
    this.#unlink(connection)
    this.#count--
  }

  #link(connection: TcpConnection): void {
    connection.older = this.#newest
    connection.newer = undefined
    if (this.#newest === undefined) this.#oldest = connection
    else this.#newest.newer = connection
    this.#newest = connection
  }

  #unlink(connection: TcpConnection): void {
    const { older, newer } = connection
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
  }
}
