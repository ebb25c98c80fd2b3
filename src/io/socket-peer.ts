/** A socket as the far end of a connection (ports.ts). What it does not take at once waits in it. */
import type { Socket } from 'node:net'
import type { Peer } from '../ports.ts'
import { localText, remoteText } from './address.ts'

/** @param fallback the address where the socket has none of its own (unix sockets) */
export function socketPeer(socket: Socket, fallback: string): Peer {
  return {
    remote: remoteText(socket, fallback),
    local: localText(socket, fallback),
    send: (pieces) => {
      if (pieces.length > 1) socket.cork()
      for (const piece of pieces) {
        if (typeof piece === 'string') socket.write(piece, 'latin1')
        else socket.write(piece)
      }
      if (pieces.length > 1) socket.uncork()
    },
    close: () => socket.end(),
    destroy: () => socket.destroy(),
    get waitingBytes() {
      return socket.writableLength
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  }
}
