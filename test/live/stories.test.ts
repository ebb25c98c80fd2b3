/**
 * A day in the life of a group of servers, told with references and with real ones: the same data, the same
 * resyncs, the same lines in the logs.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { describeWithRedis, type RealRedis, waitFor } from '../support/real-redis.ts'
import { SERVE } from '../support/serve.ts'
import { Story } from '../support/story.ts'

/** What a story is told with, and what it gives beside its lines. */
type Tale = (story: Story) => Promise<unknown>

const follow = (replica: RealRedis, master: RealRedis) =>
  replica.client.command('REPLICAOF', '127.0.0.1', master.port)

/** Until the replica has all that its master has, and its master knows. */
async function inSync(replica: RealRedis, master: RealRedis): Promise<void> {
  await waitFor(
    async () => {
      const [here, there] = [await master.info('replication'), await replica.info('replication')]
      const { master_repl_offset: end } = here
      const online = Object.entries(here).some(
        ([name, text]) =>
          /^slave\d/.test(name) && text.includes(`port=${replica.port},state=online,offset=${end}`),
      )
      return there.master_link_status === 'up' && there.slave_repl_offset === end && online
    },
    { what: `${replica.port} to be in sync with ${master.port}`, timeoutMs: 20_000 },
  ).catch((error: Error) => {
    throw new Error(`${error.message}\n${replica.log(30)}\n---\n${master.log(30)}`)
  })
}

async function resyncs(redis: RealRedis): Promise<string> {
  const { sync_full, sync_partial_ok, sync_partial_err } = await redis.info('stats')
  return `${sync_full} full, ${sync_partial_ok} partial, ${sync_partial_err} refused`
}

async function write(redis: RealRedis, name: string): Promise<void> {
  await redis.client.command('SET', name, 'v')
  await redis.client.command('RPUSH', 'l', name)
}

const promotion: Tale = async (story) => {
  const [a, b, c] = [await story.start('a'), await story.start('b'), await story.start('c')]
  await write(a, 'first')
  await story.step('b follows a', async () => {
    await follow(b, a)
    await inSync(b, a)
  })
  await story.step('c follows b', async () => {
    await follow(c, b)
    await inSync(c, b)
  })
  await story.step('b is promoted', async () => {
    await write(a, 'second')
    await inSync(c, b)
    await inSync(b, a)
    await b.client.command('REPLICAOF', 'NO', 'ONE')
    await write(b, 'third')
    await inSync(c, b)
  })
  await story.step('a follows b', async () => {
    await follow(a, b)
    await inSync(a, b)
  })
  await story.step('b hands over to a', async () => {
    await b.client.command('FAILOVER', 'TO', '127.0.0.1', a.port)
    await waitFor(async () => (await b.info('replication')).role === 'slave', { what: 'the failover' })
    await inSync(b, a)
    await inSync(c, b)
    await write(a, 'fourth')
    await inSync(b, a)
    await inSync(c, b)
  })
  const ids = await Promise.all([a, b, c].map(async (one) => (await one.info('replication')).master_replid))
  expect(new Set(ids).size).toBe(1)
  const digests = await Promise.all([a, b, c].map((one) => one.digest()))
  expect(new Set(digests).size).toBe(1)
  return [await resyncs(a), await resyncs(b), await a.client.command('LRANGE', 'l', 0, -1)]
}

const restarts: Tale = async (story) => {
  let a = await story.start('a')
  let b = await story.start('b')
  await write(a, 'first')
  await story.step('b follows a', async () => {
    await follow(b, a)
    await inSync(b, a)
  })
  await a.client.command('SET', 'brief', 'v', 'PX', 300)
  await a.client.command('SELECT', 3)
  await a.client.command('SET', 'brief', 'v', 'PX', 300)
  await inSync(b, a)
  await story.step('a saves and restarts', async () => {
    await story.end('a', ['SAVE'])
    await sleep(400)
    a = await story.start('a')
    await inSync(b, a)
  })
  const after = [await resyncs(a), await b.client.command('DBSIZE'), await b.digest()]
  expect(after[2]).toBe(await a.digest())
  await story.step('b saves and restarts', async () => {
    await story.end('b', ['SAVE'])
    await write(a, 'second')
    b = await story.start('b', { replicaof: `127.0.0.1 ${a.port}` })
    await inSync(b, a)
  })
  expect(await b.digest()).toBe(await a.digest())
  return [after, await resyncs(a), await b.client.command('LRANGE', 'l', 0, -1)]
}

/** The known danger: a master that keeps nothing on disk and is started again by itself. */
const danger: Tale = async (story) => {
  let a = await story.start('a')
  const b = await story.start('b')
  await write(a, 'first')
  await story.step('b follows a', async () => {
    await follow(b, a)
    await inSync(b, a)
  })
  const before = await b.client.command('DBSIZE')
  await story.step('a is killed, and starts empty', async () => {
    await story.end('a', 'kill')
    a = await story.start('a')
    await inSync(b, a)
  })
  // How often it was tried in vain, and how far each attempt came, is a matter of moments.
  story.forget(
    /^S . (?:Connecting to|MASTER <-> REPLICA sync started|Error condition|Failed to read|Non block|Master did)/,
  )
  return [before, await b.client.command('DBSIZE'), await resyncs(a)]
}

/** A snapshot on disk, and loaded from there or straight from the connection. */
const forms =
  (onMaster: string, onReplica: string): Tale =>
  async (story) => {
    const a = await story.start('a', { 'repl-diskless-sync': onMaster })
    const b = await story.start('b', { 'repl-diskless-load': onReplica })
    await write(a, 'first')
    await story.step('b follows a', async () => {
      await follow(b, a)
      await inSync(b, a)
    })
    await story.step('the link is lost', async () => {
      await a.client.command('CLIENT', 'KILL', 'TYPE', 'replica')
      await inSync(b, a)
    })
    await story.step('a has another history', async () => {
      await a.client.command('DEBUG', 'CHANGE-REPL-ID')
      await a.client.command('CLIENT', 'KILL', 'TYPE', 'replica')
      await inSync(b, a)
    })
    return [await resyncs(a), await b.digest()]
  }

describeWithRedis('references do and say what real servers do and say', (server) => {
  it.each<[string, Tale]>([
    ['promotion, re-pointing, failback, in a chain', promotion],
    ['restarts of a master and of a replica with their snapshots', restarts],
    ['a master without persistence that restarts empty', danger],
    ['a snapshot to disk and from disk', forms('no', 'disabled')],
    ['a snapshot through sockets, into memory', forms('yes', 'swapdb')],
  ])('%s', { timeout: 90_000 }, async (_name, tale) => {
    const [real, ours] = [new Story(server), new Story(SERVE)]
    const [theirs, mine] = await Promise.all([tale(real), tale(ours)])
    expect(mine).toEqual(theirs)
    expect(ours.told).toEqual(real.told)
  })
})
