/**
 * SubjectClient: a client that sees replies as they are, of every type, nothing converted.
 *
 * One reply a command, in order. (redis-client.ts is for those who want values; this one is for those who
 * compare what servers say.)
 */
import { connect, type Socket } from 'node:net'
import type { ByteString } from '../bytes/byte-string.ts'
import { Resumable } from '../bytes/resumable.ts'
import { respValues } from '../codec/resp/decode.ts'
import { encodeCommand } from '../codec/resp/encode.ts'
import type { RespValue } from '../codec/resp/values.ts'

type Waiter = (value: RespValue | undefined) => void

export class SubjectClient {
  readonly #socket: Socket
  readonly #values: RespValue[] = []
  readonly #waiters: Waiter[] = []
  isClosed = false

  private constructor(socket: Socket) {
    this.#socket = socket
    const decoder = new Resumable(
      (src) => respValues(src, ({ value }) => this.#receive(value)),
      () => socket.destroy(),
    )
    socket.on('data', (chunk) => decoder.push(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
      for (const waiter of this.#waiters.splice(0)) waiter(undefined)
    })
  }

  /** Rejects where nobody listens. */
  static open(port: number, host: string): Promise<SubjectClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host, noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new SubjectClient(socket))
      })
    })
  }

  send(argv: readonly ByteString[]): void {
    this.#socket.write(encodeCommand(argv))
  }

  /** The next reply; undefined once the connection is gone. */
  next(): Promise<RespValue | undefined> {
    const value = this.#values.shift()
    if (value !== undefined) return Promise.resolve(value)
    if (this.isClosed) return Promise.resolve(undefined)
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  /** One command and its reply. */
  command(argv: readonly ByteString[]): Promise<RespValue | undefined> {
    this.send(argv)
    return this.next()
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(value: RespValue): void {
    const waiter = this.#waiters.shift()
    if (waiter === undefined) this.#values.push(value)
    else waiter(value)
  }
}
