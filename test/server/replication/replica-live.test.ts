/** The reference as a replica of real servers: full and partial resyncs, promotion, restarts. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ReferenceNode } from '../../../src/cli/reference-node.ts'
import {
  describeEachRedis,
  describeWithRedis,
  freePort,
  type RealRedis,
  startRedis,
  waitFor,
} from '../../support/real-redis.ts'
import { type ReferenceConfig, serveReference } from '../../support/reference-server.ts'

async function linkUp(reference: ReferenceNode): Promise<void> {
  await waitFor(() => reference.server.state.replication.master.isUp, {
    what: 'the link to come up',
    timeoutMs: 20_000,
  }).catch((error: Error) => {
    throw new Error(`${error.message}; the log:\n${reference.log.join('\n')}`)
  })
}

function logged(reference: ReferenceNode, text: string, from = 0): Promise<unknown> {
  return waitFor(() => reference.log.slice(from).some((line) => line.includes(text)), {
    what: `the log to say "${text}"`,
    timeoutMs: 20_000,
  })
}

/** Equal offsets, then equal data. */
async function sameAs(reference: ReferenceNode, master: RealRedis): Promise<void> {
  const end = (await master.info('replication')).master_repl_offset
  await waitFor(async () => (await reference.info('replication')).slave_repl_offset === end, {
    what: `the offset ${end}`,
    timeoutMs: 20_000,
  })
  expect(await reference.digest()).toBe(await master.digest())
  const [ours, theirs] = [await reference.info('replication'), await master.info('replication')]
  for (const field of ['master_replid', 'master_replid2', 'second_repl_offset']) {
    expect([field, ours[field]]).toEqual([field, theirs[field]])
  }
}

const WRITES = [
  'SET s value',
  'SET n 10 EX 1000',
  'INCRBYFLOAT f 1.5',
  'RPUSH l a b c d',
  'SADD set a b c d e f',
  'SPOP set 2',
  'ZADD z 1 a 2 b',
  'HSET h f v g w',
  'XADD x 1-1 a 1',
  'XGROUP CREATE x g 0',
  'XREADGROUP GROUP g c STREAMS x >',
  'SETRANGE s 3 xyz',
  'PFADD hll a b c',
  'EXPIRE l 100',
]

async function write(master: RealRedis, round: number): Promise<void> {
  for (const line of WRITES) await master.client.command(...line.split(' '))
  await master.client.command('SELECT', String(round % 3))
  await master.client.command('MULTI')
  await master.client.command('INCR', `tx${round}`)
  await master.client.command('LPUSH', `tl${round}`, String(round))
  await master.client.command('EXEC')
  await master.client.command('DEL', 'x')
}

const FORMS: readonly [string, ReferenceConfig, Record<string, string>][] = [
  ['by length, to disk', {}, { 'repl-diskless-sync': 'no' }],
  ['by mark, to disk', {}, { 'repl-diskless-sync': 'yes' }],
  ['by mark, to memory', { 'repl-diskless-load': 'swapdb' }, { 'repl-diskless-sync': 'yes' }],
  ['by length, to memory', { 'repl-diskless-load': 'on-empty-db' }, { 'repl-diskless-sync': 'no' }],
]

describeEachRedis('a replica of a real master', (server) => {
  const isTooNew = server.name.startsWith('valkey') || server.major >= 8
  if (isTooNew) {
    it('refuses what it cannot read in the words of Redis, and loses nothing', async () => {
      const master = await startRedis({ server })
      await master.client.command('SET', 'theirs', '1')
      const replica = await serveReference()
      await replica.client.command('SET', 'ours', '1')
      await replica.client.command('REPLICAOF', '127.0.0.1', String(master.port))
      await logged(replica, "Can't handle RDB format version")
      expect(await replica.client.command('GET', 'ours')).toBe('1')
    })
    return
  }

  it.each(FORMS)('gets everything: %s', async (_form, config, masterConfig) => {
    const master = await startRedis({ server, config: masterConfig })
    await master.client.command('DEBUG', 'POPULATE', '20000', 'key', '50')
    await write(master, 0)
    const replica = await serveReference({ ...config, replicaof: `127.0.0.1 ${master.port}` })
    await linkUp(replica)
    await write(master, 1)
    await sameAs(replica, master)
    expect(await master.info('stats')).toMatchObject({ sync_full: '1' })
  })

  it('goes on after lost links where it was', async () => {
    const master = await startRedis({ server })
    const replica = await serveReference()
    await replica.client.command('REPLICAOF', '127.0.0.1', String(master.port))
    await linkUp(replica)
    for (let round = 0; round < 10; round++) {
      await write(master, round)
      await master.client.command('CLIENT', 'KILL', 'TYPE', 'replica')
      await write(master, round + 1)
    }
    await sameAs(replica, master)
    const { sync_full, sync_partial_ok } = await master.info('stats')
    expect({ sync_full, sync_partial_ok }).toEqual({ sync_full: '1', sync_partial_ok: '10' })
  })
})

