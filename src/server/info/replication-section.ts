/** INFO replication. Source: redis 7.0 `src/server.c`, genRedisInfoString. */
import type { ServerState } from '../server-state.ts'
import type { Field } from './field.ts'

export function replicationSection(server: ServerState): Field[] {
  return [['role', 'master'], ['connected_slaves', 0], ...historyFields(server)]
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
