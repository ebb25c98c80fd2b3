/** All commands of replication: what masters, replicas and their operators say to each other. */
import { failoverCommands } from './failover.ts'
import { psyncCommands } from './psync.ts'
import { replconfCommands } from './replconf.ts'
import { replicaofCommands } from './replicaof.ts'
import { roleCommands } from './role.ts'
import { waitCommands } from './wait.ts'

export const replicationCommands = {
  ...failoverCommands,
  ...psyncCommands,
  ...replconfCommands,
  ...replicaofCommands,
  ...roleCommands,
  ...waitCommands,
}
