/** What clients may cost, over real sockets: those who never read, send without end, stay idle, or are too many. */
import { connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { type Listening, listenFor } from '../../src/io/server-socket.ts'
import { RawClient } from '../support/raw-client.ts'
import { type Reference, startReference } from '../support/reference.ts'

/** An address of this machine that others could use. */
const ELSEWHERE = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)

const open: Listening[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
})

async function listening(reference: Reference, host = '127.0.0.1'): Promise<number> {
  const one = await listenFor((peer) => reference.server.accept(peer), { kind: 'tcp', host, port: 0 })
  open.push(one)
  return one.port
}

/** A client that sends and never reads. */
function deaf(port: number): Promise<Socket & { wasClosed?: boolean }> {
  return new Promise((resolve) => {
    const socket: Socket & { wasClosed?: boolean } = connect({ port, host: '127.0.0.1' }, () =>
      resolve(socket),
    )
    socket.pause()
    socket.on('error', () => {})
    socket.on('close', () => {
      socket.wasClosed = true
    })
  })
}

/** All that a server says to somebody who only listens. */
function heard(port: number, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ port, host })
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
}

describe('a client that never reads', () => {
  it('is cut off soon where it has not said who it is', async () => {
    const reference = startReference()
    const port = await listening(reference)
    reference.client().command('CONFIG', 'SET', 'requirepass', 'secret')
    const socket = await deaf(port)
    socket.write('GET k\r\n'.repeat(300))
    await expect.poll(() => reference.server.state.stats.errorReplies).toBe(300)
    expect(socket.wasClosed).toBeUndefined()
    socket.write('GET k\r\n'.repeat(5000))
    socket.resume()
    await expect.poll(() => socket.wasClosed).toBe(true)
  })

  it('is cut off where the limit is hard', async () => {
    const reference = startReference()
    const admin = reference.client()
    admin.command('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 1000000 0 0')
    admin.command('SET', 'k', 'v'.repeat(100_000))
    const socket = await deaf(await listening(reference))
    socket.write('GET k\r\n'.repeat(500))
    await expect.poll(() => reference.server.state.sessions.size).toBe(1)
    expect(reference.log.join('\n')).toContain('scheduled to be closed ASAP for overcoming of output buffer')
    socket.destroy()
  })

  it('is cut off after a while where the limit is soft', async () => {
    const reference = startReference()
    const stop = reference.server.start()
    const admin = reference.client()
    admin.command('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 0 100000 3')
    const socket = await deaf(await listening(reference))
    socket.write('SUBSCRIBE c\r\n')
    await expect.poll(() => reference.server.state.pubsub.count('channels')).toBe(1)
    for (let i = 0; i < 100; i++) admin.command('PUBLISH', 'c', 'm'.repeat(100_000))
    expect(reference.server.state.sessions.size).toBe(2)
    await expect.poll(() => reference.server.state.sessions.size, { timeout: 15_000 }).toBe(1)
    stop()
    socket.destroy()
  })

  it('is not read from, where there is no limit, and goes on when it reads', async () => {
    const reference = startReference()
    reference.client().command('SET', 'k', 'v'.repeat(1_000_000))
    const socket = await deaf(await listening(reference))
    socket.write('GET k\r\n'.repeat(400))
    await expect
      .poll(() => [...reference.server.state.sessions.values()].at(-1)!.peer.waitingBytes)
      .toBeGreaterThan(60_000_000)
    const { waitingBytes } = [...reference.server.state.sessions.values()].at(-1)!.peer
    expect(waitingBytes).toBeLessThan(80_000_000)
    let bytes = 0
    socket.on('data', (chunk) => {
      bytes += chunk.length
    })
    socket.resume()
    await expect
      .poll(() => bytes, { timeout: 10_000 })
      .toBe(400 * '$1000000\r\n\r\n'.length + 400 * 1_000_000)
    socket.destroy()
  })
})

