/**
 * A scenario: what is done to a subject, as data, and what it teaches. One file each below scenarios/.
 *
 * The role says what the subject is: a `master` whose replicas we play, a `replica` whose master we play,
 * or a `pair` of two or more servers of one kind that follow each other through a tap of ours.
 */
import type { Config, Step } from './step.ts'

export type Role = 'master' | 'replica' | 'pair'
export const ROLES: readonly Role[] = ['master', 'replica', 'pair']

/** A difference that is expected, with the reason why it says nothing about the subject. */
export type Tolerance = {
  /** Messages of this kind … */
  readonly kind: string
  /** … have this field hidden (`argv.2` goes inside); without one they are set aside whole. */
  readonly field?: string
  readonly reason: string
}

export type Scenario = {
  /** `group/name`: its file is scenarios/<group>/<name>.ts. */
  readonly name: string
  /** One line: what is learnt from it. */
  readonly teaches: string
  readonly role: Role
  readonly config: Config
  readonly steps: readonly Step[]
  readonly tolerances: readonly Tolerance[]
}

export type ScenarioText = {
  readonly name: string
  readonly teaches: string
  readonly role: Role
  readonly config?: Config
  readonly steps: readonly (Step | readonly Step[])[]
  readonly tolerances?: readonly Tolerance[]
}

/** Completes what a scenario's file says; lists among its steps are spread. */
export function scenario(text: ScenarioText): Scenario {
  return { config: {}, tolerances: [], ...text, steps: text.steps.flat() }
}

/** The masters that we play in it, by name. */
export function playedMasters({ steps, role }: Scenario): string[] {
  const named = steps.flatMap((step) => (step.do === 'accept' || step.do === 'door' ? [step.peer] : []))
  return [...new Set(role === 'replica' ? ['m1', ...named] : named)]
}
