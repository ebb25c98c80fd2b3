import { describe, expect, it } from 'vitest'
import { type Outcome, runSeed } from './scenario.ts'
import seeds from './seeds.json' with { type: 'json' }

/** Seeds of the short form; `npm run sim` has as many as there is time for. */
const RUNS = 100

/** What failed, with the way there. */
function told({ seed, failure, trace }: Outcome): string {
  return `SEED=${seed} npm run sim\n${trace.slice(-40).join('\n')}\n${failure}`
}

function expectWell(seed: number): Outcome {
  const outcome = runSeed(seed)
  if (outcome.failure !== undefined) expect.fail(told(runSeed(seed, true)))
  return outcome
}

describe('replication in a simulated world', () => {
  it('does the same again from the same seed', () => {
    const [first, again, other] = [runSeed(4, true), runSeed(4, true), runSeed(5, true)]
    expect(first.trace.length).toBeGreaterThan(50)
    expect(again).toEqual(first)
    expect(other.trace).not.toEqual(first.trace)
    expect(runSeed(4)).toEqual({ ...first, trace: [] })
  })

  it(`holds together for ${RUNS} seeds, and really resynchronises`, () => {
    const sums = { full: 0, partial: 0 }
    for (let seed = 1; seed <= RUNS; seed++) {
      const { counts } = expectWell(seed)
      sums.full += counts.full
      sums.partial += counts.partial
    }
    expect(sums.full).toBeGreaterThan(RUNS)
    expect(sums.partial).toBeGreaterThan(RUNS)
  })

  it.each(seeds)('still holds for seed $seed: $found', ({ seed }) => {
    expectWell(seed)
  })
})