describeWithRedis('a replica', (server) => {
  it('acknowledges what it has, and answers WAIT', async () => {
    const master = await startRedis({ server })
    const replica = await serveReference({ replicaof: `127.0.0.1 ${master.port}` })
    await linkUp(replica)
    await waitFor(async () => (await master.info('replication')).slave0?.includes('state=online'), {
      what: 'the replica to be online',
    })
    await master.client.command('SET', 'k', 'v')
    expect(await master.client.command('WAIT', '1', '5000')).toBe(1)
    const { slave0 } = await master.info('replication')
    expect(slave0).toContain(`port=${replica.port},state=online`)
  })

  it('can be promoted, and its siblings follow it', async () => {
    const master = await startRedis({ server })
    await write(master, 0)
    const replica = await serveReference({ replicaof: `127.0.0.1 ${master.port}` })
    await linkUp(replica)
    const sibling = await startRedis({ server, config: { replicaof: `127.0.0.1 ${master.port}` } })
    await waitFor(async () => (await sibling.info('replication')).master_link_status === 'up', {
      what: 'the sibling to be in sync',
    })
    await write(master, 1)
    await sameAs(replica, master)
    const { master_replid, master_repl_offset } = await replica.info('replication')
    expect(await replica.client.command('REPLICAOF', 'no', 'one')).toBe('OK')
    expect(await replica.info('replication')).toMatchObject({
      role: 'master',
      master_replid2: master_replid,
      second_repl_offset: String(Number(master_repl_offset) + 1),
    })
    await sibling.client.command('REPLICAOF', '127.0.0.1', String(replica.port))
    await replica.client.command('SET', 'after', '1')
    await waitFor(async () => (await sibling.client.command('GET', 'after')) === '1', {
      what: 'the sibling to follow',
    })
    expect(await replica.info('stats')).toMatchObject({ sync_full: '0', sync_partial_ok: '1' })
    expect(await sibling.digest()).toBe(await replica.digest())
  })

  it('goes on after a restart from what its snapshot tells', async () => {
    const master = await startRedis({ server })
    await write(master, 0)
    const dir = mkdtempSync(join(tmpdir(), 'syncscope-restart-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const config = { replicaof: `127.0.0.1 ${master.port}` }
    const before = await serveReference(config, dir)
    await linkUp(before)
    await write(master, 1)
    await sameAs(before, master)
    await before.client.command('SAVE')
    await before.stop()
    await write(master, 2)
    const after = await serveReference(config, dir)
    await linkUp(after)
    await sameAs(after, master)
    expect(await master.info('stats')).toMatchObject({ sync_full: '1', sync_partial_ok: '1' })
  })

  it('passes on the very bytes it got, to replicas of its own', async () => {
    const master = await startRedis({ server })
    await write(master, 0)
    const middle = await serveReference({ replicaof: `127.0.0.1 ${master.port}` })
    await linkUp(middle)
    const last = await startRedis({ server, config: { replicaof: `127.0.0.1 ${middle.port}` } })
    await waitFor(async () => (await last.info('replication')).master_link_status === 'up', {
      what: 'the last of the chain to be in sync',
    })
    for (let round = 1; round < 5; round++) {
      await write(master, round)
      await master.client.command('CLIENT', 'KILL', 'TYPE', 'replica')
    }
    await sameAs(middle, master)
    const end = (await master.info('replication')).master_repl_offset
    await waitFor(async () => (await last.info('replication')).slave_repl_offset === end, {
      what: 'the last of the chain to have everything',
    })
    expect(await last.digest()).toBe(await master.digest())
    expect((await last.info('replication')).master_replid).toBe(
      (await master.info('replication')).master_replid,
    )
  })

  it('keeps what it has where a snapshot is cut, in memory and on disk', async () => {
    const master = await startRedis({ server, config: { 'rdb-key-save-delay': 200 } })
    await master.client.command('DEBUG', 'POPULATE', '50000', 'key', '100')
    const replica = await serveReference()
    await replica.client.command('SET', 'ours', '1')
    await replica.client.command('SAVE')
    const file = join(replica.server.state.settings.get<string>('dir'), 'dump.rdb')
    const saved = readFileSync(file)
    await replica.client.command('REPLICAOF', '127.0.0.1', String(master.port))
    await waitFor(async () => Number((await replica.info('replication')).master_sync_read_bytes) > 1000, {
      what: 'the snapshot to be on its way',
    })
    const from = replica.log.length
    await master.client.command('CLIENT', 'KILL', 'TYPE', 'replica')
    await logged(replica, 'I/O error trying to sync with MASTER', from)
    expect(await replica.client.command('GET', 'ours')).toBe('1')
    expect(readFileSync(file).equals(saved)).toBe(true)
    await master.config('rdb-key-save-delay', 0)
    await master.client.command('CLIENT', 'KILL', 'TYPE', 'replica')
    await linkUp(replica)
    await sameAs(replica, master)
  })

  it('waits for a master that is not there yet', async () => {
    const port = await freePort()
    const replica = await serveReference({ replicaof: `127.0.0.1 ${port}` })
    await logged(replica, 'Error condition on socket for SYNC')
    const master = await startRedis({ server, port })
    await master.client.command('SET', 'k', 'v')
    await linkUp(replica)
    await sameAs(replica, master)
  })

  it('says who it is where the master asks', async () => {
    const master = await startRedis({ server, config: { requirepass: 'secret' } })
    const replica = await serveReference({ replicaof: `127.0.0.1 ${master.port}`, masterauth: 'wrong' })
    await logged(replica, 'Unable to AUTH to MASTER: -WRONGPASS')
    await replica.client.command('CONFIG', 'SET', 'bind-source-addr', '127.0.0.2')
    await replica.client.command('CONFIG', 'SET', 'masteruser', 'default', 'masterauth', 'secret')
    await linkUp(replica)
    await sameAs(replica, master)
    expect((await master.info('replication')).slave0).toContain('ip=127.0.0.2,')
  })
})

describe('a redis.conf', () => {
  it('has the master that was told at run time when it is rewritten', async () => {
    const replica = await serveReference()
    await replica.client.command('REPLICAOF', '127.0.0.1', '1')
    expect(await replica.client.command('CONFIG', 'GET', 'replicaof')).toEqual(['replicaof', '127.0.0.1 1'])
    await replica.client.command('REPLICAOF', 'NO', 'ONE')
    expect(await replica.client.command('CONFIG', 'GET', 'slaveof')).toEqual(['slaveof', ''])
  })
})
