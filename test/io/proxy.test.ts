import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort, waitFor } from '../../src/io/redis-process.ts'
import { liveProxy } from '../support/live-proxy.ts'

/** A master of our own: gives the sockets that come in, one after another. */
async function fakeMaster(listen: { port: number; host: string } | { path: string }) {
  const waiting: ((socket: Socket) => void)[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => waiting.shift()?.(socket))
  await new Promise<void>((resolve) => server.listen(listen, resolve))
  const sockets: Socket[] = []
  server.on('connection', (socket) => sockets.push(socket.on('error', () => {})))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { server, accepted: () => new Promise<Socket>((resolve) => waiting.push(resolve)) }
}

function client(target: NetConnectOpts): Socket {
  const socket = connect({ ...target, allowHalfOpen: true } as NetConnectOpts).on('error', () => {})
  onTestFinished(() => {
    socket.destroy()
  })
  return socket
}

const portOf = (server: Server) => (server.address() as { port: number }).port

async function pairThroughProxy(strip: readonly string[] = []) {
  const master = await fakeMaster({ port: 0, host: '127.0.0.1' })
  const proxy = await liveProxy(`127.0.0.1:${portOf(master.server)}`, ':0', { strip })
  const accepted = master.accepted()
  const replica = client({ port: proxy.port, host: '127.0.0.1' })
  return { replica, master: await accepted, proxy }
}

/** Reads a socket to its end; gives the hash of what came. */
function hashOf(socket: Socket): Promise<string> {
  const hash = createHash('sha256')
  return new Promise((resolve) => {
    socket.on('data', (chunk) => hash.update(chunk))
    socket.on('end', () => resolve(hash.digest('hex')))
  })
}

/** Writes chunks of many sizes as fast as the socket takes them, then ends; gives their hash. */
async function sendHashed(socket: Socket, size: number): Promise<string> {
  const hash = createHash('sha256')
  const source = randomBytes(1024 * 1024)
  for (let sent = 0, turn = 1; sent < size; turn++) {
    const chunk = source.subarray(0, Math.min(size - sent, (turn * 7919) % source.length || 1))
    hash.update(chunk)
    sent += chunk.length
    if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve))
  }
  socket.end()
  return hash.digest('hex')
}

const get = (socket: Socket) =>
  new Promise<string>((resolve) => socket.once('data', (d) => resolve(String(d))))

