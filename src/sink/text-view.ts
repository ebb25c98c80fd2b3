/**
 * The live view: what a person reads while a session passes.
 *
 *   #1  12:03:04.971  replica 127.0.0.1:58966 connects
 *   #1       +0.1 ms  → PING
 *   #1        +4.3 s  ← FULLRESYNC 4955d147…7fb3 0               master waited 4.3 s before …
 *   #1        +7.4 s  ← @24..71    db0 SET foo bar
 *
 * One line a message: link, time since the link was first seen, who speaks, for the stream the bytes of history
 * it occupies, the message, and in a quiet voice what it means. What says nothing new is folded: keep-alives, ACKs that
 * only answer PINGs, the handshake of a replica that comes back. A transaction is one line.
 */
import type {
  Closed,
  Micros,
  Opened,
  ReplEvent,
  Reply,
  Resync,
  SnapshotEnd,
  StreamCommand,
} from '../replication/events.ts'
import { ARROW, type bytesText, commandText, describe } from './describe.ts'
import type { Filter } from './filter.ts'
import { type Group, Roles, type Selection } from './kinds.ts'
import type { Palette } from './palette.ts'
import type { Sink } from './sink.ts'
import type { Totals } from './totals.ts'
import { bytes, clockTime, count, counted, duration, rate } from './units.ts'

/** Commands of one transaction shown on its line; the others are counted. */
const TRANSACTION_PARTS = 12
const TRANSACTION_CHARS = 400
/** Different refusals that are told apart. */
const ANSWERS_MAX = 8
/** Explanations begin in this column where the message is shorter. */
const NOTE_COLUMN = 64

export type TextViewOptions = {
  readonly write: (line: string) => void
  readonly selection: Selection
  readonly filter: Filter
  readonly palette: Palette
  /** The same session's totals; they must see each event before this view does. */
  readonly totals: Totals
}

/** What the view remembers of a connection while it is open. */
type Shown = {
  link: number
  /** A replica that came back: its handshake is not told again. */
  isReturning: boolean
  transaction: Transaction | undefined
  idle: { acks: number; pings: number; offset: number | undefined; lag: Micros | undefined; at: Micros }
  /** Something was written since the last ACK that was shown. */
  hasNews: boolean
}

/**
 * How a replica's last attempts failed. It tries every second for ever, and after a refused SYNC hundreds of times a
 * second: each answer is told once, and then how often it came.
 */
type Failures = { readonly answers: Map<string, number>; lastAsked: ReplEvent | undefined }

type Transaction = { first: StreamCommand; parts: string[]; chars: number; commands: number }

export class TextView implements Sink {
  readonly #options: TextViewOptions
  readonly #roles = new Roles()
  readonly #conns = new Map<number, Shown>()
  readonly #since = new Map<number, Micros>()
  readonly #failures = new Map<number, Failures>()

  constructor(options: TextViewOptions) {
    this.#options = options
  }

