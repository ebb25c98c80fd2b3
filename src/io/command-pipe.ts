/**
 * CommandPipe: very many commands to one server, without waiting for each answer.
 *
 *   bytes ─► counted, named ─► socket ─► server
 *                 │                         │
 *                 └── in flight ◄─ replies ─┘      errors are counted, the first are kept
 *
 * Who sends waits when too much is unanswered or unsent, so nothing is held but what is in flight.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Resumable } from '../bytes/resumable.ts'
import { type Command, commands } from '../codec/resp/command.ts'
import { respValues } from '../codec/resp/decode.ts'
import type { RespValue } from '../codec/resp/values.ts'
import type { Address } from './address.ts'

/** Commands without an answer. */
const IN_FLIGHT_MAX = 10_000
const ERRORS_KEPT = 10

export type CommandError = { readonly name: string; readonly key: string; readonly text: string }

export class CommandPipe {
  sent = 0
  answered = 0
  errorCount = 0
  readonly errors: CommandError[] = []
  /** Why the connection is of no use any longer. */
  broken: string | undefined
  readonly #socket: Socket
  readonly #outgoing: Resumable
  readonly #incoming: Resumable
  #inFlight: { readonly name: string; readonly key: string }[] = []
  #first = 0
  /** Bytes of a long value may pass without being decoded; told the truth all the same. */
  #wake: () => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#outgoing = new Resumable(
      (src) =>
        commands(
          src,
          { command: (command) => this.#expect(command), blank: () => {}, leaves: () => false },
          { inline: false },
        ),
      ({ detail }) => this.#break(`what was to be sent is no command: ${detail}`),
    )
    this.#incoming = new Resumable(
      (src) => respValues(src, ({ value }) => this.#answer(value)),
      ({ detail }) => this.#break(`the server does not answer in RESP: ${detail}`),
    )
    socket.on('data', (chunk: Buffer) => {
      this.#incoming.push(chunk)
      this.#wake()
    })
    socket.on('error', (error) => this.#break(error.message))
    socket.on('close', () => this.#break('the server closed the connection'))
  }

  /** @throws the error of the socket */
  static async open(address: Address): Promise<CommandPipe> {
    const target =
      address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port }
    const socket = connect({ ...target, noDelay: true })
    await once(socket, 'connect')
    return new CommandPipe(socket)
  }

  /** Sends whole commands or parts of them, in order (borrowed until this resolves). */
  async send(bytes: Buffer): Promise<void> {
    if (bytes.length === 0 || this.broken !== undefined) return
    this.#outgoing.push(bytes)
    await new Promise<void>((resolve) => this.#socket.write(bytes, () => resolve()))
    while (this.broken === undefined && this.sent - this.answered > IN_FLIGHT_MAX) await this.#news()
  }

  /** Resolves when all is answered, or cannot be. */
  async drained(): Promise<void> {
    while (this.broken === undefined && this.answered < this.sent) await this.#news()
  }

  close(): void {
    this.broken ??= 'closed'
    this.#socket.destroy()
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #expect(command: Command): void {
    const key = command.arg(1)
    this.sent++
    this.#inFlight.push({ name: command.name, key: typeof key === 'string' ? key.slice(0, 64) : '' })
  }

  #answer(value: RespValue): void {
    if (value.type === 'push') return
    const command = this.#inFlight[this.#first++]
    if (this.#first > IN_FLIGHT_MAX) {
      this.#inFlight = this.#inFlight.slice(this.#first)
      this.#first = 0
    }
    this.answered++
    if (value.type === 'error') this.#note(command, value)
    // Commands of a transaction are answered by its EXEC.
    else if (command?.name === 'EXEC' && 'items' in value) {
      for (const item of value.items) if (item.type === 'error') this.#note(command, item)
    }
  }

  #note(
    command: { readonly name: string; readonly key: string } | undefined,
    error: RespValue & { type: 'error' },
  ): void {
    this.errorCount++
    if (this.errors.length >= ERRORS_KEPT) return
    const text = typeof error.value === 'string' ? error.value : error.value.preview
    this.errors.push({ name: command?.name ?? '?', key: command?.key ?? '', text })
  }

  #break(why: string): void {
    this.broken ??= why
    this.#wake()
  }
}
