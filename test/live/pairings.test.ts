/**
 * Masters and replicas, real ones and the reference, in every pairing: clients write all kinds of things
 * while the link breaks in every way; in the end both have the same data at the same offset, and there were
 * as many full and partial resyncs as there had to be.
 *
 * Short here; `npm run pairings` lets it go on for a minute a pairing (PAIRING_SECONDS, PAIRING_SEED).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { expectSame, linked, logged, nameOf, type Peer, type PeerKind, startPeer } from '../support/peer.ts'
import { describeWithRedis, type RealServer, servers } from '../support/real-redis.ts'
import { Relay } from '../support/relay.ts'
import { SimRandom } from '../support/sim-random.ts'
import { Traffic } from '../support/traffic.ts'

const SECONDS = Number(process.env.PAIRING_SECONDS ?? 0)
const SEED = Number(process.env.PAIRING_SEED ?? 7)
const BACKLOG_BYTES = 1 << 20

type Link = {
  readonly master: Peer
  readonly replica: Peer
  readonly relay: Relay
  readonly random: SimRandom
}

/** What it costs: full and partial resyncs. Where chance decides the relay has counted. */
type Cost = { readonly full: number; readonly partial: number }
const PARTIAL: Cost = { full: 0, partial: 1 }
const NONE: Cost = { full: 0, partial: 0 }

const MISHAPS: Readonly<Record<string, (link: Link) => Cost | Promise<Cost>>> = {
  'the connection is reset': ({ relay }) => {
    relay.cut()
    return PARTIAL
  },
  'it is reset within a command': async ({ relay, random, master }) => {
    relay.cutAfter(random.between(1, 400))
    await master.client.command('SET', 'long', 'x'.repeat(500))
    return PARTIAL
  },
  'it is reset in the handshake, then within the answer': async ({ relay, random, replica }) => {
    const before = relay.answers.partial
    const { connections } = relay
    relay.cut()
    relay.cutAfter(random.between(1, 60))
    while (relay.connections < connections + 2) await sleep(10)
    await until(replica, 'up')
    return { full: 0, partial: relay.answers.partial - before }
  },
  'the replica is told that nothing more comes': ({ relay }) => {
    relay.halfClose('replica')
    return PARTIAL
  },
  'the master is told that nothing more comes': ({ relay }) => {
    relay.halfClose('master')
    return PARTIAL
  },
  'the master cuts off its replicas': async ({ master }) => {
    await master.client.command('CLIENT', 'KILL', 'TYPE', 'slave')
    return PARTIAL
  },
  'the replica cuts off its master': async ({ replica }) => {
    await replica.client.command('CLIENT', 'KILL', 'TYPE', 'master')
    return PARTIAL
  },
  'nothing moves for a while': async ({ relay, random }) => {
    relay.stall()
    await sleep(random.between(50, 400))
    relay.flow()
    return NONE
  },
  'nobody can connect for a while': async ({ relay, random }) => {
    relay.isRefusing = true
    relay.cut()
    await sleep(random.between(50, 400))
    relay.isRefusing = false
    return PARTIAL
  },
  'more is written meanwhile than the backlog holds': async ({ relay, master, replica }) => {
    relay.isRefusing = true
    relay.cut()
    await until(replica, 'down')
    for (let i = 0; i < 40; i++) await master.client.command('SET', 'long', String(i).repeat(100_000 / 2))
    relay.isRefusing = false
    return { full: 1, partial: 0 }
  },
  'the master has another history': async ({ master }) => {
    await changeHistory(master)
    return { full: 1, partial: 0 }
  },
  'a snapshot is cut, and comes again': async ({ master, relay, replica, random }) => {
    // Where nobody else is: it must be there when the snapshot is.
    await master.client.pipeline([
      ['SELECT', 9],
      ['SET', 'bulky', random.hex(20_000)],
      ['SELECT', 0],
    ])
    relay.isRefusing = true
    await changeHistory(master)
    await until(replica, 'down')
    relay.cutAfter(random.between(500, 10_000))
    relay.isRefusing = false
    return { full: 2, partial: 0 }
  },
}

/** Another history begins, and everybody who follows is told so. */
async function changeHistory(master: Peer): Promise<void> {
  await master.client.command('DEBUG', 'CHANGE-REPL-ID')
  await master.client.command('CLIENT', 'KILL', 'TYPE', 'slave')
}

async function until(replica: Peer, status: string): Promise<void> {
  while ((await replica.info('replication')).master_link_status !== status) await sleep(10)
}

/** Each mishap once, or chance for PAIRING_SECONDS. */
function* program(random: SimRandom): Generator<(typeof MISHAPS)[string]> {
  const all = Object.values(MISHAPS)
  yield* all
  const end = Date.now() + SECONDS * 1000
  while (Date.now() < end) yield random.pick(all)
}

