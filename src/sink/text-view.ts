/**
 * The live view: what a person reads while a session passes.
 *
 *   #1  12:03:04.971  replica 127.0.0.1:58966 connects
 *   #1       +0.1 ms  → PING
 *   #1        +4.3 s  ← FULLRESYNC 4955d147…7fb3 0               master waited 4.3 s before …
 *   #1        +7.4 s  ← @24..71    db0 SET foo bar
 *
 * One line a message: link, time since the link was first seen, who speaks, for the stream the bytes of
 * history it occupies, the message, and in a quiet voice what it means. What says nothing new is folded:
 * keep-alives, ACKs that only answer PINGs, the handshake of a replica that comes back. A transaction is
 * one line.
 */
import type { Closed, Micros, Opened, ReplEvent, ReplKind, StreamCommand } from '../replication/events.ts'
import { ARROW, describe } from './describe.ts'
import { explain, inSync } from './explain.ts'
import type { Filter } from './filter.ts'
import { GapRun } from './gap-run.ts'
import { type Group, Roles, type Selection } from './kinds.ts'
import { noted } from './note.ts'
import type { Palette } from './palette.ts'
import { Retries } from './retries.ts'
import type { Sink } from './sink.ts'
import type { Totals } from './totals.ts'
import { TransactionLine } from './transaction-line.ts'
import { clockTime, count, duration } from './units.ts'

export type TextViewOptions = {
  readonly write: (line: string) => void
  readonly selection: Selection
  readonly filter: Filter
  readonly palette: Palette
  /** Width of the terminal, if it is one. */
  readonly columns?: () => number | undefined
  /** The same session's totals; they must see each event before this view does. */
  readonly totals: Totals
}

/** Which connection of which link a line is about. */
type Of = Pick<ReplEvent, 'link' | 'channel'>

/** What the view remembers of a connection while it is open. */
type Shown = {
  link: number
  /** A replica that came back: its handshake is not told again. */
  isReturning: boolean
  transaction: TransactionLine | undefined
  idle: { acks: number; pings: number; offset: number | undefined; lag: Micros | undefined; at: Micros }
  /** Something was written since the last ACK that was shown. */
  hasNews: boolean
  readonly gaps: GapRun
}

export class TextView implements Sink {
  readonly #options: TextViewOptions
  readonly #roles = new Roles()
  readonly #conns = new Map<number, Shown>()
  readonly #since = new Map<number, Micros>()
  readonly #retries = new Retries()

  constructor(options: TextViewOptions) {
    this.#options = options
  }

  event(event: ReplEvent): void {
    const group = this.#roles.groupOf(event)
    const shown = this.#shownOf(event)
    // A transaction ends with its link too, and with an EXEC that is not shown itself.
    if (event.kind === 'closed' || event.kind === 'fault') this.#endTransaction(shown)
    if (!this.#isFolded(event, group, shown) && this.#passes(event, group)) this.#show(event, shown)
    if (event.kind === 'command' && event.command.name === 'EXEC') this.#endTransaction(shown)
    if (event.kind === 'closed') this.#forget(event)
  }

  end(): void {
    for (const shown of this.#conns.values()) {
      this.#endTransaction(shown)
      this.#flushIdle(shown, { link: shown.link, at: shown.idle.at })
    }
  }

  #show(event: ReplEvent, shown: Shown): void {
    if (event.kind === 'command') {
      this.#flushIdle(shown, event)
      this.#command(event, shown)
      return
    }
    if (event.kind === 'snapshot-slice') return
    const asked = event.kind === 'resync' ? this.#retries.succeeded(event.link) : undefined
    if (asked !== undefined) this.#line(asked, shown)
    const tell = (text: string) => this.#state(event, text)
    if (shown.isReturning && this.#retries.repeats(event, tell)) return
    this.#flushIdle(shown, event)
    this.#line(event, shown)
    if (event.kind === 'gap') shown.gaps.begin()
    const follows = event.kind === 'snapshot-end' ? inSync(event, this.#options.totals) : undefined
    if (follows !== undefined) this.#state(event, follows)
  }

  /** A link may come back, an ordinary client does not. */
  #forget(event: Closed): void {
    this.#conns.delete(event.conn)
    if (this.#options.totals.links.get(event.link)?.role !== 'client') return
    this.#since.delete(event.link)
    this.#retries.forget(event.link)
  }

  #passes(event: ReplEvent, group: Group): boolean {
    const { selection, filter } = this.#options
    // An ordinary client's talk is only told to those who ask for it.
    if (group === 'clients' && !selection.names(group, event.kind)) return false
    const isAboutConnection = group === 'connections' || group === 'gaps'
    if (isAboutConnection && this.#isClient(event) && !this.#showsClients(event)) return false
    if (event.kind === 'snapshot-aux' && !selection.names(group, event.kind)) return false
    if (group === 'heartbeats' && !selection.names(group, event.kind)) return false
    return selection.shows(group, event.kind) && filter(event)
  }

  #isClient(event: ReplEvent): boolean {
    return this.#options.totals.links.get(event.link)?.role === 'client'
  }

  /**
   * A health check connects every second; its coming and going is told with its talk, or when asked for by
   * name.
   */
  #showsClients(event: ReplEvent): boolean {
    const { selection } = this.#options
    return selection.names('clients', 'request') || selection.names('connections', event.kind)
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
    if (event.kind === 'gap' && !isAskedFor) return shown.gaps.continues(event)
    if (event.kind === 'command') shown.hasNews = true
    if (!shown.isReturning || isAskedFor || group !== 'handshake') return false
    if (event.kind === 'stripped') return true
    if (event.kind === 'request') return event.command.name !== 'PSYNC' && event.command.name !== 'SYNC'
    return event.kind === 'reply' && (!event.error || event.answers === 'PING')
  }

