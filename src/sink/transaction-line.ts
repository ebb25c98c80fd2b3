/**
 * TransactionLine: MULTI … EXEC as one line.
 *
 *   db0 MULTI · INCR visits · RPUSH recent page:1 · … · EXEC  (40 commands)
 *
 * Long transactions are cut and their commands counted. One that never sees its EXEC is told as far as it
 * came.
 */
import type { StreamCommand } from '../replication/events.ts'
import { commandText } from './describe.ts'
import { counted } from './units.ts'

/** Commands of one transaction shown on its line. */
const PARTS_MAX = 12
const CHARS_MAX = 400

export class TransactionLine {
  readonly first: StreamCommand
  /** Offset behind the last command it took. */
  end: number | undefined
  readonly #parts = ['MULTI']
  #chars = 0
  #commands = 0
  #isCut = false

  /** @param multi its MULTI */
  constructor(multi: StreamCommand) {
    this.first = multi
    this.end = multi.end
  }

  add(event: StreamCommand): void {
    this.end = event.end
    const isExec = event.command.name === 'EXEC'
    if (!isExec) this.#commands++
    if (!isExec && (this.#isCut || this.#parts.length > PARTS_MAX || this.#chars > CHARS_MAX)) {
      if (!this.#isCut) this.#parts.push('…')
      this.#isCut = true
      return
    }
    const text = commandText(event.command)
    this.#parts.push(text)
    this.#chars += text.length
  }

  get text(): string {
    const db = this.first.db === undefined ? '' : `db${this.first.db} `
    const cut = this.#isCut ? `  (${counted(this.#commands, 'command')})` : ''
    return `${db}${this.#parts.join(' · ')}${cut}`
  }
}
