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

export class SessionOutput {
  readonly totals = new Totals()
  readonly palette: Palette
  readonly #options: SessionOptions
  readonly #stdout = new LineOutput(process.stdout)
  readonly #stderr: LineOutput
  readonly #sink: Sink

  constructor(options: SessionOptions) {
    this.#options = options
    this.palette = palette(options.coloured)
    // One terminal for both: then one writer too, or the progress line and the events tear each other apart.
    const isOneTerminal = process.stdout.isTTY === true && process.stderr.isTTY === true
    this.#stderr = isOneTerminal ? this.#stdout : new LineOutput(process.stderr)
    this.#sink = fanOut([this.totals, ...this.#views()])
    this.#stdout.onOverflow = (dropped) => this.#overflow(dropped)
  }

  readonly event = (event: ReplEvent): void => this.#sink.event(event)

  /** A line for the person at the terminal that is no answer: progress, notices, warnings. */
  readonly notice = (text: string): void => this.#stderr.line(text)

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

  /** Prints the closing summary and resolves when everything has been written. */
  async end(): Promise<void> {
    this.#sink.end()
    const { json, summary } = this.#options
    if (summary && json) this.#stdout.line(jsonLine(summaryJson(this.totals)))
    else if (summary) this.#stdout.line(`\n${summaryTables(this.totals, this.palette)}`)
    await this.#stdout.drained()
    await this.#stderr.drained()
  }

  #views(): Sink[] {
    const { json, quiet, selection, filter } = this.#options
    const views: Sink[] = []
    if (process.stderr.isTTY === true && !json) views.push(new Progress(this.#stderr.progress))
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
