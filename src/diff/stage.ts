/**
 * Stage: where a scenario is played, with all that it needs: servers, clients, played peers, the journal.
 *
 *   played replicas ──► subject ◄── clients           role master
 *   played masters  ◄── subject ◄── clients           role replica
 *   tap ◄── servers of one kind ◄── clients           role pair
 *
 * It knows who is there and how the run's own names ({subject.port}) are spelt; what is done with them is
 * said in play.ts and the players.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { fromText } from '../bytes/byte-string.ts'
import { splitInline } from '../codec/resp/inline.ts'
import { parseAddress } from '../io/address.ts'
import { type PlayedConnection, PlayedListener } from '../io/played-connection.ts'
import { openProxy, type ProxyServer } from '../io/proxy.ts'
import { freePort } from '../io/redis-process.ts'
import type { Instance, Subject } from '../io/subject.ts'
import type { SubjectClient } from '../io/subject-client.ts'
import type { Clock } from '../ports.ts'
import { Conversation } from '../replication/conversation.ts'
import type { Side } from '../replication/events.ts'
import { Journal } from './journal.ts'
import { playedMasters, type Scenario } from './scenario.ts'
import { type Config, SUBJECT } from './step.ts'

/** A peer of a link that we play. */
export type Peer = {
  readonly name: string
  readonly lane: string
  /** What we are. */
  readonly side: Side
  readonly connection: PlayedConnection
  /** The history it was told of last. */
  replid: string | undefined
  /** Where its last connection stood when it was cut. */
  offset: number | undefined
  framing: 'length' | 'mark' | undefined
  /** The stream comes by itself: nothing is due that would start it. */
  isFlowing: boolean
  isStalled: boolean
}

/** What a step awaited did not come: the scenario ends here. */
export class Missing extends Error {}

/** A replica that is told of its master by a command offers its own history first. */
export type Attaches = 'by configuration' | 'by command'

const PORT_ATTEMPTS = 4
const CLIENT_PATIENCE_MS = 10_000

export class Stage {
  readonly scenario: Scenario
  readonly journal: Journal
  readonly instances = new Map<string, Instance>()
  readonly doors = new Map<string, PlayedListener>()
  /** Played peers, by name; a new connection takes the place of an old one. */
  readonly peers = new Map<string, Peer>()
  readonly ports = new Map<number, string>()
  readonly #subject: Subject
  readonly #clients = new Map<string, SubjectClient>()
  readonly #taps: ProxyServer[] = []
  readonly #clock: Clock
  readonly #attaches: Attaches
  readonly #connections = new Map<string, number>()

  constructor(subject: Subject, scenario: Scenario, clock: Clock, attaches: Attaches) {
    this.#attaches = attaches
    this.#subject = subject
    this.scenario = scenario
    this.#clock = clock
    this.journal = new Journal(clock)
  }

  /** Doors are opened and, but for a pair, the subject is started. */
  async set(): Promise<void> {
    for (const name of playedMasters(this.scenario)) {
      const door = new PlayedListener(() => this.journal.ring())
      await door.open()
      this.doors.set(name, door)
      this.ports.set(door.port, name)
    }
    const { role, config } = this.scenario
    const follows = role === 'replica' && !('replicaof' in config) ? { replicaof: `127.0.0.1 {m1.port}` } : {}
    if (role !== 'pair') await this.start(SUBJECT, { ...config, ...follows })
  }

