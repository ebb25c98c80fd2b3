/**
 * A scenario from a seed: hosts with random configurations, a while of clients and mishaps, then quiet,
 * and the
 * proof that all have become equal.
 *
 *   storm   clients write to whoever is a master; links are cut, stalled, half-closed, parted; replicas are
 *           re-pointed and promoted; servers die and come back with their disk or without; backlogs shrink
 *   calm    one master is chosen, all others follow it, directly or in a chain; nobody writes
 *   end     within a bound of virtual time: every link up, equal offsets, equal digests, and it stays so
 */
import type { Weather } from '../support/sim-pipe.ts'
import { SimRandom } from '../support/sim-random.ts'
import { randomRead, randomTurn } from '../support/workload.ts'
import { act } from './mishaps.ts'
import type { SimClient } from './sim-client.ts'
import { type Config, PORT, type SimHost } from './sim-host.ts'
import { World } from './world.ts'

const MILLISECOND = 1000
const SECOND = 1_000_000
/** Virtual time after which everybody must be equal: several repl-timeouts of the largest kind, and syncs. */
const CALM_SECONDS = 120
const CLIENTS_MAX = 6
/** Seconds in which a server must be able to obey. */
const PATIENCE = 30

export type Outcome = {
  readonly seed: number
  /** What does not hold. */
  readonly failure: string | undefined
  readonly counts: { readonly full: number; readonly partial: number; readonly refused: number }
  readonly events: number
  readonly virtualSeconds: number
  readonly trace: readonly string[]
}

/** Runs one seed. @param isTraced whether the outcome has a trace, which costs time and changes nothing */
export function runSeed(seed: number, isTraced = false): Outcome {
  const random = new SimRandom(seed)
  const world = new World(random, randomWeather(random), isTraced)
  let failure: string | undefined
  try {
    new Scenario(world, random).play()
  } catch (error) {
    const { stack, message } = error as Error
    failure = isTraced ? (stack ?? message) : message
  }
  const { counts, clock } = world
  return {
    seed,
    failure,
    counts,
    events: clock.events,
    virtualSeconds: clock.elapsed / SECOND,
    trace: world.tail,
  }
}

function randomWeather(random: SimRandom): Weather {
  const low = random.skewed(20, 20 * MILLISECOND)
  return {
    latency: [low, random.skewed(low, 10 * low)],
    segmentBytes: random.pick([50, 500, 1460, 65_536, 65_536]),
    windowBytes: random.pick([600, 8192, 65_536, 65_536]),
    readMicros: random.pick([0, 0, 1000, 20_000]),
    highWater: random.pick([16 * 1024, 64 * 1024]),
  }
}

function randomConfig(random: SimRandom): Config {
  return {
    'repl-backlog-size': random.pick(['16kb', '16kb', '32kb', '1mb']),
    'repl-backlog-ttl': random.pick(['3600', '3600', '1', '5', '0']),
    'repl-diskless-sync': random.pick(['yes', 'no']),
    'repl-diskless-sync-delay': random.pick(['0', '0', '1', '5']),
    'repl-diskless-sync-max-replicas': random.pick(['0', '0', '2']),
    'repl-diskless-load': random.pick(['disabled', 'on-empty-db', 'swapdb']),
    'repl-timeout': random.pick(['3', '6', '10']),
    'repl-ping-replica-period': random.pick(['1', '2', '10']),
    'replica-serve-stale-data': random.pick(['yes', 'yes', 'yes', 'no']),
    'replica-lazy-flush': random.pick(['yes', 'no']),
    'lazyfree-lazy-expire': random.pick(['yes', 'no']),
    rdbcompression: random.pick(['yes', 'no']),
    rdbchecksum: random.pick(['yes', 'yes', 'no']),
    save: random.pick(['', '', '1 1', '5 10']),
  }
}

class Scenario {
  readonly #world: World
  readonly #random: SimRandom
  readonly #clients: { readonly host: SimHost; readonly client: SimClient }[] = []

  constructor(world: World, random: SimRandom) {
    this.#world = world
    this.#random = random.fork('scenario')
  }

  play(): void {
    this.#begin()
    this.#storm()
    this.#calm()
    this.#end()
  }

  #begin(): void {
    const [random, world] = [this.#random, this.#world]
    world.clock.lookMicros = random.pick([0, 0, 1, 400])
    const count = random.between(2, 4)
    for (let i = 0; i < count; i++) world.add(randomConfig(random))
    const [master, ...replicas] = world.hosts
    master!.start()
    if (random.chance(50)) this.#write(random.between(1, 200))
    for (const replica of replicas) {
      const isChained = random.chance(30)
      replica.start(isChained ? random.pick(world.up) : master)
    }
  }

