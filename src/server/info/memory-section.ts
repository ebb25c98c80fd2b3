/**
 * INFO memory. `used_memory` is the estimate of the dataset (memory.ts), what the server needs without one,
 * and the replication stream that is kept; figures of an allocator that does not exist here say that nothing
 * is lost in it.
 */
import { STARTUP_BYTES } from '../memory.ts'
import { bufferMemory } from '../replication/buffer-memory.ts'
import type { ServerState } from '../server-state.ts'
import { type Field, ratio, sized } from './field.ts'

export function memorySection(server: ServerState): Field[] {
  const { memory, settings, surroundings } = server
  const dataset = Math.round(memory.used)
  const buffers = bufferMemory(server)
  const overhead = STARTUP_BYTES + buffers.total
  const used = dataset + overhead
  const peak = Math.max(used, Math.round(memory.peak) + STARTUP_BYTES)
  const rss = surroundings.facts.residentBytes()
  const max = settings.get<number>('maxmemory')
  const fragmentation = Math.max(0, rss - used)
  return [
    ...sized('used_memory', used),
    ...sized('used_memory_rss', rss),
    ...sized('used_memory_peak', peak),
    ['used_memory_peak_perc', `${((used / peak) * 100).toFixed(2)}%`],
    ['used_memory_overhead', overhead],
    ['used_memory_startup', STARTUP_BYTES],
    ['used_memory_dataset', dataset],
    ['used_memory_dataset_perc', `${(dataset === 0 ? 0 : 100).toFixed(2)}%`],
    ['allocator_allocated', used],
    ['allocator_active', used],
    ['allocator_resident', used],
    ...sized('total_system_memory', surroundings.facts.systemBytes),
    ['used_memory_lua', 0],
    ['used_memory_vm_eval', 0],
    ['used_memory_lua_human', '0B'],
    ['used_memory_scripts_eval', 0],
    ['number_of_cached_scripts', 0],
    ['number_of_functions', 0],
    ['number_of_libraries', 0],
    ['used_memory_vm_functions', 0],
    ['used_memory_vm_total', 0],
    ['used_memory_vm_total_human', '0B'],
    ['used_memory_functions', 0],
    ['used_memory_scripts', 0],
    ['used_memory_scripts_human', '0B'],
    ...sized('maxmemory', max),
    ['maxmemory_policy', settings.evictionPolicy],
    ['allocator_frag_ratio', '1.00'],
    ['allocator_frag_bytes', 0],
    ['allocator_rss_ratio', '1.00'],
    ['allocator_rss_bytes', 0],
    ['rss_overhead_ratio', ratio(rss, used)],
    ['rss_overhead_bytes', fragmentation],
    ['mem_fragmentation_ratio', ratio(rss, used)],
    ['mem_fragmentation_bytes', fragmentation],
    ['mem_not_counted_for_evict', buffers.uncounted],
    ['mem_replication_backlog', buffers.backlog],
    ['mem_total_replication_buffers', buffers.total],
    ['mem_clients_slaves', buffers.replicas],
    ['mem_clients_normal', server.limits.clientsBytes],
    ['mem_cluster_links', 0],
    ['mem_aof_buffer', 0],
    ['mem_allocator', 'v8'],
    ['active_defrag_running', 0],
    ['lazyfree_pending_objects', 0],
    ['lazyfreed_objects', 0],
  ]
}
