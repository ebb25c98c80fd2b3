import type { Clock } from '../../src/ports.ts'

/** A clock that stands until it is moved. */
export class StandingClock implements Clock {
  micros = Date.parse('2026-06-01') * 1000
  #timers: { at: number; run: () => void }[] = []

  now(): number {
    return this.micros
  }

  after(delay: number, run: () => void): () => void {
    const timer = { at: this.micros + delay, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  goOn(micros: number): void {
    this.micros += micros
    const due = this.#timers.filter(({ at }) => at <= this.micros)
    this.#timers = this.#timers.filter(({ at }) => at > this.micros)
    for (const { run } of due) run()
  }
}
