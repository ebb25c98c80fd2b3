/**
 * A million mixed keys in both servers: the memory they take, and how long a client waits for PONG while
 * BGSAVE writes them.
 *
 *   ten kinds of values as bench/dataset.ts makes them · RSS when the last was written
 *   BGSAVE on one connection, PINGs on another: each a millisecond after the one before was answered
 */

import { connectRedis, type RedisClient } from '../../src/io/redis-client.ts'
import { fill } from '../dataset.ts'
import { median, percentile, type Row, type Settings } from '../scenario.ts'
import { type Server, type ServerName, withServers } from './servers.ts'

const MEMORY_BAR = 4
const TAIL = 0.999
const TAIL_MS = 20
const WORST_MS = 100
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
        const times = await pingsDuringSave(server)
        settings.note(`${server.name}: PING during BGSAVE at most ${Math.max(...times).toFixed(1)} ms`)
        waits.get(server.name)!.push(...times)
      }
    }
    return [memoryRow(name, resident), ...waitRows(name, waits)]
  })
}

/** Milliseconds of each PING while a BGSAVE runs. */
async function pingsDuringSave({ client, port }: Server): Promise<number[]> {
  const pinger = await connectRedis({ host: '127.0.0.1', port })
  const times: number[] = []
  try {
    const over = saved(client)
    let isOver = false
    void over.finally(() => {
      isOver = true
    })
    while (!isOver) {
      const begin = performance.now()
      await pinger.command('PING')
      times.push(performance.now() - begin)
      await pause(1)
    }
    await over
  } finally {
    await pinger.close()
  }
  return times
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

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
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

function waitRows(name: string, waits: ReadonlyMap<ServerName, readonly number[]>): Row[] {
  const theirs = waits.get('redis-server')!
  const ours = waits.get('syncscope')!
  const row = (what: string, of: (times: readonly number[]) => number): Row => ({
    scenario: 'serve',
    measure: `PING while BGSAVE writes ${name}, ${what} (redis-server ${of(theirs).toFixed(2)})`,
    unit: 'ms',
    values: { syncscope: of(ours) },
  })
  const barred = (what: string, of: (times: readonly number[]) => number, limit: number): Row => ({
    ...row(what, of),
    score: { value: of(ours), of: 'ms' },
    bar: { sense: 'at most', limit, unit: 'ms' },
  })
  return [
    row('median', median),
    barred('999 of 1000 within', (times) => percentile(times, TAIL), TAIL_MS),
    barred('worst', (times) => percentile(times, 1), WORST_MS),
  ]
}
