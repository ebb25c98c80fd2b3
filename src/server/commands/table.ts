/**
 * The table of all commands: one line a file. Each server gets its own, because a command counts its calls.
 */
import { CommandTable } from '../command-spec.ts'
import { authenticationCommands } from './authentication.ts'
import { bitmapCommands } from './bitmaps/table.ts'
import { clientCommands } from './client.ts'
import { clusterCommands } from './cluster.ts'
import { commandCommands } from './command.ts'
import { configCommands } from './config.ts'
import { connectionCommands } from './connection.ts'
import { debugCommands } from './debug/table.ts'
import { flushCommands } from './flush.ts'
import { geoCommands } from './geo/table.ts'
import { hashCommands } from './hashes/table.ts'
import { hyperLogLogCommands } from './hyperloglogs/table.ts'
import { infoCommands } from './info.ts'
import { keyCommands } from './keys/table.ts'
import { latencyCommands } from './latency.ts'
import { listCommands } from './lists/table.ts'
import { memoryCommands } from './memory.ts'
import { monitorCommands } from './monitor.ts'
import { persistenceCommands } from './persistence.ts'
import { processCommands } from './process.ts'
import { pubsubCommands } from './pubsub.ts'
import { replicationCommands } from './replication/table.ts'
import { serverCommands } from './server.ts'
import { setCommands } from './sets/table.ts'
import { slowLogCommands } from './slow-log.ts'
import { sortedSetCommands } from './sorted-sets/table.ts'
import { streamCommands } from './streams/table.ts'
import { stringCommands } from './strings/table.ts'
import { transactionCommands } from './transactions.ts'

export function commandTable(): CommandTable {
  return new CommandTable(
    authenticationCommands,
    bitmapCommands,
    clientCommands,
    clusterCommands,
    commandCommands,
    configCommands,
    connectionCommands,
    debugCommands,
    flushCommands,
    geoCommands,
    hashCommands,
    hyperLogLogCommands,
    infoCommands,
    keyCommands,
    latencyCommands,
    listCommands,
    memoryCommands,
    monitorCommands,
    persistenceCommands,
    processCommands,
    pubsubCommands,
    replicationCommands,
    serverCommands,
    setCommands,
    slowLogCommands,
    sortedSetCommands,
    streamCommands,
    stringCommands,
    transactionCommands,
  )
}
