/** MIGRATE of the reference and of a real Redis to a real Redis: replies, what arrives, what is propagated. */
import { createServer, type Server } from 'node:net'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { ReferenceNode } from '../../../src/cli/reference-node.ts'
import { describeWithRedis, freePort, type RealRedis, startRedis } from '../../support/real-redis.ts'
import { serveReference } from '../../support/reference-server.ts'
import { tapStream } from '../../support/stream-tap.ts'

const listeners: Server[] = []
afterEach(() => {
  for (const listener of listeners.splice(0)) listener.close()
})

/** A server that takes connections and does this with them. */
function odd(behave: (socket: import('node:net').Socket) => void): Promise<number> {
  return new Promise((resolve) => {
    const listener = createServer((socket) => {
      socket.on('error', () => {})
      behave(socket)
    })
    listeners.push(listener)
    listener.listen(0, '127.0.0.1', () => resolve((listener.address() as { port: number }).port))
  })
}

const DATASET = [
  ['SET', 's', 'v'],
  ['SET', 'e', 'v', 'PXAT', '4102444800000'],
  ['RPUSH', 'l', ...Array.from({ length: 500 }, (_, i) => `element ${i}`)],
  ['HSET', 'h', 'f', 'v'],
  ['ZADD', 'z', '1', 'a'],
  ['SADD', 'set', 'x', 'y'],
  ['XADD', 'x', '1-1', 'f', 'v'],
]

