/**
 * Replication under chaos, seed by seed, in virtual time, on all processors.
 *
 *   npm run sim               as many seeds as a minute holds, from a random one on
 *   SEED=17 npm run sim       this seed, with the end of its trace (LINES=60)
 *   SEED=17 RUNS=1000         so many, from 17 on
 *   JOBS=2                    processes (as many as there are processors)
 *
 * A seed that fails is printed with what does not hold and how it came to that; it belongs into
 * test/simulation/seeds.json, with a word on what it found. Exits 1 where one failed.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { runSeed } from '../test/simulation/scenario.ts'

const MINUTE_MS = 60_000
/** A process that has found so many has found enough. */
const FAILURES_MAX = 5

type Sums = {
  runs: number
  full: number
  partial: number
  refused: number
  events: number
  seconds: number
  failed: number[]
}

type Share = {
  readonly first: number
  readonly step: number
  readonly runs: number
  readonly untilMs: number
}

function show(seed: number): void {
  const { failure, trace } = runSeed(seed, true)
  const lines = trace.slice(Math.max(0, trace.length - Number(process.env.LINES ?? 60))).join('\n')
  process.stdout.write(`\n${lines}\nseed ${seed}: ${failure ?? 'all is well'}\n\n`)
}

function run({ first, step, runs, untilMs }: Share): Sums {
  const sums: Sums = { runs: 0, full: 0, partial: 0, refused: 0, events: 0, seconds: 0, failed: [] }
  while (sums.runs < runs && Date.now() < untilMs && sums.failed.length < FAILURES_MAX) {
    const seed = first + step * sums.runs++
    const { failure, counts, events, virtualSeconds } = runSeed(seed)
    sums.full += counts.full
    sums.partial += counts.partial
    sums.refused += counts.refused
    sums.events += events
    sums.seconds += virtualSeconds
    if (failure === undefined) continue
    sums.failed.push(seed)
    show(seed)
  }
  return sums
}

async function shared(share: Share): Promise<Sums> {
  const child = fork(fileURLToPath(import.meta.url), {
    env: { ...process.env, SHARE: JSON.stringify(share) },
  })
  const [sums] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [Sums | number]
  if (typeof sums === 'object') return sums
  throw new Error(`a process of the simulation ended with ${sums}`)
}

async function main(): Promise<void> {
  const { SEED, RUNS, JOBS } = process.env
  const first = Number(SEED ?? Math.floor(Math.random() * 2 ** 31))
  const runs = Number(RUNS ?? (SEED === undefined ? Number.POSITIVE_INFINITY : 1))
  if (runs === 1) {
    show(first)
    return
  }
  const began = Date.now()
  const untilMs = RUNS === undefined ? began + MINUTE_MS : Number.MAX_SAFE_INTEGER
  const step = Math.min(Number(JOBS ?? availableParallelism()), runs)
  const shares = Array.from({ length: step }, (_, i) => ({
    first: first + i,
    step,
    runs: runs === Number.POSITIVE_INFINITY ? 2 ** 31 : Math.ceil((runs - i) / step),
    untilMs,
  }))
  const all = await Promise.all(shares.map(shared))
  const sum = (of: (sums: Sums) => number): number => all.reduce((total, sums) => total + of(sums), 0)
  const minutes = (Date.now() - began) / MINUTE_MS
  process.stdout.write(
    `${sum((s) => s.runs)} seeds from ${first} on, ${Math.round(sum((s) => s.runs) / minutes)} a minute: ` +
      `${Math.round(sum((s) => s.seconds) / 3600)} hours of virtual time, ${sum((s) => s.events)} events, ` +
      `${sum((s) => s.full)} full and ${sum((s) => s.partial)} partial resyncs, ` +
      `${sum((s) => s.refused)} refused\n`,
  )
  const failed = all.flatMap((sums) => sums.failed)
  if (failed.length === 0) return
  process.stdout.write(`failed: ${failed.sort((a, b) => a - b).join(' ')}\n`)
  process.exitCode = 1
}

const { SHARE } = process.env
if (SHARE === undefined) await main()
else process.send!(run(JSON.parse(SHARE) as Share), () => process.disconnect())
