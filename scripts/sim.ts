/**
 * Replication under chaos, seed by seed, in virtual time.
 *
 *   npm run sim               as many seeds as a minute holds, from a random one on
 *   SEED=17 npm run sim       this seed, with the end of its trace
 *   SEED=17 RUNS=1000         that many, from 17 on
 *
 * A seed that fails is printed with what does not hold and how it came to that; it belongs into
 * test/simulation/seeds.json, with a word on what it found. Exits 1 where one failed.
 */
import { runSeed } from '../test/simulation/scenario.ts'

const MINUTE_MS = 60_000
const SHOWN_LINES = 60
const FAILURES_MAX = 10

const first = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
const runs = Number(process.env.RUNS ?? (process.env.SEED === undefined ? Number.POSITIVE_INFINITY : 1))
const lines = Number(process.env.LINES ?? SHOWN_LINES)

function show(seed: number): void {
  const { failure, trace } = runSeed(seed, true)
  process.stdout.write(`\n${trace.slice(-lines).join('\n')}\nseed ${seed}: ${failure ?? 'all is well'}\n\n`)
}

const began = performance.now()
const sums = { full: 0, partial: 0, refused: 0, events: 0, seconds: 0 }
const failed: number[] = []
let count = 0
const isTimed = runs === Number.POSITIVE_INFINITY
while (count < runs && (!isTimed || performance.now() - began < MINUTE_MS) && failed.length < FAILURES_MAX) {
  const seed = first + count++
  const { failure, counts, events, virtualSeconds } = runSeed(seed)
  sums.full += counts.full
  sums.partial += counts.partial
  sums.refused += counts.refused
  sums.events += events
  sums.seconds += virtualSeconds
  if (failure !== undefined) failed.push(seed)
  if (failure !== undefined || runs === 1) show(seed)
}
const minutes = (performance.now() - began) / MINUTE_MS
process.stdout.write(
  `${count} seeds from ${first} on, ${Math.round(count / minutes)} a minute: ` +
    `${Math.round(sums.seconds / 3600)} hours of virtual time, ${sums.events} events, ` +
    `${sums.full} full and ${sums.partial} partial resyncs, ${sums.refused} refused\n`,
)
if (failed.length > 0) {
  process.stdout.write(`failed: ${failed.join(' ')}\n`)
  process.exitCode = 1
}