  /** A line for the gaps and one for the ACKs and PINGs that were folded, if there were any. */
  #flushIdle(shown: Shown, event: Of & { readonly at: Micros }): void {
    const { idle, gaps } = shown
    const { selection } = this.#options
    const missing = gaps.end()
    if (missing !== undefined) this.#print(event, gaps.at, ' ', missing, '')
    if (idle.pings > 0 || idle.acks > 1) {
      const parts = [
        ...(idle.acks > 0 ? [times(`ACK ${idle.offset}`, idle.acks)] : []),
        ...(idle.pings > 0 ? [times('PING', idle.pings)] : []),
      ]
      if (selection.shows('acks', 'ack')) {
        this.#print(event, idle.at, ' ', this.#options.palette.note(`idle: ${parts.join(', ')}`), '')
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
      this.#endTransaction(shown)
      shown.transaction = new TransactionLine(event)
    } else if (shown.transaction === undefined) {
      this.#offsetLine(event, event.start, event.end, describe(event))
    } else shown.transaction.add(event)
  }

  #endTransaction(shown: Shown): void {
    const open = shown.transaction
    if (open === undefined) return
    shown.transaction = undefined
    this.#offsetLine(open.first, open.first.start, open.end, open.text)
  }

  #offsetLine(event: StreamCommand, start: number | undefined, end: number | undefined, text: string): void {
    const { palette } = this.#options
    const range = start === undefined || end === undefined ? '@?' : `@${start + 1}..${end}`
    this.#print(event, event.at, this.#direction(event), `${palette.offset(range.padEnd(10))} ${text}`, '')
  }

  #direction(event: ReplEvent): string {
    const { palette } = this.#options
    if (OURS.has(event.kind)) return ' '
    return (event.side === 'replica' ? palette.fromReplica : palette.fromMaster)(ARROW[event.side])
  }

  #text(event: ReplEvent, shown: Shown): string {
    const { palette } = this.#options
    switch (event.kind) {
      case 'opened':
        return palette.state(`${describe(event)} ${connects(event, shown.isReturning)}`)
      case 'ping':
      case 'getack': {
        const range = event.start === undefined ? '@?' : `@${event.start + 1}..${event.end}`
        return `${palette.offset(range.padEnd(10))} ${describe(event)}`
      }
      case 'closed':
      case 'anchor':
      case 'live':
      case 'stripped':
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

  /** A line in our own words about the state of a link. */
  #state(event: ReplEvent, text: string): void {
    this.#print(event, event.at, ' ', this.#options.palette.state(text), '')
  }

  #line(event: ReplEvent, shown: Shown): void {
    const text = this.#text(event, shown)
    const note = explain(event, this.#options.totals, shown.isReturning)
    if (event.kind === 'opened') {
      const { palette, write } = this.#options
      write(
        `${this.#label(event)} ${palette.time(clockTime(event.at).padStart(13))}  ${text}${this.#noted(text, note)}`,
      )
      return
    }
    this.#print(event, event.at, this.#direction(event), text, note)
  }

  #print(of: Of, at: Micros, direction: string, text: string, note: string): void {
    const { palette, write } = this.#options
    const since = this.#since.get(of.link) ?? at
    const time = palette.time(`+${duration(Math.max(0, at - since))}`.padStart(13))
    write(`${this.#label(of)} ${time}  ${direction} ${text}${this.#noted(text, note)}`)
  }

  #noted(text: string, note: string): string {
    return noted(text, note, this.#options.palette.note, this.#options.columns?.())
  }

  /** `#1`, and `#1r` for what comes on the rdb connection. */
  #label({ link, channel }: Of): string {
    return this.#options.palette.link(`#${link}${channel === 'rdb' ? 'r' : ''}`.padEnd(4))
  }

  /** The second connection of a sync is part of its story, whether that is told in full or not. */
  #isReturning(event: ReplEvent): boolean {
    if (event.channel !== 'rdb') return this.#since.has(event.link)
    return [...this.#conns.values()].some((shown) => shown.link === event.link && shown.isReturning)
  }

  #shownOf(event: ReplEvent): Shown {
    let shown = this.#conns.get(event.conn)
    if (shown === undefined) {
      const isReturning = this.#isReturning(event)
      const idle = { acks: 0, pings: 0, offset: undefined, lag: undefined, at: event.at }
      shown = {
        link: event.link,
        isReturning,
        transaction: undefined,
        idle,
        hasNews: false,
        gaps: new GapRun(),
      }
      this.#conns.set(event.conn, shown)
    }
    if (!this.#since.has(event.link)) this.#since.set(event.link, event.at)
    return shown
  }
}

function connects(event: Opened, isReturning: boolean): string {
  if (event.channel === 'rdb') return 'opens'
  if (event.begin === 'middle') return 'was connected before the capture began'
  return isReturning ? 'connects again' : 'connects'
}

/** What nobody has said: our own words have no direction. */
const OURS: ReadonlySet<ReplKind> = new Set([
  'opened',
  'closed',
  'fault',
  'gap',
  'anchor',
  'live',
  'stripped',
])

function times(text: string, number: number): string {
  return number === 1 ? text : `${text} ×${count(number)}`
}
