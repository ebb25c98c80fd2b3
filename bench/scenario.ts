/**
 * What a scenario is: a name, what it measures, and rows of the table.
 *
 * To add one: a file with a `Scenario`, and its line in main.ts. Measure every subject in the same run, in
 * rounds (`inRounds`), so that what else the machine does meanwhile hurts all alike.
 */
import { SUBJECTS, type SubjectName } from './subjects.ts'

export type Settings = {
  /** Small sizes: to see that it works, not to quote. */
  readonly quick: boolean
  readonly rounds: number
  /** Says on stderr what is being done. */
  note(line: string): void
}

export type Scenario = {
  readonly name: string
  run(settings: Settings): Promise<Row[]>
}

/** One measure, as it stands in the table. */
export type Row = {
  readonly scenario: string
  readonly measure: string
  readonly unit: string
  /** The medians, in the unit. */
  readonly values: Partial<Record<SubjectName, number>>
  /** What the bar is held against: a ratio, or the value itself. */
  readonly score?: { readonly value: number; readonly of: string }
  readonly bar?: { readonly sense: 'at most' | 'at least'; readonly limit: number; readonly unit?: string }
  /** Every sample behind the medians, for the JSON. */
  readonly samples?: Partial<Record<SubjectName, readonly number[]>>
}

export function isMet({ score, bar }: Row): boolean {
  if (score === undefined || bar === undefined) return true
  return bar.sense === 'at most' ? score.value <= bar.limit : score.value >= bar.limit
}

/** Samples of one measure by subject. */
export class Samples {
  readonly bySubject: Partial<Record<SubjectName, number[]>> = {}

  add(subject: SubjectName, value: number): void {
    ;(this.bySubject[subject] ??= []).push(value)
  }

  medians(): Partial<Record<SubjectName, number>> {
    return Object.fromEntries(Object.entries(this.bySubject).map(([name, all]) => [name, median(all)]))
  }

  /**
   * How many times as much syncscope has as another subject: the median of the rounds' ratios. What runs within
   * seconds of each other is compared, so a machine that is slow for a minute does not decide.
   */
  ratioTo(other: SubjectName): number {
    const others = this.bySubject[other] ?? []
    return median((this.bySubject.syncscope ?? []).map((value, round) => value / (others[round] ?? NaN)))
  }
}

/** Runs every subject once a round, in an order that turns, so that none is always first. */
export async function inRounds(
  settings: Settings,
  measure: (name: SubjectName) => Promise<void>,
): Promise<void> {
  await inRoundsOf(settings, SUBJECTS, measure)
}

/** The same for anything else that is compared. */
export async function inRoundsOf<T>(
  settings: Settings,
  subjects: readonly T[],
  measure: (subject: T) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < settings.rounds; round++) {
    for (let i = 0; i < subjects.length; i++) {
      await measure(subjects[(round + i) % subjects.length] as T)
    }
  }
}

/** The middle of the values (of an even number: the mean of the middle two); NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  return ((sorted[Math.ceil(half) - 1] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2
}

/** The value below which `share` (0..1) of the values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}
