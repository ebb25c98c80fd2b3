/**
 * The table of all commands: one line a file. Each server gets its own, because a command counts its calls.
 */
import { CommandTable } from '../command-spec.ts'
import { bitmapCommands } from './bitmaps.ts'
import { clientCommands } from './client.ts'
import { commandCommands } from './command.ts'
import { configCommands } from './config.ts'
import { connectionCommands } from './connection.ts'
import { debugCommands } from './debug.ts'
import { flushCommands } from './flush.ts'
import { hashCommands } from './hashes.ts'
import { hyperLogLogCommands } from './hyperloglogs.ts'
import { infoCommands } from './info.ts'
import { keyCommands } from './keys/table.ts'
import { latencyCommands } from './latency.ts'
import { listCommands } from './lists/table.ts'
import { memoryCommands } from './memory.ts'
import { monitorCommands } from './monitor.ts'
import { persistenceCommands } from './persistence.ts'
import { pubsubCommands } from './pubsub.ts'
import { serverCommands } from './server.ts'
import { setCommands } from './sets/table.ts'
import { slowLogCommands } from './slow-log.ts'
import { sortedSetCommands } from './sorted-sets/table.ts'
import { stringCommands } from './strings.ts'
import { transactionCommands } from './transactions.ts'

export function commandTable(): CommandTable {
  return new CommandTable(
    bitmapCommands,
    clientCommands,
    commandCommands,
    configCommands,
    connectionCommands,
    debugCommands,
    flushCommands,
    hashCommands,
    hyperLogLogCommands,
    infoCommands,
    keyCommands,
    latencyCommands,
    listCommands,
    memoryCommands,
    monitorCommands,
    persistenceCommands,
    pubsubCommands,
    serverCommands,
    setCommands,
    slowLogCommands,
    sortedSetCommands,
    stringCommands,
    transactionCommands,
  )
}
