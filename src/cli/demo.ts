/**
 * `syncscope demo`: a whole session on one screen, in a few seconds.
 *
 *   master ◄── syncscope proxy ◄── replica        full sync · writes · a cut link · a backlog that is too
 *   small
 *
 * With a redis-server on this machine (REDIS_SERVER or the PATH) both are real. Without one, a recorded
 * session of two real servers is played through the same proxy over real sockets: fewer things happen, but
 * nothing is made up.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parseAddress } from '../io/address.ts'
import { openProxy, type ProxyServer } from '../io/proxy.ts'
import {
  caughtUp,
  defaultServer,
  HOW_TO_GET_REDIS,
  type RealRedis,
  type RealServer,
  startRedis,
} from '../io/redis-process.ts'
import { systemNow } from '../io/system-clock.ts'
import { readTranscript } from '../io/transcript.ts'
import { TranscriptPlayer } from '../io/transcript-player.ts'
import { type SessionArguments, sessionOptions } from './session-options.ts'
import { SessionOutput } from './session-output.ts'

const RECORDED = new URL('../../fixtures/transcripts/redis-7.0.15-diskless.json', import.meta.url)
const BACKLOG_BYTES = 16 * 1024

/** @returns the exit status */
export async function runDemo(args: SessionArguments): Promise<number> {
  const output = new SessionOutput(sessionOptions(args))
  const server = defaultServer()
  if (server === undefined) await playRecorded(output)
  else await playReal(output, server)
  await output.end()
  return 0
}

/** Says what happens next, between the events. */
async function act(output: SessionOutput, text: string): Promise<void> {
  output.say(text)
  await pause(150)
}

async function proxyTo(output: SessionOutput, port: number): Promise<ProxyServer> {
  const book = output.linkBook()
  return openProxy({
    listen: parseAddress(':0', 'listen'),
    master: parseAddress(`:${port}`, 'master'),
    now: systemNow,
    converse: (replica, master, at) => book.open(replica, master, at),
    notice: output.notice,
  })
}

async function playRecorded(output: SessionOutput): Promise<void> {
  const transcript = readTranscript(RECORDED)
  await act(
    output,
    `No redis-server here (${HOW_TO_GET_REDIS}): a recorded session of two ${transcript.server} servers.`,
  )
  const player = new TranscriptPlayer()
  const proxy = await proxyTo(output, await player.listen())
  await player.play(transcript, portOf(proxy))
  await proxy.close()
  player.close()
}

async function playReal(output: SessionOutput, server: RealServer): Promise<void> {
  const config = { 'repl-backlog-size': BACKLOG_BYTES, 'repl-diskless-sync': 'yes', ...oneConnection(server) }
  const master = await startRedis({ server, config })
  await fill(master)
  const proxy = await proxyTo(output, master.port)
  try {
    await act(output, `A ${server.name} master with 10,000 keys; its replica attaches through the proxy.`)
    const replica = await startRedis({
      server,
      config: { ...config, replicaof: `127.0.0.1 ${portOf(proxy)}` },
    })
    try {
      await story(output, master, replica)
      await proxy.close()
    } finally {
      await replica.stop()
    }
  } finally {
    await proxy.close()
    await master.stop()
  }
}

async function story(output: SessionOutput, master: RealRedis, replica: RealRedis): Promise<void> {
  const command = (line: string) => master.client.command(...line.split(' '))
  await caughtUp(master, replica)
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
  await command('CLIENT KILL TYPE replica')
  await command('INCR visits')
  await caughtUp(master, replica)
  await act(
    output,
    `The link is cut while more is written than the backlog (${BACKLOG_BYTES} B) holds: a full resync.`,
  )
  process.kill(replica.pid, 'SIGSTOP')
  await command('CLIENT KILL TYPE replica')
  for (let i = 0; i < 12; i++) await master.client.command('SET', `page:${i}`, 'x'.repeat(2000))
  process.kill(replica.pid, 'SIGCONT')
  await pause(100)
  await caughtUp(master, replica)
  await command('INCR visits')
  await command('WAIT 1 1000')
  const [here, there] = [await master.digest(), await replica.digest()]
  await act(output, `DEBUG DIGEST of both: ${here === there ? 'equal' : 'DIFFERENT'} (${here.slice(0, 12)}…)`)
}

/** Two Redis 8 servers would send the snapshot on a second connection; one is easier to follow. */
function oneConnection(server: RealServer): Record<string, string> {
  return server.flavour === 'redis' && server.major >= 8 ? { 'repl-rdb-channel': 'no' } : {}
}

async function fill(master: RealRedis): Promise<void> {
  const writes: Promise<unknown>[] = []
  for (let i = 0; i < 10_000; i++) {
    const kind = i % 4
    const { client } = master
    if (kind === 0) writes.push(client.command('SET', `text:${i}`, `value ${i} `.repeat(5)))
    else if (kind === 1) writes.push(client.command('HSET', `hash:${i}`, 'name', `n${i}`, 'age', i))
    else if (kind === 2) writes.push(client.command('RPUSH', `list:${i}`, i, i + 1, 'x'))
    else writes.push(client.command('ZADD', `zset:${i}`, i / 2, `m${i}`, i, `o${i}`))
  }
  await Promise.all(writes)
}

function portOf(proxy: ProxyServer): number {
  return Number(/\d+$/.exec(proxy.address)?.[0])
}
