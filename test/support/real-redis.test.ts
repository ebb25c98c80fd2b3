import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  caughtUp,
  describeEachRedis,
  describeWithRedis,
  type RealRedis,
  startRedis,
  waitFor,
} from './real-redis.ts'

const alive = (pid: number) => existsSync(`/proc/${pid}/stat`)

describeEachRedis('a real server', (server) => {
  it('replicates a key from one to another, and their digests are equal', async () => {
    const master = await startRedis({ server })
    const replica = await startRedis({ server, config: { replicaof: `127.0.0.1 ${master.port}` } })
    await master.client.command('SET', 'greeting', 'hello')
    await caughtUp(master, replica)
    expect(await replica.client.command('GET', 'greeting')).toBe('hello')
    const digest = await master.digest()
    expect(digest).toMatch(/^(?!0{40})[0-9a-f]{40}$/)
    expect(await replica.digest()).toBe(digest)
    expect((await replica.info('server')).process_id).toBe(String(replica.pid))
  })
})

describeWithRedis('what a test starts', (server) => {
  let fromHook: RealRedis
  const fromTest: RealRedis[] = []
  beforeAll(async () => {
    fromHook = await startRedis({ server, config: ['maxmemory 64mb', 'save 60 1', 'save 300 7'] })
  })
  afterAll(() => {
    for (const redis of fromTest)
      expect({ alive: alive(redis.pid), dir: existsSync(redis.dir) }).toEqual({ alive: false, dir: false })
  })

  it('takes configuration as lines, and reads and sets it', async () => {
    expect(await fromHook.config('save')).toBe('60 1 300 7')
    expect(await fromHook.config('maxmemory', '32mb')).toBe(String(32 * 1024 * 1024))
    await expect(fromHook.config('port', 'x')).rejects.toThrow()
  })

  it.fails('is gone afterwards even when the test fails', async () => {
    fromTest.push(await startRedis({ server }))
    throw new Error('on purpose')
  })

  it('authenticates where a password is set', async () => {
    const redis = await startRedis({ server, config: { requirepass: 'secret' } })
    expect(await redis.client.command('PING')).toBe('PONG')
  })

  it('can be stopped at once, twice, and started again on its port', async () => {
    const first = await startRedis({ server })
    await first.stop()
    await first.stop()
    expect(alive(first.pid)).toBe(false)
    const second = await startRedis({ server, port: first.port })
    fromTest.push(second)
    expect(await second.client.command('PING')).toBe('PONG')
  })

  it('says why it does not start', async () => {
    await expect(startRedis({ server, config: { 'repl-backlog-size': 'plenty' } })).rejects.toThrow(
      /did not start.*repl-backlog-size.*argument must be a memory value/s,
    )
    await expect(startRedis({ server, port: fromHook.port })).rejects.toThrow(/already in use/i)
  })
})

describe('waitFor', () => {
  it('gives the answer, or says what it waited for', async () => {
    let asked = 0
    expect(await waitFor(() => (++asked === 3 ? 'yes' : undefined), { what: 'three' })).toBe('yes')
    await expect(waitFor(() => false, { timeoutMs: 20, what: 'nothing' })).rejects.toThrow(
      '20 ms in vain for nothing',
    )
  })
})
