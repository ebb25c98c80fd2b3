/** INFO stats: what happened since the server started or CONFIG RESETSTAT. */
import type { ServerState } from '../server-state.ts'
import type { Field } from './field.ts'

export function statsSection(server: ServerState): Field[] {
  const { stats, pubsub, expiry } = server
  const { keys, items, prefixes } = server.tracking.counts
  return [
    ['total_connections_received', stats.connections],
    ['total_commands_processed', stats.commands],
    ['instantaneous_ops_per_sec', stats.rates.commands],
    ['total_net_input_bytes', stats.bytesIn + stats.replicationBytesIn],
    ['total_net_output_bytes', stats.bytesOut],
    ['total_net_repl_input_bytes', stats.replicationBytesIn],
    ['total_net_repl_output_bytes', stats.replicationBytesOut],
    ['instantaneous_input_kbps', (stats.rates.bytesIn / 1024).toFixed(2)],
    ['instantaneous_output_kbps', (stats.rates.bytesOut / 1024).toFixed(2)],
    ['instantaneous_input_repl_kbps', '0.00'],
    ['instantaneous_output_repl_kbps', '0.00'],
    ['rejected_connections', stats.rejectedConnections],
    ['sync_full', stats.syncFull],
    ['sync_partial_ok', stats.syncPartialOk],
    ['sync_partial_err', stats.syncPartialErr],
    ['expired_keys', stats.expired],
    ['expired_stale_perc', expiry.stalePercent.toFixed(2)],
    ['expired_time_cap_reached_count', expiry.turnsCutShort],
    ['expire_cycle_cpu_milliseconds', Math.floor(expiry.spentMicros / 1000)],
    ['evicted_keys', stats.evicted],
    ['evicted_clients', stats.evictedClients],
    ['total_eviction_exceeded_time', 0],
    ['current_eviction_exceeded_time', 0],
    ['keyspace_hits', stats.hits],
    ['keyspace_misses', stats.misses],
    ['pubsub_channels', pubsub.count('channels')],
    ['pubsub_patterns', pubsub.count('patterns')],
    ['pubsubshard_channels', pubsub.count('shardChannels')],
    ['latest_fork_usec', 0],
    ['total_forks', 0],
    ['migrate_cached_sockets', server.migrations.count],
    ['slave_expires_tracked_keys', server.replication.localDeadlines.count],
    ['active_defrag_hits', 0],
    ['active_defrag_misses', 0],
    ['active_defrag_key_hits', 0],
    ['active_defrag_key_misses', 0],
    ['total_active_defrag_time', 0],
    ['current_active_defrag_time', 0],
    ['tracking_total_keys', keys],
    ['tracking_total_items', items],
    ['tracking_total_prefixes', prefixes],
    ['unexpected_error_replies', stats.unexpectedErrors],
    ['total_error_replies', stats.errorReplies],
    ['dump_payload_sanitizations', 0],
    ['total_reads_processed', stats.reads],
    ['total_writes_processed', stats.writes],
    ['io_threaded_reads_processed', 0],
    ['io_threaded_writes_processed', 0],
    ['reply_buffer_shrinks', stats.replyBufferShrinks],
    ['reply_buffer_expands', stats.replyBufferExpands],
  ]
}

export function errorSection(server: ServerState): Field[] {
  return [...server.stats.errors].map(([code, count]) => [`errorstat_${code}`, `count=${count}`])
}