describeWithRedis('MIGRATE', (server) => {
  let real: RealRedis
  let target: RealRedis
  let locked: RealRedis
  let ours: ReferenceNode
  let effects: string[] = []
  beforeAll(async () => {
    real = await startRedis({ server })
    target = await startRedis({ server, config: { databases: 4 } })
    locked = await startRedis({ server, config: { requirepass: 'secret' } })
  })
  beforeEach(async () => {
    ours = await serveReference({})
    effects = []
    ours.server.state.effects.subscribe((unit) => {
      effects.push(...unit.effects.map(({ argv }) => argv.join(' ')))
    })
  })

  /** The same on both sources, from the same beginning; what each said and what was where afterwards. */
  async function same(commands: readonly (readonly string[])[]): Promise<unknown> {
    const told: unknown[][] = [[], []]
    const tap = await tapStream(real.port)
    for (const [i, client] of [real.client, ours.client].entries()) {
      for (const each of [target, locked]) await each.client.command('FLUSHALL')
      await client.command('FLUSHALL')
      for (const command of DATASET) await client.command(...command)
      if (i === 0) {
        await tap.settled({ command: (...words: string[]) => client.command(...words) } as never)
        tap.take()
      } else effects = []
      for (const command of commands) {
        const reply = await client.command(...command).catch((error: Error) => error.message)
        told[i]!.push([command.join(' '), reply])
      }
      const left = (await client.command('KEYS', '*')) as string[]
      const here: string[][] = []
      for (const db of ['1', '0']) {
        await target.client.command('SELECT', db)
        here.push(((await target.client.command('KEYS', '*')) as string[]).sort())
      }
      told[i]!.push(left.sort(), here, await target.digest(), await locked.digest())
      if (i === 0) {
        await tap.settled({ command: (...words: string[]) => client.command(...words) } as never)
        told[i]!.push(tap.take().filter((line) => line.startsWith('DEL')))
      } else told[i]!.push(effects.filter((line) => line.startsWith('DEL')))
    }
    tap.close()
    expect(told[1]).toEqual(told[0])
    return told[1]
  }

  const to = (key: string, db: string, ...options: string[]) => [
    ...['MIGRATE', '127.0.0.1', String(target.port), key, db, '2000', ...options],
  ]

  it('moves keys of every type', async () => {
    await same([
      to('s', '0'),
      to('e', '1'),
      to('nokey', '0'),
      to('', '0', 'KEYS', 'l', 'h', 'nokey', 'z'),
      to('set', '0', 'COPY'),
      to('set', '0', 'COPY'),
      to('set', '0', 'COPY', 'REPLACE'),
      to('', '0', 'REPLACE', 'KEYS', 'set', 'x'),
    ])
  })

  it('refuses what is no request, and tells what the other side said', async () => {
    await same([
      to('s', '9'),
      to('h', 'x'),
      to('h', '0', 'FOO'),
      to('h', '0', 'AUTH'),
      to('h', '0', 'AUTH2', 'a'),
      to('h', '0', 'KEYS', 'a'),
      to('', '0', 'KEYS'),
      to('h', '0', 'AUTH', 'wrong'),
      ['MIGRATE', '127.0.0.1', String(target.port), 'l', '0', 'soon'],
      ['MIGRATE', '127.0.0.1', String(target.port), 'l', '0'],
    ])
  })

  it('logs in', async () => {
    const into = (...options: string[]) => [
      ...['MIGRATE', '127.0.0.1', String(locked.port), 's', '0', '2000', ...options],
    ]
    await same([
      into(),
      into('AUTH', 'wrong'),
      into('AUTH2', 'default', 'wrong'),
      into('COPY', 'AUTH', 'secret'),
      into('COPY', 'REPLACE', 'AUTH2', 'default', 'secret'),
      into('AUTH2', 'default', 'secret', 'REPLACE'),
    ])
  })

  it('keeps what was not taken', async () => {
    await same([to('h', '0', 'COPY'), to('', '0', 'KEYS', 's', 'h', 'z')])
  })

  it('says where it failed', { timeout: 30_000 }, async () => {
    const [nobody, hangsUp, silent] = [await freePort(), await odd((s) => s.destroy()), await odd(() => {})]
    const says = await odd((socket) => socket.on('data', () => socket.write('hello\r\n')))
    const at = (port: number, host = '127.0.0.1') => ['MIGRATE', host, String(port), 's', '0', '300']
    await same([at(nobody), at(silent), at(1, 'no.such.host.invalid')])
    for (const port of [hangsUp, says]) {
      await expect(ours.client.command(...at(port))).rejects.toThrow(
        /^IOERR error or timeout (?:read|writ)ing/,
      )
    }
    expect(await ours.client.command('GET', 's')).toBe('v')
  })

  it('keeps writes waiting, and answers reads', async () => {
    const asked: string[] = []
    const slow = await odd((socket) => {
      socket.once('data', () => {
        asked.push('restore')
        setTimeout(() => socket.write('+OK\r\n+OK\r\n'), 200)
      })
    })
    await ours.client.command('SET', 's', 'v')
    const { connectRedis } = await import('../../../src/io/redis-client.ts')
    const other = await connectRedis({ host: '127.0.0.1', port: ours.port })
    const moved = ours.client.command('MIGRATE', '127.0.0.1', String(slow), 's', '0', '2000')
    await expect.poll(() => asked).toEqual(['restore'])
    const written = other.command('APPEND', 's', 'late')
    const reader = await connectRedis({ host: '127.0.0.1', port: ours.port })
    expect(await reader.command('GET', 's')).toBe('v')
    expect(await moved).toBe('OK')
    expect(await written).toBe(4)
    expect(effects.slice(-2)).toEqual(['DEL s', 'APPEND s late'])
    await Promise.all([other.close(), reader.close()])
  })

  it('keeps a connection for the next time, and makes a new one where that was closed', async () => {
    const { client } = ours
    const kept = async () => (await ours.info('stats')).migrate_cached_sockets
    const connections = async () => Number((await target.info('stats')).total_connections_received)
    for (const key of ['a', 'b', 'c', 'd']) await client.command('SET', key, 'v')
    await target.client.command('FLUSHALL')
    expect(await kept()).toBe('0')
    const before = await connections()
    expect(await client.command(...to('a', '0'))).toBe('OK')
    expect(await kept()).toBe('1')
    await expect(client.command(...to('b', '9'))).rejects.toThrow('DB index is out of range')
    expect(await client.command(...to('b', '1'))).toBe('OK')
    expect(await connections()).toBe(before + 1)
    expect(await kept()).toBe('1')
    await target.client.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    expect(await client.command(...to('c', '0'))).toBe('OK')
    expect(await client.command(...to('d', '0'))).toBe('OK')
    expect(await connections()).toBe(before + 2)
    expect(await kept()).toBe('1')
    await expect.poll(kept, { timeout: 15_000, interval: 500 }).toBe('0')
  }, 20_000)

  it('gives an order to a new connection where the kept one ends without a word', async () => {
    let connections = 0
    const port = await odd((socket) => {
      connections++
      socket.once('data', () => {
        socket.write('+OK\r\n+OK\r\n')
        socket.on('data', () => socket.destroy())
      })
    })
    const at = (key: string) => ['MIGRATE', '127.0.0.1', String(port), key, '0', '2000']
    for (const key of ['a', 'b', 'c']) {
      await ours.client.command('SET', key, 'v')
      expect(await ours.client.command(...at(key))).toBe('OK')
    }
    expect(connections).toBe(3)
    expect((await ours.info('stats')).migrate_cached_sockets).toBe('1')
    expect(await ours.client.command('DBSIZE')).toBe(0)
  })

  it('is refused within a transaction', async () => {
    await ours.client.command('SET', 's', 'v')
    await ours.client.command('MULTI')
    await ours.client.command(...to('s', '0'))
    const [reply] = (await ours.client.command('EXEC')) as Error[]
    expect(String(reply)).toContain('MIGRATE inside a transaction is not supported')
  })
})
