/**
 * What clients see of replication, in each state of both roles: INFO, ROLE, CLIENT LIST and refusals, told by
 * references and by real servers.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { linked, logged, type Peer, type PeerKind, startPeer } from '../support/peer.ts'
import { describeWithRedis, freePort, waitFor } from '../support/real-redis.ts'
import { Relay } from '../support/relay.ts'

/** What a peer says, without what differs from run to run. */
async function say(peer: Peer, ...words: (string | number)[]): Promise<unknown> {
  const reply = await peer.client.command(...words).catch((error: Error) => `-${error.message}`)
  return plain(reply)
}

function plain(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(plain)
  if (typeof reply === 'number') return reply > 999 ? '<port>' : reply
  if (typeof reply !== 'string') return reply
  return reply.replace(/\b[0-9a-f]{40}\b/g, '<id>').replace(/(?<![\w-])\d{4,5}\b/g, '<port>')
}

const SECTIONS =
  /^(?:sync_|slave_expires|master_|repl_|slave|role|connected_slaves|replica|second_|min_slaves|mem_replication|mem_total_repl|async_loading|loading)/

/** INFO: all fields in their order, and the values that are not a matter of moments. */
async function info(peer: Peer): Promise<string[]> {
  const text = String(await peer.client.command('INFO', 'everything'))
  return text
    .split('\r\n')
    .filter((line) => SECTIONS.test(line))
    .map((line) =>
      String(plain(line)).replace(
        /((?:offset|histlen|bytes|last_io_seconds_ago|since_seconds|perc|lag|backlog|buffers)[:=])(?:-?[\d.]+|<port>)/g,
        '$1N',
      ),
    )
}

/** Of the connections between servers: flags and commands. */
async function connections(peer: Peer): Promise<string[]> {
  const list = String(await peer.client.command('CLIENT', 'LIST'))
  return list
    .split('\n')
    .filter((line) => / flags=[SM]/.test(line))
    .map((line) => / flags=\S+|cmd=\S+|user=\S+|resp=\S+|lib-name=\S*/g[Symbol.match](line)!.join(' '))
}

async function look(peer: Peer): Promise<unknown[]> {
  return [await info(peer), await say(peer, 'ROLE'), await connections(peer)]
}

type View = (kind: PeerKind) => Promise<unknown>

