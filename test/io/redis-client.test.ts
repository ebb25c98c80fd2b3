import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connectRedis, type RedisAddress, RedisError } from '../../src/io/redis-client.ts'

/** A server that answers each connection as `talk` says; gone when the test is over. */
async function fakeServer(talk: (socket: net.Socket) => void, path?: string): Promise<RedisAddress> {
  const sockets: net.Socket[] = []
  const server = net.createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    talk(socket)
  })
  await new Promise<void>((resolve) => {
    if (path === undefined) server.listen(0, '127.0.0.1', resolve)
    else server.listen(path, resolve)
  })
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return path === undefined
    ? { host: '127.0.0.1', port: (server.address() as net.AddressInfo).port }
    : { path }
}

const answering = (answer: string) => fakeServer((socket) => socket.on('data', () => socket.write(answer)))

async function client(address: RedisAddress, options = {}) {
  const connected = await connectRedis(address, options)
  onTestFinished(() => connected.close())
  return connected
}

describe('the request/reply client', () => {
  it('gives every type of RESP2 reply', async () => {
    const redis = await client(await answering('*6\r\n+OK\r\n:-7\r\n$2\r\nab\r\n$-1\r\n*0\r\n-ERR inner\r\n'))
    expect(await redis.command('EXEC')).toEqual(['OK', -7, 'ab', null, [], new RedisError('ERR inner')])
  })

  it('gives strings as Buffers where asked to', async () => {
    const redis = await client(await answering('$2\r\n\xff\0\r\n'), { buffers: true })
    const text = await client(await answering('$2\r\nab\r\n'))
    expect(await redis.command('GET', 'k')).toBeInstanceOf(Buffer)
    expect(await text.command('GET', 'k')).toBe('ab')
  })

  it('rejects an error reply with its words and its code', async () => {
    const redis = await client(await answering('-WRONGTYPE Operation against a key\r\n'))
    const failure = await redis.command('GET', 'k').catch((error) => error)
    expect(failure).toBeInstanceOf(RedisError)
    expect(failure).toMatchObject({ message: 'WRONGTYPE Operation against a key', code: 'WRONGTYPE' })
  })

  it('pipelines: many commands leave together, replies keep their order, errors are values', async () => {
    const chunks: Buffer[] = []
    const address = await fakeServer((socket) =>
      socket.on('data', (chunk) => {
        chunks.push(chunk)
        socket.write('+one\r\n-ERR two\r\n:3\r\n')
      }),
    )
    const redis = await client(address)
    expect(await redis.pipeline([['A'], ['B', 1], ['C', Buffer.from([0xff])]])).toEqual([
      'one',
      new RedisError('ERR two'),
      3,
    ])
    expect(chunks.map((chunk) => chunk.toString('latin1'))).toEqual([
      '*1\r\n$1\r\nA\r\n*2\r\n$1\r\nB\r\n$1\r\n1\r\n*2\r\n$1\r\nC\r\n$1\r\n\xff\r\n',
    ])
  })

  it('reads replies that come byte by byte', async () => {
    const address = await fakeServer((socket) => {
      socket.setNoDelay()
      socket.once('data', async () => {
        for (const char of '*2\r\n$3\r\na\r\n\r\n:12\r\n') {
          socket.write(char)
          await new Promise((resolve) => setImmediate(resolve))
        }
      })
    })
    expect(await (await client(address)).command('X')).toEqual(['a\r\n', 12])
  })

  it('talks over a unix socket', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'syncscope-'))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    const path = join(dir, 's')
    const redis = await client(await fakeServer((s) => s.on('data', () => s.write('+PONG\r\n')), path))
    expect(await redis.command('PING')).toBe('PONG')
  })

  it('names what it tried when nobody listens', async () => {
    const gone = (await fakeServer(() => {})) as { host: string; port: number }
    const probe = net.createServer()
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
    const { port } = probe.address() as net.AddressInfo
    await new Promise((resolve) => probe.close(resolve))
    await expect(connectRedis({ host: gone.host, port })).rejects.toThrow(
      `cannot connect to 127.0.0.1:${port}: connection refused`,
    )
    await expect(connectRedis({ path: '/nowhere/s' })).rejects.toThrow(
      'cannot connect to unix:/nowhere/s: no such',
    )
  })

  it('rejects what waits when the server closes, naming the command but not its arguments', async () => {
    const redis = await client(await fakeServer((socket) => socket.once('data', () => socket.destroy())))
    const failure: Error = await redis.command('AUTH', 'hunter2').catch((error) => error)
    expect(failure.message).toMatch(/^no reply to AUTH: .*(closed the connection|connection reset)/)
    expect(failure.message).not.toContain('hunter2')
    await redis.closed
    await expect(redis.command('PING')).rejects.toThrow(/closed the connection|connection reset/)
  })

  it('rejects what waits when it is closed itself', async () => {
    const redis = await client(await fakeServer(() => {}))
    const waiting = redis.command('BLPOP', 'k', 0).catch((error: Error) => error.message)
    await redis.close()
    expect(await waiting).toMatch(/^no reply to BLPOP: the connection to 127\.0\.0\.1:\d+ was closed$/)
  })

  it('gives up on a server that speaks something else, or out of turn', async () => {
    const http = await client(await answering('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await expect(http.command('PING')).rejects.toThrow('does not answer in RESP2')
    const liar = await client(await answering('*4294967296\r\n'))
    await expect(liar.command('PING')).rejects.toThrow('does not answer in RESP2')
    const talker = await client(await answering('+one\r\n+two\r\n'))
    expect(await talker.command('PING')).toBe('one')
    await talker.closed
    await expect(talker.command('PING')).rejects.toThrow('nobody asked for')
  })

  it('survives arbitrary answers: each command settles', async () => {
    let answer = Buffer.alloc(0)
    const address = await fakeServer((socket) => socket.once('data', () => socket.end(answer)))
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom('', '+', '-', ':', '$', '*'),
        async (bytes, type) => {
          answer = Buffer.concat([Buffer.from(type), bytes])
          const redis = await connectRedis(address)
          await redis.command('PING').catch((error) => expect(error).toBeInstanceOf(Error))
          await redis.close()
        },
      ),
      { numRuns: 200 },
    )
  })
})
