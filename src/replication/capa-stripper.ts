/**
 * CapaStripper: takes capabilities out of what a replica says, so that both sides fall back.
 *
 *   REPLCONF capa eof capa psync2 capa rdb-channel-repl   ─►   REPLCONF capa eof capa psync2
 *   REPLCONF capa eof                                     ─►   REPLCONF
 *   everything else, and everything from PSYNC or SYNC on ─►   the same bytes
 *
 * A request without its pairs is sent all the same: each one gets its one reply, and a bare REPLCONF gets
 * +OK from every server. Held back is no more than one unfinished command of at most 4 KiB; a longer one, or
 * one that is not understood, ends the stripping: no replica speaks so.
 *
 * `dual-channel` goes with `eof`: a Valkey replica that gets its second snapshot by length drops it and tries
 * again for ever (seen with 8.1.1 and 9.1.2). Redis 8 takes a snapshot of either framing there.
 *
 * Source: redis `src/replication.c`: replconfCommand (pairs, in any case), syncWithMaster (who says what).
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { Resumable } from '../bytes/resumable.ts'
import { type Command, type CommandSink, commands } from '../codec/resp/command.ts'
import { encodeCommand } from '../codec/resp/encode.ts'

/** Capabilities without which both sides know how to go on. */
export const STRIPPABLE: readonly string[] = ['eof', 'psync2', 'rdb-channel-repl', 'dual-channel']

/** A request that was changed on its way. */
export type Strip = {
  /** Its positions in what the replica said. */
  readonly from: number
  readonly to: number
  /** What was taken out, in lower case. */
  readonly capabilities: readonly string[]
  /** What the master gets instead. */
  readonly sent: readonly ByteString[]
}

/** A handshake's longest word is a password; this is far above all of them. */
const HELD_MAX = 4096

const NOTHING = Buffer.alloc(0)

export class CapaStripper implements CommandSink {
  readonly #names: Set<string>
  readonly #onStrip: (strip: Strip) => void
  readonly #decoder: Resumable
  /** The replica has asked for its sync, or is none: nothing is looked at any longer. */
  #isOver = false
  /** What came and was not given out yet, from position #base on. */
  #held: Buffer = NOTHING
  #base = 0
  /** Position behind the last whole command. */
  #settled = 0
  /** Position up to which bytes are in #parts. */
  #given = 0
  #parts: Buffer[] = []

  /** @param names of STRIPPABLE @param onStrip hears of each change, in the push that gives it out */
  constructor(names: Iterable<string>, onStrip: (strip: Strip) => void) {
    this.#names = new Set(names)
    if (this.#names.has('eof')) this.#names.add('dual-channel')
    this.#onStrip = onStrip
    this.#decoder = new Resumable(
      (src) => commands(src, this, { inline: true }),
      () => (this.#isOver = true),
    )
  }

  /** Takes what the replica said. @returns what the master shall get; borrowed as `chunk` is */
  push(chunk: Buffer): Buffer {
    if (this.#isOver) return chunk
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    this.#decoder.push(chunk)
    const behind = this.#base + this.#held.length
    if (behind - this.#settled > HELD_MAX) this.#isOver = true
    return this.#give(this.#isOver ? behind : this.#settled)
  }

  /** The replica says no more. @returns what was held back */
  end(): Buffer {
    this.#isOver = true
    return this.#give(this.#base + this.#held.length)
  }

  #give(until: number): Buffer {
    this.#passUntil(until)
    const parts = this.#parts
    this.#parts = []
    this.#held = Buffer.from(this.#held.subarray(until - this.#base))
    this.#base = until
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }

  #passUntil(position: number): void {
    if (position <= this.#given) return
    this.#parts.push(this.#held.subarray(this.#given - this.#base, position - this.#base))
    this.#given = position
  }

  leaves(): boolean {
    return this.#isOver
  }

  blank(_from: number, to: number): void {
    this.#settled = to
  }

  command(command: Command, from: number, to: number): void {
    const { name } = command
    this.#settled = to
    if (name === 'PSYNC' || name === 'SYNC' || to - from > HELD_MAX) this.#isOver = true
    else if (name === 'REPLCONF') this.#replconf(command.argv() as readonly ByteString[], from, to)
  }

  #replconf(argv: readonly ByteString[], from: number, to: number): void {
    const capabilities: string[] = []
    const sent = argv.slice(0, 1)
    // A pair without its value is refused as a whole by the master, and passes as it is.
    if (argv.length % 2 === 0) return
    for (let i = 1; i < argv.length; i += 2) {
      const value = argv[i + 1]!.toLowerCase()
      if (argv[i]!.toLowerCase() === 'capa' && this.#names.has(value)) capabilities.push(value)
      else sent.push(argv[i]!, argv[i + 1]!)
    }
    if (capabilities.length === 0) return
    this.#passUntil(from)
    this.#parts.push(encodeCommand(sent))
    this.#given = to
    this.#onStrip({ from, to, capabilities, sent })
  }
}
