/** The first thing a newcomer runs: the whole story, with nothing installed. */
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { describeWithRedis } from '../support/real-redis.ts'
import { MAIN } from '../support/serve.ts'

type Told = { kind: string; link: number; mode?: string; offset?: number; how?: string }

/** The events it tells. Its status is 0 only where both datasets are equal in the end. */
function demo(...options: string[]): Told[] {
  const run = spawnSync(process.execPath, ['--import', 'tsx', MAIN, 'demo', ...options], {
    encoding: 'utf8',
    timeout: 60_000,
    // There is no redis-server where nothing is installed.
    env: options.includes('--real') ? process.env : { ...process.env, REDIS_SERVER: '/nonexistent' },
  })
  expect(run.status, run.stderr).toBe(0)
  return run.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Told)
}

function resyncs(events: readonly Told[]): string[] {
  return events.filter(({ kind }) => kind === 'resync').map(({ link, mode }) => `#${link} ${mode}`)
}

const STORY = ['#1 full', '#1 partial', '#1 full', '#2 partial']

it('tells of a full sync, a cut link, a small backlog and a promotion', { timeout: 90_000 }, () => {
  const events = demo('--json')
  expect(resyncs(events)).toEqual(STORY)
  expect(events.filter(({ kind }) => kind === 'fault')).toEqual([])
  expect(events.filter(({ kind }) => kind === 'snapshot-end')).toHaveLength(2)
})

describeWithRedis('demo --real', () => {
  it('is the same story with real servers', { timeout: 90_000 }, () => {
    expect(resyncs(demo('--real', '--json'))).toEqual(STORY)
  })
})
