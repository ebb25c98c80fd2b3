/** The page: whole in itself, harmless whatever the messages hold, and a ladder for each side. */
import { describe, expect, it } from 'vitest'
import { compare } from '../../src/diff/compare.ts'
import { htmlReport } from '../../src/diff/html.ts'
import { scenario } from '../../src/diff/scenario.ts'
import { ask } from '../../src/diff/step.ts'
import type { Outcome } from '../../src/diff/suite.ts'
import { command } from './observations.ts'

function outcome(a: string, b: string): Outcome {
  const comparison = compare([command('SET same v'), command(a)], [command('SET same v'), command(b)])
  return {
    scenario: scenario({ name: 'stream/<b>', role: 'master', teaches: 'A & B.', steps: [ask('SET k v')] }),
    kind: comparison.first === undefined ? 'equal' : 'differs',
    comparison,
    uses: [[{ name: 'heartbeats', reason: 'they "differ"', changed: 0, aside: 3 }], []],
    ms: 1234,
  }
}

const FACTS = {
  names: ['real', 'reference'],
  titles: ['redis 7.0.15', 'reference'],
  version: '0.1.0',
} as const

describe('the page', () => {
  const page = htmlReport([outcome('SET k 1', 'SET k <script>')], FACTS)

  it('fetches nothing and runs nothing', () => {
    expect(page).toMatch(/^<!doctype html>/)
    expect(page).not.toMatch(/<script|<link|<img|<iframe|https?:|url\(/)
  })

  it('has a rung for each message on either side, the first difference marked', () => {
    expect(page.match(/data-message=/g)).toHaveLength(2)
    expect(page.match(/class="rung down"/g)).toHaveLength(4)
    expect(page.match(/class="diff first"/g)).toHaveLength(1)
    expect(page).toContain('data-outcome="differs" open')
    expect(page).toContain('heartbeats: 3 set aside')
  })

  it('keeps sections shut that have nothing to show', () => {
    expect(htmlReport([outcome('SET k 1', 'SET k 1')], FACTS)).not.toMatch(/<details[^>]* open>/)
  })

  it('tells why a scenario was not played', () => {
    const { scenario: of } = outcome('a', 'a')
    const refused: Outcome = { scenario: of, kind: 'not-applicable', why: 'it <must> not', ms: 1 }
    expect(htmlReport([refused], FACTS)).toContain('it &lt;must&gt; not')
  })
})
