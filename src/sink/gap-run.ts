/**
 * GapRun: gaps of a connection between which nothing else was shown. A capture with short packets (tcpdump
 * -s 96) loses some of each: of a snapshot that is thousands of holes, and one line says it.
 */
import type { Gap, Micros } from '../replication/events.ts'
import { gapText } from './describe.ts'
import { count, counted } from './units.ts'

export class GapRun {
  /** Of the newest. */
  at: Micros = 0
  #isOpen = false
  #places = 0
  #missing = 0

  /** A gap is shown: those that follow it are folded. */
  begin(): void {
    this.#isOpen = true
  }

  /** Whether a gap only continues the run. */
  continues({ missing, at }: Gap): boolean {
    if (!this.#isOpen) return false
    this.#places++
    this.#missing += missing
    this.at = at
    return true
  }

  /** Something else is shown. @returns what is to be said of the gaps that were folded, if there were any */
  end(): string | undefined {
    const [places, missing] = [this.#places, this.#missing]
    this.#isOpen = false
    this.#places = 0
    this.#missing = 0
    if (places < 2) return places === 0 ? undefined : gapText(missing)
    return `gaps: ${counted(missing, 'more byte')} missing, in ${count(places)} places`
  }
}
