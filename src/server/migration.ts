/**
 * Migration: keys on their way to another server, as the connection to it sees them.
 *
 *   ─► [AUTH] SELECT RESTORE RESTORE …         in one go
 *   ◄─ one answer each                         a key that was taken is told at once: it may be deleted here
 *
 * Time is up when nothing has happened for so long. Not here: which keys, and what becomes of them.
 *
 * Source: redis 7.0 `src/cluster.c`, migrateCommand.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { Resumable } from '../bytes/resumable.ts'
import { respValues } from '../codec/resp/decode.ts'
import { encodeCommand } from '../codec/resp/encode.ts'
import type { RespValue } from '../codec/resp/values.ts'
import type { Clock, DialedConnection, Dialer, Peer } from '../ports.ts'

/** Answers are OK, or an error of a line. */
const KEEP = { valueBytes: 4096, totalBytes: 4096, elements: 16, hash: false } as const

export type MigrationOrder = {
  readonly host: string
  readonly port: number
  readonly timeoutMicros: number
  /** What is said first; an error there is the error of all. */
  readonly greetings: readonly (readonly ByteString[])[]
  readonly restores: readonly (readonly ByteString[])[]
  /** The other server has taken the key of this restore. */
  readonly onTaken: (index: number) => void
  /** @param problem a whole error for the client, if not all went well */
  readonly onEnd: (problem: string | undefined) => void
}

export class Migration implements DialedConnection {
  readonly #order: MigrationOrder
  readonly #clock: Clock
  readonly #peer: Peer
  readonly #decoder: Resumable
  #answers = 0
  #isOpen = false
  #isOver = false
  #greetingError: string | undefined
  #problem: string | undefined
  #cancelTimer = () => {}

  constructor(order: MigrationOrder, { dialer, clock }: { dialer: Dialer; clock: Clock }) {
    this.#order = order
    this.#clock = clock
    this.#decoder = new Resumable(
      (src) => respValues(src, ({ value }) => this.#answered(value), KEEP),
      () => this.#end(failedAt('reading')),
    )
    this.#peer = dialer.dial(order, this)
    this.#wait()
  }

  opened(): void {
    this.#isOpen = true
    this.#wait()
    const { greetings, restores } = this.#order
    this.#peer.send([...greetings, ...restores].map(encodeCommand))
  }

  push(chunk: Buffer): void {
    if (this.#isOver) return
    this.#wait()
    this.#decoder.push(chunk)
  }

  drained(): void {
    if (!this.#isOver) this.#wait()
  }

  closed(why = ''): void {
    if (this.#isOpen) this.#end(failedAt('reading'))
    // Redis learns of a refusal only when it writes.
    else this.#end(/refused/i.test(why) ? failedAt('writing') : NOT_CONNECTED)
  }

  #answered(value: RespValue): void {
    if (this.#isOver) return
    const { greetings, restores, onTaken } = this.#order
    const error = value.type === 'error' ? String(value.value) : undefined
    const index = this.#answers++ - greetings.length
    if (index < 0) this.#greetingError ??= error
    else {
      const problem = this.#greetingError ?? error
      if (problem === undefined) onTaken(index)
      else this.#problem ??= `ERR Target instance replied with error: ${problem}`
    }
    if (index === restores.length - 1) this.#end(this.#problem)
  }

  #wait(): void {
    this.#cancelTimer()
    this.#cancelTimer = this.#clock.after(this.#order.timeoutMicros, () => {
      this.#end(this.#isOpen ? failedAt('reading') : NOT_CONNECTED)
    })
  }

  #end(problem: string | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancelTimer()
    this.#peer.destroy()
    this.#order.onEnd(this.#problem ?? problem)
  }
}

const NOT_CONNECTED = 'IOERR error or timeout connecting to the client'

function failedAt(what: 'reading' | 'writing'): string {
  return `IOERR error or timeout ${what} to target instance`
}
