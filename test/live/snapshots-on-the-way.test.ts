/** Snapshots on their way between references and real servers, and what happens to them and beside them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { expectSame, linked, logged, type Peer, type PeerKind, startPeer } from '../support/peer.ts'
import { describeWithRedis, waitFor } from '../support/real-redis.ts'
import { Relay } from '../support/relay.ts'
import { WireClient } from '../support/wire-client.ts'

const KEYS = 8000

async function filled(kind: PeerKind, config: Record<string, string | number> = {}): Promise<Peer> {
  const master = await startPeer(kind, config)
  await master.client.command('DEBUG', 'POPULATE', KEYS, 'key', 1000)
  await master.client.command('SET', 'k', 'old')
  return master
}

describeWithRedis('a snapshot for several', (server) => {
  it.each<[string, string]>([
    ['to sockets', 'yes'],
    ['to disk', 'no'],
  ])('is not disturbed by one that leaves, and one that takes nothing, %s', async (_how, diskless) => {
    const master = await filled('reference', {
      'repl-diskless-sync': diskless,
      'repl-diskless-sync-delay': 1,
      'repl-timeout': 3,
      'repl-ping-replica-period': 1,
    })
    const [leaving, stuck] = [await WireClient.open(master.port), await WireClient.open(master.port)]
    for (const one of [leaving, stuck]) {
      one.send('REPLCONF capa eof capa psync2')
      await one.until('+OK\r\n')
      one.send('PSYNC ? -1')
    }
    const replicas = [
      await startPeer(server, { replicaof: `127.0.0.1 ${master.port}` }),
      await startPeer('reference', { replicaof: `127.0.0.1 ${master.port}` }),
    ]
    await leaving.until(/REDIS0010/)
    stuck.pause()
    leaving.close()
    for (const replica of replicas) {
      await waitFor(async () => (await replica.info('replication')).master_link_status === 'up', {
        what: `${replica.name} to be in sync`,
        timeoutMs: 30_000,
      })
    }
    await waitFor(async () => (await master.info('replication')).connected_slaves === '2', {
      what: 'the one that takes nothing to be cut off',
      timeoutMs: 20_000,
    })
    await expectSame(master, replicas)
  })

  it('begins as soon as there are as many as were said', async () => {
    for (const kind of [server, 'reference'] as const) {
      const master = await startPeer(kind, {
        'repl-diskless-sync-delay': 600,
        'repl-diskless-sync-max-replicas': 2,
      })
      const first = await startPeer('reference', { replicaof: `127.0.0.1 ${master.port}` })
      await logged(master, 'asks for synchronization')
      await sleep(300)
      expect((await master.info('replication')).slave0).toContain('state=wait_bgsave')
      const second = await startPeer(server, { replicaof: `127.0.0.1 ${master.port}` })
      await linked(master, first, 2)
      await expectSame(master, [first, second])
    }
  })
})

describeWithRedis('while a snapshot is loaded beside the old data', (server) => {
  it.each<[string, PeerKind]>([
    ['a real replica', server],
    ['the reference', 'reference'],
  ])('%s answers from the old data', async (_name, kind) => {
    const master = await filled(server, { 'repl-backlog-size': 16384, rdbcompression: 'no' })
    const relay = await Relay.open(master.port)
    const replica = await startPeer(kind, {
      replicaof: `127.0.0.1 ${relay.port}`,
      'repl-diskless-load': 'swapdb',
    })
    await linked(master, replica)
    relay.isRefusing = true
    relay.cut()
    await master.config('rdb-key-save-delay', 100)
    await master.client.command('SET', 'k', 'new')
    for (let i = 0; i < 40; i++) await master.client.command('SET', 'filler', String(i).repeat(50_000))
    relay.isRefusing = false
    await waitFor(async () => (await replica.info('persistence')).async_loading === '1', { what: 'loading' })
    const ask = (...words: string[]) =>
      replica.client.command(...words).catch((error: Error) => error.message)
    const said = [
      await ask('GET', 'k'),
      await ask('DBSIZE'),
      await ask('SET', 'k', 'own'),
      await ask('PING'),
      (await replica.info('persistence')).loading,
      (await replica.info('replication')).master_sync_in_progress,
      ((await ask('ROLE')) as string[])[3],
    ]
    expect(said).toEqual([
      'old',
      KEYS + 1,
      "READONLY You can't write against a read only replica.",
      'PONG',
      '0',
      '1',
      'sync',
    ])
    await master.config('rdb-key-save-delay', 0)
    await linked(master, replica)
    await expectSame(master, [replica])
    expect(await replica.client.command('GET', 'k')).toBe('new')
  })
})
