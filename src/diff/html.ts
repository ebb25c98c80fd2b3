/**
 * The report as one page: no scripts, nothing fetched, readable from a disk in ten years.
 *
 *   ┌ table of scenarios ┐   then a section each, open where it differs:
 *
 *      a: redis 7.0.15                    b: reference
 *      replica │─ PSYNC id#1 1025 ──►│    replica │─ PSYNC id#1 1024 ──►│      ← marked
 *              │◄── CONTINUE id#1 ───│            │◄── CONTINUE id#1 ───│
 *
 * A ladder has the two ends of a lane as its uprights and a message a rung; both ladders share their rows,
 * so that the same message stands at the same height.
 */
import { type Comparison, differingFields, type Row } from './compare.ts'
import { STYLE } from './html-style.ts'
import type { Message } from './message.ts'
import { differenceText } from './message-text.ts'
import type { Use } from './normalise.ts'
import { stepText } from './step-text.ts'
import type { Outcome } from './suite.ts'

export type HtmlFacts = {
  readonly names: readonly [string, string]
  /** What they are: `redis 7.0.15`. */
  readonly titles: readonly [string, string]
  readonly version: string
}

/** Text of one message that is shown; what is longer is cut and told by length. */
const TEXT_MAX = 600

export function htmlReport(outcomes: readonly Outcome[], facts: HtmlFacts): string {
  const differing = outcomes.filter(({ kind }) => kind === 'differs').length
  const title = escaped(`syncscope diff: ${facts.titles[0]} and ${facts.titles[1]}`)
  const sum = `${outcomes.length} scenarios, ${differing} with differences. syncscope ${facts.version}`
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    `<title>${title}</title>`,
    `<style>${STYLE}</style></head><body>`,
    element('h1', {}, title),
    element('p', { class: 'sum' }, escaped(sum)),
    overview(outcomes),
    ...outcomes.map((outcome, index) => section(outcome, index, facts)),
    '</body></html>',
    '',
  ].join('\n')
}

function overview(outcomes: readonly Outcome[]): string {
  const head = row(
    {},
    ['scenario', 'role', 'outcome', 'time'].map((name) => element('th', {}, name)),
  )
  const rows = outcomes.map(({ scenario, kind, ms }, index) => {
    const link = element('a', { href: `#s${index}` }, escaped(scenario.name))
    const cells = [link, scenario.role, kindText(kind), `${(ms / 1000).toFixed(1)} s`]
    return row(
      { class: kind },
      cells.map((content) => element('td', {}, content)),
    )
  })
  return element('table', { class: 'overview' }, [head, ...rows].join('\n'))
}

function kindText(kind: Outcome['kind']): string {
  return kind === 'not-applicable' ? 'not applicable' : kind
}

function section(outcome: Outcome, index: number, facts: HtmlFacts): string {
  const { scenario, kind } = outcome
  const name = element('b', {}, escaped(scenario.name))
  const head = element(
    'summary',
    {},
    `${name} ${scenario.role} ${element('i', { class: kind }, kindText(kind))}`,
  )
  const body =
    outcome.kind === 'not-applicable'
      ? element('p', {}, escaped(outcome.why))
      : decisionText(outcome.decision) +
        ladders(outcome.comparison, outcome, facts) +
        usesText(outcome.uses, facts)
  const data = { 'data-scenario': scenario.name, 'data-role': scenario.role, 'data-outcome': kind }
  const open = kind === 'differs' ? { open: '' } : {}
  const teaches = element('p', {}, escaped(scenario.teaches))
  return element('details', { id: `s${index}`, ...data, ...open }, head, teaches, body)
}

function decisionText(decision: string | undefined): string {
  return decision === undefined ? '' : element('p', {}, escaped(`Equal but for a decision: ${decision}`))
}

