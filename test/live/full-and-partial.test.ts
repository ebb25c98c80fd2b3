/**
 * The first promise of the project, on real servers: what passes between a master and its replica is told exactly.
 * The oracle is the servers themselves: their offsets, their digests.
 */
import { expect, it } from 'vitest'
import type { StreamCommand } from '../../src/replication/events.ts'
import { type LiveProxy, liveProxy } from '../support/live-proxy.ts'
import { caughtUp, describeEachRedis, type RealRedis, startRedis, waitFor } from '../support/real-redis.ts'

/** Writes of every kind, in two databases, in and out of transactions. */
async function writeEverything(master: RealRedis): Promise<void> {
  const { client } = master
  const c = (line: string) => client.command(...line.split(' '))
  await c('SET k1 v1')
  await c('SET ttl x EX 1000')
  await client.command('SET', Buffer.from('bin\0\r\n'), Buffer.from([255, 0, 13, 10]))
  await c('APPEND k1 more')
  await c('INCR n')
  await c('INCRBYFLOAT f 1.5')
  await c('RPUSH l a b c')
  await c('LPOP l')
  await c('SADD s x y z')
  await c('SPOP s')
  await c('ZADD z 1.5 m 2 o')
  await c('PFADD hll a b c')
  await c('XADD x * f v')
  await c('SELECT 3')
  await c('HSET h f v g 1.5')
  await c('EXPIRE h 500')
  await c('SELECT 0')
  await c('MULTI')
  await c('SET m1 1')
  await c('SADD m2 x y')
  await c('EXEC')
  await c('PUBLISH chan hello')
  await client.command('SET', 'large', Buffer.alloc(300_000, 'L'))
  await c('SET gone 1 PX 20')
  await waitFor(async () => (await c('GET gone')) === null, { what: 'the key to expire' })
  await client.command('EVAL', "redis.call('set','e1',1) return redis.call('incr','e2')", 0)
  await c('DEL k1')
}

/** The commands' offsets follow one another without a hole, from each resync on. */
function expectContinuous(proxy: LiveProxy): void {
  let before: number | undefined
  for (const event of proxy.events) {
    if (event.kind === 'resync') before = event.offset
    if (event.kind !== 'command' && event.kind !== 'ping' && event.kind !== 'getack') continue
    expect(event.start).toBe(before)
    expect(event.end! - event.start!).toBe(event.to - event.from)
    before = event.end
  }
}

const lastEnd = (proxy: LiveProxy) => proxy.events.flatMap((e) => ('end' in e ? [e.end] : [])).at(-1)

async function equalDigests(master: RealRedis, replica: RealRedis): Promise<void> {
  await caughtUp(master, replica)
  expect(await replica.digest()).toBe(await master.digest())
}

