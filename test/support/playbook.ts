/**
 * Conversations written as conversations.
 *
 *   > PSYNC ? -1                        the replica says a command
 *   < +FULLRESYNC {id} 100              the master says a line
 *   = resync full {id} 100, asked ? -1  … and this is what is understood
 *
 *   >> PING\r\n      <<  \n$5\r\nhello  bytes as they are, with escapes, from replica and master
 *   <* SET k v                          a command from the master
 *   @ 250                               so many milliseconds go by
 *   x replica fin                       the replica's side ends the connection
 *   ?  streaming                        the state is this
 *
 * play() runs a script, and compares what was understood after each line with the `=` lines below it.
 * Then it runs the
 * same bytes again under every split of each side's turns, and truncated anywhere: the events must be the
 * same, or a
 * beginning of them. Chunks lie in memory that is overwritten as soon as push returns.
 */
import { expect } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import { quoted, readable } from '../../src/bytes/byte-string.ts'
import { beginningOf, lengthOf, type MaybeLong } from '../../src/bytes/long-bytes.ts'
import type { Command } from '../../src/codec/resp/command.ts'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import { splitInline } from '../../src/codec/resp/inline.ts'
import type { RespValue } from '../../src/codec/resp/values.ts'
import { Conversation, type ConversationOptions } from '../../src/replication/conversation.ts'
import type { HowClosed, ReplEvent, Side } from '../../src/replication/events.ts'
import { randomChunks } from './every-split.ts'
import { kept } from './transcripts.ts'

/** What stands for {id}, {id2} and {mark} in a script. */
export const NAMES: Readonly<Record<string, string>> = {
  id: 'a3401045640fafea747d9e935807a0621ae9e0d5',
  id2: 'b77e11c0de0b77e11c0de0b77e11c0de0b77e11c',
  mark: '5ffd036ab1d2e3f4a5b6c7d8e9f00112233445d1',
}

const CUTS_MAX = 1500
const RANDOM_RUNS = 12

type Step =
  | { readonly kind: 'send'; readonly side: Side; readonly bytes: Buffer }
  | { readonly kind: 'wait'; readonly micros: number }
  | { readonly kind: 'end'; readonly side: Side; readonly how: HowClosed }
  | { readonly kind: 'state' }

type Line = { readonly text: string; readonly step: Step }
/** What may be fed: a step, or a part of one. */
type Feed = Exclude<Step, { kind: 'state' }>

export type PlayOptions = Omit<ConversationOptions, 'emit'>

/** Plays a script under every split. @returns all events of the whole run */
export function play(script: string, options: PlayOptions = {}): ReplEvent[] {
  const { lines, expected } = parse(script)
  const { told, events } = understood(lines, options)
  expect(told.join('\n')).toBe(expected.join('\n'))
  checkPositions(events)
  const steps = lines.flatMap(({ step }) => (step.kind === 'state' ? [] : [step]))
  playEverySplit(steps, options)
  return events
}

/** The script as it should be written: each line with what is understood after it. */
function understood(lines: readonly Line[], options: PlayOptions): { told: string[]; events: ReplEvent[] } {
  const events: ReplEvent[] = []
  const player = new Player((event) => events.push(event), options)
  const told = lines.flatMap(({ text, step }) => {
    if (step.kind === 'state') return [`? ${player.state}`]
    const before = events.length
    player.feed(step)
    return [text, ...rendered(events.slice(before)).map((line) => `= ${line}`)]
  })
  return { told, events }
}

/** The same conversation, cut in every way: the same events; truncated anywhere: a beginning of them. */
export function playEverySplit(steps: readonly Feed[], options: PlayOptions = {}): void {
  const whole = run(steps, options)
  const turns = glued(steps)
  expect(run(turns, options), 'each turn in one piece').toEqual(whole)
  turns.forEach((turn, index) => {
    if (turn.kind !== 'send') return
    const stride = Math.max(1, Math.ceil(turn.bytes.length / CUTS_MAX))
    for (let cut = 1; cut < turn.bytes.length; cut += stride) {
      const [first, second] = [turn.bytes.subarray(0, cut), turn.bytes.subarray(cut)]
      const parts = [first, second].map((bytes): Feed => ({ ...turn, bytes }))
      const told = run([...turns.slice(0, index), ...parts, ...turns.slice(index + 1)], options)
      expect(told, `turn ${index + 1} cut at ${cut}`).toEqual(whole)
      const beginning = run([...turns.slice(0, index), parts[0]!], options)
      expect(beginning, `turn ${index + 1} truncated to ${cut}`).toEqual(whole.slice(0, beginning.length))
    }
  })
  const everyByte = (bytes: Buffer) => Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))
  expect(run(recut(turns, everyByte), options), 'byte by byte').toEqual(whole)
  for (let seed = 1; seed <= RANDOM_RUNS; seed++) {
    const chunks = recut(turns, (bytes, index) => randomChunks(bytes, 1000 * seed + index))
    expect(run(chunks, options), `random chunks, seed ${seed}`).toEqual(whole)
  }
}

