/** INFO persistence and keyspace: what is held, and how it is saved. */
import type { ServerState } from '../server-state.ts'
import { type Field, ratio } from './field.ts'

const MICROS = 1_000_000

export function persistenceSection(server: ServerState): Field[] {
  const { saver, dirty, clock, loading } = server
  const running = saver.isRunning ? Math.floor((clock.now() - saver.startedAt) / MICROS) : -1
  return [
    ['loading', loading.isOn && !loading.isAside ? 1 : 0],
    ['async_loading', loading.isOn && loading.isAside ? 1 : 0],
    // Redis copies pages, we the values that are about to change; they wait to be written.
    ['current_cow_peak', saver.copiedBytes],
    ['current_cow_size', saver.copiedBytes],
    ['current_cow_size_age', 0],
    ['current_fork_perc', ratio(saver.keysWritten * 100, saver.keysTotal)],
    ['current_save_keys_processed', saver.keysWritten],
    ['current_save_keys_total', saver.keysTotal],
    ['rdb_changes_since_last_save', dirty],
    ['rdb_bgsave_in_progress', saver.isRunning ? 1 : 0],
    ['rdb_last_save_time', Math.floor(saver.lastSaveAt / MICROS)],
    ['rdb_last_bgsave_status', saver.lastStatus],
    ['rdb_last_bgsave_time_sec', saver.lastSeconds],
    ['rdb_current_bgsave_time_sec', running],
    ['rdb_saves', saver.saves],
    ['rdb_last_cow_size', saver.lastCopiedBytes],
    ['rdb_last_load_keys_expired', server.loaded.expired],
    ['rdb_last_load_keys_loaded', server.loaded.keys],
    ['aof_enabled', 0],
    ['aof_rewrite_in_progress', 0],
    ['aof_rewrite_scheduled', 0],
    ['aof_last_rewrite_time_sec', -1],
    ['aof_current_rewrite_time_sec', -1],
    ['aof_last_bgrewrite_status', 'ok'],
    ['aof_rewrites', 0],
    ['aof_rewrites_consecutive_failures', 0],
    ['aof_last_write_status', 'ok'],
    ['aof_last_cow_size', 0],
    ['module_fork_in_progress', 0],
    ['module_fork_last_cow_size', 0],
    ...(server.isLoading ? loadingFields(server) : []),
  ]
}

function loadingFields({ loading, clock }: ServerState): Field[] {
  return [
    ['loading_start_time', Math.floor(loading.startedAt / MICROS)],
    ['loading_total_bytes', loading.totalBytes],
    ['loading_rdb_used_mem', loading.usedMemory],
    ['loading_loaded_bytes', loading.loadedBytes],
    ['loading_loaded_perc', loading.percent.toFixed(2)],
    ['loading_eta_seconds', loading.secondsLeft(clock.now())],
  ]
}

/** The average time to live is estimated from some keys, as Redis does. */
const TTL_SAMPLE = 100

export function keyspaceSection(server: ServerState): Field[] {
  const now = server.clock.now() / 1000
  return server.databases
    .filter((db) => db.size > 0)
    .map((db) => {
      const sample = db.expiring.items.slice(0, TTL_SAMPLE)
      const left = sample.reduce((sum, { expireAt }) => sum + Math.max(0, expireAt - now), 0)
      const average = sample.length === 0 ? 0 : Math.round(left / sample.length)
      return [`db${db.index}`, `keys=${db.size},expires=${db.expiring.length},avg_ttl=${average}`]
    })
}
