/**
 * The system's clock and dice, as the ports of the machines below (ports.ts).
 *
 * The clock counts microseconds since the epoch and never goes backwards within a process.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Clock, Random } from '../ports.ts'
import type { Micros } from '../replication/events.ts'

/** Looked up once: it is a getter that checks itself, and the clock is read for every command served. */
const ORIGIN = performance.timeOrigin

export function systemNow(): Micros {
  return Math.round((ORIGIN + performance.now()) * 1000)
}

export const systemClock: Clock = {
  now: systemNow,
  after(delay, run) {
    let timer: NodeJS.Timeout
    const wait = (ms: number): void => {
      timer =
        ms > TIMER_MAX_MS ? setTimeout(() => wait(ms - TIMER_MAX_MS), TIMER_MAX_MS) : setTimeout(run, ms)
    }
    wait(delay / 1000)
    return () => clearTimeout(timer)
  },
}

/** Node's timers hold no more; longer ones would fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1

export const systemRandom: Random = {
  below: (n) => (n <= SMALL ? Math.floor(Math.random() * n) : randomInt(n)),
  hex: (length) =>
    randomBytes(Math.ceil(length / 2))
      .toString('hex')
      .slice(0, length),
}

/** Up to here Math.random() is even enough, and a hundred times cheaper. */
const SMALL = 2 ** 32

/** Keeps the whole process waiting. */
export function sleepNow(micros: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, micros / 1000)
}