/** Positions of a side go up only and do not overlap; offsets span as many bytes as positions. */
export function checkPositions(events: readonly ReplEvent[]): void {
  const reached: Record<Side, number> = { master: 0, replica: 0 }
  for (const event of events) {
    expect(event.to, `${event.kind} ends before it begins`).toBeGreaterThanOrEqual(event.from)
    if (event.kind === 'command' || event.kind === 'ping' || event.kind === 'getack') {
      if (event.start !== undefined) expect(event.end! - event.start).toBe(event.to - event.from)
    }
    if (isInside(event)) continue
    const before = `${event.kind} begins before the one before it ended`
    expect(event.from, before).toBeGreaterThanOrEqual(reached[event.side])
    reached[event.side] = event.to
  }
}

/** Bytes that a script's `<*` or `>` line sends: a command as an array of bulk strings. */
export function commandBytes(text: string): Buffer {
  const argv = splitInline(named(text))
  if (argv === undefined) throw new Error(`unbalanced quotes: ${text}`)
  return encodeCommand(argv)
}

/** Each event as one line of a script, without the slices of snapshots. */
export function rendered(events: readonly ReplEvent[]): string[] {
  return events.filter((event) => event.kind !== 'snapshot-slice').map((event) => unnamed(render(event)))
}

class Player {
  readonly #conversation: Conversation
  #now = 1_700_000_000_000_000

  constructor(emit: (event: ReplEvent) => void, options: PlayOptions) {
    this.#conversation = new Conversation({
      snapshot: 'frame',
      ...options,
      emit: (event) => emit(kept(event)),
    })
  }

  get state(): string {
    return this.#conversation.state
  }

  feed(step: Feed): void {
    if (step.kind === 'wait') this.#now += step.micros
    else if (step.kind === 'end') this.#conversation.end(step.side, step.how, this.#now)
    else {
      const borrowed = Buffer.from(step.bytes)
      this.#conversation.push(step.side, borrowed, this.#now)
      borrowed.fill(0xdb)
    }
  }
}

function run(steps: readonly Feed[], options: PlayOptions): string[] {
  const events: ReplEvent[] = []
  const player = new Player((event) => events.push(event), options)
  for (const step of steps) player.feed(step)
  return rendered(events)
}

/** What one side sends without the other speaking or time passing is one turn: it may come as one chunk. */
function glued(steps: readonly Feed[]): Feed[] {
  const turns: Feed[] = []
  for (const step of steps) {
    const last = turns.at(-1)
    if (step.kind === 'send' && last?.kind === 'send' && last.side === step.side) {
      turns[turns.length - 1] = { ...last, bytes: Buffer.concat([last.bytes, step.bytes]) }
    } else turns.push(step)
  }
  return turns
}

function recut(turns: readonly Feed[], cut: (bytes: Buffer, index: number) => Buffer[]): Feed[] {
  return turns.flatMap((turn, index): Feed[] =>
    turn.kind === 'send' ? cut(turn.bytes, index).map((bytes) => ({ ...turn, bytes })) : [turn],
  )
}

// --- scripts --------------------------------------------------------------------------------------------

function parse(script: string): { lines: Line[]; expected: string[] } {
  const expected = script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const lines = expected.filter((line) => !line.startsWith('=')).map((text) => ({ text, step: stepOf(text) }))
  return { lines, expected }
}

function stepOf(line: string): Step {
  const [, sign, text] = /^(>>|>|<<|<\*|<|@|x|\?) *(.*)$/.exec(line) ?? []
  switch (sign) {
    case '>':
      return { kind: 'send', side: 'replica', bytes: commandBytes(text!) }
    case '<*':
      return { kind: 'send', side: 'master', bytes: commandBytes(text!) }
    case '>>':
      return { kind: 'send', side: 'replica', bytes: raw(text!) }
    case '<<':
      return { kind: 'send', side: 'master', bytes: raw(text!) }
    case '<':
      return { kind: 'send', side: 'master', bytes: raw(`${text}\\r\\n`) }
    case '@':
      return { kind: 'wait', micros: Number(text) * 1000 }
    case '?':
      return { kind: 'state' }
    case 'x': {
      const [side, how] = text!.split(' ') as [Side, HowClosed]
      return { kind: 'end', side, how }
    }
    default:
      throw new Error(`not a line of a conversation: ${line}`)
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\' }

/** Bytes with escapes: `\r`, `\n`, `\t`, `\\`, `\x00`; `\{1000 a}` is a thousand times `a`. */
function raw(text: string): Buffer {
  const bytes = named(text)
    .replace(/\\\{(\d+) (.)\}/g, (_, times, char) => char.repeat(Number(times)))
    .replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex, char) =>
      hex === undefined ? ESCAPES[char]! : String.fromCharCode(Number.parseInt(hex, 16)),
    )
  return Buffer.from(bytes, 'latin1')
}

