/** rdb-key-save-delay and key-load-delay: what is under way can be looked at, as on a real server. */
import { describe, expect, it } from 'vitest'
import { connectRedis } from '../../src/io/redis-client.ts'
import { KeyDelay } from '../../src/server/persistence/key-delay.ts'
import {
  caughtUp,
  describeWithRedis,
  freePort,
  infoFields,
  type RealRedis,
  startRedis,
  waitFor,
} from '../support/real-redis.ts'
import { SERVE } from '../support/serve.ts'

const KEYS = 60
const MILLISECOND = 1000

describeWithRedis('slow motion', (real) => {
  describe.each([real, SERVE])('of $name', (server) => {
    async function filled(config: Record<string, string | number> = {}): Promise<RealRedis> {
      const redis = await startRedis({ server, config })
      await redis.client.command('DEBUG', 'POPULATE', KEYS)
      return redis
    }

    it('shows a background save, which FLUSHALL ends', async () => {
      const redis = await filled()
      await redis.client.command('SET', 'k', 'v')
      await redis.config('rdb-key-save-delay', 50 * MILLISECOND)
      await redis.client.command('BGSAVE')
      expect(await redis.info('persistence')).toMatchObject({
        rdb_bgsave_in_progress: '1',
        rdb_last_bgsave_status: 'ok',
      })
      await redis.client.command('FLUSHALL')
      await waitFor(async () => (await redis.info('persistence')).rdb_bgsave_in_progress === '0', {
        what: 'the save to end',
        timeoutMs: 2000,
      })
      const { rdb_changes_since_last_save: changes } = await redis.info('persistence')
      expect(Number(changes)).toBeGreaterThan(0)
      await redis.config('rdb-key-save-delay', 0)
      await redis.client.command('SET', 'k', 'v')
    })

    it('keeps the pace of a save that has begun', async () => {
      const redis = await filled()
      await redis.config('rdb-key-save-delay', 5 * MILLISECOND)
      const began = performance.now()
      await redis.client.command('BGSAVE')
      await redis.config('rdb-key-save-delay', 0)
      await waitFor(async () => (await redis.info('persistence')).rdb_bgsave_in_progress === '0', {
        what: 'the save to end',
      })
      expect(performance.now() - began).toBeGreaterThan(KEYS * 5 * 0.8)
    })

    it('slows SAVE down, while everybody waits', async () => {
      const redis = await filled()
      await redis.config('rdb-key-save-delay', 5 * MILLISECOND)
      const began = performance.now()
      await redis.client.command('SAVE')
      expect(performance.now() - began).toBeGreaterThan(KEYS * 5 * 0.8)
    })

    it('shows a load at the start', async () => {
      const first = await filled({ rdbcompression: 'no' })
      await first.client.command('DEBUG', 'POPULATE', KEYS, 'long', 3000)
      await first.client.command('SAVE')
      const port = await freePort()
      const config = {
        'key-load-delay': 10 * MILLISECOND,
        'loading-process-events-interval-bytes': 1024,
        dir: `"${first.dir}"`,
      }
      const starting = startRedis({ server, port, config })
      const seen = await waitFor(
        async () => {
          const client = await connectRedis({ host: '127.0.0.1', port }).catch(() => undefined)
          if (client === undefined) return false
          const info = infoFields(String(await client.command('INFO', 'persistence')))
          const reply = await client.command('GET', 'k').catch((error) => error.message)
          await client.close()
          return { info, reply }
        },
        { what: 'the port to open' },
      )
      expect(seen.info.loading).toBe('1')
      expect(seen.reply).toMatch(/^LOADING /)
      const again = await starting
      expect(await again.client.command('DBSIZE')).toBe(2 * KEYS)
    })

    it.each(['disabled', 'swapdb'])(
      'shows how a replica loads its snapshot (repl-diskless-load %s)',
      async (mode) => {
        const master = await filled()
        await master.client.command('DEBUG', 'POPULATE', KEYS, 'long', 3000)
        const replica = await startRedis({
          server,
          config: {
            'key-load-delay': 10 * MILLISECOND,
            'loading-process-events-interval-bytes': 1024,
            'repl-diskless-load': mode,
          },
        })
        await replica.client.command('REPLICAOF', '127.0.0.1', master.port)
        await waitFor(async () => (await replica.info('persistence')).loading === '1', { what: 'it to load' })
        await caughtUp(master, replica)
        expect(await replica.digest()).toBe(await master.digest())
      },
    )
  })

  it('has its parameters told by name alone', async () => {
    const [theirs, ours] = [await startRedis({ server: real }), await startRedis({ server: SERVE })]
    const names = [
      'rdb-key-save-delay',
      'key-load-delay',
      'loading-process-events-interval-bytes',
      'use-exit-on-panic',
      'watchdog-period',
      'lua-enable-deprecated-api',
    ]
    for (const words of [
      ...names.map((name) => ['CONFIG', 'GET', name]),
      ...names.map((name) => ['CONFIG', 'GET', `${name.slice(0, -1)}?`]),
      ...names.map((name) => ['CONFIG', 'SET', name, '-1']),
      ...names.map((name) => ['CONFIG', 'SET', name, '5000000000']),
    ]) {
      const [expected, got] = await Promise.all(
        [theirs, ours].map(({ client }) => client.command(...words).catch(({ message }) => message)),
      )
      expect(got, words.join(' ')).toEqual(expected)
    }
  })
})

describe('what one key may take', () => {
  it('is some seconds, whatever was asked for: a snapshot must end', () => {
    const delay = new KeyDelay(() => 2_147_483_647)
    delay.reached(2)
    let total = 0
    for (let part = delay.take(); part > 0; part = delay.take()) total += part
    expect(total).toBe(10_000_000)
  })

  it('is a minute altogether', () => {
    const delay = new KeyDelay(() => 1_000_000)
    let total = 0
    for (let keys = 1; keys < 1000; keys++) {
      delay.reached(keys)
      for (let part = delay.take(); part > 0; part = delay.take()) total += part
    }
    expect(total).toBe(60_000_000)
    expect(delay.isOn).toBe(false)
  })
})
