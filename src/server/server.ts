/**
 * RedisServer: the reference server, put together. Sockets connect sessions to it; nothing in here opens one.
 */
import type { Peer } from '../ports.ts'
import { CommandTable } from './command-spec.ts'
import { bitmapCommands } from './commands/bitmaps.ts'
import { connectionCommands } from './commands/connection.ts'
import { debugCommands } from './commands/debug.ts'
import { hashCommands } from './commands/hashes.ts'
import { hyperLogLogCommands } from './commands/hyperloglogs.ts'
import { serverCommands } from './commands/server.ts'
import { stringCommands } from './commands/strings.ts'
import { transactionCommands } from './commands/transactions.ts'
import type { Settings } from './config/settings.ts'
import { Executor } from './executor.ts'
import { ServerState, type Surroundings } from './server-state.ts'
import { Session } from './session.ts'

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
      serverCommands,
      stringCommands,
      transactionCommands,
    )
    this.state = new ServerState(surroundings, table, settings)
    this.executor = new Executor(this.state)
    this.state.executor = this.executor
  }

  /** A client has connected. */
  connect(peer: Peer): Session {
    return new Session(this.state, this.executor, peer)
  }
}
