/** Replies to clients whose requests came together leave together, and nothing is lost on the way out. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type Listening, listenFor } from '../../src/io/server-socket.ts'
import { Outgoing, SocketPeer } from '../../src/io/socket-peer.ts'
import type { Connection, Peer } from '../../src/ports.ts'

const host = '127.0.0.1'
const listening: Listening[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const one of listening.splice(0)) await one.close()
})

/** A server of one client; what the client reads until the end. */
async function conversation(answer: (peer: Peer) => void): Promise<string> {
  const serve = (peer: Peer): Connection => ({
    push: () => answer(peer),
    drained: () => {},
    closed: () => {},
  })
  const server = await listenFor(serve, { kind: 'tcp', host, port: 0 })
  listening.push(server)
  const socket = connect(server.port, host)
  sockets.push(socket)
  let text = ''
  socket.on('data', (chunk) => (text += chunk.toString('latin1')))
  socket.write('?')
  await new Promise<void>((resolve) => socket.once('close', () => resolve()).once('error', () => {}))
  return text
}

describe('a peer', () => {
  it('sends what it was given in order, strings as one byte a char', async () => {
    const text = await conversation((peer) => {
      peer.send(['a\xff', Buffer.from('b')])
      peer.send(['c'])
      setTimeout(() => {
        peer.send(['d'])
        peer.close()
      }, 20)
    })
    expect(text).toBe('a\xffbcd')
  })

  it('counts what waits to be written, until it has been', async () => {
    const counts: number[] = []
    await conversation((peer) => {
      peer.send(['12345', Buffer.alloc(5)])
      counts.push(peer.waitingBytes)
      setTimeout(() => {
        counts.push(peer.waitingBytes)
        peer.close()
      }, 20)
    })
    expect(counts).toEqual([10, 0])
  })

  it('knows its own end also when it has gone', async () => {
    let known: Peer | undefined
    let ended: () => void
    const hasEnded = new Promise<void>((resolve) => (ended = resolve))
    const serve = (peer: Peer): Connection => {
      known = peer
      return { push: () => {}, drained: () => {}, closed: () => ended() }
    }
    // Any address: where nobody is connected there is only that of who listens.
    const server = await listenFor(serve, { kind: 'tcp', host: '0.0.0.0', port: 0 })
    listening.push(server)
    const socket = connect(server.port, host, () => socket.end())
    sockets.push(socket)
    await hasEnded
    expect(known?.local).toBe(`127.0.0.1:${server.port}`)
  })

  it('sends all before it closes, and nothing when it is destroyed', async () => {
    const closed = await conversation((peer) => {
      peer.send(['last words'])
      peer.close()
    })
    expect(closed).toBe('last words')
    const destroyed = await conversation((peer) => {
      peer.send(['lost'])
      peer.destroy()
    })
    expect(destroyed).toBe('')
  })

  it('has sent what was said when the server ends', async () => {
    const text = await conversation((peer) => {
      peer.send(['good bye'])
      void listening.pop()!.close()
    })
    expect(text).toBe('good bye')
  })

  it('waits for those who take what is left for them, but not for ever for the others', async () => {
    const listener = createServer().listen(0, host)
    await once(listener, 'listening')
    const big = Buffer.alloc(20_000_000, 'x')
    const left = async (): Promise<{ far: Socket; near: Socket }> => {
      const came = once(listener, 'connection')
      const far = connect((listener.address() as AddressInfo).port, host).on('error', () => {})
      sockets.push(far.pause())
      const [near] = (await came) as [Socket]
      const peer = new SocketPeer(near, { kind: 'tcp', host, port: 0 }, new Outgoing())
      peer.send([big])
      peer.close()
      return { far, near }
    }
    const [reader, deaf] = [await left(), await left()]
    let taken = 0
    reader.far.on('data', ({ length }) => (taken += length))
    await once(reader.far.resume(), 'close')
    expect(taken).toBe(big.length)
    expect([deaf.near.destroyed, deaf.near.timeout]).toEqual([false, 60_000])
    deaf.near.emit('timeout')
    expect(deaf.near.destroyed).toBe(true)
    listener.close()
  })
})
