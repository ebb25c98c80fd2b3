/**
 * A client of a real server that sees replies as they are: RESP2 or RESP3, every type, nothing converted.
 * (io/redis-client.ts is for those who want values; here it is the protocol that is compared.)
 */
import { connect, type Socket } from 'node:net'
import { Resumable } from '../../src/bytes/resumable.ts'
import { respValues } from '../../src/codec/resp/decode.ts'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import type { RespValue } from '../../src/codec/resp/values.ts'
import { bytesOf, KEEP_ALL, type Words } from './reference.ts'

export class RawClient {
  readonly socket: Socket
  readonly #values: RespValue[] = []
  readonly #waiters: ((value: RespValue) => void)[] = []
  /** Settles when the server closes the connection. */
  readonly closed: Promise<void>

  private constructor(socket: Socket) {
    this.socket = socket
    const decoder = new Resumable(
      (src) => respValues(src, ({ value }) => this.#receive(value), KEEP_ALL),
      ({ detail }) => socket.destroy(new Error(detail)),
    )
    socket.on('data', (chunk) => decoder.push(chunk))
    socket.on('error', () => {})
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
  }

  static open(port: number, host = '127.0.0.1'): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host, noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new RawClient(socket))
      })
    })
  }

  command(...words: Words): Promise<RespValue> {
    this.socket.write(encodeCommand(bytesOf(words)))
    return this.next()
  }

  /** The next reply or pushed message, in order. */
  next(): Promise<RespValue> {
    const value = this.#values.shift()
    if (value !== undefined) return Promise.resolve(value)
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  /** What has come and nobody has taken. */
  get inbox(): readonly RespValue[] {
    return this.#values
  }

  take(): RespValue[] {
    return this.#values.splice(0)
  }

  close(): Promise<void> {
    this.socket.destroy()
    return this.closed
  }

  #receive(value: RespValue): void {
    const waiter = this.#waiters.shift()
    if (waiter === undefined) this.#values.push(value)
    else waiter(value)
  }
}