  event(event: ReplEvent): void {
    const group = this.#roles.groupOf(event)
    const shown = this.#shownOf(event)
    if (this.#isFolded(event, group, shown)) return
    if (!this.#passes(event, group)) return
    if (event.kind === 'command') {
      this.#flushIdle(shown, event)
      this.#command(event, shown)
      return
    }
    if (event.kind === 'snapshot-slice') return
    if (event.kind === 'resync') this.#recovers(event, shown)
    if (shown.isReturning && this.#failsAgain(event)) return
    this.#flushIdle(shown, event)
    this.#line(event, this.#direction(event), this.#text(event, shown), this.#note(event, shown))
    if (event.kind === 'snapshot-end') this.#inSync(event)
    if (event.kind === 'closed') this.#conns.delete(event.conn)
  }

  end(): void {}

  #passes(event: ReplEvent, group: Group): boolean {
    const { selection, filter } = this.#options
    // An ordinary client's talk is only told to those who ask for it.
    if (group === 'clients' && !selection.names(group, event.kind)) return false
    if (event.kind === 'snapshot-aux' && !selection.names(group, event.kind)) return false
    if (group === 'heartbeats' && !selection.names(group, event.kind)) return false
    return selection.shows(group, event.kind) && filter(event)
  }

  /** Whether an event says nothing new; counts it for the line that will say so. */
  #isFolded(event: ReplEvent, group: Group, shown: Shown): boolean {
    const isAskedFor = this.#options.selection.names(group, event.kind)
    if (event.kind === 'ack' && !isAskedFor) {
      if (shown.hasNews) {
        shown.hasNews = (event.lagBytes ?? 0) > 0
        shown.idle.offset = event.offset
        return false
      }
      Object.assign(shown.idle, {
        acks: shown.idle.acks + 1,
        offset: event.offset,
        lag: event.lag,
        at: event.at,
      })
      return true
    }
    if ((event.kind === 'ping' || event.kind === 'getack') && !isAskedFor) {
      if (event.kind === 'ping') shown.idle.pings++
      shown.idle.at = event.at
      return true
    }
    if (event.kind === 'command') shown.hasNews = true
    if (!shown.isReturning || isAskedFor || group !== 'handshake') return false
    if (event.kind === 'request') return event.command.name !== 'PSYNC' && event.command.name !== 'SYNC'
    return event.kind === 'reply' && (!event.error || event.answers === 'PING')
  }

  /** Whether an event only repeats how the attempt before it failed; tells now and then how often. */
  #failsAgain(event: ReplEvent): boolean {
    const failures = this.#failures.get(event.link)
    if (event.kind === 'reply' && event.error) return this.#refusedAgain(event, failures)
    if (failures === undefined) return false
    if (event.kind === 'request') {
      failures.lastAsked = { ...event, command: event.command.keep() }
      return true
    }
    return event.kind === 'opened' || (event.kind === 'closed' && event.during !== 'streaming')
  }

