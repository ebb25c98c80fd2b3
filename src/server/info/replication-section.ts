/** INFO replication. Source: redis 7.0 `src/server.c`, genRedisInfoString. */

import type { AttachedReplica } from '../replication/attached-replica.ts'
import type { ServerState } from '../server-state.ts'
import type { Field } from './field.ts'

export function replicationSection(server: ServerState): Field[] {
  const role = server.isReplica ? masterFields(server) : [['role', 'master'] as const]
  return [...role, ...replicaFields(server), ...historyFields(server)]
}

function masterFields(server: ServerState): Field[] {
  const { settings, replication } = server
  const { master, history } = replication
  const { host, port } = master.target!
  // Who never had a master has an offset of 1 here.
  const hasHistory = master.isUp || master.wish !== undefined
  return [
    ['role', 'slave'],
    ['master_host', host],
    ['master_port', port],
    ['master_link_status', master.isUp ? 'up' : 'down'],
    ['master_last_io_seconds_ago', master.isUp ? master.silentSeconds : -1],
    ['master_sync_in_progress', master.state === 'transfer' ? 1 : 0],
    ['slave_read_repl_offset', hasHistory ? master.readOffset : 1],
    ['slave_repl_offset', hasHistory ? history.offset : 1],
    ...(master.state === 'transfer' ? transferFields(server) : []),
    ...(master.isUp ? [] : [['master_link_down_since_seconds', master.downSeconds ?? -1] as const]),
    ['slave_priority', settings.get<number>('replica-priority')],
    ['slave_read_only', settings.isReplicaReadOnly ? 1 : 0],
    ['replica_announced', settings.get<boolean>('replica-announced') ? 1 : 0],
  ]
}

function transferFields({ replication }: ServerState): Field[] {
  const { intake, silentSeconds } = replication.master
  const total = intake?.totalBytes ?? -1
  const read = intake?.readBytes ?? 0
  return [
    ['master_sync_total_bytes', total],
    ['master_sync_read_bytes', read],
    ['master_sync_left_bytes', total - read],
    ['master_sync_perc', total === 0 ? '0.00' : ((read / total) * 100).toFixed(2)],
    ['master_sync_last_io_seconds_ago', silentSeconds],
  ]
}

function replicaFields({ replication, clock }: ServerState): Field[] {
  const { replicas } = replication
  const now = clock.now()
  return [
    ['connected_slaves', replicas.count],
    ...(replicas.leastGood > 0 ? [['min_slaves_good_slaves', replicas.goodCount] as const] : []),
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
    ['master_failover_state', replication.failover.state],
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
