/**
 * Retries: a replica that fails tries again every second for ever, and after a refused SYNC hundreds of
 * times a second.
 *
 * Each answer it gets is told once, and then how often it came: at 10, 20, … 100, 200, … What it asked in
 * between is kept back, and told when an attempt succeeds at last.
 */
import type { ReplEvent, Request } from '../replication/events.ts'
import { describe } from './describe.ts'
import { count } from './units.ts'

/** Different refusals that are told apart. */
const ANSWERS_MAX = 8

type Failures = { readonly answers: Map<string, number>; lastAsked: Request | undefined }

export class Retries {
  readonly #byLink = new Map<number, Failures>()

  /**
   * Whether an event of a returning replica only repeats how it failed before.
   * @param tell prints a line that says how often, now and then
   */
  repeats(event: ReplEvent, tell: (text: string) => void): boolean {
    const failures = this.#byLink.get(event.link)
    if (event.kind === 'reply' && event.error) {
      return this.#refused(event.link, describe(event), failures, tell)
    }
    if (failures === undefined) return false
    if (event.kind === 'request') {
      failures.lastAsked = { ...event, command: event.command.keep() }
      return true
    }
    return event.kind === 'opened' || (event.kind === 'closed' && event.during !== 'streaming')
  }

  /** An attempt succeeded: gives what was asked and kept back, if anything was. */
  succeeded(link: number): Request | undefined {
    const asked = this.#byLink.get(link)?.lastAsked
    this.#byLink.delete(link)
    return asked
  }

  forget(link: number): void {
    this.#byLink.delete(link)
  }

  #refused(
    link: number,
    answer: string,
    failures: Failures | undefined,
    tell: (text: string) => void,
  ): boolean {
    const answers = failures?.answers ?? new Map<string, number>()
    if (failures === undefined) this.#byLink.set(link, { answers, lastAsked: undefined })
    const times = (answers.get(answer) ?? 0) + 1
    if (answers.size < ANSWERS_MAX || answers.has(answer)) answers.set(answer, times)
    if (times === 1) return false
    if (/^[1-9]0+$/.test(String(times)))
      tell(`it tries again and again: ${count(times)} times the same answer`)
    return true
  }
}
