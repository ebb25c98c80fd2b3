/**
 * docs/DIFFERENCES.md as text, from what was played.
 *
 *   ## redis 8.6.3
 *   | everywhere: what | 7.0.15 | 8.6.3 | in so many scenarios |
 *   | scenario | the first difference that is its own: 7.0.15 | 8.6.3 | others behind it |
 */
import type { Row } from '../src/diff/compare.ts'
import { causesIn, type Found, kindsOfDifference } from '../src/diff/kinds-of-difference.ts'
import type { Message } from '../src/diff/message.ts'
import { messageText } from '../src/diff/message-text.ts'
import type { Outcome } from '../src/diff/suite.ts'

export type Played = { readonly name: string; readonly outcomes: readonly Outcome[] }

/** What so many scenarios show is told once for all of them. */
const EVERYWHERE = 6
const CELL_MAX = 110
const NOTHING = '(nothing)'

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
  const kinds = first.kinds.filter((kind) => !known.has(keyOf(kind)))
  const sides = toldWhole(comparison.rows, first.row) ?? toldShort(kinds)
  const more = own.length > 1 ? `${own.length - 1}` : ''
  return [[`${scenario.name}, ${scenario.role}`, ...sides.map(code), more]]
}

type Sides = readonly [string, string]

/** Both messages, where a cell holds them; replies behind what they answer. */
function toldWhole(rows: readonly Row[], row: Row): Sides | undefined {
  const isReply = (row.a ?? row.b)!.kind === 'reply'
  const told = (side: 'a' | 'b') => {
    const message = row[side] ?? (isReply ? replyInstead(rows, row, side) : undefined)
    if (message === undefined) return NOTHING
    return isReply ? `${asked(rows, row)} ${messageText(message)}` : messageText(message)
  }
  const sides: Sides = [told('a'), told('b')]
  return sides.some((text) => text.length > CELL_MAX && text !== NOTHING) ? undefined : sides
}

/** Only what differs in them. */
function toldShort(kinds: readonly Found[]): Sides {
  const told = (side: 'a' | 'b') => kinds.map((kind) => `${kind.what}: ${kind[side]}`).join(', ')
  return [told('a'), told('b')]
}

/** What a reply answers. */
function asked(rows: readonly Row[], row: Row): string {
  const request = requestOf(rows, row)
  return request === undefined ? '' : messageText((request.a ?? request.b)!).slice(2)
}

/** What the side that has another reply there said to the same request. */
function replyInstead(rows: readonly Row[], row: Row, side: 'a' | 'b'): Message | undefined {
  const request = requestOf(rows, row)
  if (request?.[side] === undefined) return undefined
  const behind = rows.slice(rows.indexOf(request) + 1).filter(({ lane }) => lane === row.lane)
  const next = behind.find((other) => other[side] !== undefined)?.[side]
  return next?.kind === 'reply' ? next : undefined
}

function requestOf(rows: readonly Row[], row: Row): Row | undefined {
  const before = rows.slice(0, rows.indexOf(row)).filter(({ lane }) => lane === row.lane)
  return before.findLast(({ a, b }) => (a ?? b)!.kind === 'request')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return ['Nothing.', '']
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line), '']
}

function code(text: string): string {
  if (text === NOTHING) return text
  const plain = text
    .replace(/[^\x20-\x7e→←…]/g, '?')
    .replace(/\|/g, '\\|')
    .replace(/`/g, "'")
  return `\`${plain.length > CELL_MAX ? `${plain.slice(0, CELL_MAX)}…` : plain}\``
}
