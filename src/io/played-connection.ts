/**
 * PlayedConnection: our end of a replication link whose other end is a real server, as events.
 *
 *   we say bytes ──► socket        the same bytes ──► conversation ──► events, in order, of both sides
 *   it says bytes ──────────────────────────────────►┘
 *
 * We may be either side. What is to be said, and when, is somebody else's business; so is what the events
 * mean. Nothing is read before listen() or dial() hands the connection out, and while it is paused.
 */
import { createServer, connect as netConnect, type Server, type Socket } from 'node:net'
import { Conversation } from '../replication/conversation.ts'
import type { Emit, Side } from '../replication/events.ts'
import { Secrets } from '../replication/secrets.ts'
import { localText, remoteText } from './address.ts'
import { freePort } from './redis-process.ts'
import { systemNow } from './system-clock.ts'

/** So much of what was read stays, for what is found out a little later. */
const KEPT = 256
const PORT_ATTEMPTS = 4

export class PlayedConnection {
  readonly conversation: Conversation
  readonly #socket: Socket
  readonly #we: Side
  readonly #they: Side
  isClosed = false
  #isSilent = false
  /** What is being read, and the end of what was read before it. */
  #chunk: Buffer = Buffer.alloc(0)
  #before: Buffer = Buffer.alloc(0)
  #position = 0

  constructor(socket: Socket, we: Side, emit: Emit) {
    this.#socket = socket
    this.#we = we
    this.#they = we === 'master' ? 'replica' : 'master'
    this.conversation = new Conversation({
      emit: (event) => this.#isSilent || emit(event),
      snapshot: 'values',
      // Who plays a master must see the password to judge it. Whoever writes it down covers it.
      secrets: new Secrets({ shown: true }),
    })
    const [here, there] = [localText(socket, 'here'), remoteText(socket, 'there')]
    const [replica, master] = we === 'replica' ? [here, there] : [there, here]
    this.conversation.opened(replica, master, systemNow())
    socket.on('data', (chunk) => this.isClosed || this.#read(chunk))
    socket.on('end', () => this.#ended(this.#they, 'fin'))
    socket.on('error', () => this.#ended(this.#they, 'reset'))
    socket.on('close', () => this.#ended(this.#they, 'reset'))
    socket.resume()
  }

  send(bytes: Buffer): void {
    if (this.isClosed) return
    this.#socket.write(bytes)
    this.conversation.push(this.#we, bytes, systemNow())
  }

  /** Bytes that the other side has just said, by their place in the connection; undefined: too long ago. */
  said(from: number, to: number): Buffer | undefined {
    const start = this.#position - this.#before.length
    if (from >= this.#position) return this.#chunk.subarray(from - this.#position, to - this.#position)
    if (from < start) return undefined
    const inChunk = this.#chunk.subarray(0, Math.max(0, to - this.#position))
    return Buffer.concat([this.#before, inChunk]).subarray(from - start, to - start)
  }

  #read(chunk: Buffer): void {
    this.#chunk = chunk
    this.conversation.push(this.#they, chunk, systemNow())
    this.#position += chunk.length
    this.#before = Buffer.concat([this.#before, chunk.subarray(-KEPT)]).subarray(-KEPT)
    this.#chunk = Buffer.alloc(0)
  }

  /** Reads nothing more, until resume(): the kernel's buffers fill, then the other end waits. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** `half`: we say no more, and go on reading. */
  cut(how: 'fin' | 'half' | 'reset'): void {
    if (how === 'half') this.#socket.end()
    else {
      this.#ended(this.#we, how)
      if (how === 'fin') this.#socket.end()
      else this.#socket.resetAndDestroy()
    }
  }

  /** Ends it without telling anybody. */
  close(): void {
    this.#isSilent = true
    this.isClosed = true
    this.#socket.destroy()
  }

  #ended(side: Side, how: 'fin' | 'reset'): void {
    if (this.isClosed) return
    this.isClosed = true
    this.conversation.end(side, how, systemNow())
    if (side === this.#they) this.#socket.destroy()
  }
}

/** Connects to a server as one of its replicas would. */
export function dialPlayed(port: number, host: string, emit: Emit): Promise<PlayedConnection> {
  return new Promise((resolve, reject) => {
    const socket = netConnect({ port, host, noDelay: true, allowHalfOpen: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(new PlayedConnection(socket, 'replica', emit))
    })
  })
}

/** Where a played master is found. Connections wait, unread, until they are taken. */
export class PlayedListener {
  #server: Server | undefined
  readonly #waiting: Socket[] = []
  readonly #ring: () => void
  port = 0

  /** @param ring called when a connection has come */
  constructor(ring: () => void) {
    this.#ring = ring
  }

  /** Listens, where it did before if it was open before. */
  async open(): Promise<void> {
    for (let attempt = 1; this.port === 0; attempt++) {
      // Not just any: at one that a server is about to bind we would hear what is meant for that one.
      const port = await freePort()
      await this.#listen(port).catch((error: Error) => {
        if (attempt === PORT_ATTEMPTS) throw error
      })
    }
    if (this.#server === undefined) await this.#listen(this.port)
  }

  #listen(port: number): Promise<void> {
    const server = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {})
      this.#waiting.push(socket)
      this.#ring()
    })
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        this.port = port
        this.#server = server
        resolve()
      })
    })
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0
  }

  /** The connection that has waited longest. */
  take(emit: Emit): PlayedConnection | undefined {
    const socket = this.#waiting.shift()
    return socket === undefined ? undefined : new PlayedConnection(socket, 'master', emit)
  }

  /** Refuses connections from now on, and ends those that nobody took. */
  shut(): void {
    this.#server?.close()
    this.#server = undefined
    for (const socket of this.#waiting.splice(0)) socket.destroy()
  }
}
