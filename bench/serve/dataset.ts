/**
 * A million mixed keys in both servers: the memory they take, and how long a client waits for PONG while
 * BGSAVE writes them.
 *
 *   ten kinds of values as bench/dataset.ts makes them · RSS when the last was written
 *   BGSAVE on one connection, PINGs on another: each a millisecond after the one before was answered
 */

import type { RedisClient } from '../../src/io/redis-client.ts'
import { fill } from '../dataset.ts'
import type { Row, Settings } from '../scenario.ts'
import { pause, pingsUntil, waitRows } from './pings.ts'
import { type ServerName, withServers } from './servers.ts'

const MEMORY_BAR = 4
const POLL_MS = 100

export async function datasetRows(settings: Settings): Promise<Row[]> {
  const keys = settings.quick ? 100_000 : 1_000_000
  const name = `${keys.toLocaleString('en-US')} keys`
  return await withServers(async (servers) => {
    const resident = new Map<ServerName, number>()
    const waits = new Map<ServerName, number[]>(servers.map((server) => [server.name, []]))
    for (const server of servers) {
      await fill(server.client, keys)
      resident.set(server.name, server.residentBytes() / 1e6)
      settings.note(`${server.name}: ${name}, ${resident.get(server.name)!.toFixed(0)} MB`)
    }
    for (let round = 0; round < settings.rounds; round++) {
      for (const server of servers) {
        const times = await pingsUntil(saved(server.client), server)
        settings.note(`${server.name}: PING during BGSAVE at most ${Math.max(...times).toFixed(1)} ms`)
        waits.get(server.name)!.push(...times)
      }
    }
    return [memoryRow(name, resident), ...waitRows('serve', `BGSAVE writes ${name}`, waits)]
  })
}

async function saved(client: RedisClient): Promise<void> {
  await client.command('BGSAVE')
  for (;;) {
    const text = String(await client.command('INFO', 'persistence'))
    if (text.includes('rdb_bgsave_in_progress:0')) {
      if (!text.includes('rdb_last_bgsave_status:ok')) throw new Error('BGSAVE has failed')
      return
    }
    await pause(POLL_MS)
  }
}

function memoryRow(name: string, resident: ReadonlyMap<ServerName, number>): Row {
  const [theirs, ours] = [resident.get('redis-server')!, resident.get('syncscope')!]
  return {
    scenario: 'serve',
    measure: `resident with ${name} (redis-server ${theirs.toFixed(0)} MB)`,
    unit: 'MB',
    values: { syncscope: ours },
    score: { value: ours / theirs, of: '× redis-server' },
    bar: { sense: 'at most', limit: MEMORY_BAR },
  }
}
