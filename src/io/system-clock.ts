/** The wall clock, in microseconds since the epoch, and never backwards within a process. */
import { performance } from 'node:perf_hooks'
import type { Micros } from '../replication/events.ts'

export function systemNow(): Micros {
  return Math.round((performance.timeOrigin + performance.now()) * 1000)
}