describeEachRedis('a replica behind the proxy', (server) => {
  const oneConnection = server.flavour === 'redis' && server.major >= 8 ? { 'repl-rdb-channel': 'no' } : {}

  it.each(['yes', 'no'])('repl-diskless-sync %s: every byte is accounted for', async (diskless) => {
    const config = { 'repl-diskless-sync': diskless, ...oneConnection }
    const master = await startRedis({ server, config })
    await master.client.command('DEBUG', 'POPULATE', 5000)
    const proxy = await liveProxy(`127.0.0.1:${master.port}`)
    const replica = await startRedis({
      server,
      config: { ...oneConnection, replicaof: `127.0.0.1 ${proxy.port}` },
    })
    await caughtUp(master, replica)
    await writeEverything(master)
    await equalDigests(master, replica)
    const target = Number((await master.info('replication')).master_repl_offset)
    await proxy.seen('an ACK of everything', (e) => e.kind === 'ack' && e.offset >= target)

    expect(proxy.json('fault')).toEqual([])
    expectContinuous(proxy)
    expect(lastEnd(proxy)).toBe(Number((await master.info('replication')).master_repl_offset))
    const [resync, ...others] = proxy.json('resync')
    expect(others).toEqual([])
    expect(resync).toMatchObject({ mode: 'full', link: 1, asked: { replid: '?', offset: -1 } })
    expect(resync?.replid).toBe((await master.info('replication')).master_replid)
    const [begin] = proxy.json('snapshot-begin')
    expect(begin).toMatchObject({ framing: diskless === 'yes' ? 'mark' : 'length' })
    const [end] = proxy.json('snapshot-end')
    if (diskless === 'no') expect(end?.bytes).toBe(begin?.bytes)
    expect(end?.bytes).toBeGreaterThan(5000 * 10)
    expect(proxy.json('ack').at(-1)).toMatchObject({ lagBytes: 0, lagMs: expect.any(Number) })

    const commands = proxy.events.filter((e): e is StreamCommand => e.kind === 'command')
    const inTransaction = commands.filter((e) => e.tx !== undefined).map((e) => e.command.name)
    expect(inTransaction.slice(0, 4)).toEqual(expect.arrayContaining(['MULTI']))
    expect(commands.find((e) => e.command.name === 'HSET')).toMatchObject({ db: 3 })
    const large = commands.find((e) => e.command.name === 'SET' && e.command.arg(1) === 'large')
    expect(large?.command.arg(2)).toMatchObject({
      bytes: 300_000,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  it('a killed link comes back with CONTINUE, a too small backlog with FULLRESYNC', async () => {
    const config = { 'repl-backlog-size': 16384, ...oneConnection }
    const master = await startRedis({ server, config })
    const proxy = await liveProxy(`127.0.0.1:${master.port}`)
    const replica = await startRedis({
      server,
      config: { ...oneConnection, replicaof: `127.0.0.1 ${proxy.port}` },
    })
    await master.client.command('SET', 'a', 1)
    await caughtUp(master, replica)
    await master.client.command('SELECT', 5)
    await master.client.command('SET', 'b', 1)
    await caughtUp(master, replica)

    let seen = proxy.events.length
    await master.client.command('CLIENT', 'KILL', 'TYPE', 'replica')
    await proxy.seen('the link to go on', (e) => e.kind === 'resync', seen)
    await master.client.command('SET', 'c', 1)
    await equalDigests(master, replica)

    seen = proxy.events.length
    // A replica that is stopped cannot come back before the backlog has moved on.
    process.kill(replica.pid, 'SIGSTOP')
    await master.client.command('CLIENT', 'KILL', 'TYPE', 'replica')
    for (let i = 0; i < 40; i++) await master.client.command('SET', `fill${i}`, 'x'.repeat(2000))
    process.kill(replica.pid, 'SIGCONT')
    await proxy.seen('a full resync', (e) => e.kind === 'resync', seen)
    await caughtUp(master, replica)
    await master.client.command('SET', 'd', 1)
    await equalDigests(master, replica)
    await proxy.close()

    const resyncs = proxy.json('resync')
    const { master_replid: replid } = await master.info('replication')
    expect(resyncs.map((e) => [e.link, e.mode, e.replid])).toEqual([
      [1, 'full', replid],
      [1, 'partial', replid],
      [1, 'full', replid],
    ])
    expect(resyncs[1]?.asked).toEqual({ replid, offset: Number(resyncs[1]?.offset) + 1 })
    // The database is remembered across the reconnect: no SELECT follows a CONTINUE.
    const c = proxy.json('command').find((e) => String((e.argv as string[])[1]) === 'c')
    expect(c).toMatchObject({ db: 5, start: resyncs[1]?.offset })
    expectContinuous(proxy)
    expect(lastEnd(proxy)).toBe(Number((await master.info('replication')).master_repl_offset))
    expect(proxy.json('fault')).toEqual([])
    expect(new Set(proxy.events.map((e) => e.link))).toEqual(new Set([1]))
    expect(new Set(proxy.events.map((e) => e.conn)).size).toBe(3)
  })

  it('several replicas and ordinary clients are told apart', async () => {
    const master = await startRedis({ server, config: oneConnection })
    const proxy = await liveProxy(`127.0.0.1:${master.port}`)
    const config = { ...oneConnection, replicaof: `127.0.0.1 ${proxy.port}` }
    const replicas = [await startRedis({ server, config }), await startRedis({ server, config })]
    for (const replica of replicas) await caughtUp(master, replica)
    const { connectRedis } = await import('../../src/io/redis-client.ts')
    const client = await connectRedis({ host: '127.0.0.1', port: proxy.port })
    await client.command('SET', 'through', 'proxy')
    await client.close()
    await master.client.command('CLIENT', 'KILL', 'TYPE', 'replica')
    await waitFor(() => proxy.json('resync').length === 4, { what: 'both replicas to come back' })
    for (const replica of replicas) await equalDigests(master, replica)
    await proxy.close()
    expect(proxy.json('opened').map((e) => [e.role, e.link])).toEqual([
      ['replica', 1],
      ['replica', 2],
      ['client', 3],
      ['replica', expect.any(Number)],
      ['replica', expect.any(Number)],
    ])
    const byLink = proxy.json('resync').map((e) => `${e.link} ${e.mode}`)
    expect(byLink.sort()).toEqual(['1 full', '1 partial', '2 full', '2 partial'])
    expect(proxy.json('request').filter((e) => e.link === 3)).toMatchObject([
      { argv: ['SET', 'through', 'proxy'] },
    ])
  })
})
