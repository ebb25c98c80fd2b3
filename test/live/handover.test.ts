/** FAILOVER between references and real servers, to and fro, while clients write. */
import { expect, it } from 'vitest'
import { expectSame, linked, type Peer, type PeerKind, startPeer } from '../support/peer.ts'
import { describeWithRedis, waitFor } from '../support/real-redis.ts'
import { Traffic } from '../support/traffic.ts'

const roleOf = async (peer: Peer): Promise<string> => (await peer.info('replication')).role!

async function handOver(from: Peer, to: Peer): Promise<void> {
  await from.client.command('FAILOVER', 'TO', '127.0.0.1', to.port, 'TIMEOUT', 10_000)
  await waitFor(async () => (await roleOf(from)) === 'slave' && (await roleOf(to)) === 'master', {
    what: `${to.name} to take over`,
  }).catch((error: Error) => {
    throw new Error(
      `${error.message}\n${from.log().slice(-20).join('\n')}\n---\n${to.log().slice(-20).join('\n')}`,
    )
  })
  await linked(to, from)
}

describeWithRedis('FAILOVER', (server) => {
  it.each<[string, PeerKind, PeerKind]>([
    ['real ─► reference', server, 'reference'],
    ['reference ─► real', 'reference', server],
    ['reference ─► reference', 'reference', 'reference'],
  ])('hands over and back, %s, without a full resync', async (_name, one, other) => {
    const first = await startPeer(one)
    const second = await startPeer(other, { replicaof: `127.0.0.1 ${first.port}` })
    await linked(first, second)
    // Clients of both: one half is refused, whoever is master.
    const traffic = [
      await Traffic.start(first.port, 1, { clients: 3, comesBack: true }),
      await Traffic.start(second.port, 2, { clients: 3, comesBack: true }),
    ]
    for (let i = 0; i < 3; i++) {
      await handOver(first, second)
      await handOver(second, first)
    }
    for (const clients of traffic) expect(await clients.stop()).toBeGreaterThan(20)
    await expectSame(first, [second])
    const counts = await Promise.all([first, second].map((peer) => peer.info('stats')))
    expect(counts.map(({ sync_full, sync_partial_ok }) => `${sync_full} ${sync_partial_ok}`)).toEqual([
      '1 3',
      '0 3',
    ])
  })

  it.each<[string, PeerKind]>([
    ['a real server', server],
    ['the reference', 'reference'],
  ])('of %s is given up when the replica does not come along', async (_name, kind) => {
    const master = await startPeer(kind)
    const replica = await startPeer(server, { replicaof: `127.0.0.1 ${master.port}` })
    await linked(master, replica)
    const pid = Number((await replica.info('server')).process_id)
    process.kill(pid, 'SIGSTOP')
    try {
      await master.client.command('SET', 'k', 'v')
      await master.client.command('FAILOVER', 'TIMEOUT', 300)
      expect(await master.info('replication')).toMatchObject({ master_failover_state: 'waiting-for-sync' })
      // Writes are held meanwhile.
      const held = master.client.command('SET', 'k', 'w')
      await waitFor(async () => (await held) === 'OK', { what: 'the write to go through' })
      expect(await master.info('replication')).toMatchObject({
        role: 'master',
        master_failover_state: 'no-failover',
      })
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await expectSame(master, [replica])
  })
})