describe('the proxy', () => {
  it('gives out exactly the bytes it took in, both ways at once, understood or not', async () => {
    const { replica, master, proxy } = await pairThroughProxy()
    const received = Promise.all([hashOf(replica), hashOf(master)])
    const sent = Promise.all([sendHashed(master, 48_000_000), sendHashed(replica, 32_000_000)])
    const [down, up] = await sent
    expect(await received).toEqual([down, up])
    await proxy.close()
    const faults = proxy.events.filter((e) => e.kind === 'fault')
    expect(faults.map((e) => [e.side, e.fatal]).sort()).toEqual([
      ['master', true],
      ['replica', true],
    ])
    expect(proxy.events.find((e) => e.kind === 'closed')).toMatchObject({
      how: 'fin',
      bytes: { master: 48_000_000, replica: 32_000_000 },
    })
  })

  it('stops reading from a master whose replica does not read, and loses nothing', async () => {
    const { replica, master } = await pairThroughProxy()
    replica.pause()
    let written = 0
    const chunk = Buffer.alloc(256 * 1024, 'x')
    const isStuck = () => new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 300))
    for (;;) {
      written += chunk.length
      if (master.write(chunk)) continue
      const drained = new Promise<boolean>((resolve) => master.once('drain', () => resolve(false)))
      if (await Promise.race([drained, isStuck()])) break
      expect(written).toBeLessThan(200 * 1024 * 1024)
    }
    let got = 0
    replica.on('data', (data) => {
      got += data.length
    })
    replica.resume()
    master.end()
    await waitFor(() => got === written, { what: `all ${written} bytes` })
  })

  it('stops reading from a replica whose master does not read, and loses nothing', async () => {
    const { replica, master } = await pairThroughProxy()
    master.pause()
    const sent = sendHashed(replica, 32_000_000)
    const before = process.memoryUsage().arrayBuffers
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32_000_000)
    const received = hashOf(master)
    master.resume()
    expect(await received).toBe(await sent)
  })

  it('passes on a half-close: the other direction stays open', async () => {
    const { replica, master } = await pairThroughProxy()
    replica.end('PING\r\n')
    const ended = new Promise((resolve) => master.once('end', resolve))
    expect(await get(master)).toBe('PING\r\n')
    await ended
    master.end('+PONG\r\n')
    expect(await get(replica)).toBe('+PONG\r\n')
  })

  it.each(['replica', 'master'] as const)('passes on a reset by the %s, and says who did it', async (who) => {
    const { replica, master, proxy } = await pairThroughProxy()
    replica.write('PING\r\n')
    await get(master)
    const [here, there] = who === 'replica' ? [replica, master] : [master, replica]
    const gone = new Promise<string | undefined>((resolve) =>
      there.once('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
    )
    here.resetAndDestroy()
    expect(await gone).toBe('ECONNRESET')
    expect(await proxy.seen('closed', (e) => e.kind === 'closed')).toMatchObject({ side: who, how: 'reset' })
  })

  it('closes the replica when the master is away, says so once, and lives on', async () => {
    const port = await freePort()
    const proxy = await liveProxy(`127.0.0.1:${port}`)
    for (let i = 0; i < 3; i++) {
      const replica = client({ port: proxy.port, host: '127.0.0.1' })
      await new Promise((resolve) => replica.once('end', resolve).resume())
    }
    expect(proxy.notices).toEqual([
      `cannot reach master 127.0.0.1:${port}: connection refused. ` +
        'Replicas are closed until it answers; trying again with each of them.',
    ])
    expect(proxy.events).toEqual([])
    const master = await fakeMaster({ port, host: '127.0.0.1' })
    const accepted = master.accepted()
    const replica = client({ port: proxy.port, host: '127.0.0.1' })
    replica.write('PING\r\n')
    expect(await get(await accepted)).toBe('PING\r\n')
    expect(proxy.notices.at(-1)).toBe(`master 127.0.0.1:${port} answers again`)
  })

  it('speaks IPv6 and unix sockets on both legs', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'syncscope-test-'))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    const overIpv6 = await fakeMaster({ port: 0, host: '::1' })
    const overUnix = await fakeMaster({ path: join(dir, 'master') })
    const first = await liveProxy(`[::1]:${portOf(overIpv6.server)}`, `unix:${join(dir, 'proxy')}`)
    const second = await liveProxy(`unix:${join(dir, 'master')}`, '[::1]:0')
    for (const [master, target] of [
      [overIpv6, { path: join(dir, 'proxy') }],
      [overUnix, { port: second.port, host: '::1' }],
    ] as const) {
      const accepted = master.accepted()
      const replica = client(target)
      const socket = await accepted
      replica.write('PING\r\n')
      expect(await get(socket)).toBe('PING\r\n')
      socket.write('+PONG\r\n')
      expect(await get(replica)).toBe('+PONG\r\n')
    }
    expect(second.address).toMatch(/^\[::1\]:\d+$/)
    await first.close()
    expect(first.events[0]).toMatchObject({ kind: 'opened', replica: `unix:${join(dir, 'proxy')}` })
  })

  it('edits a REPLCONF where it is asked to, and nothing else, both ways at once', async () => {
    const { replica, master } = await pairThroughProxy(['eof'])
    const asked = 'PING\r\n*3\r\n$8\r\nREPLCONF\r\n$4\r\ncapa\r\n$3\r\neof\r\nPSYNC ? -1\r\n'
    for (const byte of Buffer.from(asked)) replica.write(Buffer.of(byte))
    let got = ''
    master.on('data', (data) => (got += String(data)))
    await waitFor(() => got.endsWith('PSYNC ? -1\r\n'), { what: 'all of it' })
    expect(got).toBe('PING\r\n*1\r\n$8\r\nREPLCONF\r\nPSYNC ? -1\r\n')
    master.removeAllListeners('data')
    const received = Promise.all([hashOf(replica), hashOf(master)])
    const sent = await Promise.all([sendHashed(master, 24_000_000), sendHashed(replica, 16_000_000)])
    expect(await received).toEqual(sent)
  })

  it('keeps nothing for itself of a request that is never finished', async () => {
    const { replica, master } = await pairThroughProxy(['eof'])
    const ended = new Promise((resolve) => master.once('end', resolve))
    replica.end('*3\r\n$8\r\nREPLCONF\r\n$4\r\nca')
    expect(await get(master)).toBe('*3\r\n$8\r\nREPLCONF\r\n$4\r\nca')
    await ended
  })

  it('carries bytes on when its own decoding throws', async () => {
    const master = await fakeMaster({ port: 0, host: '127.0.0.1' })
    const proxy = await liveProxy(`127.0.0.1:${portOf(master.server)}`, ':0', {
      emit: (event) => {
        if (event.kind === 'request') throw new Error('a bug')
      },
    })
    const accepted = master.accepted()
    const replica = client({ port: proxy.port, host: '127.0.0.1' })
    const socket = await accepted
    replica.write('PING\r\nSET a b\r\nPING\r\n')
    expect(await get(socket)).toBe('PING\r\nSET a b\r\nPING\r\n')
    replica.write('more\r\n')
    expect(await get(socket)).toBe('more\r\n')
    socket.write('+OK\r\n')
    expect(await get(replica)).toBe('+OK\r\n')
    expect(proxy.notices).toHaveLength(1)
    expect(proxy.notices[0]).toMatch(/^a bug in syncscope .*a bug/)
  })
})
