/**
 * RedisServer: the reference server, put together. Sockets connect sessions to it; nothing in here opens one.
 */
import type { Peer } from '../ports.ts'
import { commandTable } from './commands/table.ts'
import type { Settings } from './config/settings.ts'
import { Executor } from './executor.ts'
import { ServerState, type Surroundings } from './server-state.ts'
import { Session } from './session.ts'

/** hz 10 */
const TURN_MICROS = 100_000

export class RedisServer {
  readonly state: ServerState
  readonly executor: Executor

  constructor(surroundings: Surroundings, settings?: Settings) {
    this.state = new ServerState(surroundings, commandTable(), settings)
    this.executor = new Executor(this.state)
    this.state.executor = this.executor
  }

  /** Loads the snapshot on disk, if there is one. @throws Error where it is no good */
  load(): void {
    const { state } = this
    const began = state.clock.now()
    const loaded = state.saver.load()
    if (loaded === undefined) return
    state.adopt(loaded)
    const seconds = ((state.clock.now() - began) / 1_000_000).toFixed(3)
    state.surroundings.log(
      'notice',
      `Done loading RDB, keys loaded: ${loaded.keys}, keys expired: ${loaded.expired}.`,
    )
    state.surroundings.log('notice', `DB loaded from disk: ${seconds} seconds`)
  }

  /** Begins what goes on by itself; the result ends it. */
  start(): () => void {
    const { clock } = this.state
    let cancel = () => {}
    const turn = (): void => {
      this.executor.visit(() => this.state.expiry.turn(TURN_MICROS))
      this.state.saver.tick()
      this.state.stats.measure(TURN_MICROS / 1_000_000)
      cancel = clock.after(TURN_MICROS, turn)
    }
    turn()
    return () => cancel()
  }

  /**
   * Makes ready to end: saves if that is wanted (undefined: if there are save points).
   * @returns false where it could not be saved and the server must go on
   */
  shutdown({ save }: { readonly save: boolean | undefined }): boolean {
    const { saver, settings, surroundings } = this.state
    surroundings.log('warning', 'User requested shutdown...')
    saver.cancel()
    if (!(save ?? settings.get<string>('save') !== '')) return true
    surroundings.log('notice', 'Saving the final RDB snapshot before exiting.')
    if (saver.saveNow()) return true
    surroundings.log('warning', "Error trying to save the DB, can't exit.")
    return false
  }

  /** A client has connected. */
  connect(peer: Peer): Session {
    return new Session(this.state, this.executor, peer)
  }
}
