/**
 * The world of a simulation: hosts, the network between them, time, and what must always hold.
 *
 *   at each step    no replica is ahead of the history it follows; one author for each id
 *   each byte       is what the author of that id wrote there (history-book.ts)
 *   each PSYNC      is granted if and only if the backlog covers it (sync-watch.ts)
 *   when asked      who is at the same place of the same history has the same data
 */
import { SimClock } from '../support/sim-clock.ts'
import { SimNetwork } from '../support/sim-network.ts'
import type { Weather } from '../support/sim-pipe.ts'
import type { SimRandom } from '../support/sim-random.ts'
import { firstDifference } from './fingerprint.ts'
import { HistoryBook, type Place, short } from './history-book.ts'
import { type Config, SimHost } from './sim-host.ts'

/** Lines of the trace that are kept. */
const TRACE_LINES = 400

export class World {
  readonly clock = new SimClock()
  readonly book = new HistoryBook()
  readonly hosts: SimHost[] = []
  readonly network: SimNetwork
  readonly random: SimRandom
  /** Answers to PSYNC. */
  readonly counts = { full: 0, partial: 0, refused: 0 }
  /** Called when a host has begun a snapshot for a replica. */
  onSnapshot: () => void = () => {}
  readonly #trace: string[] | undefined
  /** The id under which each host was last seen as a master. */
  readonly #seen = new Map<SimHost, string>()

  /** How far each replica ever was in each history. */
  readonly #reached = new Map<SimHost, Map<string, number>>()

  constructor(random: SimRandom, weather: Weather, isTraced: boolean) {
    this.random = random
    this.network = new SimNetwork(this.clock, random.fork('network'), weather)
    this.#trace = isTraced ? [] : undefined
    this.clock.onStep = () => this.#check()
  }

  add(config: Config): SimHost {
    const name = `h${this.hosts.length}`
    const host = new SimHost(this, name, this.random.fork(name), config)
    this.hosts.push(host)
    return host
  }

  get up(): SimHost[] {
    return this.hosts.filter(({ isUp }) => isUp)
  }

  /** What happens, for who has to find out why; built only where somebody reads it. */
  trace(line: () => string): void {
    if (this.#trace === undefined) return
    this.#trace.push(`${(this.clock.elapsed / 1_000_000).toFixed(6).padStart(11)} ${line()}`)
    if (this.#trace.length > 2 * TRACE_LINES) this.#trace.splice(0, TRACE_LINES)
  }

  get tail(): string[] {
    return this.#trace?.slice(-TRACE_LINES) ?? []
  }

  /** Hosts at the same place of the same history. @throws Error where they have different data */
  compareData(): void {
    const seen = new Map<string, SimHost>()
    for (const host of this.up) {
      const { replid, offset } = host.place
      if (this.book.endOf(replid) === undefined || host.server!.state.isLoading) continue
      const place = `${replid} ${offset}`
      const other = seen.get(place)
      if (other === undefined) seen.set(place, host)
      else if (other.fingerprint !== host.fingerprint) {
        const [here, there] = [host, other].map(({ server }) => server!.state.databases)
        throw new Error(
          `${host.name} and ${other.name} are both at byte ${offset} of ${short(replid)}, with other data: ` +
            firstDifference(here!, there!),
        )
      }
    }
  }

  /** Somebody who acknowledges what he does not have follows one of the hosts: what WAIT says is worth nothing. */
  hasLiar = false

  /** WAIT on a host counted so many replicas that have this byte. @throws Error where fewer ever had it */
  expectReached(host: SimHost, { replid, offset }: Place, count: number): void {
    // Whoever is attached has byte 0.
    if (offset === 0 || this.hasLiar) return
    let found = this.#twiceConnected(host)
    for (const places of this.#reached.values()) if ((places.get(replid) ?? 0) >= offset) found++
    if (found < count) {
      throw new Error(`WAIT was told of ${count} replicas at byte ${offset}, but ${found} were there`)
    }
  }

  /** A replica that is back before its old connection is known to be dead counts twice, as in Redis. */
  #twiceConnected(host: SimHost): number {
    const links = [...this.network.links].filter(({ to, accepted }) => to === host.name && !accepted.isOver)
    return links.length - new Set(links.map(({ from }) => from)).size
  }

  #check(): void {
    for (const host of this.hosts) {
      if (host.server === undefined) continue
      const { history } = host.server.state.replication
      if (!host.isReplica) {
        // Where it begins is not known before its snapshot is loaded.
        if (host.server.state.isLoading) continue
        if (this.#seen.get(host) === history.replid) continue
        this.#seen.set(host, history.replid)
        this.book.note(host.server, host.place)
        continue
      }
      this.#note(host, history)
      const end = this.book.endOf(history.replid)
      if (end !== undefined && history.offset > end) {
        throw new Error(
          `${host.name} is at byte ${history.offset} of ${short(history.replid)}, which ends at ${end}`,
        )
      }
    }
  }

  #note(host: SimHost, { replid, offset }: { replid: string; offset: number }): void {
    let places = this.#reached.get(host)
    if (places === undefined) this.#reached.set(host, (places = new Map()))
    if (places.get(replid) !== offset) places.set(replid, Math.max(offset, places.get(replid) ?? 0))
  }
}
