/** Connections that the reference makes: a replica to its master (ports.ts, Dialer). */
import { connect } from 'node:net'
import type { Dialer } from '../ports.ts'
import { Outgoing, SocketPeer } from './socket-peer.ts'
import { systemWords } from './system-words.ts'

const outgoing = new Outgoing()

export const socketDialer: Dialer = {
  dial({ host, port }, connection) {
    const socket = connect({ host, port, noDelay: true, keepAlive: true })
    let why: string | undefined
    socket.on('connect', () => connection.opened())
    socket.on('data', (chunk) => connection.push(chunk))
    socket.on('drain', () => connection.drained())
    socket.on('error', (error) => {
      why = systemWords(error)
      socket.destroy()
    })
    socket.on('close', () => connection.closed(why))
    return new SocketPeer(socket, { kind: 'tcp', host, port }, outgoing)
  },
}