  #storm(): void {
    const [random, world] = [this.#random, this.#world]
    const [steps, mishaps] = [random.between(10, 60), random.pick([5, 15, 40])]
    for (let i = 0; i < steps; i++) {
      if (random.chance(80)) this.#write(random.skewed(1, 30))
      if (random.chance(mishaps)) act(world, random)
      if (random.chance(10)) world.compareData()
      world.clock.run(random.skewed(MILLISECOND, 3 * SECOND))
    }
  }

  /** Clients say something to servers that are masters; some read from whoever is there. */
  #write(turns: number): void {
    const [random, world] = [this.#random, this.#world]
    const masters = world.up.filter((host) => !host.isReplica)
    if (masters.length === 0) return
    for (let i = 0; i < turns; i++) {
      const isReader = random.chance(10)
      const client = this.#client(random.pick(isReader ? world.up : masters))
      const turn = client.host.isReplica ? randomRead(random) : randomTurn(random)
      world.trace(
        () =>
          `client of ${client.host.name}: ${turn.map((words) => words.join(' ').slice(0, 80)).join('; ')}`,
      )
      client.client.say(...turn)
      if (random.chance(20)) world.clock.run(random.skewed(10, 50 * MILLISECOND))
      if (!client.host.isUp) return
    }
  }

  #client(host: SimHost) {
    const clients = this.#clients
    const isGone = ({ host, client }: (typeof clients)[number]): boolean =>
      client.isClosed || client.session.server !== host.server?.state
    const kept = clients.filter((one) => !isGone(one))
    clients.splice(0, clients.length, ...kept)
    if (clients.length >= CLIENTS_MAX)
      clients.splice(this.#random.below(clients.length), 1)[0]!.client.leave()
    const known = clients.filter((one) => one.host === host)
    if (known.length > 0 && this.#random.chance(80)) return this.#random.pick(known)
    const added = { host, client: host.client() }
    clients.push(added)
    return added
  }

  /** All that was broken is mended, and everybody is told whom to follow. */
  #calm(): void {
    const [random, world] = [this.#random, this.#world]
    for (const { host, client } of this.#clients) if (host.isUp) client.leave()
    for (const host of world.hosts) {
      host.disk.isFull = false
      if (host.isUp) host.ask('SHUTDOWN', 'ABORT')
      else host.start()
    }
    const following = [...world.hosts]
    const master = following.splice(random.below(following.length), 1)[0]!
    world.trace(() => `calm: ${master.name} is the master`)
    if (master.isReplica) this.#tell(master, 'NO', 'ONE')
    const placed = [master]
    for (const host of following) {
      const upstream = random.chance(30) ? random.pick(placed) : master
      placed.push(host)
      world.trace(() => `calm: ${host.name} follows ${upstream.name}`)
      this.#tell(host, upstream.name, PORT)
    }
  }

  /** An administrator is patient: a server that loads or fails over is told again. */
  #tell(host: SimHost, ...whom: readonly (string | number)[]): void {
    for (let tries = 0; tries < PATIENCE; tries++) {
      const reply = host.ask('REPLICAOF', ...whom)
      if (reply.startsWith('+')) return
      this.#world.trace(() => `${host.name} answers REPLICAOF ${whom.join(' ')} ${reply.trim()}`)
      this.#world.clock.run(SECOND)
    }
    throw new Error(`${host.name} cannot be told whom to follow`)
  }

  #end(): void {
    const { clock } = this.#world
    let why: string | undefined
    for (let second = 0; second < CALM_SECONDS; second++) {
      clock.run(SECOND + 10 * MILLISECOND)
      why = this.#difference()
      if (why === undefined) break
    }
    if (why !== undefined) throw new Error(`still not equal after ${CALM_SECONDS} s of calm: ${why}`)
    this.#world.compareData()
    const digests = new Set(this.#world.hosts.map(({ digest }) => digest))
    if (digests.size !== 1) throw new Error('all are at the same place, with other data')
  }

  /** What is not yet as it should be. */
  #difference(): string | undefined {
    const { hosts } = this.#world
    const ids = new Set(hosts.map(({ place }) => place.replid))
    for (const host of hosts) {
      if (!host.isReplica) continue
      if (!host.isLinked) return `${host.name} has no link`
    }
    const offsets = hosts.map(({ place }) => place.offset)
    if (new Set(offsets).size > 1) return `offsets ${offsets.join(' ')}`
    return ids.size > 1 ? `ids ${[...ids].join(' ')}` : undefined
  }
}