async function storm(masterKind: PeerKind, replicaKind: PeerKind, digests = true): Promise<void> {
  const random = new SimRandom(SEED).fork(`${nameOf(masterKind)} ${nameOf(replicaKind)}`)
  const master = await startPeer(masterKind, {
    'repl-backlog-size': BACKLOG_BYTES,
    'repl-diskless-sync': random.pick(['yes', 'no']),
  })
  const relay = await Relay.open(master.port)
  const traffic = await Traffic.start(master.port, SEED, { without: ['FLUSHALL'] })
  const replica = await startPeer(replicaKind, {
    replicaof: `127.0.0.1 ${relay.port}`,
    'repl-diskless-load': random.pick(['disabled', 'on-empty-db', 'swapdb']),
  })
  await linked(master, replica)
  let [full, partial] = [1, 0]
  for (const mishap of program(random)) {
    await sleep(random.between(20, 150))
    const cost = await mishap({ master, replica, relay, random })
    full += cost.full
    partial += cost.partial
    await waitForCounts(master, { full, partial })
    await linked(master, replica)
  }
  expect(await traffic.stop()).toBeGreaterThan(500)
  await expectSame(master, [replica], digests)
  await waitForCounts(master, { full, partial })
}

/** As many resyncs as there had to be, and not one more. */
async function waitForCounts(master: Peer, { full, partial }: Cost): Promise<void> {
  const end = Date.now() + 20_000
  for (;;) {
    const { sync_full, sync_partial_ok } = await master.info('stats')
    if (Number(sync_full) === full && Number(sync_partial_ok) === partial) return
    if (Number(sync_full) > full || Number(sync_partial_ok) > partial || Date.now() > end) {
      const log = master.log().slice(-30).join('\n')
      expect({ sync_full, sync_partial_ok, log }).toEqual({
        sync_full: `${full}`,
        sync_partial_ok: `${partial}`,
      })
    }
    await sleep(20)
  }
}

const timeout = 60_000 + SECONDS * 2000

describeWithRedis('a stormy link', (server) => {
  const pairings: readonly (readonly [PeerKind, PeerKind])[] = [
    [server, server],
    [server, 'reference'],
    ['reference', server],
    ['reference', 'reference'],
  ]
  for (const [master, replica] of pairings) {
    it(`${nameOf(master)} ─► ${nameOf(replica)}`, { timeout }, () => storm(master, replica))
  }
})

/** Which RDB versions a server reads: a master of 7.0 sends 10. */
const readsOurs = (server: RealServer): boolean => server.flavour === 'valkey' || server.major >= 7
/** The reference reads up to 10. */
const sendsReadable = (server: RealServer): boolean => server.flavour === 'redis' && server.major < 8
/** DEBUG DIGEST of the same data is the same. */
const sameDigests = (server: RealServer): boolean => server.flavour === 'redis' && server.major < 8

const others = servers().filter(({ version }) => !version.startsWith('7.0'))
describe.each(others)('a stormy link with $name', (server) => {
  if (readsOurs(server)) {
    it(`reference ─► ${server.name}`, { timeout }, () => storm('reference', server, sameDigests(server)))
  } else {
    it('a replica that is too old refuses our snapshots as it does those of a real 7.0', async () => {
      const master = await startPeer('reference')
      await master.client.command('SET', 'theirs', '1')
      const replica = await startPeer(server)
      await replica.client.command('SET', 'ours', '1')
      await replica.client.command('REPLICAOF', '127.0.0.1', String(master.port))
      await logged(replica, "Can't handle RDB format version 10")
      expect((await replica.info('replication')).master_link_status).toBe('down')
      expect(await master.client.command('GET', 'theirs')).toBe('1')
    })
  }
  if (sendsReadable(server)) {
    it(`${server.name} ─► reference`, { timeout }, () => storm(server, 'reference', sameDigests(server)))
  } else {
    it('a master that is too new is refused, asked again, and nothing is lost', async () => {
      const master = await startPeer(server)
      const replica = await startPeer('reference')
      await replica.client.command('SET', 'ours', '1')
      await replica.client.command('REPLICAOF', '127.0.0.1', String(master.port))
      const { flavour, major } = server
      const version = flavour === 'valkey' ? 11 : major === 8 && server.version < '8.4' ? 12 : 13
      await logged(replica, `Can't handle RDB format version ${version}`)
      await logged(replica, `Can't handle RDB format version ${version}`, replica.log().length)
      expect(await replica.client.command('GET', 'ours')).toBe('1')
      expect(await replica.digest()).not.toBe('0'.repeat(40))
    })
  }
})
