/**
 * What `syncscope diff` prints: the table of scenarios, then both sides of each difference.
 *
 *   partial/backlog-first-byte, replica: message 7, step 4 (…), link m1
 *     real        → PSYNC id#1 1025
 *     reference   → PSYNC id#1 1024          argv.2 differs
 */
import { type Comparison, differingFields, type Row } from '../diff/compare.ts'
import { kindsOfDifference } from '../diff/kinds-of-difference.ts'
import { differenceText as textOf } from '../diff/message-text.ts'
import { ROLES, type Scenario } from '../diff/scenario.ts'
import { stepText } from '../diff/step-text.ts'
import type { Outcome } from '../diff/suite.ts'
import type { Palette } from '../sink/palette.ts'
import { table } from '../sink/tables.ts'
import { count, counted, duration } from '../sink/units.ts'

/** Rows before and after the first difference. */
const CONTEXT = 3
const TEXT_MAX = 400

/** What there is to be played. */
export function listText(scenarios: readonly Scenario[], paint: Palette): string {
  const rows = scenarios.map(({ name, role, teaches }) => [name, role, teaches])
  return table(['scenario', 'role', 'what it teaches'], rows, ['left', 'left', 'left'], paint)
}

/** A row a scenario name, a column a role, and the sum of it all. */
export function outcomesText(outcomes: readonly Outcome[], micros: number, paint: Palette): string {
  const roles = ROLES.filter((role) => outcomes.some(({ scenario }) => scenario.role === role))
  const names = [...new Set(outcomes.map(({ scenario }) => scenario.name))]
  const rows = names.map((name) => [
    name,
    ...roles.map((role) => {
      const found = outcomes.find(({ scenario }) => scenario.name === name && scenario.role === role)
      return found === undefined ? '' : cellText(found, paint)
    }),
  ])
  const aligns = ['left' as const, ...roles.map(() => 'left' as const)]
  return `${table(['scenario', ...roles], rows, aligns, paint)}\n\n ${sumText(outcomes, micros)}`
}

function cellText({ kind }: Outcome, paint: Palette): string {
  if (kind === 'differs') return paint.bad('differs')
  return kind === 'not-applicable' ? 'not applicable' : kind
}

/** `64 scenarios, 63 equal, 1 differs   41.0 s`. */
export function sumText(outcomes: readonly Outcome[], micros: number): string {
  const of = (kind: Outcome['kind']) => outcomes.filter((outcome) => outcome.kind === kind).length
  const parts = [counted(outcomes.length, 'scenario'), `${count(of('equal'))} equal`]
  if (of('differs') > 0) parts.push(`${count(of('differs'))} ${of('differs') === 1 ? 'differs' : 'differ'}`)
  if (of('decided') > 0) parts.push(`${count(of('decided'))} equal but for a decision`)
  if (of('not-applicable') > 0) parts.push(`${count(of('not-applicable'))} not applicable`)
  return `${parts.join(', ')}   ${duration(micros)}`
}

/** Each difference once, with how many scenarios show it; undefined where there is none. */
export function kindsText(
  outcomes: readonly Outcome[],
  names: readonly [string, string],
  paint: Palette,
): string | undefined {
  const kinds = kindsOfDifference(outcomes)
  if (kinds.length === 0) return undefined
  const rows = kinds
    .slice(0, KINDS_MAX)
    .map(({ what, a, b, scenarios }) => [
      count(scenarios.length),
      short(what),
      short(a),
      short(b),
      scenarios[0]!,
    ])
  const head = ['scenarios', 'what differs', ...names, 'first in']
  const more = kinds.length > KINDS_MAX ? `\n … and ${counted(kinds.length - KINDS_MAX, 'more')}` : ''
  return table(head, rows, ['right', 'left', 'left', 'left', 'left'], paint) + more
}

const KINDS_MAX = 60

function short(text: string): string {
  const plain = text.replace(/[^\x20-\x7e→←…–]/g, '?')
  return plain.length > CELL_MAX ? `${plain.slice(0, CELL_MAX)}…` : plain
}

const CELL_MAX = 60

/** Both sides around the first difference; undefined where there is none to show. */
export function differenceText(
  outcome: Outcome,
  names: readonly [string, string],
  paint: Palette,
): string | undefined {
  const { scenario } = outcome
  if (outcome.kind === 'not-applicable') return ` ${scenario.name}: not applicable: ${outcome.why}`
  if (outcome.kind === 'decided')
    return ` ${scenario.name}, ${scenario.role}: equal but for a decision: ${outcome.decision}`
  const { first } = outcome.comparison
  if (first === undefined) return undefined
  const step = scenario.steps[first.step]
  const where = `step ${first.step + 1}${step === undefined ? '' : ` (${stepText(step)})`}, ${first.lane}`
  const title = ` ${scenario.name}, ${scenario.role}: message ${first.number}, ${where}`
  return `${cut(title)}\n${besides(outcome.comparison, first, names, paint)}`
}

/** The first difference with what stands around it, both sides beside each other. */
export function besides(
  { rows, differences }: Comparison,
  first: Row,
  names: readonly [string, string],
  paint: Palette,
): string {
  const at = rows.indexOf(first)
  const shown = rows.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1)
  const width = Math.max(4, ...names.map((name) => name.length))
  const lines = shown.flatMap((row) => rowText(row, row === first, names, width, paint))
  const more = differences > 1 ? `\n   ${counted(differences - 1, 'more difference')} behind it` : ''
  return `${lines.join('\n')}${more}`
}

function rowText(
  row: Row,
  isFirst: boolean,
  names: readonly [string, string],
  width: number,
  paint: Palette,
): string[] {
  const { a, b, isEqual } = row
  const fields = differingFields(a, b)
  const line = (name: string, message: Row['a']) =>
    cut(`   ${name.padEnd(width)}  ${message === undefined ? '(nothing)' : textOf(message, fields)}`)
  if (isEqual) return [line('both', a)]
  const mark = isFirst && fields.length > 0 ? `      ${fields.join(', ')} differs` : ''
  const pair = [line(names[0], a), `${line(names[1], b)}${mark}`]
  return isFirst ? pair.map((text) => paint.bad(text)) : pair
}

function cut(line: string): string {
  const text = line.replace(/[\x00-\x1f\x7f-\x9f]/g, '?')
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text
}
