/** Real servers against themselves and each other: no false alarm, and no difference overlooked. */
import { expect, it } from 'vitest'
import type { Message } from '../../src/diff/message.ts'
import { play } from '../../src/diff/play.ts'
import { randomScenarios } from '../../src/diff/random.ts'
import { type Scenario, scenario } from '../../src/diff/scenario.ts'
import { SCENARIOS } from '../../src/diff/scenarios/index.ts'
import { ask, look, sync } from '../../src/diff/step.ts'
import { type Outcome, runSuite } from '../../src/diff/suite.ts'
import { openSubject, type Subject } from '../../src/io/subject.ts'
import { systemClock } from '../../src/io/system-clock.ts'
import { describeWithRedis, startRedis } from '../support/real-redis.ts'

const TIMEOUT = 60_000

/** One of each group and role: what a scenario may do. */
const CHOSEN = [
  'handshake/plain, master',
  'handshake/auth-user, replica',
  'handshake/sync-inline, master',
  'full/every-type, master',
  'full/every-type, replica',
  'full/two-replicas-one-snapshot, master',
  'partial/first-byte, master',
  'partial/cut-transaction, replica',
  'stream/transactions, master',
  'stream/blocking, master',
  'stream/expiry-met, master',
  'roles/second-id, replica',
  'roles/restart-saved, master',
  'behaviour/getack, replica',
  'pair/sync, pair',
]
const chosen = SCENARIOS.filter(({ name, role }) => CHOSEN.includes(`${name}, ${role}`))

function run(scenarios: readonly Scenario[], a: Subject, b: Subject, isStrict = false): Promise<Outcome[]> {
  return runSuite(scenarios, { a, b, clock: systemClock, isStrict, jobs: 3 })
}

/** What of an outcome says that something is wrong. */
function verdict(outcome: Outcome): string {
  const { name, role } = outcome.scenario
  if (outcome.kind === 'not-applicable') return `${name}, ${role}: ${outcome.why}`
  const missing = outcome.comparison.rows.find(({ a }) => a?.kind === 'missing')?.a?.fields.detail
  const first = JSON.stringify(outcome.comparison.first ?? '')
  return `${name}, ${role}: ${missing ?? (outcome.kind === 'equal' ? 'equal' : first)}`
}

const REFERENCE: [string, ...string[]] = [process.execPath]

describeWithRedis('scenarios with real servers', (server) => {
  const real = () => openSubject('--a', server.path, REFERENCE, false)

  it('are equal with themselves, each played to its end', { timeout: TIMEOUT }, async () => {
    expect(chosen).toHaveLength(CHOSEN.length)
    const outcomes = await run(chosen, await real(), await real())
    expect(outcomes.map(verdict)).toEqual(chosen.map(({ name, role }) => `${name}, ${role}: equal`))
  })

  it('are equal for random workloads', { timeout: TIMEOUT }, async () => {
    const outcomes = await run(randomScenarios(3, 1), await real(), await real())
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(6).fill('equal'))
  })

  it('differ where strict: no two servers have one id', { timeout: TIMEOUT }, async () => {
    const [outcome] = await run(
      [chosen.find(({ name }) => name === 'handshake/plain')!],
      await real(),
      await real(),
      true,
    )
    expect(outcome?.kind).toBe('differs')
  })

  it('show a server that is configured otherwise, at the message that tells', {
    timeout: TIMEOUT,
  }, async () => {
    const subject = await real()
    const other: Subject = {
      ...subject,
      start: (config, port) => subject.start({ ...config, 'repl-diskless-sync': 'no' }, port),
    }
    const one = scenario({ name: 'a/b', role: 'master', teaches: 'x', steps: [sync(), ask('SET k v')] })
    const [outcome] = await run([one], subject, other)
    if (outcome?.kind !== 'differs') throw new Error('they are equal')
    expect(outcome.comparison.first?.a).toMatchObject({ kind: 'snapshot-begin', fields: { framing: 'mark' } })
    expect(outcome.comparison.first?.b).toMatchObject({
      kind: 'snapshot-begin',
      fields: { framing: 'length' },
    })
  })

  it('end where what they await does not come, and say so', { timeout: TIMEOUT }, async () => {
    const bad: Scenario = { ...chosen[0]!, config: { 'no-such-parameter': 1 } }
    const { messages } = await play(await real(), bad, systemClock)
    expect(messages.map(({ kind }: Message) => kind)).toEqual(['missing'])
    expect(messages[0]?.fields.detail).toMatch(/does not start: \S+ .*: \S/)
  })

  it('are played with a running server, which is as it was afterwards', { timeout: TIMEOUT }, async () => {
    const running = await startRedis({ server, config: { 'repl-backlog-size': '3mb' } })
    await running.client.command('SET', 'data', 'lost')
    const address = `127.0.0.1:${running.port}`
    await expect(openSubject('--b', address, REFERENCE, false)).rejects.toThrow(/--allow-writes/)
    const b = await openSubject('--b', address, REFERENCE, true)
    const steps = [sync(), ask('SET k v', 'CONFIG SET repl-timeout 33'), look('role', 'stats', 'dataset')]
    const outcomes = await run(
      [
        scenario({
          name: 'a/one',
          role: 'master',
          teaches: 'x',
          steps,
          config: { 'repl-diskless-sync': 'no' },
        }),
        scenario({ name: 'a/two', role: 'master', teaches: 'x', steps }),
        scenario({ name: 'a/pair', role: 'pair', teaches: 'x', steps: [] }),
      ],
      await real(),
      b,
    )
    expect(outcomes.map(verdict)).toEqual([
      'a/one, master: equal',
      'a/two, master: equal',
      expect.stringMatching(/pair/),
    ])
    await b.close()
    expect(await running.config('repl-backlog-size')).toBe(String(3 * 1024 ** 2))
    expect(await running.config('repl-timeout')).toBe('60')
    expect(await running.config('repl-diskless-sync')).toBe('yes')
    expect(await running.client.command('DBSIZE')).toBe(0)
  })
})
