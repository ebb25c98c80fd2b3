/** INFO server, clients, cpu: the process and who is connected to it. */
import { REDIS_VERSION } from '../persistence/snapshot-facts.ts'
import type { ServerState } from '../server-state.ts'
import type { Field } from './field.ts'

const MICROS = 1_000_000
const DAY_SECONDS = 86_400
/** Redis keeps the time of a key's last use in 24 bits of seconds. */
const LRU_CLOCK_MAX = 2 ** 24 - 1

export function serverSection(server: ServerState): Field[] {
  const { surroundings, settings, clock } = server
  const { facts } = surroundings
  const now = clock.now()
  const uptime = Math.floor((now - server.startedAt) / MICROS)
  const hz = settings.get<number>('hz')
  return [
    ['redis_version', REDIS_VERSION],
    ['redis_git_sha1', '00000000'],
    ['redis_git_dirty', 0],
    ['redis_build_id', 'syncscope'],
    ['redis_mode', 'standalone'],
    ['os', facts.os],
    ['arch_bits', 64],
    ['monotonic_clock', 'POSIX clock_gettime'],
    ['multiplexing_api', 'libuv'],
    ['atomicvar_api', 'none'],
    ['gcc_version', '0.0.0'],
    ['process_id', facts.pid],
    ['process_supervised', 'no'],
    ['run_id', server.runId],
    ['tcp_port', settings.get<number>('port')],
    ['server_time_usec', now],
    ['uptime_in_seconds', uptime],
    ['uptime_in_days', Math.floor(uptime / DAY_SECONDS)],
    ['hz', hz],
    ['configured_hz', hz],
    ['lru_clock', Math.floor(now / MICROS) & LRU_CLOCK_MAX],
    ['executable', facts.executable],
    ['config_file', surroundings.configFile?.path ?? ''],
    ['io_threads_active', 0],
    ...endingFields(server),
  ]
}

function endingFields({ ending, clock }: ServerState): Field[] {
  const { until } = ending
  return until === undefined ? [] : [['shutdown_in_milliseconds', Math.ceil((until - clock.now()) / 1000)]]
}

export function clientsSection(server: ServerState): Field[] {
  return [
    ['connected_clients', server.sessions.size - server.replication.replicas.count],
    ['cluster_connections', 0],
    ['maxclients', server.settings.maxClients],
    ['client_recent_max_input_buffer', 0],
    ['client_recent_max_output_buffer', 0],
    ['blocked_clients', server.blocked.count + server.pause.count],
    ['tracking_clients', server.tracking.counts.clients],
    ['clients_in_timeout_table', server.blocked.timed],
  ]
}

export function cpuSection(server: ServerState): Field[] {
  const { userMicros, systemMicros } = server.surroundings.facts.cpu()
  const seconds = (micros: number): string => (micros / MICROS).toFixed(6)
  return [
    ['used_cpu_sys', seconds(systemMicros)],
    ['used_cpu_user', seconds(userMicros)],
    ['used_cpu_sys_children', seconds(0)],
    ['used_cpu_user_children', seconds(0)],
    ['used_cpu_sys_main_thread', seconds(systemMicros)],
    ['used_cpu_user_main_thread', seconds(userMicros)],
  ]
}
