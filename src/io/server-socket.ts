/**
 * The sockets of the reference server: each connection that comes in becomes a session.
 *
 *   socket ─chunk─► session.push()          session ─pieces─► SocketPeer ─► socket
 *
 * What a client does not read waits in the socket; how much may wait is the server's business
 * (client-output-buffer-limit).
 */
import { createServer, type Server, type Socket } from 'node:net'
import type { Connection, Peer } from '../ports.ts'
import { UsageError } from '../usage-error.ts'
import { type Address, addressText } from './address.ts'
import { Outgoing, SocketPeer } from './socket-peer.ts'

export type Listening = {
  /** Where it listens, with the port the system chose if 0 was asked for. */
  readonly address: string
  readonly port: number
  /** Ends all connections and stops listening. */
  close(): Promise<void>
}

/**
 * @param connect called with each client that comes; gives what understands it
 * @throws UsageError if it cannot listen there
 */
export async function listenFor(connect: (peer: Peer) => Connection, address: Address): Promise<Listening> {
  const sockets = new Set<Socket>()
  const outgoing = new Outgoing()
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    serve(connect, socket, address, outgoing)
  })
  await opened(listener, address)
  const bound = listener.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0
  return {
    address:
      address.kind === 'unix' ? addressText(address) : addressText({ kind: 'tcp', host: address.host, port }),
    port,
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve())
        outgoing.write()
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function serve(
  connect: (peer: Peer) => Connection,
  socket: Socket,
  address: Address,
  outgoing: Outgoing,
): void {
  const session = connect(new SocketPeer(socket, address, outgoing))
  socket.on('data', (chunk) => session.push(chunk))
  socket.on('drain', () => session.drained())
  socket.on('error', () => socket.destroy())
  socket.on('close', () => session.closed())
}

async function opened(listener: Server, address: Address): Promise<void> {
  const target = address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port }
  await new Promise<void>((resolve, reject) => {
    listener.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'the address is in use' : error.message
      reject(new UsageError(`cannot listen on ${addressText(address)}: ${why}`, { cause: error }))
    })
    listener.listen(target, resolve)
  })
}
