/** Differences that are meant: each is still there, and covers nothing else. */
import { expect, it } from 'vitest'
import { compare } from '../../src/diff/compare.ts'
import { DECISIONS, decisionOn } from '../../src/diff/decisions.ts'
import { SCENARIOS } from '../../src/diff/scenarios/index.ts'
import { runSuite } from '../../src/diff/suite.ts'
import { openSubject } from '../../src/io/subject.ts'
import { systemClock } from '../../src/io/system-clock.ts'
import { describeWithRedis } from '../support/real-redis.ts'
import { SERVE } from '../support/serve.ts'
import { command, message } from './observations.ts'

const decided = DECISIONS.map(({ scenario, role }) => {
  const found = SCENARIOS.find((one) => one.name === scenario && one.role === role)
  if (found === undefined) throw new Error(`no scenario ${scenario}, ${role}`)
  return found
})

it('a decision covers what it names and nothing else', () => {
  const [one] = decided
  const refused = message('reply', { type: 'error', reply: "ERR unknown command 'ACL', with args" })
  const { first } = compare([command('SET k v')], [refused])
  expect(decisionOn(one!, first, 'b')).toMatch(/ACL/)
  expect(decisionOn(one!, first, 'a')).toBeUndefined()
  expect(decisionOn(one!, compare([command('SET k v')], [command('SET k w')]).first, 'b')).toBeUndefined()
  expect(decisionOn({ ...one!, role: 'pair' }, first, 'b')).toBeUndefined()
})

describeWithRedis('the reference beside a real server', (server) => {
  it('differs as it is said to, in each of these scenarios', { timeout: 60_000 }, async () => {
    const a = await openSubject('--a', server.path, [SERVE.path], false)
    const b = await openSubject('--b', 'reference', [SERVE.path], false)
    const options = { a, b, clock: systemClock, jobs: 3 }
    const outcomes = await runSuite(decided, { ...options, isStrict: false })
    expect(outcomes.map(({ kind }) => kind)).toEqual(decided.map(() => 'decided'))
    const strict = await runSuite(decided.slice(0, 1), { ...options, isStrict: true })
    expect(strict.map(({ kind }) => kind)).toEqual(['differs'])
  })
})
