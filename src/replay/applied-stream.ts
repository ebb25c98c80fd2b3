/**
 * AppliedStream: the recorded command stream as an ordinary client may send it.
 *
 *   *2 SELECT 0 │ *3 SET … │ *1 PING │ *3 REPLCONF GETACK * │ *1 MULTI …
 *   passed on   │ passed on│ left out│ left out             │ passed on; DISCARD if its EXEC never comes
 *
 * Bytes pass as they are. Only the tail that may still become one of the commands that are left out is held.
 */
import { Resumable } from '../bytes/resumable.ts'
import { type Command, type CommandSink, commands } from '../codec/resp/command.ts'

/** What a master says to a replica only. */
const LEFT_OUT: ReadonlySet<string> = new Set(['PING', 'REPLCONF'])
/** Longer beginnings are none of those. */
const HELD_MAX = 256

const DISCARD = Buffer.from('*1\r\n$7\r\nDISCARD\r\n')
const NOTHING = Buffer.alloc(0)

export class AppliedStream implements CommandSink {
  commands = 0
  /** Why it is understood no longer. */
  fault: string | undefined
  readonly #decoder: Resumable
  #held = NOTHING
  /** Positions: of #held; behind the last whole command. */
  #position = 0
  #settled = 0
  #skipped: { readonly from: number; readonly to: number }[] = []
  #isInTransaction = false

  constructor() {
    this.#decoder = new Resumable(
      (src) => commands(src, this, { inline: false }),
      ({ detail }) => {
        this.fault = detail
      },
    )
  }

  leaves(): boolean {
    return false
  }

  blank(from: number, to: number): void {
    this.#skipped.push({ from, to })
    this.#settled = to
  }

  command({ name, argc }: Command, from: number, to: number): void {
    this.#settled = to
    if (LEFT_OUT.has(name) && (name !== 'PING' || argc === 1)) {
      this.#skipped.push({ from, to })
      return
    }
    this.commands++
    if (name === 'MULTI') this.#isInTransaction = true
    else if (name === 'EXEC') this.#isInTransaction = false
  }

  /** @param chunk borrowed @returns what may be sent of it */
  push(chunk: Buffer): Buffer {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    const start = this.#position
    this.#decoder.push(chunk)
    const behind = start + bytes.length
    const isShort = this.fault !== undefined || behind - this.#settled <= HELD_MAX
    const until = isShort ? Math.max(start, this.#settled) : behind
    const parts: Buffer[] = []
    let at = start
    for (const { from, to } of this.#skipped) {
      parts.push(bytes.subarray(at - start, from - start))
      at = to
    }
    parts.push(bytes.subarray(at - start, until - start))
    this.#skipped = []
    this.#position = until
    this.#held = Buffer.from(bytes.subarray(until - start))
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }

  /** No more will come. @returns what undoes a transaction that was not finished */
  end(): Buffer {
    this.#held = NOTHING
    return this.#isInTransaction ? DISCARD : NOTHING
  }

  /** The recording ends within a transaction, which is not applied. */
  get isInTransaction(): boolean {
    return this.#isInTransaction
  }
}
