/** docs/DIFFERENCES.md: what is everywhere is told once, then a line for each scenario with something of its own. */
import { expect, it } from 'vitest'
import { differencesText } from '../../scripts/differences-text.ts'
import { compare } from '../../src/diff/compare.ts'
import type { Message } from '../../src/diff/message.ts'
import { scenario } from '../../src/diff/scenario.ts'
import { ask } from '../../src/diff/step.ts'
import type { Outcome } from '../../src/diff/suite.ts'
import { command, message, request } from './observations.ts'

function outcome(name: string, a: readonly Message[], b: readonly Message[]): Outcome {
  const comparison = compare(a, b)
  const kind = comparison.first === undefined ? 'equal' : 'differs'
  const of = scenario({ name, role: 'master', teaches: 'x', steps: [ask('SET k v')] })
  return { scenario: of, kind, comparison, uses: [[], []], ms: 1 }
}

const version = (number: number) => message('snapshot-end', { rdbVersion: number })
const answer = (text: string) => message('reply', { reply: text, type: 'error' })
const many = Array.from({ length: 6 }, (_, i) => outcome(`many/${i}`, [version(10)], [version(13)]))
const own = [
  outcome('own/word', [version(10), command('DEL k')], [version(13), command('UNLINK k')]),
  outcome(
    'own/reply',
    [request('client', 'GETEX', 'k'), answer('ERR one')],
    [request('client', 'GETEX', 'k'), answer('ERR two')],
  ),
]
const text = differencesText('redis 7.0.15', [
  { name: 'redis 9', outcomes: [...many, ...own, outcome('none', [version(10)], [version(10)])] },
])

it('what is everywhere is told once', () => {
  expect(text.match(/rdbVersion/g)).toHaveLength(1)
  expect(text).toContain('| snapshot-end rdbVersion | `10` | `13` | 7 |')
  expect(text).not.toContain('many/')
})

it('what is a scenario’s own has a line, a reply behind what it answers', () => {
  expect(text).toContain('| own/word, master | `← @1..5 db0 DEL k` | `← @1..8 db0 UNLINK k` |  |')
  expect(text).toContain('| own/reply, master | `GETEX k ← -ERR one` | `GETEX k ← -ERR two` |  |')
})

it('begins with the sums', () => {
  expect(text).toContain('| redis 9 | 9 | 1 | 6 | 2 |')
})
