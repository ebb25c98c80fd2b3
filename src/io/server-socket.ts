/**
 * The sockets of the reference server: each connection that comes in becomes a session.
 *
 *   socket ─chunk─► session.push()          session ─pieces─► SocketPeer ─► socket
 *
 * What a client does not read waits in the socket; how much may wait is the server's business
 * (client-output-buffer-limit).
 */
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { Connection, Peer } from '../ports.ts'
import { UsageError } from '../usage-error.ts'
import { type Address, addressText } from './address.ts'
import { Outgoing, SocketPeer } from './socket-peer.ts'

export type Listening = {
  /** Where it listens, with the port the system chose if 0 was asked for. */
  readonly address: string
  readonly port: number
  /** Stops listening at once; connections that are there go on. @param onGone called when the last has */
  retire(onGone: () => void): void
  /** Ends all connections and stops listening. */
  close(): Promise<void>
}

export type ListenOptions = {
  /** Connections that may wait to be accepted. */
  readonly backlog?: number
  /** Mode of a unix socket's file; 0: as the process makes files. */
  readonly unixMode?: number
  /** After how many silent seconds the system asks whether a client is still there; 0: never. */
  readonly keepAliveSeconds?: () => number
}

/**
 * @param connect called with each client that comes; gives what understands it
 * @throws UsageError if it cannot listen there
 */
export async function listenFor(
  connect: (peer: Peer) => Connection,
  address: Address,
  { backlog = BACKLOG, unixMode = 0, keepAliveSeconds = () => 0 }: ListenOptions = {},
): Promise<Listening> {
  const sockets = new Set<Socket>()
  const outgoing = new Outgoing()
  // Who has said all is still answered: the other direction ends when that is written.
  const listener = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    if (keepAliveSeconds() > 0) socket.setKeepAlive(true, keepAliveSeconds() * 1000)
    socket.once('close', () => sockets.delete(socket))
    serve(connect, socket, address, outgoing)
  })
  // What is left of a server that was killed is in the way of the next one.
  if (address.kind === 'unix') rmSync(address.path, { force: true })
  await opened(listener, address, backlog)
  if (address.kind === 'unix' && unixMode !== 0) chmodSync(address.path, unixMode)
  const bound = listener.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0
  return {
    address:
      address.kind === 'unix' ? addressText(address) : addressText({ kind: 'tcp', host: address.host, port }),
    port,
    retire: (onGone) => {
      listener.close(onGone)
    },
    close: () =>
      new Promise((resolve) => {
        // One that was retired is closed when its last connection is.
        listener.once('close', resolve)
        if (listener.listening) listener.close()
        else if (sockets.size === 0) resolve()
        outgoing.write()
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** As redis.conf has it where it says nothing. */
const BACKLOG = 511

function serve(
  connect: (peer: Peer) => Connection,
  socket: Socket,
  address: Address,
  outgoing: Outgoing,
): void {
  const peer = new SocketPeer(socket, address, outgoing)
  const session = connect(peer)
  socket.on('end', () => peer.close())
  socket.on('data', (chunk) => session.push(chunk))
  socket.on('drain', () => session.drained())
  socket.on('error', () => socket.destroy())
  socket.on('close', () => session.closed())
}

async function opened(listener: Server, address: Address, backlog: number): Promise<void> {
  const target =
    address.kind === 'unix'
      ? { path: address.path, backlog }
      : { host: address.host, port: address.port, backlog, ipv6Only: address.host.includes(':') }
  await new Promise<void>((resolve, reject) => {
    listener.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'the address is in use' : error.message
      reject(new UsageError(`cannot listen on ${addressText(address)}: ${why}`, { cause: error }))
    })
    listener.listen(target, resolve)
  })
}