function named(text: string): string {
  return text.replace(/\{(id2?|mark)\}/g, (_, name) => NAMES[name]!)
}

function unnamed(text: string): string {
  let short = text
  for (const [name, value] of Object.entries(NAMES)) short = short.replaceAll(value, `{${name}}`)
  return short
}

// --- events ---------------------------------------------------------------------------------------------

/** Events that speak of bytes which another event spans too. */
function isInside(event: ReplEvent): boolean {
  return (
    event.kind === 'fault' ||
    event.kind === 'anchor' ||
    event.kind === 'live' ||
    event.kind === 'snapshot-aux' ||
    event.kind === 'snapshot-key' ||
    event.kind === 'snapshot-end'
  )
}

function render(event: ReplEvent): string {
  switch (event.kind) {
    case 'request':
      return `request ${argvText(event.command)}  -> ${event.state}`
    case 'reply':
      return `${event.error ? 'error' : 'reply'} ${valueText(event.value)} to ${event.answers ?? 'nothing'}`
    case 'resync': {
      const asked = event.asked === undefined ? 'nothing' : `${event.asked.replid} ${event.asked.offset}`
      return `resync ${event.mode} ${event.replid} ${event.offset}, asked ${asked}`
    }
    case 'snapshot-begin':
      return `snapshot-begin ${event.framing} ${event.framing === 'length' ? event.bytes : event.mark}`
    case 'snapshot-end':
      return `snapshot-end ${event.bytes} bytes, ${event.duration / 1000} ms`
    case 'snapshot-key':
      return `snapshot-key db${event.db} ${event.type} ${readable(String(event.key))}`
    case 'command':
      return `command ${placeText(event)} db${event.db ?? '?'}${event.tx === undefined ? '' : ` tx${event.tx}`} ${argvText(event.command)}`
    case 'live':
      return `live at ${event.offset}, ${event.buffered} B buffered, ${event.duration / 1000} ms`
    case 'anchor': {
      const correction = event.correction === 0 ? '' : `, corrected by ${event.correction}`
      return `anchor ${event.offset} by ${event.by}, ${event.held} held${correction}`
    }
    case 'ping':
    case 'getack':
      return `${event.kind} ${placeText(event)}`
    case 'ack': {
      const fsynced = event.fsynced === undefined ? '' : ` fsynced ${event.fsynced}`
      const lag = event.lag === undefined ? '?' : event.lag / 1000
      return `ack ${event.offset}${fsynced}, lag ${event.lagBytes ?? '?'} B ${lag} ms`
    }
    case 'heartbeat':
      return `heartbeat of ${event.side} ${event.from}..${event.to}`
    case 'fault':
      return `${event.fatal ? 'fatal ' : ''}fault ${event.code} at ${event.side} ${event.position}: ${event.detail}`
    case 'closed': {
      const { master, replica } = event.bytes
      return `closed by ${event.side} (${event.how}) during ${event.during}, ${replica} up ${master} down`
    }
    default:
      return event.kind
  }
}

function placeText(event: { readonly start: number | undefined; readonly end: number | undefined }): string {
  return event.start === undefined ? '@?' : `@${event.start}..${event.end}`
}

function argvText(command: Command): string {
  const argv = command.argv().map(bytesText)
  const more = command.argc - argv.length
  return more > 0 ? `${argv.join(' ')} +${more}` : argv.join(' ')
}

function bytesText(value: MaybeLong): string {
  if (typeof value === 'string') return readable(value)
  return `${quoted(beginningOf(value).slice(0, 8))}…${lengthOf(value)}`
}

function valueText(value: RespValue): string {
  if ('items' in value) return `${value.type} ${value.length} [${value.items.map(valueText).join(' ')}]`
  if (value.type === 'null') return 'null'
  if (value.type === 'simple') return `+${value.value}`
  if (value.type === 'error') return `-${String(value.value)}`
  if (value.type === 'bulk' || value.type === 'verbatim') return bytesText(value.value as ByteString)
  return `${value.type} ${String(value.value)}`
}