  #refusedAgain(event: Reply, failures: Failures | undefined): boolean {
    const answer = describe(event)
    const answers = failures?.answers ?? new Map<string, number>()
    if (failures === undefined) this.#failures.set(event.link, { answers, lastAsked: undefined })
    const times = (answers.get(answer) ?? 0) + 1
    if (answers.size < ANSWERS_MAX || answers.has(answer)) answers.set(answer, times)
    if (times === 1) return false
    if (/^[1-9]0+$/.test(String(times))) {
      const again = `it tries again and again: ${count(times)} times the same answer`
      this.#print(event.link, event.at, ' ', this.#options.palette.state(again), '')
    }
    return true
  }

  /** An attempt succeeds after others failed: what it asked was kept back, and is told now. */
  #recovers(event: ReplEvent, shown: Shown): void {
    const asked = this.#failures.get(event.link)?.lastAsked
    this.#failures.delete(event.link)
    if (asked === undefined) return
    this.#line(asked, this.#direction(asked), this.#text(asked, shown), this.#note(asked, shown))
  }

  /** One line for the ACKs and PINGs that were folded, if there were any. */
  #flushIdle(shown: Shown, event: ReplEvent): void {
    const { idle } = shown
    const { selection } = this.#options
    if (idle.pings > 0 || idle.acks > 1) {
      const parts = [
        ...(idle.acks > 0 ? [`ACK ${idle.offset} ×${count(idle.acks)}`] : []),
        ...(idle.pings > 0 ? [`PING ×${count(idle.pings)}`] : []),
      ]
      if (selection.shows('acks', 'ack')) {
        this.#print(event.link, idle.at, ' ', this.#options.palette.note(`idle: ${parts.join(', ')}`), '')
      }
    }
    shown.idle = { acks: 0, pings: 0, offset: idle.offset, lag: undefined, at: event.at }
  }

  #command(event: StreamCommand, shown: Shown): void {
    const { name } = event.command
    if (event.tx === undefined) {
      this.#offsetLine(event, event.start, event.end, describe(event))
      return
    }
    if (name === 'MULTI') {
      this.#endTransaction(shown, event.end)
      shown.transaction = { first: event, parts: ['MULTI'], chars: 0, commands: 0 }
      return
    }
    const open = shown.transaction
    if (open === undefined) {
      this.#offsetLine(event, event.start, event.end, describe(event))
      return
    }
    const text = commandText(event.command)
    if (name !== 'EXEC') open.commands++
    if (
      name === 'EXEC' ||
      (open.parts.length <= TRANSACTION_PARTS && open.chars + text.length < TRANSACTION_CHARS)
    ) {
      open.parts.push(text)
      open.chars += text.length
    } else if (!open.parts.at(-1)?.startsWith('…')) open.parts.push('…')
    if (name === 'EXEC') this.#endTransaction(shown, event.end)
  }

  #endTransaction(shown: Shown, end: number | undefined): void {
    const open = shown.transaction
    if (open === undefined) return
    shown.transaction = undefined
    const db = open.first.db === undefined ? '' : `db${open.first.db} `
    const cut = open.parts.includes('…') ? `  (${counted(open.commands, 'command')})` : ''
    this.#offsetLine(open.first, open.first.start, end, `${db}${open.parts.join(' · ')}${cut}`)
  }

  #offsetLine(event: StreamCommand, start: number | undefined, end: number | undefined, text: string): void {
    const { palette } = this.#options
    const range = start === undefined || end === undefined ? '@?' : `@${start + 1}..${end}`
    this.#print(
      event.link,
      event.at,
      this.#direction(event),
      `${palette.offset(range.padEnd(10))} ${text}`,
      '',
    )
  }

  #direction(event: ReplEvent): string {
    const { palette } = this.#options
    if (event.kind === 'opened' || event.kind === 'closed' || event.kind === 'fault' || event.kind === 'gap')
      return ' '
    return (event.side === 'replica' ? palette.fromReplica : palette.fromMaster)(ARROW[event.side])
  }

  #text(event: ReplEvent, shown: Shown): string {
    const { palette } = this.#options
    switch (event.kind) {
      case 'opened':
        return palette.state(`${describe(event)} connects${shown.isReturning ? ' again' : ''}`)
      case 'ping':
      case 'getack': {
        const range = event.start === undefined ? '@?' : `@${event.start + 1}..${event.end}`
        return `${palette.offset(range.padEnd(10))} ${describe(event)}`
      }
      case 'closed':
        return palette.state(describe(event))
      case 'reply':
        return event.error ? palette.bad(describe(event)) : describe(event)
      case 'fault':
      case 'overflow':
        return palette.bad(describe(event))
      default:
        return describe(event)
    }
  }

  /** What an event means, for those who do not know the protocol by heart. */
  #note(event: ReplEvent, shown: Shown): string {
    switch (event.kind) {
      case 'request':
        return requestNote(event.command.name, event.command.argv())
      case 'resync':
        return this.#resyncNote(event)
      case 'reply':
        return replyNote(event.answers, describe(event))
      case 'snapshot-begin':
        return this.#waitNote(event.link)
      case 'snapshot-end':
        return this.#snapshotNote(event)
      case 'ack':
        if (event.lagBytes === undefined) return ''
        return `lag ${bytes(event.lagBytes)}${event.lag === undefined ? '' : `, ${duration(event.lag)}`}`
      case 'closed':
        return this.#closedNote(event)
      case 'opened':
        return openedNote(event, shown)
      default:
        return ''
    }
  }

  #resyncNote(event: Resync): string {
    const sync = this.#options.totals.links.get(event.link)?.syncs.at(-1)
    return `${event.mode} resync: ${sync?.why ?? ''}`
  }

  #waitNote(link: number): string {
    const sync = this.#options.totals.links.get(link)?.syncs.at(-1)
    if (sync?.wait === undefined || sync.wait < 1_000_000) return ''
    const alive = sync.keepAlives > 0 ? ` (${counted(sync.keepAlives, 'keep-alive')})` : ''
    return `the master took ${duration(sync.wait)} to begin${alive}: repl-diskless-sync-delay, or its fork`
  }

  #snapshotNote(event: SnapshotEnd): string {
    const writer = this.#options.totals.links.get(event.link)?.syncs.at(-1)?.writer
    const speed = rate(event.bytes, event.duration)
    return writer === undefined ? speed : `written by ${writer}, ${speed}`
  }

  #closedNote(event: Closed): string {
    const link = this.#options.totals.links.get(event.link)
    if (link?.role === 'client') return `${counted(link.requests, 'request')}, not shown (--show clients)`
    if (event.how === 'end-of-input') return ''
    if (event.during === 'streaming' && link?.offset !== undefined)
      return `link lost at offset ${link.offset}`
    return ''
  }

  #inSync(event: ReplEvent): void {
    const sync = this.#options.totals.links.get(event.link)?.syncs.at(-1)
    const from = sync?.offset === undefined ? 'an offset it did not tell' : `offset ${sync.offset}`
    this.#print(event.link, event.at, ' ', this.#options.palette.state(`in sync: streaming from ${from}`), '')
  }

  #line(event: ReplEvent, direction: string, text: string, note: string): void {
    if (event.kind === 'opened') {
      const { palette, write } = this.#options
      write(
        `${this.#label(event.link)} ${palette.time(clockTime(event.at).padStart(13))}  ${text}${noted(text, note, palette)}`,
      )
      return
    }
    this.#print(event.link, event.at, direction, text, note)
  }

  #print(link: number, at: Micros, direction: string, text: string, note: string): void {
    const { palette, write } = this.#options
    const since = this.#since.get(link) ?? at
    const time = palette.time(`+${duration(Math.max(0, at - since))}`.padStart(13))
    write(`${this.#label(link)} ${time}  ${direction} ${text}${noted(text, note, palette)}`)
  }

  #label(link: number): string {
    return this.#options.palette.link(`#${link}`.padEnd(4))
  }

  #shownOf(event: ReplEvent): Shown {
    let shown = this.#conns.get(event.conn)
    if (shown === undefined) {
      const isReturning = this.#since.has(event.link)
      const idle = { acks: 0, pings: 0, offset: undefined, lag: undefined, at: event.at }
      shown = { link: event.link, isReturning, transaction: undefined, idle, hasNews: false }
      this.#conns.set(event.conn, shown)
    }
    if (!this.#since.has(event.link)) this.#since.set(event.link, event.at)
    return shown
  }
}

