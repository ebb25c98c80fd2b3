/**
 * Virtual time (ports.ts, Clock): a queue of what is to happen, and a hand that jumps from one to the next.
 *
 *   now ──►│ event │ event │            │ event │ …        run(until) takes them in order of time, then of
 *                                                          birth, so nothing depends on the machine
 *
 * Work takes no time, unless `lookMicros` says what each look at the clock costs: then a server that works
 * "for 3 ms at most" really stops in the middle. Each host has a clock of its own, which dies with it: timers
 * of a killed server never ring.
 */
import type { Clock, Instant } from '../../src/ports.ts'

type Event = { readonly at: Instant; readonly number: number; run: (() => void) | undefined }

/** 2026-01-01, so that dates look like dates. */
const BEGINNING = 1_767_225_600_000_000

export class SimClock implements Clock {
  /** What a look at the clock costs. */
  lookMicros = 0
  /** Called after each event. */
  onStep: () => void = () => {}
  events = 0
  #now = BEGINNING
  #number = 0
  /** A binary heap: the next event is the first. */
  readonly #heap: Event[] = []

  now(): Instant {
    this.#now += this.lookMicros
    return this.#now
  }

  /** The time, looked at by nobody. */
  get time(): Instant {
    return this.#now
  }

  /** Since the beginning, in microseconds. */
  get elapsed(): number {
    return this.#now - BEGINNING
  }

  after(delay: number, run: () => void): () => void {
    const event: Event = { at: this.#now + Math.max(0, delay), number: this.#number++, run }
    this.#push(event)
    return () => {
      event.run = undefined
    }
  }

  /** What happens within the next `micros`. */
  run(micros: number): void {
    const until = this.#now + micros
    for (let first = this.#heap[0]; first !== undefined && first.at <= until; first = this.#heap[0]) {
      this.#pop()
      const { run } = first
      if (run === undefined) continue
      this.#now = Math.max(this.#now, first.at)
      this.events++
      run()
      this.onStep()
    }
    this.#now = Math.max(this.#now, until)
  }

  /** A clock for one host, until it dies. */
  forHost(): HostClock {
    return new HostClock(this)
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(event)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(event, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = event
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    const { length } = heap
    if (length === 0) return
    let at = 0
    for (let child = 1; child < length; child = 2 * at + 1) {
      if (child + 1 < length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.number < b.number)
}

export class HostClock implements Clock {
  readonly #clock: SimClock
  isDead = false

  constructor(clock: SimClock) {
    this.#clock = clock
  }

  now(): Instant {
    return this.#clock.now()
  }

  after(delay: number, run: () => void): () => void {
    return this.#clock.after(delay, () => {
      if (!this.isDead) run()
    })
  }
}
