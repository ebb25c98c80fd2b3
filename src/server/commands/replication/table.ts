/** All commands of replication: what masters, replicas and their operators say to each other. */
import { psyncCommands } from './psync.ts'
import { replconfCommands } from './replconf.ts'
import { replicaofCommands } from './replicaof.ts'
import { roleCommands } from './role.ts'
import { waitCommands } from './wait.ts'

export const replicationCommands = {
  ...psyncCommands,
  ...replconfCommands,
  ...replicaofCommands,
  ...roleCommands,
  ...waitCommands,
}
