/**
 * MigrationLink: keys on their way to another server, as the connection to it sees them; one order after
 * another (migrations.ts).
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

/** How an order ended: the link can be used again, or cannot, or (`stale`) had gone before it was used. */
export type MigrationEnd = 'good' | 'broken' | 'stale'

export class MigrationLink implements DialedConnection {
  readonly #clock: Clock
  readonly #peer: Peer
  readonly #decoder: Resumable
  /** What it does at present; undefined: it waits for more. */
  #order: MigrationOrder | undefined
  #onOver: (end: MigrationEnd) => void = () => {}
  #answers = 0
  #orders = 0
  #isOpen = false
  #isClosed = false
  #greetingError: string | undefined
  #problem: string | undefined
  #cancelTimer = () => {}

  constructor(
    target: { readonly host: string; readonly port: number },
    { dialer, clock }: { readonly dialer: Dialer; readonly clock: Clock },
  ) {
    this.#clock = clock
    this.#decoder = new Resumable(
      (src) => respValues(src, ({ value }) => this.#answered(value), KEEP),
      () => this.#end('broken', failedAt('reading')),
    )
    this.#peer = dialer.dial(target, this)
  }

  get isBusy(): boolean {
    return this.#order !== undefined
  }

  /** @param onOver told when it is over, before the order is */
  begin(order: MigrationOrder, onOver: (end: MigrationEnd) => void): void {
    this.#order = order
    this.#onOver = onOver
    this.#orders++
    this.#answers = 0
    this.#greetingError = undefined
    this.#problem = undefined
    this.#wait(order)
    if (this.#isOpen) this.#say(order)
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTimer()
    this.#peer.destroy()
  }

  opened(): void {
    this.#isOpen = true
    const order = this.#order
    if (order === undefined) return
    this.#wait(order)
    this.#say(order)
  }

  push(chunk: Buffer): void {
    if (this.#order !== undefined) this.#wait(this.#order)
    this.#decoder.push(chunk)
  }

  drained(): void {
    if (this.#order !== undefined) this.#wait(this.#order)
  }

  closed(why = ''): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#orders > 1 && this.#answers === 0 && this.isBusy) this.#end('stale')
    else if (this.#isOpen) this.#end('broken', failedAt('reading'))
    // Redis learns of a refusal only when it writes.
    else this.#end('broken', /refused/i.test(why) ? failedAt('writing') : NOT_CONNECTED)
  }

  #say({ greetings, restores }: MigrationOrder): void {
    this.#peer.send([...greetings, ...restores].map(encodeCommand))
  }

  #answered(value: RespValue): void {
    const order = this.#order
    if (order === undefined) {
      this.#end('broken')
      return
    }
    const { greetings, restores, onTaken } = order
    const error = value.type === 'error' ? String(value.value) : undefined
    const index = this.#answers++ - greetings.length
    if (index < 0) this.#greetingError ??= error
    else {
      const problem = this.#greetingError ?? error
      if (problem === undefined) onTaken(index)
      else this.#problem ??= `ERR Target instance replied with error: ${problem}`
    }
    if (index === restores.length - 1) this.#end('good')
  }

  #wait({ timeoutMicros }: MigrationOrder): void {
    this.#cancelTimer()
    this.#cancelTimer = this.#clock.after(timeoutMicros, () => {
      this.#end('broken', this.#isOpen ? failedAt('reading') : NOT_CONNECTED)
    })
  }

  #end(end: MigrationEnd, problem?: string): void {
    const order = this.#order
    this.#order = undefined
    this.#cancelTimer()
    if (end !== 'good') this.close()
    this.#onOver(end)
    if (end !== 'stale') order?.onEnd(this.#problem ?? problem)
  }
}

const NOT_CONNECTED = 'IOERR error or timeout connecting to the client'

function failedAt(what: 'reading' | 'writing'): string {
  return `IOERR error or timeout ${what} to target instance`
}
