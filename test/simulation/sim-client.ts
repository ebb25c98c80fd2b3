/** A client of a simulated server, on the server's own host: no network between them, no time either. */
import { fromText } from '../../src/bytes/byte-string.ts'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import type { RedisServer } from '../../src/server/server.ts'
import type { Session } from '../../src/server/session.ts'

export type Words = readonly (string | number)[]

/** Of what nobody takes, so much is kept. */
const KEPT_CHARS = 100_000

export class SimClient {
  readonly session: Session
  /** What came and was not taken, latin1. */
  #text = ''
  isClosed = false
  /** Hears what comes, instead of its being kept. */
  onReply: ((text: string) => void) | undefined

  constructor(server: RedisServer) {
    this.session = server.connect({
      remote: '127.0.0.1:50000',
      local: '127.0.0.1:6379',
      send: (pieces) => {
        for (const piece of pieces) {
          const text = typeof piece === 'string' ? piece : piece.toString('latin1')
          if (this.onReply !== undefined) this.onReply(text)
          else if (this.#text.length < KEPT_CHARS) this.#text += text
        }
      },
      close: () => {
        this.isClosed = true
      },
      destroy: () => {
        this.isClosed = true
      },
      waitingBytes: 0,
      pause: () => {},
      resume: () => {},
    })
  }

  /** Sends commands in one piece. @returns what was replied at once, as it is on the wire */
  say(...commands: readonly Words[]): string {
    if (this.isClosed) return ''
    const bytes = commands.map((words) => encodeCommand(words.map((word) => fromText(String(word)))))
    this.session.push(bytes.length === 1 ? bytes[0]! : Buffer.concat(bytes))
    return this.take()
  }

  take(): string {
    const text = this.#text
    this.#text = ''
    return text
  }

  leave(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.session.closed()
  }
}
