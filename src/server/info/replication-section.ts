/** INFO replication. Source: redis 7.0 `src/server.c`, genRedisInfoString. */

import type { AttachedReplica } from '../replication/attached-replica.ts'
import type { ServerState } from '../server-state.ts'
import type { Field } from './field.ts'

export function replicationSection(server: ServerState): Field[] {
  return [['role', 'master'], ...replicaFields(server), ...historyFields(server)]
}

function replicaFields({ replication, settings, clock }: ServerState): Field[] {
  const { replicas } = replication
  const hasLeast =
    settings.get<number>('min-replicas-to-write') > 0 && settings.get<number>('min-replicas-max-lag') > 0
  const now = clock.now()
  return [
    ['connected_slaves', replicas.count],
    ...(hasLeast ? [['min_slaves_good_slaves', replicas.goodCount] as const] : []),
    ...[...replicas.all].map((replica, i) => [`slave${i}`, replicaLine(replica, now)] as const),
  ]
}

function replicaLine(replica: AttachedReplica, now: number): string {
  const { ip, listeningPort, stateName, ackOffset } = replica
  const lag = replica.isOnline ? replica.lagSeconds(now) : 0
  return `ip=${ip},port=${listeningPort},state=${stateName},offset=${ackOffset},lag=${lag}`
}

function historyFields({ replication, settings }: ServerState): Field[] {
  const { history, backlog } = replication
  const window = backlog.window
  return [
    ['master_failover_state', 'no-failover'],
    ['master_replid', history.replid],
    ['master_replid2', history.replid2],
    ['master_repl_offset', history.offset],
    ['second_repl_offset', history.secondOffset],
    ['repl_backlog_active', window === undefined ? 0 : 1],
    ['repl_backlog_size', settings.get<number>('repl-backlog-size')],
    ['repl_backlog_first_byte_offset', window?.first ?? 0],
    ['repl_backlog_histlen', window?.length ?? 0],
  ]
}
