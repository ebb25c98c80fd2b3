/** `decode --at`, `--history` and `diff A B` as processes: what is said, and with which exit status. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { type DecodeArguments, runDecode } from '../../src/cli/decode.ts'
import { UsageError } from '../../src/usage-error.ts'
import { captureOf, connection } from '../support/conversation-capture.ts'
import { fullSync, partialSync, rdbOf, said } from '../support/replica-capture.ts'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const CAPTURES = fileURLToPath(new URL('../../fixtures/captures/', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'syncscope-past-cli-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function syncscope(...args: readonly string[]) {
  const env = { ...process.env, TZ: 'UTC' }
  const run = spawnSync(process.execPath, ['--import', 'tsx', MAIN, ...args], { encoding: 'utf8', env })
  return { status: run.status, stdout: run.stdout, stderr: run.stderr }
}

function saved(name: string, bytes: Buffer): string {
  const path = join(dir, name)
  writeFileSync(path, bytes)
  return path
}

const DEFAULTS: DecodeArguments = {
  files: [],
  verify: false,
  verifyPause: '10ms',
  json: false,
  keys: false,
  values: false,
  quiet: false,
  summary: true,
  color: 'never',
  maxValue: '64kb',
  showSecrets: false,
}

const SELECT = said('SELECT 0').length
const STREAM = ['SELECT 0', 'SET k one', 'MULTI', 'APPEND k +', 'RPUSH l a b', 'EXEC', 'PING', 'FLUSHALL']
const session = saved('session.pcap', captureOf(connection(fullSync(rdbOf({ k: 'zero' }), 1000, STREAM))))
const middle = saved('middle.pcap', captureOf(connection(partialSync(1000 + SELECT, STREAM.slice(1)))))
const two = saved(
  'two.pcap',
  captureOf(
    connection(fullSync(rdbOf({}), 0, ['SELECT 0'], 7000), { port: 40_001 }),
    connection(fullSync(rdbOf({}), 0, ['SELECT 0'], 7001), { port: 40_002 }),
  ),
)
const out = join(dir, 'out.rdb')
const AFTER_SET = 1000 + SELECT + said('SET k one').length

describe('decode --at', () => {
  it('says where it stands when the offset lies within a transaction', () => {
    const { status, stdout, stderr } = syncscope(
      'decode',
      session,
      '--at',
      String(AFTER_SET + 20),
      '--rdb-out',
      out,
    )
    expect(status).toBe(0)
    expect(stderr).toMatch(/^syncscope: offset \d+ lies within a transaction of 2 commands \(\d+\.\.\d+\): /)
    expect(stdout).toMatch(/the dataset at offset [\d,]+ of c{40}: 1 key, \d+ B\n$/)
    const keys = syncscope('rdb', 'json', out)
    expect(JSON.parse(keys.stdout)).toMatchObject({ key: 'k', value: 'one' })
  })

  it.each([
    [['--at=', '--rdb-out', out], '--at: an offset'],
    [['--at=1e3', '--rdb-out', out], '--at: an offset'],
    [['--at=1000', '--rdb-out', '-'], '--rdb-out: the name of a file'],
    [['--at=1000', '--rdb-out', out, '--against', ':1'], '--against goes with --verify'],
  ])('refuses %j', (args, why) => {
    const { status, stderr } = syncscope('decode', session, ...args)
    expect([status, stderr]).toEqual([2, expect.stringContaining(why)])
  })

  it('begins with a file where the capture holds no snapshot', async () => {
    const none = runDecode({ ...DEFAULTS, files: [middle], at: 1100, rdbOut: out })
    await expect(none).rejects.toThrow('--rdb-in FILE may give one')
    const rdb = saved('in.rdb', rdbOf({ k: 'zero', other: 'x' }, 1000 + SELECT))
    const { status, stdout } = syncscope(
      ...['decode', middle, '--at', String(AFTER_SET), '--rdb-in', rdb, '--rdb-out', out, '--json'],
    )
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'dataset',
      offset: AFTER_SET,
      asked: AFTER_SET,
      keys: 2,
    })
    const begin = (rdbIn: string, at: number) =>
      runDecode({ ...DEFAULTS, files: [middle], at, rdbIn, rdbOut: out })
    const early = saved('early.rdb', rdbOf({}, 900))
    await expect(begin(early, AFTER_SET)).rejects.toThrow('bytes of the stream are missing')
    await expect(begin(saved('n.rdb', rdbOf({})), 1)).rejects.toThrow('has no repl-offset')
  })

  it('refuses what it cannot do, and leaves no file', async () => {
    const target = join(dir, 'none.rdb')
    const cases: [Partial<DecodeArguments>, RegExp][] = [
      [{ at: 999, rdbOut: target }, /offset 999 lies before the first snapshot \(offset 1000\)/],
      [{ at: 9999, rdbOut: target }, /offset 9999 lies beyond the end: offsets 1000\.\.\d+ are here/],
      [{ at: 1000 }, /--at goes with --rdb-out/],
      [{ at: 1.5, rdbOut: target }, /--at: an offset/],
      [{ rdbOut: target }, /--rdb-out goes with --at/],
      [{ rdbIn: target }, /--rdb-in goes with/],
      [{ at: 1, history: 'k' }, /exclude each other/],
      [{ verify: true }, /--verify goes with --against/],
      [{ files: [two], at: 0, rdbOut: target }, /there are 2 links: choose one with --link: 1 \(.*\), 2 \(/],
      [{ link: 7, at: 1000, rdbOut: target }, /--link 7: there is no such link/],
    ]
    for (const [args, message] of cases) {
      const run = runDecode({ ...DEFAULTS, files: [session], ...args })
      await expect(run).rejects.toThrow(message)
      await expect(run).rejects.toBeInstanceOf(UsageError)
    }
    expect(existsSync(target)).toBe(false)
  })
})

describe('decode --history', () => {
  it('lists what touched a key and what it held', () => {
    const { status, stdout } = syncscope('decode', session, '--history', 'k')
    expect(status).toBe(0)
    const lines = stdout.split('\n').map((line) => line.replace(/^\d\d:\S+ +/, '').replace(/ +/g, ' '))
    expect(lines).toEqual([
      'snapshot, offset 1000 db0',
      ' "zero"',
      `@${1000 + SELECT + 1}..${AFTER_SET} SET k one db0`,
      ' "one"',
      expect.stringMatching(/^@\d+\.\.\d+ APPEND k \+ \(transaction 1\) db0$/),
      ' "one+"',
      expect.stringMatching(/^@\d+\.\.\d+ FLUSHALL db0$/),
      ' (nil)',
      '',
      '3 commands touched it',
      '',
    ])
  })

  it('--json gives each as an object; --filter and --link choose', () => {
    const { stdout } = syncscope('decode', session, '--history', 'l', '--json', '--filter', 'cmd=rpush')
    const [snapshot, push, ...rest] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(snapshot).toMatchObject({ kind: 'history', snapshot: 1000, key: 'l', type: null, value: null })
    expect(push).toMatchObject({
      argv: ['RPUSH', 'l', 'a', 'b'],
      tx: 1,
      db: 0,
      type: 'list',
      value: ['a', 'b'],
    })
    expect(rest).toEqual([])
  })
})

describe('diff A B', () => {
  const withPing = ['SELECT 0', 'PING', 'SET k one', 'INCR n']
  const without = ['SELECT 0', 'SET k one', 'INCR n']
  const other = ['SELECT 0', 'SET k one', 'PING', 'INCRBY n 2']
  const file = (name: string, stream: string[], offset: number) =>
    saved(name, captureOf(connection(fullSync(rdbOf({ k: 'v' }), offset, stream))))
  const [a, b, c] = [file('a.pcap', withPing, 10), file('b.pcap', without, 5000), file('c.pcap', other, 10)]

  it('takes PINGs, ids and where a history began for no difference', () => {
    const { status, stdout } = syncscope('diff', a, b)
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^equal: \d+ messages \(normalised: .*pings/)])
    expect(syncscope('diff', a, b, '--strict').status).toBe(1)
  })

  it('shows the first difference, both sides beside each other', () => {
    const { status, stdout } = syncscope('diff', a, c)
    expect(status).toBe(1)
    expect(stdout).toMatch(/^ message \d+ of \d+, link 1\n/)
    expect(stdout).toMatch(
      / +a\.pcap +← @\d+\.\.\d+ db0 INCR n\n +c\.pcap +← @\d+\.\.\d+ db0 INCRBY n 2 .* differs/,
    )
    const json = JSON.parse(syncscope('diff', a, c, '--json').stdout)
    expect(json).toMatchObject({ kind: 'session-diff', outcome: 'differs', a, b: c })
    expect(json.told[0]).toMatchObject({ lane: 'link 1', a: { argv: ['INCR', 'n'] } })
  })

  it('finds equal what several captures saw of one session', () => {
    const [one, other] = ['disk-ethernet.pcap', 'disk-cooked-v1.pcap'].map((name) => join(CAPTURES, name))
    expect(syncscope('diff', one!, other!)).toMatchObject({ status: 0, stderr: '' })
  })

  it('needs two sessions', () => {
    expect(syncscope('diff', a)).toMatchObject({ status: 2, stderr: expect.stringContaining('diff A B') })
    const none = saved(
      'none.pcap',
      captureOf(
        connection([
          [0, said('GET k')],
          [1, '$-1\r\n'],
        ]),
      ),
    )
    expect(syncscope('diff', a, none)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('holds no'),
    })
  })
})
