/**
 * The progress of reading a file, as one line that is written over itself:
 *
 *     dump.rdb  48.8 %   112.0 MB of 229.6 MB   79.1 MB/s   1.5 s left
 *
 * Nothing is shown in the first second: what is fast needs no progress.
 */
import type { Micros } from '../replication/events.ts'
import { bytes, duration, rate, share } from '../sink/units.ts'

const SILENT: Micros = 1_000_000
const REDRAW: Micros = 100_000
const CLEAR_LINE = '\r\x1b[2K'

/** What is being read, as it stands. */
export type Source = { readonly name: string; readonly read: number; readonly total: number | undefined }

export class ReadingProgress {
  readonly #source: Source
  readonly #since: Micros
  #drawnAt: Micros | undefined

  constructor(source: Source, now: Micros) {
    this.#source = source
    this.#since = now
  }

  /** What to write to the terminal now, if anything. */
  line(now: Micros): string | undefined {
    const text = this.text(now)
    return text === undefined ? undefined : CLEAR_LINE + text
  }

  /** The same for who takes care of the line himself. */
  text(now: Micros): string | undefined {
    if (now - this.#since < SILENT || now - (this.#drawnAt ?? 0) < REDRAW) return undefined
    this.#drawnAt = now
    const { name, read, total } = this.#source
    const elapsed = now - this.#since
    const speed = rate(read, elapsed)
    const printable = name.replace(/[^\x20-\x7e]/g, '?')
    if (total === undefined) return `    ${printable}  ${bytes(read)}   ${speed}`
    const left = read > 0 ? `   ${duration((elapsed * (total - read)) / read)} left` : ''
    const part = `${share(read, total)}   ${bytes(read)} of ${bytes(total)}`
    return `    ${printable}  ${part}   ${speed}${left}`
  }

  /** What takes the line away, if there is one. */
  end(): string | undefined {
    return this.#drawnAt === undefined ? undefined : CLEAR_LINE
  }
}
