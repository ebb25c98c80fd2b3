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
import type { Comparison, Row } from './compare.ts'
import { STYLE } from './html-style.ts'
import type { Message } from './message.ts'
import { messageText } from './message-text.ts'
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
  const title = `syncscope diff: ${facts.titles[0]} and ${facts.titles[1]}`
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style></head><body>`,
    `<h1>${escaped(title)}</h1>`,
    `<p class="sum">${outcomes.length} scenarios, ${differing} with differences. syncscope ${escaped(facts.version)}</p>`,
    overview(outcomes),
    ...outcomes.map((outcome, index) => section(outcome, index, facts)),
    '</body></html>',
    '',
  ].join('\n')
}

function overview(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ scenario, kind, ms }, index) => {
    const link = `<a href="#s${index}">${escaped(scenario.name)}</a>`
    return `<tr class="${kind}"><td>${link}</td><td>${scenario.role}</td><td>${kindText(kind)}</td><td>${(ms / 1000).toFixed(1)} s</td></tr>`
  })
  const head = '<tr><th>scenario</th><th>role</th><th>outcome</th><th>time</th></tr>'
  return `<table class="overview">${head}${rows.join('\n')}</table>`
}

function kindText(kind: Outcome['kind']): string {
  return kind === 'not-applicable' ? 'not applicable' : kind
}

function section(outcome: Outcome, index: number, facts: HtmlFacts): string {
  const { scenario, kind } = outcome
  const head = `<summary><b>${escaped(scenario.name)}</b> ${scenario.role} <i class="${kind}">${kindText(kind)}</i></summary>`
  const body =
    outcome.kind === 'not-applicable'
      ? `<p>${escaped(outcome.why)}</p>`
      : ladders(outcome.comparison, outcome, facts) + usesText(outcome.uses, facts)
  const isOpen = kind === 'differs' ? ' open' : ''
  const data = `data-scenario="${escaped(scenario.name)}" data-role="${scenario.role}" data-outcome="${kind}"`
  return `<details id="s${index}" ${data}${isOpen}>${head}\n<p>${escaped(scenario.teaches)}</p>${body}</details>`
}

function ladders(comparison: Comparison, { scenario }: Outcome, facts: HtmlFacts): string {
  const lines: string[] = []
  let step = -1
  let lane = ''
  for (const row of comparison.rows) {
    if (row.step !== step) {
      step = row.step
      lane = ''
      const what = scenario.steps[step]
      const text = what === undefined ? '' : stepText(what)
      lines.push(`<tr class="step"><td>${step + 1}</td><td colspan="2">${escaped(clipped(text))}</td></tr>`)
    }
    if (row.lane !== lane) {
      lane = row.lane
      lines.push(`<tr class="lane"><td></td><td>${escaped(lane)}</td><td>${escaped(lane)}</td></tr>`)
    }
    lines.push(rung(row, row === comparison.first))
  }
  const head = facts.names
    .map((name, i) => `<th>${escaped(name)}: ${escaped(facts.titles[i]!)}</th>`)
    .join('')
  return `<table class="ladder"><thead><tr><th></th>${head}</tr></thead><tbody>${lines.join('\n')}</tbody></table>`
}

function rung(row: Row, isFirst: boolean): string {
  const mark = row.isEqual ? '' : isFirst ? ' class="diff first"' : ' class="diff"'
  return `<tr${mark} data-message="${row.number}"><td>${row.number}</td>${cell(row.a, 'a')}${cell(row.b, 'b')}</tr>`
}

function cell(message: Message | undefined, side: 'a' | 'b'): string {
  if (message === undefined) return `<td data-side="${side}"><div class="none">nothing</div></td>`
  const { from } = message
  const way = from === 'observer' ? 'seen' : from === 'replica' || from === 'client' ? 'up' : 'down'
  return `<td data-side="${side}"><div class="rung ${way}" data-from="${from}">${escaped(clipped(messageText(message)))}</div></td>`
}

function usesText(uses: readonly [readonly Use[], readonly Use[]], { names }: HtmlFacts): string {
  const parts = uses.map((list, i) => {
    const items = list.map(({ name, reason, changed, aside }) => {
      const figures = [changed > 0 ? `${changed} changed` : '', aside > 0 ? `${aside} set aside` : '']
      return `<li>${escaped(name)}: ${figures.filter((text) => text !== '').join(', ')}. <span>${escaped(reason)}</span></li>`
    })
    return `<div><b>${escaped(names[i]!)}</b><ul>${items.join('')}</ul></div>`
  })
  return `<details class="uses"><summary>what was normalised</summary>${parts.join('')}</details>`
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
