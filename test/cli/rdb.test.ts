/** `syncscope rdb …` as a process: answers, exit status, and who hears what. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { plainRdb } from '../../src/cli/rdb-plain.ts'
import { encodeRdb } from '../../src/codec/rdb/encode.ts'
import type { RdbEntry } from '../../src/codec/rdb/encode-model.ts'
import { FIXTURES, fixtureBytes } from '../support/rdb-document.ts'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'syncscope-rdb-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const NAME = 'redis-8.6.3-all'
const good = fileURLToPath(new URL(`${NAME}.rdb`, FIXTURES))
const bytes = fixtureBytes(NAME)

// Five good keys, then a hash whose third value begins with a byte that begins no listpack element.
const broken = join(dir, 'broken.rdb')
const fields = [1, 2, 3, 4].map((n) => ({ field: `field:${n}`, value: `value:${n}` }))
const entries = [1, 2, 3, 4, 5].map((n) => ({ key: `k${n}`, value: { type: 'string', value: 'v' } }))
const hash = { key: 'user:1042', value: { type: 'hash', fields } }
const databases = [{ db: 0, entries: [...entries, hash] as RdbEntry[] }]
const damaged = Buffer.concat([...encodeRdb({ databases }, { compress: false })])
const damagedAt = damaged.indexOf('value:3') - 1
damaged[damagedAt] = 0xf5
writeFileSync(broken, damaged)
writeFileSync(join(dir, 'good.rdb.gz'), gzipSync(bytes))
writeFileSync(join(dir, 'cut.rdb.gz'), gzipSync(bytes).subarray(0, 9000))

type Answer = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

function syncscope(args: readonly string[], input?: Buffer): Promise<Answer> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'rdb', ...args], { stdio: 'pipe' })
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (chunk) => stdout.push(chunk))
    child.stderr.on('data', (chunk) => stderr.push(chunk))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8')
    child.once('close', (status) => resolve({ status, stdout: text(stdout), stderr: text(stderr) }))
  })
}

describe.concurrent('rdb check', () => {
  it('says in one line that a file is good', async () => {
    const { status, stdout, stderr } = await syncscope(['check', good, join(dir, 'good.rdb.gz')])
    expect([status, stderr]).toEqual([0, ''])
    const line =
      /: good\. 73 keys in 3 dbs, 2 function libraries, version 13 \(Redis 8\.6\.3\), checksum good, 58\.6 kB in /
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(2)
    for (const each of lines) expect(each).toMatch(line)
  })

  it('reads standard input', async () => {
    // With an option the words go through yargs, without one they do not.
    for (const words of [
      ['check', '-'],
      ['check', '-', '--no-json'],
    ]) {
      const { status, stdout } = await syncscope(words, gzipSync(bytes))
      expect([status, stdout]).toEqual([0, expect.stringMatching(/^-: good\. 73 keys/)])
    }
  })

  it('says where a file is damaged, of which key, and what is good before it', async () => {
    const { status, stdout } = await syncscope(['check', broken])
    expect(status).toBe(1)
    const what = 'field 3 of hash "user:1042" (type 16, listpack)'
    const [first, second] = stdout.split('\n')
    expect(first).toContain(`${broken}: damaged at byte ${damagedAt} while reading ${what}: `)
    expect(second).toBe('5 keys before it are good.')
    const json = JSON.parse((await syncscope(['check', broken, '--json'])).stdout)
    expect(json).toMatchObject({ good: false, keys: 5 })
    expect(json.fault).toMatchObject({
      position: damagedAt,
      key: 'user:1042',
      type: 'hash',
      rdbType: 16,
      element: 3,
    })
  })

  it('tells a wrong checksum, a truncated file and broken gzip data', async () => {
    const wrong = Buffer.from(bytes)
    wrong[wrong.length - 1]! ^= 1
    const [checksum, cut, gzip] = await Promise.all([
      syncscope(['check', '-'], wrong),
      syncscope(['check', '-'], bytes.subarray(0, 20_000)),
      syncscope(['check', join(dir, 'cut.rdb.gz')]),
    ])
    expect([checksum.status, cut.status, gzip.status]).toEqual([1, 1, 1])
    expect(checksum.stdout).toContain('the checksum is wrong')
    expect(cut.stdout).toContain('damaged at byte 20,000 while reading list "list:bignode"')
    expect(cut.stdout).toContain('the file ends there')
    expect(gzip.stdout).toContain('gzip data are damaged: unexpected end of file')
  })
})

describe('a call with nothing but files', () => {
  it.each([
    ['check', '--no-json'],
    ['keys', '--no-json'],
    ['json', '--limit=100000'],
    ['stats', '--color=auto'],
  ])('%s answers as with %s, which is the default', async (verb, option) => {
    const timeless = ({ stdout, ...rest }: Answer) => ({
      ...rest,
      stdout: stdout.replace(/in [0-9.]+ m?s\n/g, ''),
    })
    const [plain, parsed] = await Promise.all([syncscope([verb, good]), syncscope([verb, good, option])])
    expect(timeless(plain)).toEqual(timeless(parsed))
  })

  it.each([
    ['rdb', 'check'],
    ['rdb', 'check', '--json', good],
    ['rdb', 'check', good, '-x'],
    ['rdb', 'check', ''],
    ['rdb', 'constructor', good],
    ['rdb', 'diff', good, good],
    ['proxy', 'check', good],
    ['rdb'],
    [],
  ])('%s %s %s is none', (...words) => {
    expect(plainRdb(words)).toBeUndefined()
  })
})

describe.concurrent('rdb json, keys, stats and top', () => {
  it('print every key', async () => {
    const [json, keys] = await Promise.all([
      syncscope(['json', good]),
      syncscope(['keys', good, '--format', '{key}']),
    ])
    expect([json.status, keys.status, json.stderr, keys.stderr]).toEqual([0, 0, '', ''])
    expect(json.stdout.trimEnd().split('\n')).toHaveLength(73)
    expect(keys.stdout.trimEnd().split('\n')).toHaveLength(73)
  })

  it('fit on a screen', async () => {
    const [stats, top, prefixes] = await Promise.all([
      syncscope(['stats', good]),
      syncscope(['top', good, '-n', '3']),
      syncscope(['top', good, '-n', '3', '--by', 'prefix', '--json']),
    ])
    expect([stats.status, top.status, prefixes.status]).toEqual([0, 0, 0])
    const lines = stats.stdout.split('\n')
    expect(lines.length).toBeLessThan(45)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(120)
    expect(stats.stdout).not.toContain('\x1b')
    expect(top.stdout).toContain('list:bignode')
    const rows = prefixes.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows.map(({ prefix }) => prefix)).toEqual(['str:', 'list:', 'hash:'])
  })

  it('say the same of a file and of a pipe, which cannot be read again for names', async () => {
    const told = ({ stdout }: Answer) => stdout.replace(/"file":"[^"]*",|"ms":\d+/g, '')
    for (const verb of [['stats'], ['top', '-n', '8'], ['top', '--by', 'items']]) {
      const [file, pipe] = await Promise.all([
        syncscope([...verb, '--json', good]),
        syncscope([...verb, '--json', '-'], bytes),
      ])
      expect(told(file)).toBe(told(pipe))
      expect(told(file)).toContain('"list:bignode"')
    }
  })

  it('say on stderr what is damaged, after what is good', async () => {
    const { status, stdout, stderr } = await syncscope(['json', broken])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^syncscope: .*damaged at byte .* of hash "user:1042"/)
    for (const line of stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('value')
  })

  it('end quietly when nobody reads any more', async () => {
    const many = join(dir, 'many.sh')
    const again = Array.from({ length: 200 }, () => `"${good}"`).join(' ')
    const command = `"${process.execPath}" --import tsx "${MAIN}" rdb json ${again} | head -c 100 >/dev/null; exit \${PIPESTATUS[0]}`
    writeFileSync(many, command)
    const answer = await new Promise<Answer>((resolve) => {
      const child = spawn('bash', [many], { stdio: ['ignore', 'ignore', 'pipe'] })
      const stderr: Buffer[] = []
      child.stderr.on('data', (chunk) => stderr.push(chunk))
      child.once('close', (status) =>
        resolve({ status, stdout: '', stderr: Buffer.concat(stderr).toString() }),
      )
    })
    expect(answer).toMatchObject({ status: 0, stderr: '' })
  })

  it('refuse in one line', async () => {
    const answers = await Promise.all([
      syncscope(['check', join(dir, 'none.rdb')]),
      syncscope(['keys', good, '--type', 'strings']),
      syncscope(['top', good, '-n', '0']),
      syncscope(['json']),
    ])
    for (const { status, stdout, stderr } of answers) {
      expect([status, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(/^syncscope: [^\n]+\n$/)
    }
    expect(answers[0].stderr).toContain('none.rdb: no such file')
  })
})

it('loads no verb before it is called', () => {
  // Start-up is a part of what `rdb check` of a small file costs.
  const source = readFileSync(new URL('../../src/cli/rdb.ts', import.meta.url), 'utf8')
  expect(source).not.toMatch(/^import \{ run/m)
})
