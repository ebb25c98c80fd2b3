/** `rdb diff` and `rdb convert` as a user starts them: what they print where, and with which status they end. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { FIXTURES, fixtureBytes } from '../support/rdb-document.ts'

const MAIN = new URL('../../src/cli/main.ts', import.meta.url).pathname
const path = (name: string) => new URL(`${name}.rdb`, FIXTURES).pathname
const SEVEN = path('redis-7.0.15-all')
const SIX = path('redis-6.0.16-all')
const EIGHT = path('redis-8.0.6-all')

const dir = mkdtempSync(join(tmpdir(), 'syncscope-cli-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

type Ended = { status: unknown; out: Buffer; err: string }

function run(argv: readonly string[], input?: Buffer): Promise<Ended> {
  return new Promise((resolve) => {
    const options = {
      encoding: 'buffer',
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, NO_COLOR: '1' },
    } as const
    const argument = ['--import', 'tsx', MAIN, 'rdb', ...argv]
    const child = execFile(process.execPath, argument, options, (error, out, err) =>
      resolve({ status: error?.code ?? 0, out, err: err.toString() }),
    )
    child.stdin!.end(input)
  })
}

describe('rdb diff', { timeout: 30_000 }, () => {
  it('ends with 0 where all is equal, unpacks, and reads standard input', async () => {
    const { status, out, err } = await run(['diff', '-', SEVEN], gzipSync(fixtureBytes('redis-7.0.15-all')))
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(out.toString()).toMatch(
      /^A -: 63 keys {3}B .*: 63 keys\n63 equal, 0 only in A, 0 only in B, 0 differ\n$/,
    )
  })

  it('ends with 1 where something differs, and says what', async () => {
    const { status, out } = await run(['diff', SEVEN, SIX])
    expect(status).toBe(1)
    const lines = out.toString().split('\n')
    expect(lines).toContain('only in A  db 0  list  list:plain')
    expect(lines).toContain('only in A  function library mylib')
    expect(lines.at(-2)).toBe('61 equal, 1 only in A, 0 only in B, 1 differs; 2 function libraries not equal')
  })

  it('answers programs in JSON, the totals last', async () => {
    const { out } = await run(['diff', SEVEN, SIX, '--json', '--limit', '3'])
    const objects = out
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(objects).toHaveLength(4)
    expect(objects[2]).toMatchObject({ difference: 'differs', key: 'stream:groups', what: 'pending entry' })
    expect(objects[3].summary).toMatchObject({ equal: 61, different: 1, isEqual: false })
  })

  it('tells damage in one place, with status 1', async () => {
    const cut = join(dir, 'cut.rdb')
    writeFileSync(cut, fixtureBytes('redis-7.0.15-all').subarray(0, 5000))
    const { status, out, err } = await run(['diff', SEVEN, cut])
    expect({ status, out: out.toString() }).toEqual({ status: 1, out: '' })
    expect(err).toMatch(
      /^syncscope: .*cut\.rdb: damaged at byte 327 while reading string "str:16384" .*\nNo key before it is good\.\n$/,
    )
  })

  it.each([
    [['diff', '-', '-'], /only one of the two/],
    [['diff', 'no-such-file', SEVEN], /cannot read no-such-file: no such file/],
    [['diff', SEVEN, SIX, '--limit', 'x'], /--limit: "x" is no whole number/],
    [['convert', SEVEN, '--to', 'rdb', '--rdb-version', '5'], /--rdb-version: 5 cannot be written/],
    [['convert', SEVEN, '--to', 'resp', '--target-version', 'x'], /--target-version: "x" is no version/],
    [['convert', SEVEN, '--to', 'rdb', '-o', '/no/such/directory/x'], /cannot write \/no\/such/],
  ])('refuses %j', async (argv, message) => {
    const { status, out, err } = await run(argv)
    expect(err).toMatch(message)
    expect({ status, out: out.toString() }).toEqual({ status: 2, out: '' })
  })
})

describe('rdb convert', { timeout: 30_000 }, () => {
  it('writes commands to standard output', async () => {
    const { status, out, err } = await run(['convert', SEVEN, '--to', 'resp'])
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(out.toString('latin1')).toMatch(/^\*4\r\n\$8\r\nFUNCTION\r\n\$4\r\nLOAD\r\n/)
  })

  it('writes a file when it is complete, and says what it lost', async () => {
    const file = join(dir, 'nine.rdb')
    const lossless = await run(['convert', SIX, '--to', 'rdb', '--rdb-version', '9', '-o', file])
    expect(lossless).toMatchObject({ status: 0, err: '' })
    expect(readFileSync(file).toString('latin1', 0, 9)).toBe('REDIS0009')
    expect((await run(['diff', SIX, file])).status).toBe(0)

    const lost = await run(['convert', EIGHT, '--to', 'rdb', '-o', file])
    expect(lost.status).toBe(1)
    expect(lost.err).toContain(
      'syncscope: lost: db 0 hash:fttl: expiry of hash fields needs RDB version 12\n',
    )
    expect((await run(['convert', EIGHT, '--to', 'rdb', '-o', file, '--lossy'])).status).toBe(0)
  })

  it('leaves an earlier file alone where the snapshot is damaged', async () => {
    const file = join(dir, 'kept.rdb')
    writeFileSync(file, 'as it was')
    const damaged = fixtureBytes('redis-7.0.15-all').subarray(0, 5000)
    const { status, err } = await run(['convert', '-', '--to', 'rdb', '-o', file], damaged)
    expect(status).toBe(1)
    expect(err).toContain('-: damaged at byte 327')
    expect(readFileSync(file, 'utf8')).toBe('as it was')
    expect(existsSync(`${file}.partial`)).toBe(false)
  })

  it('tells damaged gzip data', async () => {
    const packed = gzipSync(fixtureBytes('redis-7.0.15-all'))
    const { status, err } = await run(['convert', '-', '--to', 'resp'], packed.subarray(0, packed.length / 2))
    expect(status).toBe(1)
    expect(err).toMatch(/^syncscope: -: gzip data are damaged/)
  })
})
