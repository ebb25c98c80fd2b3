/**
 * Leg: one of the two sockets of a proxied connection, read without garbage.
 *
 *   socket ─read─► one buffer, used again ─write─► the other leg ─► kernel
 *
 * Each leg reads into one buffer of its own. When the kernel takes what we write at once, which is the
 * rule, the buffer is free for the next read; when it does not, reading pauses until it has. So a leg costs
 * one buffer, however far the other end is behind, and each end feels the other's TCP window almost as
 * without us.
 */
import { connect, Socket } from 'node:net'
import type { Address } from './address.ts'

/** The buffer grows when a read fills it: most links are quiet, a full sync wants few, large reads. */
const READ_BYTES_FIRST = 64 * 1024
const READ_BYTES_LARGE = 256 * 1024

/** Where a leg writes what it reads: the other leg's socket, or what stands before it. */
export type Carriage = {
  write(chunk: Buffer, taken: () => void): boolean
  readonly writableLength: number
}

type OnRead = { buffer: () => Uint8Array; callback: (size: number) => boolean }

export class Leg {
  readonly socket: Socket
  #to: Carriage | undefined
  #buffer = Buffer.allocUnsafeSlow(READ_BYTES_FIRST)
  #onChunk: (chunk: Buffer) => void = () => {}

  /** @param open makes the socket, which must read as it is told here */
  constructor(open: (onread: OnRead) => Socket) {
    this.socket = open({ buffer: () => this.#buffer, callback: (size) => this.#read(size) })
  }

  /** From now on what is read here is written there first, and then shown to `onChunk` (borrowed). */
  forward(to: Carriage, onChunk: (chunk: Buffer) => void): void {
    this.#to = to
    this.#onChunk = onChunk
  }

  #read(size: number): true {
    const { socket } = this
    const to = this.#to!
    const room = this.#buffer.length
    const chunk = this.#buffer.subarray(0, size)
    to.write(chunk, this.#taken)
    if (to.writableLength > 0) socket.pause()
    this.#onChunk(chunk)
    if (size === room && room < READ_BYTES_LARGE) this.#buffer = Buffer.allocUnsafeSlow(READ_BYTES_LARGE)
    return true
  }

  readonly #taken = (): void => {
    if (this.socket.isPaused()) this.socket.resume()
  }
}

/** A leg that connects to an address. */
export function dial(address: Address): Leg {
  const target = address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port }
  return new Leg((onread) => connect({ ...target, allowHalfOpen: true, noDelay: true, onread }))
}

/**
 * A leg of a connection that a server accepted (with pauseOnConnect, and before anything was read from it).
 *
 * A server gives sockets that allocate for each read; there is no public way to ask it for ones that do
 * not. So the accepted socket's handle moves to a new Socket. Should a Node version have no such handle,
 * the accepted socket is used as it is: slower, and as right.
 */
export function adopt(accepted: Socket): Leg {
  const holder = accepted as Socket & { _handle?: object | null }
  const handle = holder._handle
  if (handle === undefined || handle === null) {
    return new Leg((onread) => readInto(accepted, onread))
  }
  return new Leg((onread) => {
    holder._handle = null
    const socket = new Socket({
      handle,
      allowHalfOpen: true,
      readable: true,
      writable: true,
      onread,
    } as object)
    // The server counts the accepted socket as open until it is closed.
    socket.once('close', () => accepted.destroy())
    return socket
  })
}

/** The slow way: what the socket read is copied to where the leg expects it. */
function readInto(socket: Socket, onread: OnRead): Socket {
  socket.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; ) {
      const buffer = onread.buffer()
      const part = chunk.subarray(at, at + buffer.length)
      buffer.set(part)
      at += part.length
      onread.callback(part.length)
    }
  })
  return socket
}
