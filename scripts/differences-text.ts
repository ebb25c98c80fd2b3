/**
 * docs/DIFFERENCES.md as text, from what was played.
 *
 *   ## redis 8.6.3
 *   | everywhere: what | 7.0.15 | 8.6.3 | in so many scenarios |
 *   | scenario | the first difference that is its own: 7.0.15 | 8.6.3 | others behind it |
 */
import { differingFields, type Row } from '../src/diff/compare.ts'
import { causesIn, type Found, kindsOfDifference } from '../src/diff/kinds-of-difference.ts'
import type { Message } from '../src/diff/message.ts'
import { differenceText, messageText } from '../src/diff/message-text.ts'
import type { Outcome } from '../src/diff/suite.ts'

export type Played = { readonly name: string; readonly outcomes: readonly Outcome[] }

/** What so many scenarios show is told once for all of them. */
const EVERYWHERE = 6
const CELL_MAX = 110

/** The whole document. @param base what all others are compared with */
export function differencesText(base: string, versions: readonly Played[]): string {
  const parts = versions.map((played) => section(base, played))
  const short = versions.map(({ name, outcomes }, i) => {
    const of = (kind: Outcome['kind']) => outcomes.filter((one) => one.kind === kind).length
    return [name, outcomes.length, of('equal'), of('differs') - parts[i]!.own, parts[i]!.own]
  })
  const lines = [
    `# How other versions replicate otherwise than ${base}`,
    '',
    `Made by \`npm run differences\`, not written by hand: all scenarios of \`syncscope diff\` played with ${base} and with`,
    'each of the others. What a version does otherwise in many scenarios is told once; then each scenario has one line,',
    'the first difference that is its own. `syncscope diff --a real --b PATH --only NAME` shows it in its place.',
    '',
    ...table(
      ['version', 'scenarios', 'equal', 'equal but for what is everywhere', 'with differences of their own'],
      short.map((cells) => cells.map(String)),
    ),
    ...parts.flatMap(({ text }) => text),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

function section(base: string, { name, outcomes }: Played) {
  const everywhere = kindsOfDifference(outcomes).filter(({ scenarios }) => scenarios.length >= EVERYWHERE)
  const known = new Set(everywhere.map(keyOf))
  const own = outcomes.flatMap((outcome) => ownLine(outcome, known))
  const text = [
    `## ${name}`,
    '',
    'Everywhere:',
    '',
    ...table(
      ['what', base, name, 'scenarios'],
      everywhere.map(({ what, a, b, scenarios }) => [what, code(a), code(b), String(scenarios.length)]),
    ),
    'Scenario by scenario:',
    '',
    ...table(['scenario', base, name, 'more'], own),
  ]
  return { text, own: own.length }
}

function keyOf({ what, a, b }: Found): string {
  return JSON.stringify([what, a, b])
}

/** Cells of a line, or none where nothing is its own. */
function ownLine(outcome: Outcome, known: ReadonlySet<string>): string[][] {
  if (outcome.kind !== 'differs') return []
  const { scenario, comparison } = outcome
  const own = causesIn(comparison).filter(({ kinds }) => !kinds.every((kind) => known.has(keyOf(kind))))
  const [first] = own
  if (first === undefined) return []
  const { row } = first
  const fields = differingFields(row.a, row.b).filter((field) => {
    const ofField = first.kinds.find(({ what }) => what.endsWith(` ${field}`))
    return ofField === undefined || !known.has(keyOf(ofField))
  })
  const told = (message: Message | undefined, side: 'a' | 'b') =>
    message === undefined ? '(nothing)' : code(said(message, fields) + asked(comparison.rows, row, side))
  const more = own.length > 1 ? `${own.length - 1}` : ''
  return [[`${scenario.name}, ${scenario.role}`, told(row.a, 'a'), told(row.b, 'b'), more]]
}

function said(message: Message, fields: readonly string[]): string {
  return fields.length === 0 ? messageText(message) : differenceText(message, fields)
}

/** What a reply answers. */
function asked(rows: readonly Row[], row: Row, side: 'a' | 'b'): string {
  if (row[side]?.kind !== 'reply') return ''
  const before = rows.slice(0, rows.indexOf(row)).filter(({ lane }) => lane === row.lane)
  const request = before.findLast((other) => other[side]?.kind === 'request')?.[side]
  return request === undefined ? '' : ` to ${messageText(request).slice(2)}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return ['Nothing.', '']
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line), '']
}

function code(text: string): string {
  const plain = text
    .replace(/[^\x20-\x7e→←…]/g, '?')
    .replace(/\|/g, '\\|')
    .replace(/`/g, "'")
  return `\`${plain.length > CELL_MAX ? `${plain.slice(0, CELL_MAX)}…` : plain}\``
}
