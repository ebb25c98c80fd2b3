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
import { SimRandom } from '../support/sim-random.ts'
import { randomConfig, randomWeather, sharedConfig } from './circumstances.ts'
import { Crowd } from './crowd.ts'
import { act } from './mishaps.ts'
import { PORT, type SimHost } from './sim-host.ts'
import { World } from './world.ts'

const MILLISECOND = 1000
const SECOND = 1_000_000
/** Virtual time after which everybody must be equal: several repl-timeouts of the largest kind, and syncs. */
const CALM_SECONDS = 120
const MILD_PERCENT = 25
/** Seeds in which DEBUG DIGEST is compared, too. */
const DIGEST_PERCENT = 20
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

class Scenario {
  readonly #world: World
  readonly #random: SimRandom
  readonly #crowd: Crowd
  /** Nothing is lost but connections: nobody needs a second snapshot. */
  readonly #isMild: boolean
  /** Nobody writes any more. */
  #isCalm = false

  constructor(world: World, random: SimRandom) {
    this.#world = world
    this.#random = random.fork('scenario')
    this.#crowd = new Crowd(world, random.fork('crowd'))
    this.#isMild = this.#random.chance(MILD_PERCENT)
  }

  play(): void {
    this.#begin()
    if (this.#isMild) this.#mild()
    else {
      this.#storm()
      this.#calm()
      this.#settle()
    }
    this.#prove()
  }

  #mild(): void {
    const { counts } = this.#world
    this.#settle()
    const { full } = counts
    this.#storm()
    this.#isCalm = true
    this.#crowd.leave()
    this.#settle()
    if (counts.full > full) throw new Error(`${counts.full - full} snapshots that nobody needed`)
  }

  #begin(): void {
    const [random, world] = [this.#random, this.#world]
    world.clock.lookMicros = random.pick([0, 0, 1, 400, 1500])
    const count = random.between(2, 4)
    const shared = sharedConfig(random)
    for (let i = 0; i < count; i++) world.add({ ...randomConfig(random, this.#isMild), ...shared })
    const [master, ...replicas] = world.hosts
    master!.start()
    if (random.chance(50)) this.#crowd.act(random.skewed(1, 300))
    // Keys behind which those of the crowd are the last to be written into a snapshot.
    if (random.chance(30)) master!.ask('DEBUG', 'POPULATE', random.skewed(100, 1500))
    if (random.chance(50)) world.onSnapshot = () => this.#disturb()
    for (const replica of replicas) {
      const isChained = random.chance(30)
      replica.start(isChained ? random.pick(world.up) : master)
    }
  }

  /** Clients write while a snapshot is written. */
  #disturb(): void {
    const random = this.#random
    for (let left = random.skewed(1, 40); left > 0; left--) {
      this.#world.clock.after(random.skewed(10, 100 * MILLISECOND), () => {
        if (!this.#isCalm) this.#crowd.turn()
      })
    }
  }

  #storm(): void {
    const [random, world] = [this.#random, this.#world]
    const [steps, mishaps] = [random.between(10, 60), random.pick([5, 15, 40])]
    for (let i = 0; i < steps; i++) {
      if (random.chance(80)) this.#crowd.act(random.skewed(1, 30))
      if (random.chance(mishaps)) act(world, random, this.#isMild)
      if (random.chance(10)) world.compareData()
      world.clock.run(random.skewed(MILLISECOND, 3 * SECOND))
    }
  }

  /** All that was broken is mended, and everybody is told whom to follow. */
  #calm(): void {
    const [random, world] = [this.#random, this.#world]
    this.#isCalm = true
    this.#crowd.leave()
    // Whoever was told to shut down, and held back, does it now.
    for (const host of world.up) host.ask('CLIENT', 'UNPAUSE')
    for (const host of world.up) host.ask('FAILOVER', 'ABORT')
    world.clock.run(SECOND)
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

  /** Until all are equal. */
  #settle(): void {
    const { clock } = this.#world
    let why: string | undefined
    for (let second = 0; second < CALM_SECONDS; second++) {
      clock.run(SECOND + 10 * MILLISECOND)
      for (const host of this.#world.up) this.#mendSaving(host)
      why = this.#difference()
      if (why === undefined) break
    }
    if (why !== undefined) throw new Error(`still not equal after ${CALM_SECONDS} s of calm: ${why}`)
  }

  /** After a save that failed nobody gets in (MISCONF, even for PING) until one succeeds. */
  #mendSaving(host: SimHost): void {
    if (host.server!.state.saver.lastStatus === 'err') host.ask('BGSAVE')
  }

  #prove(): void {
    const { hosts } = this.#world
    this.#world.compareData()
    // What a user would look at says the same, as a rule: it costs much.
    if (!this.#random.chance(DIGEST_PERCENT)) return
    const digests = new Set(hosts.map(({ digest }) => digest))
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
