/**
 * Decodes commands: what a client or replica asks, and what a master propagates.
 *
 *   *3\r\n $3\r\nSET\r\n $1\r\nk\r\n $1\r\nv\r\n        an array of bulk strings
 *   PING\r\n                                            an inline command (clients only)
 *   \r\n  \n  *0\r\n  *-1\r\n                           nothing (any count below one): skipped by a
 *   server, counted as bytes
 *
 * The hot path materialises nothing. A command that lies whole in the window is only framed: a CommandFrame
 * notes where its arguments are (44 ns a command where strings would cost 190). Who wants the arguments
 * asks the frame for them before the callback returns. A command too large to wait for is read argument by
 * argument.
 */
import type { ByteSource } from '../../bytes/byte-source.ts'
import { type ByteString, byteString, quoted } from '../../bytes/byte-string.ts'
import { InternTable } from '../../bytes/intern-table.ts'
import type { MaybeLong } from '../../bytes/long-bytes.ts'
import { Malformed, type Program } from '../../bytes/resumable.ts'
import { passAlike } from './alike.ts'
import { payload } from './decode.ts'
import { splitInline } from './inline.ts'
import { KEEP, type Keep, LIMITS } from './limits.ts'
import { crlf, lineEnd as endOfLine, lengthLine, missingCrlf } from './lines.ts'

/** One command. Borrowed: valid until the callback returns; keep() gives one that lasts. */
export interface Command {
  /** The command's name in upper case. */
  readonly name: string
  /** Number of arguments, the name included. */
  readonly argc: number
  /** Argument `index`, or undefined where there is none or it was beyond what is kept. */
  arg(index: number): MaybeLong | undefined
  /** All arguments that are kept; `argc` is larger where a very large command was cut. */
  argv(): readonly MaybeLong[]
  keep(): KeptCommand
}

/** Positions of a command in its stream: [start, end). */
export type CommandSpan = { readonly start: number; readonly end: number }

export type CommandSink = {
  /** A command; `start` and `end` are its positions in the stream. */
  command(command: Command, start: number, end: number): void
  /** Bytes that are no command and no error: bare newlines, `*0`, `*-1`. */
  blank(start: number, end: number): void
  /** Asked between commands: true makes the program return, with the next byte unread. */
  leaves(): boolean
  /** Asked after a command: true where of others that begin as it did only the number is wanted. */
  countsAlike?(): boolean
  /** So many of them; `start` and `end` are the positions of all together. */
  alike?(count: number, start: number, end: number): void
}

/**
 * What may not be framed in place is read argument by argument: it would have to be scanned again and
 * again.
 */
const FRAME_MAX = 64 * 1024
const ASTERISK = 0x2a
const DOLLAR = 0x24
const CR = 0x0d
const LF = 0x0a

/**
 * Commands one after another until the input ends or `sink.leaves()`.
 * @param inline whether inline commands are allowed (from a client they are, from a master they are not)
 * @throws Malformed RESP_BAD_LENGTH, RESP_TOO_MANY, RESP_INLINE_COMMAND, RESP_BAD_INLINE, RESP_LINE_TOO_LONG
 */
export function* commands(
  src: ByteSource,
  sink: CommandSink,
  { inline, keep = KEEP }: { inline: boolean; keep?: Keep },
): Program {
  const frame = new CommandFrame()
  for (;;) {
    if (sink.leaves()) return
    const start = src.position
    const first = src.peek()
    if (first === ASTERISK) {
      const found = scan(src, frame, keep)
      if (found === 'whole') {
        if (frame.argc > 0) {
          sink.command(frame, start, src.position)
          if (sink.countsAlike?.()) countAlike(src, frame, sink, keep)
        } else sink.blank(start, src.position)
      } else if (found === 'large') {
        const command = yield* largeCommand(src, keep)
        sink.command(command, start, src.position)
      } else yield
    } else if (first === undefined) {
      if (src.ended) return
      yield
    } else if (first === LF || (first === CR && !inline)) {
      if (blankLine(src)) sink.blank(start, src.position)
      else yield
    } else if (inline) {
      const words = inlineCommand(src)
      if (words === undefined) yield
      else if (words.length === 0) sink.blank(start, src.position)
      else sink.command(new KeptCommand(words, words.length), start, src.position)
    } else {
      throw new Malformed('RESP_INLINE_COMMAND', `expected "*" (a command), got ${quotedByte(first)}`)
    }
  }
}

