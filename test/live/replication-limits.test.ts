/**
 * The edges of replication, between references and real servers: many replicas at once, slow ones, silent
 * ones, large data, and what redis-cli does as a replica.
 */
import { execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { expectSame, linked, logged, nameOf, type Peer, type PeerKind, startPeer } from '../support/peer.ts'
import { defaultServer, describeWithRedis, type RealServer, waitFor } from '../support/real-redis.ts'
import { Relay } from '../support/relay.ts'
import { Traffic } from '../support/traffic.ts'
import { WireClient } from '../support/wire-client.ts'

const run = promisify(execFile)

/** `npm run pairings` takes the time for it. */
const IS_LONG = process.env.PAIRING_SECONDS !== undefined
const KEYS = IS_LONG ? 300_000 : 40_000
const LARGE_BYTES = IS_LONG ? 100_000_000 : 20_000_000

/** Where data is to be there. */
const FLUSHES = ['FLUSHALL', 'FLUSHDB']

type Config = Readonly<Record<string, string | number>>

const startReplica = (kind: PeerKind, port: number, config: Config = {}): Promise<Peer> =>
  startPeer(kind, { replicaof: `127.0.0.1 ${port}`, ...config })

/** Log lines that contain this. */
const count = (peer: Peer, text: string): number => peer.log().filter((line) => line.includes(text)).length

/** The reference on one side and the real server on the other, and the other way round. */
const bothWays = (server: RealServer): [string, PeerKind, PeerKind][] =>
  [['reference', server] as const, [server, 'reference'] as const].map(([master, replica]) => [
    `${nameOf(master)} ─► ${nameOf(replica)}`,
    master,
    replica,
  ])

describeWithRedis('many replicas at once', (server) => {
  for (const [how, diskless] of [
    ['to disk', 'no'],
    ['to sockets', 'yes'],
  ] as const) {
    it(`share a snapshot ${how}`, async () => {
      const master = await startPeer('reference', {
        'repl-diskless-sync': diskless,
        'repl-diskless-sync-delay': 1,
      })
      await master.client.command('DEBUG', 'POPULATE', 4000, 'key', 1000)
      const traffic = await Traffic.start(master.port, 3, { clients: 2, without: FLUSHES })
      const replicas = await Promise.all([
        startReplica(server, master.port),
        startReplica(server, master.port, { 'repl-diskless-load': 'swapdb' }),
        startReplica('reference', master.port),
        startReplica('reference', master.port, { 'repl-diskless-load': 'swapdb' }),
      ])
      await linked(master, replicas[0]!, 4)
      await traffic.stop()
      await expectSame(master, replicas)
      expect((await master.info('stats')).sync_full).toBe('4')
      // To disk those who come while it is begun get another one; to sockets all have waited for each other.
      expect(count(master, 'Starting BGSAVE for SYNC')).toBeLessThanOrEqual(diskless === 'yes' ? 1 : 2)
    })
  }
})

describeWithRedis('a replica that does not take what it is sent', (server) => {
  it.each<[string, PeerKind]>([
    ['a real master', server],
    ['the reference', 'reference'],
  ])('is cut off by %s', async (_name, kind) => {
    const limit = 'replica 2mb 0 0'
    const master = await startPeer(kind, {
      'client-output-buffer-limit': limit,
      'repl-backlog-size': '1mb',
      'repl-ping-replica-period': 1,
    })
    const slow = await WireClient.open(master.port)
    slow.send('PSYNC ? -1')
    await slow.until(/REDIS\d{4}/)
    await waitFor(async () => /state=online/.test((await master.info('replication')).slave0 ?? ''), {
      what: 'it to be online',
    })
    slow.pause()
    const value = 'x'.repeat(500_000)
    // Kernels hold some megabytes between two sockets.
    for (let i = 0; i < 60 && (await master.info('replication')).connected_slaves === '1'; i++) {
      await master.client.command('SET', `k${i}`, value)
    }
    expect((await master.info('replication')).connected_slaves).toBe('0')
    await logged(master, 'scheduled to be closed ASAP for overcoming of output buffer limits.')
    // What was kept for it is given up.
    await waitFor(async () => Number((await master.info('replication')).repl_backlog_histlen) < 1_200_000, {
      what: 'the backlog to shrink',
    })
  })
})

describeWithRedis('silence', (server) => {
  it.each(bothWays(server))('ends a link on both sides, %s', async (_name, masterKind, replicaKind) => {
    const config = { 'repl-timeout': 2, 'repl-ping-replica-period': 1 }
    const master = await startPeer(masterKind, config)
    const relay = await Relay.open(master.port)
    const replica = await startReplica(replicaKind, relay.port, config)
    await linked(master, replica)
    await master.client.command('SET', 'k', 'v')
    relay.stall()
    await logged(replica, 'MASTER timeout: no data nor PING received...')
    await logged(master, 'Disconnecting timedout replica (streaming sync)')
    relay.flow()
    await linked(master, replica)
    await expectSame(master, [replica])
    const { sync_full, sync_partial_ok } = await master.info('stats')
    expect([sync_full, Number(sync_partial_ok) > 0]).toEqual(['1', true])
  })

  it('is broken by newlines while a snapshot is awaited', async () => {
    const hear = async (kind: PeerKind): Promise<void> => {
      const master = await startPeer(kind, { 'repl-diskless-sync-delay': 3 })
      const replica = await WireClient.open(master.port)
      replica.send('REPLCONF capa eof capa psync2')
      await replica.until('+OK\r\n')
      replica.send('PSYNC ? -1')
      const said = await replica.until(/\+FULLRESYNC/)
      expect(said.slice(0, said.indexOf('+FULLRESYNC'))).toMatch(/^\+OK\r\n\n{2,4}$/)
      replica.close()
    }
    await Promise.all([hear(server), hear('reference')])
  })

  it('is not what a replica hears that waits longer than its timeout', async () => {
    const master = await startPeer(server, { 'repl-diskless-sync-delay': 4 })
    const replica = await startReplica('reference', master.port, { 'repl-timeout': 2 })
    await linked(master, replica)
    expect((await master.info('stats')).sync_full).toBe('1')
  })
})

describeWithRedis('a master that wants replicas', (server) => {
  it.each(bothWays(server))('writes only while it has them, %s', async (_name, masterKind, replicaKind) => {
    const master = await startPeer(masterKind, { 'min-replicas-to-write': 1, 'min-replicas-max-lag': 2 })
    const set = () => master.client.command('SET', 'k', 'v').catch((error: Error) => error.message)
    expect(await set()).toBe('NOREPLICAS Not enough good replicas to write.')
    const relay = await Relay.open(master.port)
    const replica = await startReplica(replicaKind, relay.port)
    await linked(master, replica)
    expect(await set()).toBe('OK')
    expect(await master.client.command('WAIT', 1, 5000)).toBe(1)
    expect(await master.client.command('WAIT', 2, 100)).toBe(1)
    relay.stall()
    const began = Date.now()
    await waitFor(async () => (await set()) !== 'OK', { what: 'a write to be refused' })
    expect(Date.now() - began).toBeGreaterThan(1000)
    expect(await master.client.command('WAIT', 1, 100)).toBe(0)
    relay.flow()
    await waitFor(async () => (await set()) === 'OK', { what: 'a write to be accepted' })
  })
})

describeWithRedis('a backlog that nobody has followed for repl-backlog-ttl', (server) => {
  it.each(bothWays(server))('is given up with its id, %s', async (_name, masterKind, replicaKind) => {
    const master = await startPeer(masterKind, { 'repl-backlog-ttl': 1 })
    const relay = await Relay.open(master.port)
    const replica = await startReplica(replicaKind, relay.port)
    await linked(master, replica)
    const { master_replid } = await master.info('replication')
    relay.isRefusing = true
    relay.cut()
    await logged(master, 'Replication backlog freed after 1 seconds without connected replicas.')
    expect(await master.info('replication')).toMatchObject({
      repl_backlog_active: '0',
      connected_slaves: '0',
    })
    expect((await master.info('replication')).master_replid).not.toBe(master_replid)
    relay.isRefusing = false
    await linked(master, replica)
    expect(await master.info('stats')).toMatchObject({ sync_full: '2', sync_partial_ok: '0' })
  })
})

describeWithRedis('much data', (server) => {
  it.each(bothWays(server))(
    `is written while a snapshot of ${KEYS} keys is on its way, %s`,
    { timeout: 120_000 },
    async (_name, masterKind, replicaKind) => {
      const master = await startPeer(masterKind, { 'repl-ping-replica-period': 3600 })
      await master.client.command('DEBUG', 'POPULATE', KEYS, 'key', 30)
      const traffic = await Traffic.start(master.port, 5, { clients: 8, pauseMs: 1, without: FLUSHES })
      await sleep(100)
      const before = traffic.commands
      const replica = await startReplica(replicaKind, master.port)
      await linked(master, replica)
      expect(traffic.commands).toBeGreaterThan(before)
      await traffic.stop()
      await expectSame(master, [replica], false)
      expect((await master.info('stats')).sync_full).toBe('1')
    },
  )

  it.each(bothWays(server))(
    `comes in pieces of ${LARGE_BYTES} bytes, %s`,
    { timeout: 120_000 },
    async (_name, masterKind, replicaKind) => {
      const master = await startPeer(masterKind)
      await master.client.command('SETRANGE', 'in the snapshot', LARGE_BYTES, 'end')
      const replica = await startReplica(replicaKind, master.port)
      await linked(master, replica)
      await master.client.command('SET', 'in the stream', Buffer.alloc(LARGE_BYTES, 'x'))
      await waitFor(
        async () => Number(await replica.client.command('STRLEN', 'in the stream')) === LARGE_BYTES,
        {
          what: 'a large value to arrive',
          timeoutMs: 60_000,
        },
      )
      expect(await replica.client.command('STRLEN', 'in the snapshot')).toBe(LARGE_BYTES + 3)
      expect(await replica.digest()).toBe(await master.digest())
      expect(await master.info('stats')).toMatchObject({ sync_full: '1', sync_partial_ok: '0' })
    },
  )

  it.each(bothWays(server))('is in 16 databases, %s', async (_name, masterKind, replicaKind) => {
    const master = await startPeer(masterKind)
    const fill = async (round: string): Promise<void> => {
      for (let db = 0; db < 16; db++) {
        await master.client.command('SELECT', db)
        await master.client.command('SET', `${round}:${db}`, 'v')
        await master.client.command('RPUSH', 'list', round)
      }
      await master.client.command('SWAPDB', 2, 15)
      await master.client.command('MOVE', `${round}:15`, 0)
    }
    await fill('before')
    const replica = await startReplica(replicaKind, master.port)
    await linked(master, replica)
    await fill('after')
    await expectSame(master, [replica])
    expect((await replica.info('keyspace')).db15).toMatch(/^keys=\d/)
  })
})

describeWithRedis('a chain two deep', (server) => {
  it.each<[string, PeerKind[]]>([
    ['real, reference, real', [server, 'reference', server]],
    ['reference, real, reference', ['reference', server, 'reference']],
    ['references only', ['reference', 'reference', 'reference']],
  ])('%s', async (_name, kinds) => {
    const top = await startPeer(kinds[0]!)
    const traffic = await Traffic.start(top.port, 9, { clients: 3 })
    const first = await Relay.open(top.port)
    const middle = await startReplica(kinds[1]!, first.port)
    await linked(top, middle)
    const below = await Relay.open(middle.port)
    const bottom = await startReplica(kinds[2]!, below.port)
    await linked(middle, bottom)
    for (const [relay, master, replica] of [
      [first, top, middle],
      [below, middle, bottom],
      [first, top, middle],
    ] as const) {
      relay.cut()
      await sleep(50)
      await linked(master, replica)
    }
    await traffic.stop()
    await expectSame(top, [middle, bottom])
    expect(await top.info('stats')).toMatchObject({ sync_full: '1', sync_partial_ok: '2' })
    expect(await middle.info('stats')).toMatchObject({ sync_full: '1', sync_partial_ok: '1' })
  })
})

const cli = defaultServer()?.path.replace('redis-server', 'redis-cli') ?? 'redis-cli'

describeWithRedis('redis-cli', () => {
  it('takes a snapshot of the reference with --rdb', async () => {
    const master = await startPeer('reference')
    await master.client.command('DEBUG', 'POPULATE', 1000, 'key', 100)
    const [, dir] = (await master.client.command('CONFIG', 'GET', 'dir')) as string[]
    const file = join(dir!, 'taken.rdb')
    await run(cli, ['-p', String(master.port), '--rdb', file])
    await master.client.command('SAVE')
    // The time of writing and the memory differ.
    const [taken, saved] = [readFileSync(file), readFileSync(join(dir!, 'dump.rdb'))]
    expect(Math.abs(taken.length - saved.length)).toBeLessThan(200)
    const other = await startPeer('reference', { dir: dir!, dbfilename: 'taken.rdb' })
    expect(await other.digest()).toBe(await master.digest())
  })

  it('shows the stream of the reference with --replica', async () => {
    const master = await startPeer('reference', { 'repl-ping-replica-period': 1 })
    await master.client.command('SET', 'before', '1')
    const child = spawn(cli, ['-p', String(master.port), '--replica'], { stdio: 'pipe' })
    onTestFinished(() => void child.kill('SIGKILL'))
    let said = ''
    child.stdout.on('data', (chunk) => (said += chunk))
    child.stderr.on('data', (chunk) => (said += chunk))
    await waitFor(async () => /state=online/.test((await master.info('replication')).slave0 ?? ''), {
      what: 'redis-cli to be online',
    })
    await master.client.command('SET', 'after', '1')
    await waitFor(() => said.includes('"SET","after","1"'), { what: 'the command to be shown' }).catch(
      (error: Error) => {
        throw new Error(`${error.message}: ${said}`)
      },
    )
    await waitFor(() => said.includes('"ping"'), { what: 'a ping to be shown' })
  })
})
