/**
 * The suite: each scenario played with both subjects at once, several scenarios at a time, and compared.
 *
 * Most of a scenario is waiting for somebody's cron, so more of them run than there are processors. A
 * subject that is one running server has one scenario at a time.
 */
import { NotApplicable, REFERENCE, type Subject } from '../io/subject.ts'
import type { Clock } from '../ports.ts'
import { type Comparison, compare } from './compare.ts'
import { decisionOn } from './decisions.ts'
import type { Observation } from './message.ts'
import { normalise, type Use } from './normalise.ts'
import { play } from './play.ts'
import type { Scenario } from './scenario.ts'
import type { Attaches } from './stage.ts'

export type Outcome =
  | {
      readonly scenario: Scenario
      /** `decided`: it differs as the reference server is meant to (decisions.ts). */
      readonly kind: 'equal' | 'differs' | 'decided'
      readonly comparison: Comparison
      /** Why it is meant to differ. */
      readonly decision?: string
      /** What was normalised, for each side. */
      readonly uses: readonly [readonly Use[], readonly Use[]]
      readonly ms: number
    }
  | {
      readonly scenario: Scenario
      readonly kind: 'not-applicable'
      /** Why it cannot be played with one of the subjects. */
      readonly why: string
      readonly ms: number
    }

export type SuiteOptions = {
  readonly a: Subject
  readonly b: Subject
  readonly clock: Clock
  readonly isStrict: boolean
  /** Scenarios at a time. */
  readonly jobs: number
  /** Called with each outcome as it comes, in any order. */
  readonly onOutcome?: (outcome: Outcome) => void
  /** Ends the suite early: what is being played is played to its end. */
  readonly isStopped?: () => boolean
}

/** Outcomes in the order of the scenarios. */
export async function runSuite(scenarios: readonly Scenario[], options: SuiteOptions): Promise<Outcome[]> {
  const { a, b, onOutcome, isStopped } = options
  const outcomes: (Outcome | undefined)[] = []
  let next = 0
  const worker = async () => {
    while (next < scenarios.length && isStopped?.() !== true) {
      const index = next++
      const outcome = await runScenario(scenarios[index]!, options)
      outcomes[index] = outcome
      onOutcome?.(outcome)
    }
  }
  const jobs = a.isShared || b.isShared ? 1 : options.jobs
  await Promise.all(Array.from({ length: jobs }, worker))
  return outcomes.filter((outcome) => outcome !== undefined)
}

async function runScenario(
  scenario: Scenario,
  { a, b, clock, isStrict }: Pick<SuiteOptions, 'a' | 'b' | 'clock' | 'isStrict'>,
): Promise<Outcome> {
  const began = clock.now()
  const elapsed = () => Math.round((clock.now() - began) / 1000)
  const attaches = a.isShared || b.isShared ? 'by command' : 'by configuration'
  const played = await Promise.all([a, b].map((subject) => attempt(subject, scenario, clock, attaches)))
  const why = played.find((one): one is NotApplicable => one instanceof NotApplicable)
  if (why !== undefined) return { scenario, kind: 'not-applicable', why: why.message, ms: elapsed() }
  const [left, right] = (played as Observation[]).map((one) => normalise(one, scenario.tolerances, isStrict))
  const comparison = compare(left!.messages, right!.messages)
  const result = { scenario, comparison, uses: [left!.uses, right!.uses], ms: elapsed() } as const
  if (comparison.first === undefined) return { ...result, kind: 'equal' }
  const side = ([a, b] as const).findIndex(({ name }) => name === REFERENCE)
  const decision =
    side < 0 || isStrict ? undefined : decisionOn(scenario, comparison.first, side === 0 ? 'a' : 'b')
  return decision === undefined ? { ...result, kind: 'differs' } : { ...result, kind: 'decided', decision }
}

async function attempt(
  subject: Subject,
  scenario: Scenario,
  clock: Clock,
  attaches: Attaches,
): Promise<Observation | NotApplicable> {
  try {
    return await play(subject, scenario, clock, attaches)
  } catch (error) {
    if (error instanceof NotApplicable) return error
    throw new Error(`${scenario.name} with ${subject.title}: ${(error as Error).message}`, { cause: error })
  }
}
