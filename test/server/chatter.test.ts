/** What the log tells besides, with loglevel debug: what a real server tells. */
import { expect, it } from 'vitest'
import { connectRedis } from '../../src/io/redis-client.ts'
import { describeWithRedis, type RealRedis, startRedis, waitFor } from '../support/real-redis.ts'
import { SERVE } from '../support/serve.ts'

const CHATTER = / [-.] (Accepted|DB|\d+ clients connected|Client closed connection) ?.*/

/** A client that comes, writes and goes; then the next figures. */
async function visited(redis: RealRedis): Promise<string[]> {
  const before = redis.log(1000).split('\n').length
  const client = await connectRedis({ host: redis.host, port: redis.port })
  await client.pipeline([
    ['SET', 'a', 1],
    ['SET', 'b', 2, 'EX', 1000],
    ...many(7),
    ['SELECT', 3],
    ['SET', 'x', 'y'],
  ])
  await client.close()
  const told = () => redis.log(1000).split('\n').slice(before)
  await waitFor(() => /DB 3:.*bytes in use/s.test(told().join('\n')), { what: 'figures' })
  const lines = told().flatMap((line) => CHATTER.exec(line)?.[0] ?? [])
  // Figures may have been told in the middle of the writes, too.
  return [...new Set(lines.map(withoutNumbers))].filter((line) => !/DB 0: [1-8] /.test(line)).sort()
}

const many = (count: number): string[][] => Array.from({ length: count }, (_, i) => ['SET', `key:${i}`, 'v'])

/** Ports, ids, times and memory are each server's own. */
function withoutNumbers(line: string): string {
  const text = line.replace(/127\.0\.0\.1:\d+/g, 'HOST').replace(/\d+ bytes/, 'N bytes')
  return /Client closed/.test(text) ? text.replace(/[\w-]+=\S*/g, '').replace(/ +/g, ' ') : text
}

describeWithRedis('the log of a talkative server', (server) => {
  it('tells who comes and goes, and how much there is', { timeout: 40_000 }, async () => {
    const config = { loglevel: 'debug' }
    await using real = await startRedis({ server, config })
    await using ours = await startRedis({ server: SERVE, config })
    const [expected, told] = await Promise.all([real, ours].map(visited))
    expect(expected!.join('\n')).toContain('DB 0: 9 keys (1 volatile) in 16 slots HT.')
    expect(told).toEqual(expected)
  })
})
