/**
 * RedisServer: the reference server, put together. Sockets connect sessions to it; nothing in here opens one.
 */
import type { Peer } from '../ports.ts'
import { CommandTable } from './command-spec.ts'
import { clientCommands } from './commands/client.ts'
import { configCommands } from './commands/config.ts'
import { connectionCommands } from './commands/connection.ts'
import { debugCommands } from './commands/debug.ts'
import { flushCommands } from './commands/flush.ts'
import { keyCommands } from './commands/keys/table.ts'
import { listCommands } from './commands/lists/table.ts'
import { monitorCommands } from './commands/monitor.ts'
import { pubsubCommands } from './commands/pubsub.ts'
import { serverCommands } from './commands/server.ts'
import { setCommands } from './commands/sets/table.ts'
import { stringCommands } from './commands/strings.ts'
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
      configCommands,
      clientCommands,
      connectionCommands,
      debugCommands,
      flushCommands,
      keyCommands,
      listCommands,
      monitorCommands,
      pubsubCommands,
      serverCommands,
      setCommands,
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
      this.executor.visit(() => this.state.expiry.turn(TURN_MICROS))
      cancel = clock.after(TURN_MICROS, turn)
    }
    turn()
    return () => cancel()
  }

  /** A client has connected. */
  connect(peer: Peer): Session {
    return new Session(this.state, this.executor, peer)
  }
}
