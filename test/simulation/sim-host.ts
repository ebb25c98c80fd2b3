/**
 * A host of the simulated world: a machine with a name and a disk, and a reference server that is started
 * on it,
 * killed, and started again.
 *
 * All that enters and leaves the server's backlog is told to the history book; PSYNC is watched at the door.
 */
import type { ByteString } from '../../src/bytes/byte-string.ts'
import { Settings } from '../../src/server/config/settings.ts'
import { datasetDigest } from '../../src/server/dataset/digest.ts'
import { RedisServer } from '../../src/server/server.ts'
import type { ProcessFacts } from '../../src/server/server-state.ts'
import type { HostClock } from '../support/sim-clock.ts'
import { SimDisk } from '../support/sim-disk.ts'
import type { SimRandom } from '../support/sim-random.ts'
import { fingerprint } from './fingerprint.ts'
import type { Place } from './history-book.ts'
import { SimClient } from './sim-client.ts'
import { type MasterFacts, type SyncEvent, watchSync } from './sync-watch.ts'
import type { World } from './world.ts'

export const PORT = 6379

export type Config = Readonly<Record<string, string>>

const BASE: Config = {
  'protected-mode': 'no',
  'enable-debug-command': 'yes',
  databases: '3',
}

/** The machine below: always the same. */
const FACTS: ProcessFacts = {
  pid: 1,
  os: 'simulated',
  executable: '/simulated',
  systemBytes: 2 ** 33,
  residentBytes: () => 2 ** 24,
  cpu: () => ({ userMicros: 0, systemMicros: 0 }),
}

export class SimHost {
  readonly name: string
  readonly world: World
  readonly random: SimRandom
  readonly disk: SimDisk
  config: Config
  server: RedisServer | undefined
  /** For questions; gone with the server. */
  #client: SimClient | undefined
  #clock: HostClock | undefined
  #stop: () => void = () => {}
  #stopListening: () => void = () => {}

  constructor(world: World, name: string, random: SimRandom, config: Config) {
    this.world = world
    this.name = name
    this.random = random
    this.disk = new SimDisk(random.fork('disk'))
    this.config = config
  }

  get isUp(): boolean {
    return this.server !== undefined
  }

  get address(): string {
    return `${this.name}:${PORT}`
  }

  /** Starts the server, from the snapshot on the disk if there is one: at once, or while it listens. */
  start(replicaof?: SimHost): void {
    const { world } = this
    const settings = new Settings()
    for (const [name, value] of Object.entries({ ...BASE, ...this.config })) settings.read(name, value)
    settings.read('port', String(PORT))
    if (replicaof !== undefined) settings.read('replicaof', `${replicaof.name} ${PORT}`)
    const clock = world.clock.forHost()
    this.#clock = clock
    const server = new RedisServer(
      {
        clock,
        random: this.random.fork('server'),
        log: (level, line) => {
          if (level !== 'debug') world.trace(() => `${this.name} log: ${line}`)
        },
        facts: FACTS,
        store: this.disk.mount(clock),
        dialer: world.network.dialer(this.name),
        shutdown: () => this.kill(),
        sleep: () => {},
      },
      settings,
    )
    this.server = server
    this.#watch(server)
    if (this.random.chance(50)) server.load()
    else {
      server.loadInSlices((error) => {
        if (error !== undefined) throw error
      })
    }
    this.#stopListening = world.network.listen(this.address, (peer) =>
      watchSync(
        peer,
        (watched) => server.accept(watched),
        () => this.#facts(),
        (event) => this.#told(event, peer.remote),
      ),
    )
    this.#stop = server.start()
  }

  /** The process dies, as with kill -9; the disk stays. */
  kill(): void {
    if (this.server === undefined) return
    this.#stopListening()
    this.#stop()
    this.#clock!.isDead = true
    this.world.network.kill(this.name)
    this.server = undefined
    this.#client = undefined
  }

  client(): SimClient {
    const client = new SimClient(this.server!)
    const password = this.config.requirepass
    if (password !== undefined) client.say(['AUTH', password])
    return client
  }

  /** A question that is answered at once. */
  ask(...words: readonly (string | number)[]): string {
    this.#client ??= this.client()
    return this.#client.say(words)
  }

  get place(): Place {
    const { replid, replid2, secondOffset, offset } = this.server!.state.replication.history
    return { replid, replid2, secondOffset, offset }
  }

  get isReplica(): boolean {
    return this.server!.state.isReplica
  }

  /** As a replica: the link to its master is up. */
  get isLinked(): boolean {
    return this.server!.state.replication.master.isUp
  }

  /** What DEBUG DIGEST says: what a user would compare. */
  get digest(): string {
    return datasetDigest(this.server!.state.databases)
  }

  /** Quicker, and sees more. */
  get fingerprint(): string {
    return fingerprint(this.server!.state.databases)
  }

  #facts(): MasterFacts {
    const { state } = this.server!
    const { backlog, failover } = state.replication
    return {
      ...this.place,
      backlog: backlog.window,
      isUnable: state.isLoading || failover.isUnderWay,
      isUnlinked: this.isReplica && !this.isLinked,
      isDiskFull: this.disk.isFull,
    }
  }

  #told(event: SyncEvent, remote: string): void {
    if (event.kind !== 'asked') this.world.counts[event.kind]++
    if (event.kind === 'full') this.world.onSnapshot()
    this.world.trace(() =>
      event.kind === 'asked'
        ? `${this.name} is asked by ${remote} for ${event.replid} ${event.offset}`
        : `${this.name} answers ${remote} ${event.line}`,
    )
  }

  #watch(server: RedisServer): void {
    const { state } = server
    const { backlog } = state.replication
    const { book } = this.world
    const append = backlog.append.bind(backlog)
    backlog.append = (piece: ByteString | Buffer) => {
      if (state.isReplica) book.compare(this.place, piece)
      else book.write(server, this.place, piece)
      append(piece)
    }
  }
}
