/** What is written down while a scenario is played, and how its steps wait for it. */
import { describe, expect, it } from 'vitest'
import { Journal } from '../../src/diff/journal.ts'
import type { Clock } from '../../src/ports.ts'

/** Time that stands still until it is told to go on. */
class HandClock implements Clock {
  #now = 0
  readonly #timers = new Set<{ at: number; run: () => void }>()

  now(): number {
    return this.#now
  }

  after(delay: number, run: () => void): () => void {
    const timer = { at: this.#now + delay, run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  forward(ms: number): void {
    this.#now += ms * 1000
    for (const timer of [...this.#timers])
      if (timer.at <= this.#now && this.#timers.delete(timer)) timer.run()
  }
}

describe('the journal', () => {
  it('puts replies under their requests, however they were pipelined', () => {
    const journal = new Journal(new HandClock())
    for (const name of ['PING', 'REPLCONF']) journal.write('link', 'replica', 'request', { argv: [name] })
    for (const reply of ['PONG', 'OK']) journal.write('link', 'master', 'reply', { reply })
    expect(journal.end().map(({ fields }) => fields.argv ?? fields.reply)).toEqual([
      ['PING'],
      'PONG',
      ['REPLCONF'],
      'OK',
    ])
  })

  it('wakes who waits as soon as it has come', async () => {
    const journal = new Journal(new HandClock())
    const waiting = journal.until(() => journal.lane('link').length > 0, 1000)
    journal.write('link', 'master', 'ping', {})
    expect(await waiting).toBe(true)
  })

  it('gives up when the time is over', async () => {
    const clock = new HandClock()
    const waiting = new Journal(clock).until(() => false, 1000)
    clock.forward(1001)
    expect(await waiting).toBeUndefined()
  })

  it('writes nothing after its end', () => {
    const journal = new Journal(new HandClock())
    journal.write('link', 'master', 'ping', {})
    expect(journal.end()).toHaveLength(1)
    journal.write('link', 'master', 'ping', {})
    expect(journal.end()).toHaveLength(1)
  })
})
