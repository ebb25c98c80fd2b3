/** The clients of a simulated world: they write to whoever is a master, and read from whoever is there. */
import type { SimRandom } from '../support/sim-random.ts'
import { randomRead, randomTurn } from '../support/workload.ts'
import type { SimClient } from './sim-client.ts'
import type { SimHost } from './sim-host.ts'
import type { World } from './world.ts'

const CLIENTS_MAX = 6
const MILLISECOND = 1000

type Member = { readonly host: SimHost; readonly client: SimClient }

export class Crowd {
  readonly #world: World
  readonly #random: SimRandom
  #members: Member[] = []

  constructor(world: World, random: SimRandom) {
    this.#world = world
    this.#random = random
  }

  /** So many of them say something, one after the other, and time goes on now and then. */
  act(turns: number): void {
    const [random, world] = [this.#random, this.#world]
    for (let i = 0; i < turns; i++) {
      this.turn()
      if (random.chance(20)) world.clock.run(random.skewed(10, 50 * MILLISECOND))
    }
  }

  /** One of them says something. */
  turn(): void {
    const [random, world] = [this.#random, this.#world]
    const isReader = random.chance(10)
    const hosts = isReader ? world.up : world.up.filter((host) => !host.isReplica)
    if (hosts.length === 0) return
    const { host, client } = this.#member(random.pick(hosts))
    const turn = host.isReplica ? randomRead(random) : randomTurn(random)
    world.trace(
      () => `client of ${host.name}: ${turn.map((words) => words.join(' ').slice(0, 80)).join('; ')}`,
    )
    client.say(...turn)
  }

  leave(): void {
    for (const { host, client } of this.#members) if (host.isUp) client.leave()
    this.#members = []
  }

  /** One who is there already, or a new one; there are never too many. */
  #member(host: SimHost): Member {
    const random = this.#random
    this.#members = this.#members.filter(
      ({ host, client }) => !client.isClosed && client.session.server === host.server?.state,
    )
    const members = this.#members
    if (members.length >= CLIENTS_MAX) members.splice(random.below(members.length), 1)[0]!.client.leave()
    const known = members.filter((member) => member.host === host)
    if (known.length > 0 && random.chance(80)) return random.pick(known)
    const added = { host, client: host.client() }
    members.push(added)
    return added
  }
}
