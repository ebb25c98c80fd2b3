/**
 * The progress of a snapshot that is passing, as one line that is written over itself:
 *
 *     snapshot #1  ▕██████████▏            ▏ 112.0 MB of 229.6 MB   79.1 MB/s   731,702 keys, …   1.5 s left
 *
 * For terminals only; whoever owns the terminal decides when to draw.
 */
import type { Micros, ReplEvent } from '../replication/events.ts'
import type { Sink } from './sink.ts'
import { bytes, count, duration, rate } from './units.ts'

const BAR_CELLS = 22
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
/** Redrawn at most this often. */
const REDRAW: Micros = 100_000

type Passing = {
  readonly link: number
  readonly since: Micros
  readonly total: number | undefined
  passed: number
  keys: number
}

export class Progress implements Sink {
  readonly #draw: (line: string | undefined) => void
  readonly #passing = new Map<number, Passing>()
  #drawnAt: Micros = 0

  /** @param draw shows a line in place of the one before; undefined takes it away */
  constructor(draw: (line: string | undefined) => void) {
    this.#draw = draw
  }

  event(event: ReplEvent): void {
    if (event.kind === 'snapshot-slice') {
      const passing = this.#passing.get(event.conn)
      if (passing === undefined) return
      passing.passed += event.slice.length
      if (event.at - this.#drawnAt < REDRAW) return
      this.#drawnAt = event.at
      this.#draw(progressLine(passing, event.at))
    } else if (event.kind === 'snapshot-key') {
      const passing = this.#passing.get(event.conn)
      if (passing !== undefined) passing.keys++
    } else if (event.kind === 'snapshot-begin') {
      this.#passing.set(event.conn, {
        link: event.link,
        since: event.at,
        total: event.bytes,
        passed: 0,
        keys: 0,
      })
    } else if (event.kind === 'snapshot-end' || event.kind === 'closed') {
      if (this.#passing.delete(event.conn) && this.#passing.size === 0) this.#draw(undefined)
    }
  }

  end(): void {
    this.#draw(undefined)
  }
}

function progressLine({ link, since, total, passed, keys }: Passing, now: Micros): string {
  const elapsed = now - since
  const size = total === undefined ? bytes(passed) : `${bytes(passed)} of ${bytes(total)}`
  const left =
    total === undefined || passed === 0 ? '' : `   ${duration((elapsed * (total - passed)) / passed)} left`
  const time = total === undefined ? `   ${duration(elapsed)}` : ''
  const perSecond = elapsed > 0 ? Math.round((keys * 1e6) / elapsed) : 0
  const read = `${count(keys)} keys, ${count(perSecond)}/s`
  return `    snapshot #${link}  ▕${bar(total === undefined ? undefined : passed / total)}▏ ${size}   ${rate(passed, elapsed)}   ${read}${time}${left}`
}

/** How much is done; of an unknown whole, a full bar of a lighter kind. */
function bar(done: number | undefined): string {
  if (done === undefined) return '░'.repeat(BAR_CELLS)
  const eighths = Math.round(Math.min(1, done) * BAR_CELLS * 8)
  const whole = '█'.repeat(Math.floor(eighths / 8))
  return (whole + EIGHTHS[eighths % 8]).padEnd(BAR_CELLS)
}
