/**
 * Makes V8 collect garbage in shorter pauses, for a process that others wait for.
 *
 * New objects are collected by several threads at once, and the process stands still until the last of them
 * is done. Where other programs want the processors too, one of these threads is often put off in the
 * middle of its work: what takes 3 ms alone then takes 60 now and then. One thread has nobody to wait for.
 */
import { setFlagsFromString } from 'node:v8'

export function keepPausesShort(): void {
  setFlagsFromString('--no-parallel-scavenge')
}
