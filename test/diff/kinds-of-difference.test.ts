/** What differs in many scenarios in one way is one difference; what only follows from it is none. */
import { describe, expect, it } from 'vitest'
import { compare } from '../../src/diff/compare.ts'
import { kindsOfDifference } from '../../src/diff/kinds-of-difference.ts'
import type { Message } from '../../src/diff/message.ts'
import { scenario } from '../../src/diff/scenario.ts'
import { ask } from '../../src/diff/step.ts'
import type { Outcome } from '../../src/diff/suite.ts'
import { command, message } from './observations.ts'

function outcome(name: string, a: readonly Message[], b: readonly Message[]): Outcome {
  const of = scenario({ name, role: 'master', teaches: 'x', steps: [ask('PING')] })
  return { scenario: of, kind: 'differs', comparison: compare(a, b), uses: [[], []], ms: 0 }
}

const end = (rdbVersion: number) => message('snapshot-end', { keys: 0, rdbVersion })

describe('kinds of difference', () => {
  it('count scenarios, and leave out offsets that only follow', () => {
    const kinds = kindsOfDifference([
      outcome('a/one', [end(10), command('SET k v', 0)], [end(12), command('SET k v', 5)]),
      outcome('a/two', [end(10)], [end(12)]),
    ])
    expect(kinds).toEqual([
      { what: 'snapshot-end rdbVersion', a: '10', b: '12', scenarios: ['a/one, master', 'a/two, master'] },
    ])
  })

  it('tell an offset that differs where nothing else does', () => {
    const kinds = kindsOfDifference([outcome('a/one', [command('SET k v', 0)], [command('SET k v', 1)])])
    expect(kinds).toHaveLength(1)
  })

  it('tell the first of several messages that one side lacks, and nothing behind its early end', () => {
    const rest = [command('SELECT 0'), command('SET a v'), command('SET b v')]
    expect(kindsOfDifference([outcome('a/one', rest, [])])).toHaveLength(1)
    const ended = message('missing', { detail: 'no PSYNC' }, { lane: 'scenario', from: 'observer' })
    const kinds = kindsOfDifference([outcome('a/one', rest, [ended])])
    expect(kinds).toMatchObject([{ what: 'missing', a: '(nothing)', b: 'no PSYNC' }])
  })

  it('tell a message that one side lacks', () => {
    const [kind] = kindsOfDifference([outcome('a/one', [command('SELECT 0')], [])])
    expect(kind).toMatchObject({ what: 'command', a: '← db0 SELECT 0', b: '(nothing)' })
  })
})
