/**
 * What clients take, beside a real server: the fields of CLIENT LIST about buffers, who is evicted for
 * maxmemory-clients, and which keys for clients (maxmemory).
 */
import { expect, it } from 'vitest'
import { connectRedis } from '../../src/io/redis-client.ts'
import { ClientBuffers, REPLY_BUFFER_RULES } from '../../src/server/client-buffers.ts'
import { RawClient } from '../support/raw-client.ts'
import { describeWithRedis, startRedis } from '../support/real-redis.ts'
import { serveReference } from '../support/reference-server.ts'

const FIELDS = ['flags', 'multi', 'qbuf', 'qbuf-free', 'argv-mem', 'multi-mem', 'rbs', 'cmd']

async function shown(admin: RawClient, name: string): Promise<Record<string, string> | undefined> {
  const reply = await admin.command('CLIENT', 'LIST')
  const lines = ('value' in reply ? String(reply.value) : '').split('\n')
  const line = lines.find((one) => one.includes(` name=${name} `))
  return line && Object.fromEntries(line.split(' ').map((field) => field.split(/=(.*)/s)))
}

/** Whether a client is there when nothing more has come of it for a while: TCP takes its time. */
async function endures(admin: RawClient, name: string): Promise<boolean> {
  let before = ''
  for (;;) {
    const line = await shown(admin, name)
    if (line === undefined) return false
    const now = `${line.multi} ${line.qbuf} ${line.oll}`
    if (now === before) return true
    before = now
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

async function told(port: number, section: string, field: string): Promise<number> {
  const client = await connectRedis({ host: '127.0.0.1', port })
  const reply = String(await client.command('INFO', section))
  client.close()
  return Number(new RegExp(`^${field}:(.*)$`, 'm').exec(reply)?.[1])
}

/** Requests as they are sent; what the server answers is not waited for. */
const SITUATIONS: Readonly<Record<string, readonly string[]>> = {
  'has sent nothing since': [],
  'has sent a command': ['SET k v\r\n'],
  'has sent something that is none': ['NONSENSE a b\r\n'],
  'has sent the wrong number of arguments': ['GET\r\n'],
  'has queued commands': ['MULTI\r\n', 'SET a b\r\nSET abc defg\r\n'],
  watches: ['WATCH a b c\r\n'],
  'is blocked': ['BLPOP nokey other 0\r\n'],
  'is blocked, with more behind it': ['BLPOP nokey 0\r\n', 'PING\r\nPING\r\n'],
  'is in the middle of a word': ['*3\r\n$3\r\nSET\r\n$10\r\nabc'],
  'is in the middle of a long word': ['*2\r\n$4\r\nECHO\r\n$100000\r\n', 'x'.repeat(50_000)],
  'has sent a long word': [`*2\r\n$3\r\nGET\r\n$100000\r\n`, `${'x'.repeat(100_000)}\r\n`],
  'has sent a line without its end': ['SET a '],
}

describeWithRedis('the buffers of a client that', (server) => {
  it.each(Object.keys(SITUATIONS))('%s', async (name) => {
    const config = { 'enable-debug-command': 'yes' }
    const ports = [(await startRedis({ server, config })).port, (await serveReference()).port]
    const found = await Promise.all(
      ports.map(async (port) => {
        const [admin, client] = [await RawClient.open(port), await RawClient.open(port)]
        await admin.command('DEBUG', 'PAUSE-CRON', '1')
        await client.command('CLIENT', 'SETNAME', 'seen')
        for (const request of SITUATIONS[name]!) {
          client.socket.write(request)
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
        const line = await shown(admin, 'seen')
        await Promise.all([admin.close(), client.close()])
        return FIELDS.map((field) => `${field}=${line?.[field]}`)
      }),
    )
    expect(found[1]).toEqual(found[0])
  })
})

describeWithRedis('maxmemory-clients', (server) => {
  const BIG = 1_000_000
  const LIMIT = '3000000'

  /** What clients do, one after another, and whether they are still there then. */
  const DEEDS: Readonly<Record<string, readonly string[]>> = {
    'a long argument': [`*2\r\n$4\r\nECHO\r\n$${BIG}\r\n${'x'.repeat(BIG)}\r\n`],
    'too long an argument': [`*2\r\n$4\r\nECHO\r\n$${3 * BIG}\r\n${'x'.repeat(100_000)}`],
    'an argument that is not whole': [`*1\r\n$${2 * BIG}\r\n${'x'.repeat(BIG)}`],
    'many queued arguments': ['MULTI\r\n', ...Array(5).fill(`SET k ${'x'.repeat(60_000)}\r\n`.repeat(15))],
    'many subscriptions': [`SUBSCRIBE ${'c '.repeat(1)}\r\n`],
    'replies that are not read': ['GET big\r\n'.repeat(20)],
  }

  it.each(Object.keys(DEEDS))('lets the same clients live after %s', async (name) => {
    const ports = [(await startRedis({ server })).port, (await serveReference()).port]
    const found = await Promise.all(
      ports.map(async (port) => {
        const [admin, client] = [await RawClient.open(port), await RawClient.open(port)]
        await admin.command('CONFIG', 'SET', 'maxmemory-clients', LIMIT)
        const filler = await RawClient.open(port)
        await filler.command('SET', 'big', 'x'.repeat(BIG))
        await filler.close()
        await admin.command('CLIENT', 'NO-EVICT', 'ON')
        await client.command('CLIENT', 'SETNAME', 'seen')
        client.socket.pause()
        for (const deed of DEEDS[name]!) {
          client.socket.write(deed)
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
        const isThere = await endures(admin, 'seen')
        client.socket.destroy()
        await admin.close()
        return { isThere, evicted: await told(port, 'stats', 'evicted_clients') }
      }),
    )
    expect(found[1]).toEqual(found[0])
  })
})

describeWithRedis('maxmemory', (server) => {
  it.each(['replies that nobody reads', 'requests that are not whole'])(
    'evicts keys for %s',
    async (what) => {
      const config = { maxmemory: '8mb', 'maxmemory-policy': 'allkeys-lru' }
      const ports = [(await startRedis({ server, config })).port, (await serveReference(config)).port]
      for (const port of ports) {
        const [admin, greedy] = [await RawClient.open(port), await RawClient.open(port)]
        for (let i = 0; i < 40; i++) await admin.command('SETRANGE', `k${i}`, '100000', 'x')
        expect(await told(port, 'stats', 'evicted_keys')).toBe(0)
        greedy.socket.pause()
        greedy.socket.write(
          what.startsWith('replies')
            ? 'GET k39\r\n'.repeat(400)
            : `*2\r\n$4\r\nECHO\r\n$6000000\r\n${'x'.repeat(5_000_000)}`,
        )
        await expect.poll(() => told(port, 'stats', 'evicted_keys')).toBeGreaterThan(0)
        greedy.socket.destroy()
        await admin.close()
      }
    },
  )

  it('evicts none for a replica that is behind', async () => {
    const { port, server: reference } = await serveReference({
      'maxmemory-policy': 'allkeys-lru',
      'repl-diskless-sync-delay': '0',
      'repl-backlog-size': '16kb',
    })
    const [admin, replica] = [await RawClient.open(port), await RawClient.open(port)]
    await admin.command('SET', 'k', 'x'.repeat(100_000))
    replica.socket.write('SYNC\r\n')
    await expect.poll(() => reference.state.replication.replicas.count).toBe(1)
    await expect.poll(() => told(port, 'replication', 'connected_slaves')).toBe(1)
    replica.socket.pause()
    const used = await told(port, 'memory', 'used_memory')
    await admin.command('CONFIG', 'SET', 'maxmemory', String(used + 300_000))
    for (let i = 0; i < 100; i++) await admin.command('SETRANGE', 'k', '0', 'y'.repeat(100_000))
    expect(await told(port, 'memory', 'mem_clients_slaves')).toBeGreaterThan(1_000_000)
    expect(await told(port, 'memory', 'mem_not_counted_for_evict')).toBeGreaterThan(1_000_000)
    expect(await told(port, 'memory', 'used_memory')).toBeGreaterThan(used + 1_000_000)
    expect(await told(port, 'stats', 'evicted_keys')).toBe(0)
    replica.socket.destroy()
    await expect.poll(() => told(port, 'memory', 'mem_clients_slaves')).toBe(0)
    await admin.close()
  })
})

it('what is counted is given back when clients go', async () => {
  const { port, server } = await serveReference()
  const { clientMemory, sessions } = server.state
  const counted = () => [...sessions.values()].reduce((sum, { countedBytes }) => sum + countedBytes, 0)
  const clients = await Promise.all(Array.from({ length: 5 }, () => RawClient.open(port)))
  for (const client of clients)
    client.socket.write(`MULTI\r\nSET k ${'x'.repeat(10_000)}\r\n*2\r\n$90000\r\n`)
  await expect.poll(() => clientMemory.total).toBeGreaterThan(5 * 100_000)
  for (const client of clients) client.socket.destroy()
  await expect.poll(() => sessions.size).toBe(1)
  expect(clientMemory.total).toBe(counted())
  expect(clientMemory.total).toBeLessThan(40_000)
})

it('the reply buffer follows the replies of late', () => {
  const buffers = new ClientBuffers()
  const counts = { replyBufferShrinks: 0, replyBufferExpands: 0 }
  const rules = { ...REPLY_BUFFER_RULES, forgetAfterMs: undefined }
  buffers.tidyReplies(10e6, REPLY_BUFFER_RULES, counts)
  buffers.replied(100)
  buffers.tidyReplies(11e6, rules, counts)
  expect([buffers.replyRoom, buffers.replyPeak]).toEqual([1024, 100])
  for (let i = 0; i < 6; i++) {
    buffers.replied(40_000)
    buffers.tidyReplies(12e6 + i, rules, counts)
  }
  expect([buffers.replyRoom, counts]).toEqual([16_384, { replyBufferShrinks: 1, replyBufferExpands: 4 }])
  buffers.tidyReplies(20e6, { ...rules, resizes: false }, counts)
  expect(buffers.replyRoom).toBe(16_384)
})
