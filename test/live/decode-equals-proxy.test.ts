/**
 * What `decode` makes of a capture is what the proxy made of the same session, on both of its legs: the same events with the
 * same positions and offsets, in the same order on each side. Times, numbers of connections and addresses differ.
 */
import { describe, expect } from 'vitest'
import type { ReplEvent } from '../../src/replication/events.ts'
import { jsonEvent } from '../../src/sink/json-event.ts'
import { itWith } from '../support/capture-tools.ts'
import { captureLoopback, decodeFiles } from '../support/live-capture.ts'
import { type LiveProxy, liveProxy } from '../support/live-proxy.ts'
import {
  caughtUp,
  describeEachRedis,
  describeWithRedis,
  type RealRedis,
  type RealServer,
  startRedis,
  waitFor,
} from '../support/real-redis.ts'

/** What tells when and where something was seen, and what depends on the moment. */
const ASIDE = new Set(['at', 'connection', 'link', 'from', 'to', 'lagBytes', 'lagMs', 'ms'])

type Said = { link: string; role: unknown; master: string[]; replica: string[] }

/** What each connection with a replica said, side by side; links are named in the order in which they come. */
function said(
  events: readonly ReplEvent[],
  isOurs: (opened: { from: string; to: string }) => boolean,
): Said[] {
  const connections = new Map<number, Said>()
  const links = new Map<number, string>()
  for (const event of events) {
    const json = jsonEvent(event)
    if (json === undefined) continue
    if (event.kind === 'opened') {
      if (!isOurs({ from: event.replica, to: event.master }) || event.role === 'client') continue
      if (!links.has(event.link)) links.set(event.link, `link ${links.size + 1}`)
      connections.set(event.conn, { link: links.get(event.link)!, role: event.role, master: [], replica: [] })
      continue
    }
    const rest = Object.fromEntries(Object.entries(json).filter(([name]) => !ASIDE.has(name)))
    // Both ends close a connection whose snapshot is over; whose FIN is seen first is a matter of the moment.
    if (event.kind === 'closed' && rest.conn === 'rdb') {
      delete rest.side
      delete rest.pos
      connections.get(event.conn)?.master.push(JSON.stringify(rest))
      continue
    }
    connections.get(event.conn)?.[event.side].push(JSON.stringify(rest))
  }
  return [...connections.values()]
}

/** Both legs of a proxy, in a capture of both. */
function expectEqual(proxy: LiveProxy, master: RealRedis, capture: Buffer): void {
  const { events, complaints } = decodeFiles([capture])
  expect(complaints).toEqual([])
  const own = said(proxy.events, () => true)
  expect(own.length).toBeGreaterThan(0)
  expect(events.filter((event) => event.kind === 'gap')).toEqual([])
  expect(said(events, ({ to }) => to.endsWith(`:${proxy.port}`))).toEqual(own)
  expect(said(events, ({ to }) => to.endsWith(`:${master.port}`))).toEqual(own)
}

const commandsOf = (redis: RealRedis) => (line: string) => redis.client.command(...line.split(' '))

async function write(master: RealRedis): Promise<void> {
  const c = commandsOf(master)
  await c('SET k1 v1 EX 1000')
  await c('SELECT 3')
  await c('RPUSH l a b c')
  await c('SELECT 0')
  await c('MULTI')
  await c('SET m1 1')
  await c('SADD m2 x y')
  await c('EXEC')
  await master.client.command('SET', 'large', Buffer.alloc(8 * 1024 * 1024, 'L\r\n*3\r\n'))
  await c('INCR n')
}

