/**
 * `syncscope demo`: a whole session on one screen, in a few seconds, with nothing else installed.
 *
 *   master ◄── proxy ◄── replica     full sync · writes · a cut link · a backlog that is too small
 *      └── proxy ──► replica         promotion: the old master follows the new one
 *
 * Both servers are the reference, in this very process; with --real they are redis-server processes. The
 * proxies between them are what `syncscope proxy` is.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parseAddress } from '../io/address.ts'
import { openProxy, type ProxyServer } from '../io/proxy.ts'
import { caughtUp, defaultServer, HOW_TO_GET_REDIS, startRedis } from '../io/redis-process.ts'
import { systemNow } from '../io/system-clock.ts'
import type { LinkBook } from '../replication/link-book.ts'
import { UsageError } from '../usage-error.ts'
import { type NodeConfig, type ReferenceNode, startReferenceNode } from './reference-node.ts'
import { type SessionArguments, sessionOptions } from './session-options.ts'
import { SessionOutput } from './session-output.ts'

const BACKLOG_BYTES = 16 * 1024
const HOST = '127.0.0.1'

/** One of the two servers, whichever kind it is. */
type Node = Pick<ReferenceNode, 'port' | 'client' | 'info' | 'digest' | 'stop'>
type Start = (config: NodeConfig) => Promise<Node>

/** The screen, and what opens proxies whose links it shows. */
type Stage = { readonly output: SessionOutput; readonly book: LinkBook }

/**
 * @returns the exit status: 1 where the datasets differ in the end
 * @throws UsageError where a real server is wanted and there is none
 */
export async function runDemo(
  args: SessionArguments & { readonly real?: boolean | undefined },
): Promise<number> {
  const [start, name] = args.real ? realServers() : [startReferenceNode, 'reference']
  const output = new SessionOutput(sessionOptions(args))
  const isEqual = await play({ output, book: output.linkBook() }, start, name)
  await output.end()
  return isEqual ? 0 : 1
}

function realServers(): readonly [Start, string] {
  const server = defaultServer()
  if (server === undefined) throw new UsageError(`--real needs a redis-server: ${HOW_TO_GET_REDIS}`)
  // Two Redis 8 servers would send the snapshot on a second connection; one is easier to follow.
  const isNew = server.flavour === 'redis' && server.major >= 8
  const extra: NodeConfig = isNew ? { 'repl-rdb-channel': 'no' } : {}
  return [(config) => startRedis({ server, config: { ...config, ...extra } }), server.name]
}

/** @returns whether both have the same data in the end */
async function play(stage: Stage, start: Start, name: string): Promise<boolean> {
  const { output } = stage
  const ends: (() => Promise<void>)[] = []
  const config = {
    'repl-backlog-size': BACKLOG_BYTES,
    'repl-diskless-sync': 'yes',
    'repl-diskless-sync-delay': 0,
    'enable-debug-command': 'yes',
  }
  try {
    const master = await start(config)
    ends.unshift(() => master.stop())
    await fill(master)
    const proxy = await proxyTo(stage, master.port)
    ends.unshift(() => proxy.close())
    await act(output, `A ${name} master with 10,000 keys; its replica attaches through the proxy.`)
    const replica = await start({ ...config, replicaof: `${HOST} ${portOf(proxy)}` })
    ends.unshift(() => replica.stop())
    await caughtUp(master, replica)
    await follow(output, master, replica)
    return await promote(stage, master, replica, ends)
  } finally {
    for (const end of ends) await end()
  }
}

async function follow(output: SessionOutput, master: Node, replica: Node): Promise<void> {
  const command = (line: string) => master.client.command(...line.split(' '))
  await act(output, 'Clients write: a key with an expiry, a transaction, another database, a large value.')
  await command('SET session:42 ada EX 3600')
  await command('MULTI')
  await command('INCR visits')
  await command('RPUSH recent page:1 page:2')
  await command('EXEC')
  await command('SELECT 3')
  await command('HSET user:7 name Grace born 1906')
  await command('SELECT 0')
  await master.client.command('SET', 'picture', Buffer.alloc(100_000, '\x89PNG\r\n\x1a\n', 'latin1'))
  await command('WAIT 1 1000')
  await act(output, 'The link is cut. The backlog still holds what the replica misses: a partial resync.')
  await cut(master, [['INCR', 'visits']])
  await caughtUp(master, replica)
  await act(
    output,
    `The link is cut while more is written than the backlog (${BACKLOG_BYTES} B) holds: a full resync.`,
  )
  await cut(
    master,
    Array.from({ length: 40 }, (_, i) => ['SET', `page:${i}`, 'x'.repeat(2000)]),
  )
  await caughtUp(master, replica)
  await command('INCR visits')
  await command('WAIT 1 1000')
}

/** Writes before the replica can be back: all in one piece. */
async function cut({ client }: Node, writes: readonly string[][]): Promise<void> {
  await client.pipeline([['CLIENT', 'KILL', 'TYPE', 'replica'], ...writes])
  await pause(50)
}

async function promote(
  stage: Stage,
  master: Node,
  replica: Node,
  ends: (() => Promise<void>)[],
): Promise<boolean> {
  const { output } = stage
  await act(output, 'The replica is promoted. The old master follows it, and goes on where it was.')
  await replica.client.command('REPLICAOF', 'NO', 'ONE')
  const proxy = await proxyTo(stage, replica.port)
  ends.unshift(() => proxy.close())
  await master.client.command('REPLICAOF', HOST, portOf(proxy))
  await replica.client.command('INCR', 'visits')
  await caughtUp(replica, master)
  await replica.client.command('WAIT', 1, 1000)
  const [here, there] = await Promise.all([replica.digest(), master.digest()])
  await act(output, `DEBUG DIGEST of both: ${here === there ? 'equal' : 'DIFFERENT'} (${here.slice(0, 12)}…)`)
  return here === there
}

/** Says what happens next, between the events. */
async function act(output: SessionOutput, text: string): Promise<void> {
  output.say(text)
  await pause(150)
}

async function proxyTo({ output, book }: Stage, port: number): Promise<ProxyServer> {
  return openProxy({
    listen: parseAddress(':0', 'listen'),
    master: parseAddress(`:${port}`, 'master'),
    now: systemNow,
    converse: (replica, master, at) => book.open(replica, master, at),
    notice: output.notice,
  })
}

async function fill({ client }: Node): Promise<void> {
  const writes: (string | number)[][] = []
  for (let i = 0; i < 10_000; i++) {
    const kind = i % 4
    if (kind === 0) writes.push(['SET', `text:${i}`, `value ${i} `.repeat(5)])
    else if (kind === 1) writes.push(['HSET', `hash:${i}`, 'name', `n${i}`, 'age', i])
    else if (kind === 2) writes.push(['RPUSH', `list:${i}`, i, i + 1, 'x'])
    else writes.push(['ZADD', `zset:${i}`, i / 2, `m${i}`, i, `o${i}`])
  }
  await client.pipeline(writes)
}

function portOf(proxy: ProxyServer): number {
  return Number(/\d+$/.exec(proxy.address)?.[0])
}