const VIEWS: Readonly<Record<string, View>> = {
  'a master alone': async (kind) => look(await startPeer(kind)),
  'a master that wants replicas': async (kind) => look(await startPeer(kind, { 'min-replicas-to-write': 2 })),
  'a master and its replica': async (kind) => {
    const master = await startPeer(kind)
    const replica = await startPeer(kind, {
      replicaof: `127.0.0.1 ${master.port}`,
      'replica-priority': 7,
      'replica-announced': 'no',
      'replica-announce-ip': '10.1.2.3',
      'replica-announce-port': 7777,
    })
    await linked(master, replica)
    // What a replica said last, and which offset the master knows of it, is settled by its first ACK.
    await waitFor(async () => /cmd=replconf/.test(String(await master.client.command('CLIENT', 'LIST'))), {
      what: 'the first ACK',
    })
    return [await look(master), await look(replica)]
  },
  'a replica that waits for a snapshot': async (kind) => {
    const master = await startPeer(kind, { 'repl-diskless-sync-delay': 60 })
    const replica = await startPeer(kind, { replicaof: `127.0.0.1 ${master.port}` })
    await logged(master, 'asks for synchronization')
    await sleep(100)
    return [await look(master), await look(replica), await say(master, 'WAIT', 1, 10)]
  },
  'a replica that has lost its master': async (kind) => {
    const master = await startPeer(kind)
    const relay = await Relay.open(master.port)
    const replica = await startPeer(kind, { replicaof: `127.0.0.1 ${relay.port}` })
    await linked(master, replica)
    await master.client.command('SET', 'k', 'v')
    await linked(master, replica)
    relay.isRefusing = true
    relay.cut()
    await waitFor(async () => (await replica.info('replication')).master_link_status === 'down', {
      what: 'loss',
    })
    await waitFor(async () => (await master.info('replication')).connected_slaves === '0', { what: 'loss' })
    // Where the link is between two attempts is a matter of moments.
    const view = [await look(master), (await info(replica)).filter((line) => !line.startsWith('master_sync'))]
    await replica.config('replica-serve-stale-data', 'no')
    const refused = []
    for (const line of [
      'GET k',
      'SET k v',
      'PING',
      'INFO server',
      'MULTI',
      'GET k',
      'EXEC',
      'SUBSCRIBE',
      'PSYNC ? -1',
      'REPLCONF',
      'TIME',
      'SELECT 1',
      'PUBLISH c m',
      'DBSIZE',
      'KEYS *',
      'TYPE k',
    ]) {
      const reply = await say(replica, ...line.split(' '))
      refused.push([line, line.startsWith('INFO') || line === 'TIME' ? typeof reply : reply])
    }
    return [...view, refused]
  },
  'a replica whose master was never there': async (kind) => {
    const replica = await startPeer(kind, { replicaof: `127.0.0.1 ${await freePort()}` })
    await logged(replica, 'Error condition on socket for SYNC')
    return [await info(replica), await say(replica, 'PSYNC', '?', -1), await connections(replica)]
  },
  'what a replica refuses': async (kind) => {
    const master = await startPeer(kind)
    const replica = await startPeer(kind, { replicaof: `127.0.0.1 ${master.port}` })
    await linked(master, replica)
    await master.client.command('SET', 'brief', 'v', 'PX', 60)
    await master.client.command('SET', 'k', 'v')
    await master.client.command('WAIT', 1, 1000)
    const said = []
    for (const line of [
      'SET k w',
      'DEL nothing',
      'FLUSHALL',
      'GET k',
      'WAIT 1 10',
      'PFCOUNT k',
      'PUBLISH c m',
      'BLPOP l 1',
      'MULTI',
      'SET k w',
      'EXEC',
      'REPLICAOF 127.0.0.1 99999',
      'REPLICAOF 127.0.0.1 x',
      'REPLICAOF NO',
      `REPLICAOF 127.0.0.1 ${master.port}`,
      'FAILOVER',
      'FAILOVER ABORT',
      'SLAVEOF 127.0.0.1 -1',
      'XREADGROUP GROUP g c STREAMS x >',
      'SORT k STORE l',
      'GETEX k EX 1',
      'SWAPDB 0 1',
      'CLIENT UNPAUSE',
      'CLIENT KILL TYPE replica',
      'CLIENT KILL TYPE nobody',
      'EXPIRE k 10',
      'RESTORE a 0 b',
      'SPOP s',
    ]) {
      said.push([line.replace(/\d{5}$/, '<port>'), await say(replica, ...line.split(' '))])
    }
    return said
  },
  'what a writable replica keeps to itself': async (kind) => {
    const master = await startPeer(kind)
    const replica = await startPeer(kind, {
      replicaof: `127.0.0.1 ${master.port}`,
      'replica-read-only': 'no',
    })
    await linked(master, replica)
    const before = (await replica.info('replication')).master_repl_offset
    const said = [await say(replica, 'SET', 'own', 'v', 'PX', 50), await say(replica, 'INCR', 'n')]
    const tracked = (await replica.info('stats')).slave_expires_tracked_keys
    await waitFor(async () => (await replica.client.command('DBSIZE')) === 1, {
      what: 'its own key to expire',
    })
    expect((await replica.info('replication')).master_repl_offset).toBe(before)
    return [said, tracked, await say(replica, 'WAIT', 1, 10), await say(master, 'DBSIZE')]
  },
  'a replica that was promoted': async (kind) => {
    const master = await startPeer(kind)
    const replica = await startPeer(kind, { replicaof: `127.0.0.1 ${master.port}` })
    await linked(master, replica)
    const said = await say(replica, 'REPLICAOF', 'NO', 'ONE')
    return [said, await say(replica, 'SLAVEOF', 'no', 'one'), await look(replica)]
  },
}

describeWithRedis('what clients see of', (server) => {
  it.each(Object.entries(VIEWS))('%s', async (_name, view) => {
    const [real, ours] = await Promise.all([view(server), view('reference')])
    expect(ours).toEqual(real)
  })
})
