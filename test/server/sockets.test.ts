/** Bad input to `syncscope serve` as a process: whatever one client does, it lives, and others lose nothing. */
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RawClient } from '../support/raw-client.ts'
import { type RealRedis, startRedis, waitFor } from '../support/real-redis.ts'
import { SERVE } from '../support/serve.ts'

/** All that the server says to what is sent, until it hangs up or we do. */
function say(
  port: number,
  pieces: readonly (string | Buffer)[],
  { halfClose = false } = {},
): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => {
      for (const piece of pieces) socket.write(piece)
      if (halfClose) socket.end()
    })
    socket.on('data', (chunk) => (text += chunk.toString('latin1')))
    socket.on('error', () => {})
    socket.on('end', () => socket.end())
    socket.on('close', () => resolve(text))
  })
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(socket))
    socket.once('error', reject)
    socket.on('error', () => {})
  })
}

describe('serve, to clients that misbehave,', () => {
  let redis: RealRedis
  let witness: RawClient
  /** What the witness has written; it must all be there in the end. */
  let written = 0
  let isOver = false
  let witnessing: Promise<void>
  beforeAll(async () => {
    redis = await startRedis({
      server: SERVE,
      config: { 'client-output-buffer-limit': 'normal 20mb 0 0', 'client-query-buffer-limit': '32mb' },
    })
    witness = await RawClient.open(redis.port)
    witnessing = (async () => {
      while (!isOver) {
        const reply = await witness.command('INCR', 'witness')
        expect(reply).toEqual({ type: 'integer', value: ++written })
        await sleep(1)
      }
    })()
  })
  afterAll(async () => {
    isOver = true
    await witnessing
    expect(written).toBeGreaterThan(100)
    expect(await redis.client.command('GET', 'witness')).toBe(String(written))
    await witness.close()
  })

  it.each([
    ['a length that is no number', '*1\r\n$x\r\n', '-ERR Protocol error: invalid bulk length\r\n'],
    ['too many words', '*99999999999\r\n', '-ERR Protocol error: invalid multibulk length\r\n'],
    ['a word without its length', '*1\r\nPING\r\n', "-ERR Protocol error: expected '$', got 'P'\r\n"],
    ['a bulk beyond the limit', '*1\r\n$536870913\r\n', '-ERR Protocol error: invalid bulk length\r\n'],
    ['unbalanced quotes', 'SET "a b\r\n', '-ERR Protocol error: unbalanced quotes in request\r\n'],
    ['a line without end', 'x'.repeat(70_000), '-ERR Protocol error: too big inline request\r\n'],
    [
      'a length without end',
      `*1\r\n$${'1'.repeat(70_000)}`,
      '-ERR Protocol error: too big bulk count string\r\n',
    ],
  ])('answers %s with an error, and hangs up', async (_, bytes, answer) => {
    expect(await say(redis.port, ['PING\r\n', bytes, 'PING\r\n'])).toBe(`+PONG\r\n${answer}`)
  })

  it('hangs up on who goes on talking behind an error', async () => {
    const socket = await open(redis.port)
    let told = ''
    socket.on('data', (chunk) => (told += chunk))
    const isOver = new Promise((resolve) => socket.once('close', resolve))
    socket.write('\0')
    const talking = setInterval(() => socket.write('x'.repeat(10_000)), 1)
    await isOver
    clearInterval(talking)
    expect(told).toBe('-ERR Protocol error: too big inline request\r\n')
  })

  it('hangs up on a web page without a word', async () => {
    expect(await say(redis.port, ['POST / HTTP/1.1\r\nHost: x\r\n\r\nPING\r\n'])).toBe('')
    expect(redis.log(50)).toContain('Possible SECURITY ATTACK detected')
  })

  it('answers all that was asked by who then says no more', async () => {
    expect(await say(redis.port, ['PING\r\nSET half open\r\nGET half\r\n'], { halfClose: true })).toBe(
      '+PONG\r\n+OK\r\n$4\r\nopen\r\n',
    )
    const many = 'ECHO x\r\n'.repeat(20_000)
    expect(await say(redis.port, [many], { halfClose: true })).toBe('$1\r\nx\r\n'.repeat(20_000))
    // Who waits for a key and says no more will never have it.
    expect(await say(redis.port, ['BLPOP nokey 0\r\n'], { halfClose: true })).toBe('')
    expect(await redis.client.command('LPUSH', 'nokey', 'x')).toBe(1)
    // A request that is cut short is not done.
    expect(await say(redis.port, ['*3\r\n$3\r\nSET\r\n$3\r\ncut\r\n$5\r\nsho'], { halfClose: true })).toBe('')
    expect(await redis.client.command('EXISTS', 'cut')).toBe(0)
  })

  it('cuts off who never reads, at the limit, and nobody else', async () => {
    await redis.client.command('SET', 'large', 'v'.repeat(1_000_000))
    const deaf = await open(redis.port)
    deaf.pause()
    const others = await Promise.all(Array.from({ length: 5 }, () => RawClient.open(redis.port)))
    deaf.write('GET large\r\n'.repeat(500))
    await waitFor(() => redis.log(50).includes('overcoming of output buffer limits'), {
      what: 'the deaf client to be cut off',
    })
    for (const other of others) {
      expect(await other.command('PING')).toMatchObject({ value: 'PONG' })
      await other.close()
    }
    deaf.destroy()
  })

  it('cuts off whose request has no end', async () => {
    const piece = Buffer.alloc(1 << 20, 'x')
    const socket = await open(redis.port)
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    socket.write('*2\r\n$3\r\nSET\r\n$500000000\r\n')
    const send = (): void => {
      if (!socket.destroyed) socket.write(piece, () => setImmediate(send))
    }
    send()
    await closed
    expect(redis.log(50)).toContain('Closing client that reached max query buffer length')
  })

  it('is not held up by clients that send a byte now and then', async () => {
    const request = '*3\r\n$3\r\nSET\r\n$4\r\nslow\r\n$5\r\nloris\r\n'
    const slow = await Promise.all(Array.from({ length: 200 }, () => RawClient.open(redis.port)))
    for (const char of request) {
      for (const { socket } of slow) socket.write(char)
      await sleep(2)
    }
    for (const client of slow) expect(await client.next()).toMatchObject({ value: 'OK' })
    for (const client of slow) await client.close()
  })

  it('forgets clients that reset their connection in the middle of anything', async () => {
    for (const bytes of [
      '',
      'MULTI\r\nSET a 1\r\n',
      'SUBSCRIBE c\r\n',
      'BLPOP q 0\r\n',
      '*2\r\n$3\r\nGET\r\n$9\r\nx',
    ]) {
      const sockets = await Promise.all(Array.from({ length: 50 }, () => open(redis.port)))
      for (const socket of sockets) socket.write(bytes)
      await sleep(5)
      for (const socket of sockets) socket.resetAndDestroy()
    }
    await waitFor(
      async () => {
        const { connected_clients, blocked_clients, pubsub_channels } = await redis.info()
        return [connected_clients, blocked_clients, pubsub_channels].join() === '2,0,0'
      },
      { what: 'the server to forget them' },
    )
    expect(await redis.client.command('EXISTS', 'a')).toBe(0)
  })

  it('lets 10,000 clients come and go, half of them without a word', { timeout: 120_000 }, async () => {
    const before = Number((await redis.info('stats')).total_connections_received)
    for (let round = 0; round < 50; round++) {
      await Promise.all(
        Array.from({ length: 200 }, async (_, i) => {
          const socket = await open(redis.port)
          if (i % 2 === 0) {
            socket.write('PING\r\n')
            const [chunk] = await new Promise<Buffer[]>((resolve) =>
              socket.once('data', (...all) => resolve(all)),
            )
            expect(String(chunk)).toBe('+PONG\r\n')
          }
          if (i % 3 === 0) socket.destroy()
          else socket.end()
          await new Promise((resolve) =>
            socket.destroyed ? resolve(0) : socket.resume().once('close', resolve),
          )
        }),
      )
    }
    const after = await waitFor(
      async () => {
        const { connected_clients } = await redis.info('clients')
        return connected_clients === '2' && (await redis.info('stats'))
      },
      { what: 'the server to forget them' },
    )
    expect(Number(after.total_connections_received) - before).toBe(10_000)
  })
})
