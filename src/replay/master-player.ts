/**
 * MasterPlayer: one connection of a live replica to a recorded master. Requests in, actions out.
 *
 *   PING · AUTH · REPLCONF …   ─► +PONG, +OK      answered by what they mean: the live replica may be
 *   PSYNC id offset            ─► the score         of another version and say them in another order
 *   REPLCONF ACK offset        ─► told
 */
import { Resumable } from '../bytes/resumable.ts'
import { type Command, type CommandSink, commands } from '../codec/resp/command.ts'
import { askedBy } from '../replication/master-side.ts'
import type { Rendition } from './rendition.ts'
import type { Score } from './score.ts'

export type MasterActions = {
  send(text: string): void
  /** From here on the recorded bytes are sent. */
  perform(rendition: Rendition): void
  acknowledged(offset: number): void
  /** Nothing more that makes sense can be said. */
  close(): void
}

export class MasterPlayer implements CommandSink {
  readonly #score: Score
  readonly #act: MasterActions
  readonly #decoder: Resumable
  #readsMarks = false
  #isPerforming = false

  constructor(score: Score, act: MasterActions) {
    this.#score = score
    this.#act = act
    this.#decoder = new Resumable(
      (src) => commands(src, this, { inline: true }),
      () => act.close(),
    )
  }

  /** Bytes of the live replica; borrowed. */
  push(chunk: Buffer): void {
    this.#decoder.push(chunk)
  }

  leaves(): boolean {
    return false
  }

  blank(): void {}

  command(command: Command): void {
    if (command.name === 'REPLCONF') this.#replconf(command)
    else if (this.#isPerforming) return
    else if (command.name === 'PSYNC' || command.name === 'SYNC') this.#sync(command)
    else if (command.name === 'PING') this.#act.send('+PONG\r\n')
    // Whoever knows the address may have what was recorded, as they may read the file.
    else if (command.name === 'AUTH' || command.name === 'SELECT') this.#act.send('+OK\r\n')
    else this.#act.send('-ERR this is a recording played by syncscope: it answers replicas only\r\n')
  }

  #replconf(command: Command): void {
    for (let i = 1; i < command.argc; i += 2) {
      const option = text(command, i).toLowerCase()
      if (option === 'ack') {
        const offset = Number(text(command, i + 1))
        if (Number.isSafeInteger(offset)) this.#act.acknowledged(offset)
        return
      }
      if (option === 'capa' && text(command, i + 1).toLowerCase() === 'eof') this.#readsMarks = true
    }
    if (!this.#isPerforming) this.#act.send('+OK\r\n')
  }

  #sync(command: Command): void {
    const asked = command.name === 'SYNC' ? undefined : askedBy(command.arg(1), command.arg(2))
    if (command.name === 'PSYNC' && asked === undefined) {
      this.#act.send('-ERR value is not an integer or out of range\r\n')
      return
    }
    const { line, rendition } = this.#score.answer(asked, { byLength: !this.#readsMarks })
    this.#isPerforming = true
    if (line !== '') this.#act.send(line)
    this.#act.perform(rendition)
  }
}

function text(command: Command, index: number): string {
  const arg = command.arg(index)
  return typeof arg === 'string' ? arg : ''
}
