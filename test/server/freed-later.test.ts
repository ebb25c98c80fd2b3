/** What a real server leaves to be freed later is counted as such, and no more than that. */
import { expect, it } from 'vitest'
import { connectRedis } from '../../src/io/redis-client.ts'
import { describeWithRedis, startRedis } from '../support/real-redis.ts'
import { serveReference } from '../support/reference-server.ts'

const MEMBERS = Array.from({ length: 100 }, (_, i) => `m${i}`)
const PAIRS = MEMBERS.flatMap((member, i) => [String(i), member])

/** Each is counted by itself. */
const DEEDS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'a long string': [
    ['SETRANGE', 'k', '1000000', 'x'],
    ['UNLINK', 'k'],
  ],
  'a packed hash': [
    ['HSET', 'k', ...PAIRS],
    ['UNLINK', 'k'],
  ],
  'a hash': [
    ['HSET', 'k', ...PAIRS, 'long', 'x'.repeat(100)],
    ['UNLINK', 'k'],
  ],
  'a small set': [
    ['SADD', 'k', 'a', 'b'],
    ['UNLINK', 'k'],
  ],
  'a set of integers': [
    ['SADD', 'k', ...MEMBERS.map((_, i) => String(i))],
    ['UNLINK', 'k'],
  ],
  'a set, and one more': [
    ['SADD', 'k', ...MEMBERS],
    ['SADD', 'l', ...MEMBERS],
    ['UNLINK', 'k', 'nokey', 'l'],
  ],
  'a sorted set': [
    ['ZADD', 'k', ...PAIRS, '1', 'x'.repeat(100)],
    ['UNLINK', 'k'],
  ],
  'a short list': [
    ['RPUSH', 'k', ...MEMBERS],
    ['UNLINK', 'k'],
  ],
  'a long list': [
    ['RPUSH', 'k', ...Array(200).fill('x'.repeat(8000))],
    ['UNLINK', 'k'],
  ],
  'a stream': [
    ['CONFIG', 'SET', 'stream-node-max-entries', '1'],
    ...MEMBERS.map((member) => ['XADD', 'k', '*', member, 'x']),
    ['UNLINK', 'k'],
  ],
  'a set that is deleted': [
    ['SADD', 'k', ...MEMBERS],
    ['DEL', 'k'],
  ],
  'a set that is deleted lazily': [
    ['CONFIG', 'SET', 'lazyfree-lazy-user-del', 'yes'],
    ['SADD', 'k', ...MEMBERS],
    ['DEL', 'k'],
  ],
  'a database': [['MSET', ...PAIRS], ['FLUSHDB']],
  'a database, later': [
    ['MSET', ...PAIRS],
    ['FLUSHALL', 'ASYNC'],
  ],
  'a database, later by default': [
    ['CONFIG', 'SET', 'lazyfree-lazy-user-flush', 'yes'],
    ['MSET', ...PAIRS],
    ['FLUSHDB'],
  ],
}

describeWithRedis('lazyfreed_objects', (server) => {
  it('counts what Redis counts', async () => {
    const ports = [(await startRedis({ server, config: { save: '' } })).port, (await serveReference()).port]
    const counts = await Promise.all(
      ports.map(async (port) => {
        const client = await connectRedis({ host: '127.0.0.1', port })
        const found: Record<string, string | undefined> = {}
        for (const [name, commands] of Object.entries(DEEDS)) {
          await client.command('CONFIG', 'RESETSTAT')
          for (const command of commands) await client.command(...command)
          const count = async () => {
            const info = String(await client.command('INFO', 'memory'))
            if (!info.includes('lazyfree_pending_objects:0')) return 'busy'
            found[name] = /lazyfreed_objects:(\d+)/.exec(info)?.[1]
            return 'done'
          }
          await expect.poll(count).toBe('done')
          await client.command('CONFIG', 'SET', 'lazyfree-lazy-user-del', 'no')
          await client.command('FLUSHALL', 'SYNC')
        }
        client.close()
        return found
      }),
    )
    expect(counts[1]).toEqual(counts[0])
  })
})
