/**
 * SessionOutput: puts the sinks of a session together as the user asked, and prints the closing summary.
 */
import { LineOutput } from '../io/line-output.ts'
import { systemNow } from '../io/system-clock.ts'
import type { ReplEvent } from '../replication/events.ts'
import { LinkBook } from '../replication/link-book.ts'
import { Secrets } from '../replication/secrets.ts'
import { jsonLine } from '../sink/json-event.ts'
import { NdJson } from '../sink/ndjson.ts'
import { type Palette, palette } from '../sink/palette.ts'
import { Progress } from '../sink/progress.ts'
import { fanOut, type Sink } from '../sink/sink.ts'
import { summaryJson } from '../sink/summary.ts'
import { summaryTables } from '../sink/tables.ts'
import { TextView } from '../sink/text-view.ts'
import { Totals } from '../sink/totals.ts'
import type { SessionOptions } from './session-options.ts'

/** A session that passes cannot wait for whoever reads us; a file can. */
export type Pace = 'live' | 'file'

export class SessionOutput {
  readonly totals = new Totals()
  readonly palette: Palette
  readonly #options: SessionOptions
  readonly #pace: Pace
  readonly #stdout: LineOutput
  readonly #stderr: LineOutput
  readonly #sink: Sink

  /** @param sinks that hear the events too */
  constructor(options: SessionOptions, pace: Pace = 'live', sinks: readonly Sink[] = []) {
    this.#options = options
    this.#pace = pace
    this.#stdout = new LineOutput(process.stdout, { lossless: pace === 'file' })
    this.palette = palette(options.coloured)
    // One terminal for both: then one writer too, or the progress line and the events tear each other apart.
    const isOneTerminal = process.stdout.isTTY === true && process.stderr.isTTY === true
    this.#stderr = isOneTerminal ? this.#stdout : new LineOutput(process.stderr)
    this.#sink = fanOut([this.totals, ...sinks, ...this.#views()])
    this.#stdout.onOverflow = (dropped) => this.#overflow(dropped)
  }

  readonly event = (event: ReplEvent): void => this.#sink.event(event)

  /** A line for the person at the terminal that is no answer: progress, notices, warnings. */
  readonly notice = (text: string): void => this.#stderr.line(text)

  /** One line below all others that is replaced by the next; undefined takes it away. Terminals only. */
  readonly progress = (text: string | undefined): void => {
    if (process.stderr.isTTY === true) this.#stderr.progress(text)
  }

  /** Nobody reads what we print. */
  get isClosed(): boolean {
    return this.#stdout.isBroken
  }

  /** Undefined while there is room for more output; else a promise of it. */
  room(): Promise<void> | undefined {
    return this.#stdout.room()
  }

  /**
   * What understands the connections of this session, as deep as its output needs.
   * @param secrets of the session; a recording needs each command told
   */
  linkBook(secrets?: Secrets): LinkBook {
    const { showSecrets, keep, snapshot, commands } = this.#options
    return new LinkBook({
      emit: this.event,
      secrets: secrets ?? new Secrets({ shown: showSecrets }),
      keep,
      snapshot,
      commands: secrets === undefined ? commands : 'told',
    })
  }

  /** A line of text between the events; nothing where a program reads. */
  say(text: string): void {
    if (this.#options.json) return
    this.#stdout.line(`\n${this.palette.heading(text)}\n`)
  }

  /** A line of the answer, where that is no event. */
  line(text: string): void {
    this.#stdout.line(text)
  }

  /** The whole answer, written. */
  async answer(text: string): Promise<void> {
    this.line(text)
    await this.drained()
  }

  /** Prints the closing summary and resolves when everything has been written. */
  async end(): Promise<void> {
    this.#sink.end()
    const { json, summary } = this.#options
    if (summary && json) this.#stdout.line(jsonLine(summaryJson(this.totals)))
    else if (summary) this.#stdout.line(`\n${summaryTables(this.totals, this.palette, this.#carried)}`)
    await this.drained()
  }

  /** Resolves when everything has been written. */
  async drained(): Promise<void> {
    await this.#stdout.drained()
    await this.#stderr.drained()
  }

  get #carried(): string {
    return this.#pace === 'file' ? 'captured' : 'forwarded'
  }

  #views(): Sink[] {
    const { json, quiet, selection, filter } = this.#options
    const views: Sink[] = []
    if (process.stderr.isTTY === true && !json && this.#pace === 'live')
      views.push(new Progress(this.#stderr.progress))
    if (quiet) return views
    const write = this.#stdout.line
    if (json) views.push(new NdJson(write, selection, filter))
    else {
      const columns = () => (process.stdout.isTTY === true ? process.stdout.columns : undefined)
      const { palette, totals } = this
      views.push(new TextView({ write, selection, filter, palette, columns, totals }))
    }
    return views
  }

  #overflow(dropped: number): void {
    this.event({
      kind: 'overflow',
      link: 0,
      conn: 0,
      side: 'master',
      at: systemNow(),
      from: 0,
      to: 0,
      dropped,
    })
  }
}