/** A command framed where it lies in the window. One object is used for all of them. */
export class CommandFrame implements Command {
  argc = 0
  /** Window index of its first byte. */
  head = 0
  #bytes: Buffer = Buffer.alloc(0)
  /** start and end of each argument, as window indices */
  #spans = new Int32Array(64)
  #name: string | undefined
  readonly #names = new InternTable()

  get name(): string {
    this.#name ??= this.#names.upper(this.#bytes, this.#spans[0]!, this.#spans[1]!)
    return this.#name
  }

  arg(index: number): ByteString | undefined {
    if (index < 0 || index >= this.argc) return undefined
    return byteString(this.#bytes, this.#spans[2 * index]!, this.#spans[2 * index + 1]!)
  }

  argv(): ByteString[] {
    const list: ByteString[] = new Array(this.argc)
    for (let i = 0; i < this.argc; i++) list[i] = this.arg(i)!
    return list
  }

  keep(): KeptCommand {
    return new KeptCommand(this.argv(), this.argc, this.name)
  }

  /** Window index behind its name. */
  get nameEnd(): number {
    return this.#spans[1]!
  }

  /** Begins a new frame over `bytes`, at window index `head`. */
  begin(bytes: Buffer, head: number): void {
    this.#bytes = bytes
    this.head = head
    this.#name = undefined
    this.argc = 0
  }

  add(start: number, end: number): void {
    const at = 2 * this.argc++
    if (at + 2 > this.#spans.length) this.#grow()
    this.#spans[at] = start
    this.#spans[at + 1] = end
  }

  #grow(): void {
    const larger = new Int32Array(this.#spans.length * 2)
    larger.set(this.#spans)
    this.#spans = larger
  }
}

/** A command that owns its arguments. */
export class KeptCommand implements Command {
  readonly name: string
  readonly argc: number
  readonly #argv: readonly MaybeLong[]

  constructor(argv: readonly MaybeLong[], argc = argv.length, name?: string) {
    const first = argv[0]
    this.#argv = argv
    this.argc = argc
    this.name = name ?? (typeof first === 'string' ? upper(first) : upper(first?.preview ?? ''))
  }

  arg(index: number): MaybeLong | undefined {
    return this.#argv[index]
  }

  argv(): readonly MaybeLong[] {
    return this.#argv
  }

  keep(): KeptCommand {
    return this
  }
}

/**
 * Frames the command at the window's index if it is whole: consumes it and fills `frame`. Otherwise nothing
 * is consumed: 'declined' (wait for `src.need`) or 'large' (too long to wait for in one piece, or to keep
 * whole: what is kept must depend on the command, not on how much of it the window happened to hold).
 */
function scan(src: ByteSource, frame: CommandFrame, keep: Keep): 'whole' | 'declined' | 'large' {
  const { bytes, index, limit } = src
  let at = index + 1
  const argc = number(bytes, at, limit)
  if (argc === UNFINISHED) return declined(src, limit + 1 - index)
  at = lineEnd
  if (argc > LIMITS.count) throw new Malformed('RESP_TOO_MANY', `a command of ${argc} arguments`)
  if (argc === BAD) throw badNumber(src, index + 1)
  if (argc > keep.elements) return 'large'
  frame.begin(bytes, index)
  for (let left = argc; left > 0; left--) {
    if (at >= limit) return declined(src, at + 1 - index)
    if (bytes[at] !== DOLLAR) throw notABulk(src, at)
    const length = number(bytes, at + 1, limit)
    if (length === UNFINISHED) return declined(src, limit + 1 - index)
    if (length < 0) throw badNumber(src, at + 1)
    if (length > keep.valueBytes) return 'large'
    const start = lineEnd
    const end = start + length
    if (end + 2 > limit) return declined(src, end + 2 - index)
    if (bytes[end] !== CR || bytes[end + 1] !== LF) throw missingCrlf(src.positionOf(end))
    frame.add(start, end)
    at = end + 2
  }
  if (at - index > keep.totalBytes) return 'large'
  src.index = at
  return 'whole'
}

function countAlike(
  src: ByteSource,
  { head, nameEnd, argc }: CommandFrame,
  sink: CommandSink,
  keep: Keep,
): void {
  const start = src.position
  const count = passAlike(src, head, nameEnd + 2, argc - 1, keep)
  if (count > 0) sink.alike?.(count, start, src.position)
}

function declined(src: ByteSource, need: number): 'declined' | 'large' {
  if (need > FRAME_MAX) return 'large'
  src.wants(need)
  return 'declined'
}

/** number() found no line end in the window. */
const UNFINISHED = Number.NEGATIVE_INFINITY
/** number() found something else than a number. */
const BAD = -(2 ** 53)
/**
 * Second result of number(): the index behind its CR LF. A variable, because a pair would be an allocation.
 */
let lineEnd = 0

/** The decimal number from `at` to the CR LF; sets `lineEnd`. */
function number(bytes: Buffer, at: number, limit: number): number {
  let value = 0
  const negative = bytes[at] === 0x2d && at < limit
  const first = negative ? at + 1 : at
  for (let i = first; i < limit; i++) {
    const digit = bytes[i]! - 0x30
    if (digit >= 0 && digit <= 9 && i - first < LIMITS.lengthDigits) value = value * 10 + digit
    else if (bytes[i] === CR && i > first) {
      if (i + 1 >= limit) return UNFINISHED
      if (bytes[i + 1] !== LF) return BAD
      lineEnd = i + 2
      return negative ? -value : value
    } else return BAD
  }
  return UNFINISHED
}

/** A command too large for the window, argument by argument; what exceeds `keep` is described or counted. */
function* largeCommand(src: ByteSource, keep: Keep): Generator<void, KeptCommand, void> {
  let argc: number | undefined
  while ((argc = lengthLine(src)) === undefined) yield
  const argv: MaybeLong[] = []
  let room = keep.totalBytes
  for (let i = 0; i < argc; i++) {
    let type: number | undefined
    let length: number | undefined
    while ((type = src.peek()) === undefined) yield
    if (type !== DOLLAR) throw notABulk(src, src.index)
    const at = src.index
    while ((length = lengthLine(src)) === undefined) yield
    if (!(length >= 0) || length > LIMITS.bulkBytes) throw badNumber(src, at + 1)
    const value = yield* payload(src, length, keep, room)
    while (!crlf(src)) yield
    if (argv.length >= keep.elements || (room === 0 && i > 0)) continue
    argv.push(value)
    room = Math.max(0, room - (typeof value === 'string' ? value.length : value.preview.length))
  }
  return new KeptCommand(argv, argc)
}

/** Consumes `\n` or `\r\n`; declines while only the `\r` is here. */
function blankLine(src: ByteSource): boolean {
  if (src.bytes[src.index] === LF) {
    src.index++
    return true
  }
  if (src.available < 2) {
    src.wants(2)
    return false
  }
  if (src.bytes[src.index + 1] !== LF) {
    throw new Malformed('RESP_BAD_LINE_END', 'CR without LF', src.position + 1)
  }
  src.index += 2
  return true
}

/** The words of an inline command. Unlike every other line, a bare LF may end it. */
function inlineCommand(src: ByteSource): readonly ByteString[] | undefined {
  const end = endOfLine(src)
  if (end === undefined) return undefined
  const text = byteString(src.bytes, src.index, end)
  const words = splitInline(text.endsWith('\r') ? text.slice(0, -1) : text)
  if (words === undefined) throw new Malformed('RESP_BAD_INLINE', 'unbalanced quotes in an inline command')
  src.index = end + 1
  return words
}

function notABulk(src: ByteSource, index: number): Malformed {
  const position = src.positionOf(index)
  return new Malformed(
    'RESP_BAD_LENGTH',
    `expected "$" (an argument), got ${quotedByte(src.bytes[index]!)}`,
    position,
  )
}

function badNumber(src: ByteSource, index: number): Malformed {
  return new Malformed('RESP_BAD_LENGTH', 'not a length', src.positionOf(index))
}

function quotedByte(byte: number): string {
  return quoted(String.fromCharCode(byte))
}

function upper(name: string): string {
  return name.replace(/[a-z]+/g, (letters) => letters.toUpperCase())
}
