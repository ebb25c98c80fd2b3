/** How long a client waits for PONG while something else goes on: one PING a millisecond after the other. */
import { connectRedis } from '../../src/io/redis-client.ts'
import { median, percentile, type Row } from '../scenario.ts'
import type { Server, ServerName } from './servers.ts'

const TAIL = 0.999
const TAIL_MS = 20
const WORST_MS = 100

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Milliseconds of each PING until `over` settles. Rejects as it does. */
export async function pingsUntil(over: Promise<unknown>, { port }: Server): Promise<number[]> {
  const pinger = await connectRedis({ host: '127.0.0.1', port })
  const times: number[] = []
  let isOver = false
  const end = (): void => {
    isOver = true
  }
  over.then(end, end)
  try {
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

/** The rows of PINGs during `what`: the median, and the two that have a bar. */
export function waitRows(
  scenario: string,
  what: string,
  waits: ReadonlyMap<ServerName, readonly number[]>,
): Row[] {
  const theirs = waits.get('redis-server')!
  const ours = waits.get('syncscope')!
  const row = (which: string, of: (times: readonly number[]) => number): Row => ({
    scenario,
    measure: `PING while ${what}, ${which} (redis-server ${of(theirs).toFixed(2)})`,
    unit: 'ms',
    values: { syncscope: of(ours) },
  })
  const barred = (which: string, of: (times: readonly number[]) => number, limit: number): Row => ({
    ...row(which, of),
    score: { value: of(ours), of: 'ms' },
    bar: { sense: 'at most', limit, unit: 'ms' },
  })
  return [
    row('median', median),
    barred('999 of 1000 within', (times) => percentile(times, TAIL), TAIL_MS),
    barred('worst', (times) => percentile(times, 1), WORST_MS),
  ]
}
