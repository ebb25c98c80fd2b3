/**
 * A connection as bytes: lines out, and what came back as one latin1 string. For tests of a master, where
 * what is said is not all RESP.
 */
import { connect, type Socket } from 'node:net'

/** Nothing has come for so long: it is all. */
const QUIET_MS = 60
const PATIENCE_MS = 15_000

export class WireClient {
  readonly #socket: Socket
  /** All that came. */
  said = ''
  isClosed = false
  #onChange = (): void => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => {
      this.said += chunk.toString('latin1')
      this.#onChange()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
      this.#onChange()
    })
  }

  static open(port: number, host = '127.0.0.1'): Promise<WireClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host, noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => resolve(new WireClient(socket)))
    })
  }

  /** Sends an inline command. */
  send(line: string): void {
    this.#socket.write(`${line}\r\n`, 'latin1')
  }

  /** Waits until all that came holds this. @returns it @throws Error when it does not come */
  async until(what: string | RegExp): Promise<string> {
    const found = () => (typeof what === 'string' ? this.said.includes(what) : what.test(this.said))
    const deadline = Date.now() + PATIENCE_MS
    while (!found()) {
      const left = deadline - Date.now()
      if (left <= 0 || this.isClosed) {
        throw new Error(`waited for ${what}, got ${JSON.stringify(this.said.slice(-200))}`)
      }
      await this.#change(left)
    }
    return this.said
  }

  /** Waits until nothing more comes. @returns all that came */
  async quiet(): Promise<string> {
    for (;;) {
      const { length } = this.said
      await this.#change(QUIET_MS)
      if (this.isClosed || this.said.length === length) return this.said
    }
  }

  /** Waits until the other side ends it. @throws Error when it does not */
  async end(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    while (!this.isClosed) {
      const left = deadline - Date.now()
      if (left <= 0) throw new Error('the connection was not ended')
      await this.#change(left)
    }
  }

  /** It may become slow: nothing is read. */
  pause(): void {
    this.#socket.pause()
  }

  close(): void {
    this.#socket.destroy()
  }

  #change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#onChange = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