  /** Starts a server; another port is tried where somebody has taken the first one meanwhile. */
  async start(name: string, config: Config): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const port = await this.#subject.port()
      try {
        return await this.#startAt(port, name, config)
      } catch (error) {
        this.ports.delete(port)
        if (!/in use/i.test((error as Error).message) || attempt === PORT_ATTEMPTS) throw error
      }
    }
  }

  /** Of a pair, each has a tap before it, which it announces as its own port. */
  async #startAt(port: number, name: string, config: Config): Promise<void> {
    const isPair = this.scenario.role === 'pair'
    if (isPair) await this.#tap(name, port)
    this.ports.set(port, isPair ? `${name} itself` : name)
    const announced = isPair ? { 'replica-announce-port': this.#portOf(name) } : {}
    const lines = { ...(isPair ? this.scenario.config : {}), ...announced, ...this.#resolved(config) }
    // "none" is how a scenario says: no master to begin with.
    const { replicaof, ...rest } = lines as Record<string, string | number>
    const follows = replicaof !== undefined && replicaof !== 'none'
    const isCommanded = follows && this.#attaches === 'by command'
    const instance = await this.#subject.start(follows && !isCommanded ? { ...rest, replicaof } : rest, port)
    this.instances.set(name, instance)
    if (!isCommanded) return
    const client = await instance.client()
    await client.command(['REPLICAOF', ...String(replicaof).split(' ')].map(fromText))
    client.close()
  }

  instance(name: string): Instance {
    const instance = this.instances.get(name)
    if (instance === undefined)
      throw new Error(`scenario ${this.scenario.name}: no server "${name}" was started`)
    return instance
  }

  peer(name: string): Peer {
    const peer = this.peers.get(name)
    if (peer === undefined) throw new Error(`scenario ${this.scenario.name}: nobody plays "${name}"`)
    return peer
  }

  /** What the next connection of a peer is called: `link r1`, `link r1 #2`. */
  laneFor(name: string): string {
    const number = (this.#connections.get(name) ?? 0) + 1
    this.#connections.set(name, number)
    return number === 1 ? `link ${name}` : `link ${name} #${number}`
  }

  /** Takes the place of an earlier connection of that name, and remembers what that one knew. */
  enter(name: string, side: Side, lane: string, connection: PlayedConnection): Peer {
    const before = this.peers.get(name)
    before?.connection.close()
    const peer: Peer = {
      name,
      lane,
      side,
      connection,
      replid: before?.replid,
      offset: before?.connection.conversation.offset ?? before?.offset,
      framing: undefined,
      isFlowing: false,
      isStalled: false,
    }
    this.peers.set(name, peer)
    return peer
  }

  /** The client of that name, connected to that server when it is first heard of. */
  async client(name: string, at: string): Promise<SubjectClient> {
    const known = this.#clients.get(name)
    if (known !== undefined && !known.isClosed) return known
    const client = await this.instance(at).client()
    this.#clients.set(name, client)
    return client
  }

  /** The next reply of a client. @throws Missing */
  async replyOf(client: SubjectClient, within = CLIENT_PATIENCE_MS) {
    let isThere = false
    const promise = client.next().then((value) => {
      isThere = true
      this.journal.ring()
      return value
    })
    await this.journal.until(() => isThere, within)
    if (!isThere) throw new Missing(`no reply within ${within} ms`)
    return promise
  }

  /** A command line as its words, names of this run put in. */
  words(line: string): ByteString[] {
    const text = fromText(this.resolve(line))
    // Without quotes there is nothing to be read char by char, and a scenario may have long values.
    const words = /["']/.test(text) ? splitInline(text) : (text.split(' ') as ByteString[])
    if (words === undefined) throw new Error(`scenario ${this.scenario.name}: quotes of ${line}`)
    return words
  }

  /** `{m1.port}` and its like as they are in this run. */
  resolve(text: string): string {
    return text.replace(/\{([a-z][a-z0-9]*)\.(port|replid)\}/g, (_, name: string, what: string) =>
      what === 'port' ? String(this.#portOf(name)) : (this.peers.get(name)?.replid ?? '?'),
    )
  }

  /** Everything is ended; nothing that happens now is written down. */
  async strike(): Promise<void> {
    for (const client of this.#clients.values()) client.close()
    // Servers first: one that outlives its master's door would knock at the next one with that port.
    await Promise.all([...this.instances.values()].map((instance) => instance.stop()))
    for (const { connection } of this.peers.values()) connection.close()
    for (const door of this.doors.values()) door.shut()
    await Promise.all(this.#taps.map((tap) => tap.close()))
  }

  #resolved(config: Config): Config {
    return Object.fromEntries(
      Object.entries(config).map(([name, value]) => [
        name,
        typeof value === 'string' ? this.resolve(value) : value,
      ]),
    )
  }

  #portOf(name: string): number {
    const named = [...this.ports].find(([, called]) => called === name)
    if (named === undefined) throw new Error(`scenario ${this.scenario.name}: nobody is called "${name}"`)
    return named[0]
  }

  async #tap(name: string, port: number): Promise<void> {
    let connections = 0
    const tap = await openProxy({
      // Not just any: the system would give out the one where the server is about to listen.
      listen: parseAddress(`:${await freePort()}`, 'tap'),
      master: parseAddress(`:${port}`, 'tap'),
      now: () => this.#clock.now(),
      notice: () => {},
      converse: (replica, master, at) => {
        const lane = `link to ${name}${++connections > 1 ? ` #${connections}` : ''}`
        const conversation = new Conversation({
          emit: (event) => this.journal.event(lane, event),
          snapshot: 'values',
        })
        conversation.opened(replica, master, at)
        return {
          push: (side, chunk, when) => conversation.push(side, chunk, when),
          stripped: (strip) => conversation.stripped(strip),
          ending: () => conversation.ending(),
          end: (side, how, when) => conversation.end(side, how, when),
        }
      },
    })
    this.#taps.push(tap)
    const before = [...this.ports].find(([, called]) => called === name)
    if (before !== undefined) this.ports.delete(before[0])
    this.ports.set(Number(/\d+$/.exec(tap.address)?.[0]), name)
  }
}
