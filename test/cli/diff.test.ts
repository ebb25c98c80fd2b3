/** `syncscope diff …` as a process: what it lists, what it prints, and its exit status. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { SCENARIOS } from '../../src/diff/scenarios/index.ts'
import { describeWithRedis } from '../support/real-redis.ts'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'syncscope-diff-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function started(args: readonly string[]) {
  return spawn(process.execPath, ['--import', 'tsx', MAIN, 'diff', ...args], { stdio: 'pipe' })
}

type Answer = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

function diff(...args: readonly string[]): Promise<Answer> {
  const child = started(args)
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, stdout, stderr })))
}

describe('syncscope diff', () => {
  it('lists what there is, in words and as data', { timeout: 30_000 }, async () => {
    const [text, json] = await Promise.all([
      diff('--list'),
      diff('--list', '--json', '--only', 'partial/*', '--role', 'replica'),
    ])
    expect(text.status).toBe(0)
    for (const { name } of SCENARIOS) expect(text.stdout).toContain(` ${name} `)
    const listed = json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { role: string; name: string })
    expect(listed.length).toBeGreaterThan(5)
    expect(listed.every(({ role, name }) => role === 'replica' && name.startsWith('partial/'))).toBe(true)
  })

  it('refuses what cannot be, in one line', { timeout: 30_000 }, async () => {
    const answers = await Promise.all([
      diff('--only', 'nothing/*'),
      diff('--a', '/bin/true'),
      diff('--a', '127.0.0.1:1'),
      diff('--a', '127.0.0.1:1', '--allow-writes'),
      diff('--random', 'x'),
    ])
    for (const { status, stderr, stdout } of answers) {
      expect(status).toBe(2)
      expect(stdout).toBe('')
      expect(stderr).toMatch(/^syncscope: .+\n$/)
    }
    expect(answers[2]?.stderr).toContain('--allow-writes')
    expect(answers[3]?.stderr).toContain('connection refused')
  })
})

describeWithRedis('syncscope diff with real servers', ({ path }) => {
  const both = ['--a', path, '--b', path]

  it('ends without a word when nobody reads on', { timeout: 60_000 }, async () => {
    const child = started([...both, '--json', '--only', 'partial/*', '--jobs', '1'])
    let stderr = ''
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.stdout.once('data', () => child.stdout.destroy())
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0)
    expect(stderr.trim().split('\n').length).toBe(1)
  })

  it('prints a table and ends with 0 where all is equal', { timeout: 60_000 }, async () => {
    const page = join(dir, 'equal.html')
    const { status, stdout } = await diff(...both, '--only', 'handshake/plain', '--html', page)
    expect(stdout).toMatch(/handshake\/plain +equal +equal/)
    expect(stdout).toMatch(/2 scenarios, 2 equal/)
    expect(status).toBe(0)
    expect(readFileSync(page, 'utf8')).toContain('data-scenario="handshake/plain" data-role="replica"')
  })

  it('shows both sides and ends with 1 where they differ', { timeout: 60_000 }, async () => {
    const { status, stdout } = await diff(
      ...both,
      '--only',
      'handshake/plain',
      '--strict',
      '--role',
      'master',
    )
    expect(status).toBe(1)
    expect(stdout).toMatch(/handshake\/plain +differs/)
    expect(stdout).toMatch(/handshake\/plain, master: message 1, step 1 \(connect r1\), link r1/)
    expect(stdout).toMatch(/at, from, to differs/)
  })

  it('gives one object a scenario with --json', { timeout: 60_000 }, async () => {
    const { stdout } = await diff(...both, '--only', 'handshake/plain', '--json')
    const objects = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(objects.map(({ outcome }) => outcome)).toEqual(['equal', 'equal'])
    expect(objects[0]).toMatchObject({ scenario: 'handshake/plain', differences: 0, told: [] })
  })
})
