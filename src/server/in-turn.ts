/**
 * InTurn: jobs that take a while and must not overlap, each begun when the one before is over.
 *
 *   add(job) ─► it runs now, or behind those that wait ─► done() ─► the next
 */

/** Calls `done` once, at once or later. */
export type Job = (done: () => void) => void

export class InTurn {
  readonly #waiting: Job[] = []
  #isTaken = false
  /** A loop is at work: a job that is done at once does not begin the next by itself. */
  #isLooping = false

  add(job: Job): void {
    this.#waiting.push(job)
    this.#go()
  }

  #go(): void {
    if (this.#isLooping) return
    this.#isLooping = true
    while (!this.#isTaken && this.#waiting.length > 0) {
      this.#isTaken = true
      this.#waiting.shift()!(() => {
        this.#isTaken = false
        this.#go()
      })
    }
    this.#isLooping = false
  }
}