/** A session with everything in it, watched: full sync, stream, a cut link, a backlog that is too small, the end. */
async function watched(
  server: RealServer,
  config: Record<string, string | number>,
): Promise<{ proxy: LiveProxy; master: RealRedis; capture: Buffer }> {
  const shared = { 'repl-diskless-sync-delay': 0, 'client-output-buffer-limit': 'replica 0 0 0' }
  const master = await startRedis({ server, config: { ...shared, 'repl-backlog-size': 16_384, ...config } })
  await master.client.command('DEBUG', 'POPULATE', 2000)
  const proxy = await liveProxy(`127.0.0.1:${master.port}`)
  const watching = await captureLoopback([proxy.port, master.port])
  const replica = await startRedis({ server, config: { ...config, replicaof: `127.0.0.1 ${proxy.port}` } })
  await caughtUp(master, replica)
  await write(master)
  await caughtUp(master, replica)
  const syncs = () => proxy.json('resync').length
  let before = syncs()
  await master.client.command('CLIENT', 'KILL', 'TYPE', 'replica')
  await waitFor(() => syncs() > before, { what: 'a partial resync' })
  await master.client.command('SET', 'again', 'linked')
  await caughtUp(master, replica)
  before = syncs()
  process.kill(replica.pid, 'SIGSTOP')
  await master.client.command('CLIENT', 'KILL', 'TYPE', 'replica')
  for (let i = 0; i < 60; i++) await master.client.command('SET', `page:${i}`, 'x'.repeat(2000))
  process.kill(replica.pid, 'SIGCONT')
  await waitFor(() => syncs() > before, { what: 'another resync', timeoutMs: 30_000 })
  await caughtUp(master, replica)
  await write(master)
  await caughtUp(master, replica)
  await replica.stop()
  await proxy.seen('the end of the link', (e) => e.kind === 'closed', proxy.events.length - 1)
  const capture = await watching.stop()
  await proxy.close()
  return { proxy, master, capture }
}

describeWithRedis('a capture of both legs', (server) => {
  for (const diskless of ['yes', 'no']) {
    itWith(['tcpdump'], `says what the proxy said; repl-diskless-sync ${diskless}`, async () => {
      const { proxy, master, capture } = await watched(server, { 'repl-diskless-sync': diskless })
      expect(proxy.json('resync').map((e) => e.mode)).toEqual(['full', 'partial', 'full'])
      expectEqual(proxy, master, capture)
    })
  }

  itWith(['tcpdump'], 'tells several replicas, and a replica of a replica', async () => {
    const config = { 'repl-diskless-sync-delay': 0 }
    const master = await startRedis({ server, config })
    await master.client.command('DEBUG', 'POPULATE', 500)
    const proxy = await liveProxy(`127.0.0.1:${master.port}`)
    const near = await startRedis({ server, config: { ...config, replicaof: `127.0.0.1 ${proxy.port}` } })
    const beside = await liveProxy(`127.0.0.1:${near.port}`)
    const watching = await captureLoopback([proxy.port, master.port, beside.port, near.port])
    await caughtUp(master, near)
    const other = await startRedis({ server, config: { ...config, replicaof: `127.0.0.1 ${proxy.port}` } })
    const far = await startRedis({ server, config: { ...config, replicaof: `127.0.0.1 ${beside.port}` } })
    for (const replica of [other, far]) await caughtUp(master, replica)
    await write(master)
    for (const replica of [near, other, far]) await caughtUp(master, replica)
    for (const replica of [far, other]) await replica.stop()
    await proxy.seen('the end of one', (e) => e.kind === 'closed')
    await beside.seen('the end of the other', (e) => e.kind === 'closed')
    const capture = await watching.stop()
    const { events, complaints } = decodeFiles([capture])
    expect(complaints).toEqual([])
    for (const [from, port] of [
      [beside, beside.port],
      [beside, near.port],
    ] as const)
      expect(said(events, ({ to }) => to.endsWith(`:${port}`))).toEqual(said(from.events, () => true))
    const whole = (list: Said[]) =>
      list.filter(({ master: lines }) => lines.some((l) => l.includes('"resync"')))
    const own = whole(said(proxy.events, () => true)).map(({ master: lines }) => lines)
    // The first replica was there before the capture: only the second is whole in it.
    expect(own.length).toBe(2)
    for (const port of [proxy.port, master.port]) {
      const seen = whole(said(events, ({ to }) => to.endsWith(`:${port}`))).map(({ master: lines }) => lines)
      expect(seen).toEqual([own[1]])
    }
    await proxy.close()
    await beside.close()
  })
})

describe('every server', () => {
  describeEachRedis('with its own default of framing', (server) => {
    itWith(['tcpdump'], 'is told from a capture as by the proxy', async () => {
      const { proxy, master, capture } = await watched(server, defaults(server))
      expectEqual(proxy, master, capture)
    })
  })
})

/** Two connections a sync where the server can, which is not every version's default. */
function defaults(server: RealServer): Record<string, string> {
  if (server.flavour === 'redis') return server.major >= 8 ? { 'repl-rdb-channel': 'yes' } : {}
  return { 'dual-channel-replication-enabled': 'yes', 'repl-diskless-sync': 'yes' }
}
