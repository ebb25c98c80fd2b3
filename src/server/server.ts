/**
 * RedisServer: the reference server, put together. Sockets connect sessions to it; nothing in here opens one.
 */
import type { Peer } from '../ports.ts'
import { CommandTable } from './command-spec.ts'
import { bitmapCommands } from './commands/bitmaps/table.ts'
import { commandCommands } from './commands/command.ts'
import { configCommands } from './commands/config.ts'
import { connectionCommands } from './commands/connection.ts'
import { debugCommands } from './commands/debug.ts'
import { flushCommands } from './commands/flush.ts'
import { hashCommands } from './commands/hashes/table.ts'
import { hyperLogLogCommands } from './commands/hyperloglogs/table.ts'
import { infoCommands } from './commands/info.ts'
import { keyCommands } from './commands/keys/table.ts'
import { latencyCommands } from './commands/latency.ts'
import { memoryCommands } from './commands/memory.ts'
import { persistenceCommands } from './commands/persistence.ts'
import { serverCommands } from './commands/server.ts'
import { slowLogCommands } from './commands/slow-log.ts'
import { stringCommands } from './commands/strings/table.ts'
import { transactionCommands } from './commands/transactions.ts'
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
    const table = new CommandTable(
      bitmapCommands,
      connectionCommands,
      debugCommands,
      hashCommands,
      hyperLogLogCommands,
      commandCommands,
      configCommands,
      flushCommands,
      infoCommands,
      keyCommands,
      latencyCommands,
      memoryCommands,
      persistenceCommands,
      slowLogCommands,
      serverCommands,
      stringCommands,
      transactionCommands,
    )
    this.state = new ServerState(surroundings, table, settings)
    this.executor = new Executor(this.state)
    this.state.executor = this.executor
  }

  /** Begins what goes on by itself; the result ends it. */
  start(): () => void {
    const { clock } = this.state
    let cancel = () => {}
    const turn = (): void => {
      this.state.expiry.turn(TURN_MICROS)
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
