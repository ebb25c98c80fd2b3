/** A reference master that restarts: with its snapshot real replicas go on, without it they lose what they had. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { describeWithRedis, type RealRedis, startRedis, waitFor } from '../../support/real-redis.ts'
import { serveReference } from '../../support/reference-server.ts'
import { SERVE } from '../../support/serve.ts'

const CONFIG = { 'repl-diskless-sync-delay': 0 }

function directory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'syncscope-restart-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

function up(replica: RealRedis): Promise<unknown> {
  return waitFor(async () => (await replica.info('replication')).master_link_status === 'up', {
    what: 'the replica to be in sync',
    timeoutMs: 20_000,
  })
}

describeWithRedis('a master that restarts', (server) => {
  it('goes on under a new id, and tells what has expired meanwhile', async () => {
    const dir = directory()
    const master = await serveReference(CONFIG, dir)
    const replica = await startRedis({ server, config: { replicaof: `127.0.0.1 ${master.port}` } })
    await up(replica)
    await master.client.command('SET', 'stays', '1')
    await master.client.command('SELECT', '4')
    await master.client.command('SET', 'goes', '1', 'PX', '700')
    await master.client.command('WAIT', '1', '5000')
    const before = await replica.info('replication')
    await master.client.command('SAVE')
    await master.stop()
    await new Promise((resolve) => setTimeout(resolve, 800))
    const again = await serveReference({ ...CONFIG, port: master.port }, dir)
    await up(replica)
    await again.client.command('SET', 'new', '1')
    await waitFor(async () => (await replica.client.command('GET', 'new')) === '1', {
      what: 'the replica to follow',
    })
    const after = await replica.info('replication')
    expect(after.master_replid2).toBe(before.master_replid)
    expect(after.master_replid).not.toBe(before.master_replid)
    expect(again.log).toContain('Done loading RDB, keys loaded: 1, keys expired: 1.')
    expect(again.log.filter((line) => line.includes('Full resync'))).toEqual([])
    await replica.client.command('SELECT', '4')
    expect(await replica.client.command('DBSIZE')).toBe(0)
    expect(await replica.digest()).toBe(await again.digest())
  })

  it('without its snapshot gives its replicas what it has: nothing', async () => {
    const master = await serveReference(CONFIG, directory())
    await master.client.command('SET', 'k', 'v')
    const replica = await startRedis({ server, config: { replicaof: `127.0.0.1 ${master.port}` } })
    await up(replica)
    await master.stop()
    await serveReference({ ...CONFIG, port: master.port }, directory())
    await waitFor(async () => (await replica.client.command('DBSIZE')) === 0, {
      what: 'the replica to lose its data',
      timeoutMs: 20_000,
    })
  })
})

describeWithRedis('a replica that restarts, as a process', (server) => {
  it('goes on from what its snapshot tells', async () => {
    const master = await startRedis({ server })
    await master.client.command('SET', 'k', 'v')
    const config = { replicaof: `127.0.0.1 ${master.port}`, dir: directory() }
    const before = await startRedis({ server: SERVE, config })
    await up(before)
    await before.client.command('SHUTDOWN', 'SAVE').catch(() => {})
    await waitFor(async () => (await master.info('replication')).connected_slaves === '0', {
      what: 'the replica to be gone',
    })
    await master.client.command('SET', 'more', 'v')
    const after = await startRedis({ server: SERVE, config })
    await up(after)
    expect(await master.info('stats')).toMatchObject({ sync_full: '1', sync_partial_ok: '1' })
    const { master_repl_offset } = await master.info('replication')
    await waitFor(async () => (await after.info('replication')).slave_repl_offset === master_repl_offset, {
      what: 'the replica to have everything',
    })
    expect(await after.digest()).toBe(await master.digest())
  })
})
