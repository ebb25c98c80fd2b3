/** Connections that the reference makes: a replica to its master (ports.ts, Dialer). */
import { Socket } from 'node:net'
import type { Dialer } from '../ports.ts'
import { Outgoing, SocketPeer } from './socket-peer.ts'
import { systemWords } from './system-words.ts'

const outgoing = new Outgoing()

export const socketDialer: Dialer = {
  dial({ host, port, from = '' }, connection) {
    const socket = new Socket()
    let why: string | undefined
    socket.on('connect', () => connection.opened())
    socket.on('data', (chunk) => connection.push(chunk))
    socket.on('drain', () => connection.drained())
    socket.on('error', (error) => {
      why = systemWords(error)
      socket.destroy()
    })
    socket.on('close', () => connection.closed(why))
    try {
      const local = from === '' ? {} : { localAddress: from }
      socket.connect({ host, port, noDelay: true, keepAlive: true, ...local })
    } catch (error) {
      // A replica may say that it listens at port 99999, and FAILOVER take its word for it.
      socket.destroy(error as Error)
    }
    return new SocketPeer(socket, { kind: 'tcp', host, port }, outgoing)
  },
}
