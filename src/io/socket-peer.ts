/**
 * SocketPeer: a client's socket as sessions see it. What is sent is gathered, and written when everything
 * that has come was read, as Redis does it before it waits for events:
 *
 *   read A, B, C … ─► answer each, gather ─► (nothing more has come) ─► write to … C, B, A
 *
 * Written one by one, each answer would wake a client that then takes the processor from whom we have not
 * read yet, and many short turns cost more than one long one. Who was given something last is written to
 * first, as in Redis: a program with several connections sees that (PUBLISH is answered before the message
 * is there, RPUSH after the element has reached who waited for it).
 *
 * Compare redis 7.0 `src/networking.c`, handleClientsWithPendingWrites.
 */
import type { Socket } from 'node:net'
import type { Peer } from '../ports.ts'
import { type Address, addressText, localText, remoteText } from './address.ts'

/** How long who has gone may take nothing of what is left for it. */
const PATIENCE_MS = 60_000

/** The sockets that have something to write. */
export class Outgoing {
  #peers: SocketPeer[] = []

  add(peer: SocketPeer): void {
    if (this.#peers.length === 0) setImmediate(() => this.write())
    this.#peers.push(peer)
  }

  write(): void {
    const peers = this.#peers
    this.#peers = []
    for (let i = peers.length; i-- > 0; ) peers[i]!.write()
  }
}

export class SocketPeer implements Peer {
  readonly remote: string
  readonly #fallback: string
  readonly #socket: Socket
  readonly #outgoing: Outgoing
  #pieces: (string | Buffer)[] = []
  /** Bytes of #pieces. */
  #gathered = 0
  #isEnding = false
  #local: string | undefined

  constructor(socket: Socket, address: Address, outgoing: Outgoing) {
    this.#socket = socket
    this.#outgoing = outgoing
    this.remote = remoteText(socket, addressText(address))
    this.#fallback = addressText(address)
    // Asked now, because a socket that has gone no longer knows it, and who was there is told afterwards.
    this.#rememberLocal()
  }

  /** Not known before a connection that we make stands. */
  get local(): string {
    return this.#rememberLocal() ?? this.#fallback
  }

  #rememberLocal(): string | undefined {
    this.#local ??= localText(this.#socket, '') || undefined
    return this.#local
  }

  send(pieces: readonly (string | Buffer)[]): void {
    if (this.#pieces.length === 0) this.#outgoing.add(this)
    for (const piece of pieces) {
      this.#pieces.push(piece)
      this.#gathered += piece.length
    }
  }

  write(): void {
    const socket = this.#socket
    const pieces = this.#pieces
    if (pieces.length === 0 || socket.destroyed) return
    this.#pieces = []
    this.#gathered = 0
    if (pieces.length > 1) socket.cork()
    for (const piece of pieces) {
      if (typeof piece === 'string') socket.write(piece, 'latin1')
      else socket.write(piece)
    }
    if (pieces.length > 1) socket.uncork()
    if (this.#isEnding) this.#end()
  }

  /**
   * What was sent is still written when its turn comes, as long as some of it is taken now and then: nobody
   * else looks at this connection any more. Whoever goes on talking to us is told that nobody listens.
   */
  close(): void {
    this.#socket.pause()
    if (this.#pieces.length > 0) this.#isEnding = true
    else this.#end()
  }

  #end(): void {
    const socket = this.#socket
    socket.setTimeout(PATIENCE_MS, () => socket.destroy())
    socket.end(() => socket.destroy())
  }

  destroy(): void {
    this.#socket.destroy()
  }

  get waitingBytes(): number {
    return this.#gathered + this.#socket.writableLength
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }
}