const ESCAPE = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')

function noted(text: string, note: string, palette: Palette): string {
  if (note === '') return ''
  const width = text.replace(ESCAPE, '').length
  return `${' '.repeat(Math.max(3, NOTE_COLUMN - width))}${palette.note(note)}`
}

function requestNote(name: string, argv: readonly Parameters<typeof bytesText>[0][]): string {
  if (name === 'SYNC') return 'asks for everything, the old way: no id, no offset'
  if (name !== 'PSYNC') return ''
  if (argv[1] === '?') return 'asks for everything: it has no history'
  return argv[2] === '1'
    ? 'offers a history of its own, from its first byte'
    : 'asks to go on where it stopped'
}

function replyNote(answers: string | undefined, text: string): string {
  if (text.startsWith('RDBCHANNELSYNC')) return 'the snapshot will come on a second connection (Redis 8)'
  if (text.startsWith('DUALCHANNELSYNC')) return 'the snapshot will come on a second connection (Valkey 8)'
  if (text.startsWith('-NOMASTERLINK'))
    return 'it is a replica without its own master; the replica tries again'
  if (text.startsWith('-LOADING')) return 'it is still loading; the replica tries again'
  if (text.startsWith('-NOAUTH') && answers === 'PING')
    return 'a replica takes this for a sign of life, and logs in next'
  return ''
}

function openedNote(event: Opened, shown: Shown): string {
  if (event.role === 'snapshot-channel') return 'second connection of a sync: it carries the snapshot'
  return shown.isReturning ? '' : `master ${event.master}`
}
