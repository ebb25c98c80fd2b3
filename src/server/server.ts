/**
 * RedisServer: the reference server, put together. Sockets connect sessions to it; nothing in here opens one.
 */
import type { Connection, Instant, Peer } from '../ports.ts'
import { commandTable } from './commands/table.ts'
import type { Settings } from './config/settings.ts'
import { Executor } from './executor.ts'
import { DiskLoading, loadAtOnce } from './persistence/disk-loading.ts'
import type { Loaded } from './persistence/loader.ts'
import { ServerState, type Surroundings } from './server-state.ts'
import { isLocal, Session } from './session.ts'

/** The most that hz may ask for. */
const TURNS_MAX = 500
const FIRST_TURN_MICROS = 1000
/** How long clients wait for an answer while a snapshot is loaded. */
const SLICE_MICROS = 10_000

export class RedisServer {
  readonly state: ServerState
  readonly executor: Executor

  constructor(surroundings: Surroundings, settings?: Settings, table = commandTable()) {
    this.state = new ServerState(surroundings, table, settings)
    this.executor = new Executor(this.state)
    this.state.executor = this.executor
  }

  /** Loads the snapshot on disk, if there is one, at once. @throws Error where it is no good */
  load(): void {
    const { state } = this
    const began = state.clock.now()
    const loaded = loadAtOnce(state)
    if (loaded !== undefined) this.#adopt(loaded, began)
  }

  /**
   * The same in slices: clients are answered meanwhile, that they must wait. @param done called with what
   * is wrong, if anything, when all is read @returns ends it, without a call
   */
  loadInSlices(done: (error?: Error) => void): () => void {
    const { state } = this
    const { saver, loading, clock } = state
    const file = saver.open()
    if (file === undefined) {
      done()
      return () => {}
    }
    const began = clock.now()
    loading.begin(began, file.sizeBytes)
    const reading = new DiskLoading(state, file)
    let problem: Error | undefined
    let cancel = () => {}
    const slice = (): void => {
      try {
        if (reading.step(clock.now() + SLICE_MICROS)) {
          cancel = clock.after(reading.pause(), slice)
          return
        }
        this.#adopt(reading.finish(), began)
      } catch (error) {
        problem = error as Error
      }
      end()
      done(problem)
    }
    const end = (): void => {
      cancel()
      reading.close()
      loading.end()
    }
    cancel = clock.after(0, slice)
    return () => {
      if (loading.isOn) end()
    }
  }

  #adopt(loaded: Loaded, began: Instant): void {
    const { clock, surroundings } = this.state
    this.state.adopt(loaded)
    const seconds = ((clock.now() - began) / 1_000_000).toFixed(3)
    surroundings.log('notice', `DB loaded from disk: ${seconds} seconds`)
    this.state.replication.restored(loaded)
  }

  /** Begins what goes on by itself; the result ends it. */
  start(): () => void {
    const { clock } = this.state
    const turn = (): void => {
      if (!this.state.isCronPaused) this.#turn()
      cancel = clock.after(1_000_000 / this.#turnsPerSecond, turn)
    }
    // A moment later, as Redis: whoever begins it says first that it is ready.
    let cancel = clock.after(FIRST_TURN_MICROS, turn)
    return () => {
      cancel()
      this.state.replication.stop()
      this.state.saver.cancel()
      this.state.migrations.stop()
      this.state.pause.stop()
    }
  }

  get #turnsPerSecond(): number {
    return Math.min(TURNS_MAX, Math.max(1, this.state.settings.get<number>('hz')))
  }

  #turn(): void {
    const turns = this.#turnsPerSecond
    const { expiry, saver, limits, stats, replication, ending, tracking, chatter } = this.state
    this.executor.visit(() => expiry.turn(1_000_000 / turns))
    saver.tick()
    this.executor.visit(() => replication.turn(turns))
    this.executor.visit(() => ending.turn())
    this.executor.visit(() => tracking.makeRoom())
    limits.turn(turns)
    chatter.turn(turns)
    stats.measure(1 / turns)
  }

  /** A client has connected: it gets a session, or is sent away. */
  accept(peer: Peer): Connection {
    const { settings, sessions, stats, chatter } = this.state
    chatter.accepted(peer)
    if (sessions.size >= settings.maxClients) {
      stats.rejectedConnections++
      return turnedAway(peer, 'ERR max number of clients reached')
    }
    if (settings.isProtected && settings.requirepass === '' && !isLocal(peer)) {
      stats.rejectedConnections++
      return turnedAway(peer, PROTECTED)
    }
    return this.connect(peer)
  }

  connect(peer: Peer): Session {
    this.state.stats.connections++
    const session = new Session(this.state, this.executor, peer)
    this.state.clientMemory.counted(session)
    return session
  }
}

function turnedAway(peer: Peer, why: string): Connection {
  peer.send([`-${why}\r\n`])
  peer.close()
  return { push: () => {}, drained: () => {}, closed: () => {} }
}

const PROTECTED =
  'DENIED Redis is running in protected mode because protected mode is enabled and no password is ' +
  'set for the default user. In this mode connections are only accepted from the loopback ' +
  'interface. If you want to connect from external computers to Redis you may adopt one of the ' +
  "following solutions: 1) Just disable protected mode sending the command 'CONFIG SET protected-" +
  "mode no' from the loopback interface by connecting to Redis from the same host the server is " +
  'running, however MAKE SURE Redis is not publicly accessible from internet if you do so. Use ' +
  'CONFIG REWRITE to make this change permanent. 2) Alternatively you can just disable the ' +
  'protected mode by editing the Redis configuration file, and setting the protected mode option to' +
  " 'no', and then restarting the server. 3) If you started the server manually just for testing, " +
  "restart it with the '--protected-mode no' option. 4) Setup a an authentication password for the " +
  'default user. NOTE: You only need to do one of the above things in order for the server to start' +
  ' accepting connections from the outside.'