describe('limits', () => {
  it('end a client whose request has no end', async () => {
    const reference = startReference()
    reference.client().command('CONFIG', 'SET', 'client-query-buffer-limit', '1mb')
    const socket = await deaf(await listening(reference))
    socket.write(`*2\r\n$3\r\nGET\r\n$3000000\r\n${'x'.repeat(2_000_000)}`)
    await expect.poll(() => reference.server.state.sessions.size).toBe(1)
    expect(reference.log.join('\n')).toContain('Closing client that reached max query buffer length')
    socket.destroy()
  })

  it('end a client that sends a request word by word without an end', () => {
    const reference = startReference()
    reference.client().command('CONFIG', 'SET', 'client-query-buffer-limit', '1mb')
    const client = reference.client()
    client.send(Buffer.from('*1000000\r\n'))
    const word = Buffer.from(`$30000\r\n${'x'.repeat(30_000)}\r\n`)
    for (let i = 0; i < 34; i++) client.send(word)
    expect(client.isClosed).toBe(false)
    for (let i = 0; i < 2; i++) client.send(word)
    expect(client.isClosed).toBe(true)
  })

  it('end the clients that take the most, where all take too much', async () => {
    const reference = startReference()
    const port = await listening(reference)
    const stop = reference.server.start()
    const sockets = await Promise.all([1, 2, 3].map(() => deaf(port)))
    const spared = await RawClient.open(port)
    await spared.command('CLIENT', 'NO-EVICT', 'ON')
    spared.socket.write(`*2\r\n$3\r\nGET\r\n$850000\r\n${'x'.repeat(850_000)}`)
    sockets.forEach((socket, i) => {
      const bytes = 100_000 * (i + 1)
      socket.write(`*2\r\n$3\r\nGET\r\n$${bytes}\r\n${'x'.repeat(bytes)}`)
    })
    const { state } = reference.server
    await expect.poll(() => state.stats.bytesIn).toBeGreaterThan(1_450_000)
    const admin = reference.client()
    admin.command('CONFIG', 'SET', 'maxmemory-clients', '1400000')
    await expect.poll(() => state.sessions.size).toBe(4)
    expect(state.stats.evictedClients).toBe(1)
    expect(reference.log.join('\n')).toMatch(/Evicting client: id=\d+ .* qbuf=300000 /)
    admin.command('CONFIG', 'SET', 'maxmemory', '1000000', 'maxmemory-clients', '1%')
    await expect.poll(() => state.sessions.size).toBe(1)
    stop()
    await spared.close()
  })

  it('end idle clients, but not those who wait', async () => {
    const reference = startReference()
    const stop = reference.server.start()
    const port = await listening(reference)
    reference.server.state.settings.read('timeout', '1')
    const [idle, blocked, subscribed] = [
      await RawClient.open(port),
      await RawClient.open(port),
      await RawClient.open(port),
    ]
    void blocked.command('BLPOP', 'k', '0')
    await subscribed.command('SUBSCRIBE', 'c')
    await idle.closed
    expect(reference.server.state.sessions.size).toBe(2)
    stop()
    await Promise.all([blocked.close(), subscribed.close()])
  })

  it('send away those who are too many', async () => {
    const reference = startReference()
    reference.server.state.settings.read('maxclients', '2')
    const port = await listening(reference)
    const clients = [await RawClient.open(port), await RawClient.open(port)]
    expect(await heard(port)).toBe('-ERR max number of clients reached\r\n')
    expect(await clients[1]!.command('PING')).toMatchObject({ value: 'PONG' })
    await Promise.all(clients.map((client) => client.close()))
    expect(reference.server.state.stats.rejectedConnections).toBe(1)
  })

  it.skipIf(ELSEWHERE === undefined)('send away who comes from elsewhere without a password', async () => {
    const { address } = ELSEWHERE!
    const reference = startReference()
    const port = await listening(reference, address)
    expect(await heard(port, address)).toMatch(/^-DENIED Redis is running in protected mode/)
    reference.server.state.settings.read('requirepass', 'x')
    const client = await RawClient.open(port, address)
    expect(await client.command('PING')).toMatchObject({ value: 'NOAUTH Authentication required.' })
    await client.close()
  })
})