function ladders(comparison: Comparison, { scenario }: Outcome, facts: HtmlFacts): string {
  const lines: string[] = []
  let step = -1
  let lane = ''
  for (const one of comparison.rows) {
    if (one.step !== step) {
      step = one.step
      lane = ''
      const what = scenario.steps[step]
      const text = escaped(clipped(what === undefined ? '' : stepText(what)))
      lines.push(
        row({ class: 'step' }, [element('td', {}, `${step + 1}`), element('td', { colspan: '2' }, text)]),
      )
    }
    if (one.lane !== lane) {
      lane = one.lane
      const ends = endsOf(lane, (one.a ?? one.b)!)
      lines.push(
        row(
          { class: 'lane' },
          ['', ends, ends].map((text) => element('td', {}, text)),
        ),
      )
    }
    lines.push(rung(one, one === comparison.first))
    if (one === comparison.first) lines.push(firstMark(one))
  }
  const names = facts.names.map((name, i) => element('th', {}, escaped(nameOf(name, facts.titles[i]!))))
  const head = element('thead', {}, row({}, [element('th', {}), ...names]))
  return element('table', { class: 'ladder' }, head, element('tbody', {}, lines.join('\n')))
}

function nameOf(name: string, title: string): string {
  return name === title ? name : `${name}: ${title}`
}

/** What the two uprights of a lane are. */
function endsOf(lane: string, { from }: Message): string {
  const right = { replica: 'master', master: 'master', client: 'server', server: 'server', observer: '' }[
    from
  ]
  const left = right === 'master' ? `${lane}: replica` : lane
  return element('div', { class: 'ends' }, ...[left, right].map((end) => element('span', {}, escaped(end))))
}

/** Says in which fields they differ, where both have the message. */
function firstMark({ a, b }: Row): string {
  const fields = differingFields(a, b)
  const text = fields.length === 0 ? 'the first difference' : `the first difference: ${fields.join(', ')}`
  return row({ class: 'mark' }, [element('td', {}), element('td', { colspan: '2' }, escaped(clipped(text)))])
}

function rung({ a, b, isEqual, number }: Row, isFirst: boolean): string {
  const mark = isEqual ? {} : { class: isFirst ? 'diff first' : 'diff' }
  const fields = differingFields(a, b)
  const cells = [element('td', {}, `${number}`), cell(a, 'a', fields), cell(b, 'b', fields)]
  return row({ ...mark, 'data-message': `${number}` }, cells)
}

function cell(message: Message | undefined, side: 'a' | 'b', fields: readonly string[]): string {
  if (message === undefined)
    return element('td', { 'data-side': side }, element('div', { class: 'none' }, 'nothing'))
  const { from } = message
  const way = from === 'observer' ? 'seen' : from === 'replica' || from === 'client' ? 'up' : 'down'
  const text = escaped(clipped(differenceText(message, fields)))
  return element(
    'td',
    { 'data-side': side },
    element('div', { class: `rung ${way}`, 'data-from': from }, text),
  )
}

function usesText(uses: readonly [readonly Use[], readonly Use[]], { names }: HtmlFacts): string {
  const parts = uses.map((list, i) => {
    const items = list.map(({ name, reason, changed, aside }) => {
      const figures = [changed > 0 ? `${changed} changed` : '', aside > 0 ? `${aside} set aside` : '']
      const said = escaped(`${name}: ${figures.filter((text) => text !== '').join(', ')}. `)
      return element('li', {}, said, element('span', {}, escaped(reason)))
    })
    return element('div', {}, element('b', {}, escaped(names[i]!)), element('ul', {}, ...items))
  })
  return element('details', { class: 'uses' }, element('summary', {}, 'what was normalised'), ...parts)
}

function row(attributes: Readonly<Record<string, string>>, cells: readonly string[]): string {
  return element('tr', attributes, ...cells)
}

/** @param content as it is: text must have been escaped */
function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...content: readonly string[]
): string {
  const said = Object.entries(attributes).map(([key, value]) =>
    value === '' ? ` ${key}` : ` ${key}="${escaped(value)}"`,
  )
  return `<${name}${said.join('')}>${content.join('')}</${name}>`
}

function clipped(text: string): string {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}… (${text.length} characters)` : text
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char]!).replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '?')
}
