/** `syncscope decode …` as a process: what is said, to whom, and with which exit status. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { fromText } from '../../src/bytes/byte-string.ts'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import { captureOf, connection } from '../support/conversation-capture.ts'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const CAPTURES = fileURLToPath(new URL('../../fixtures/captures/', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'syncscope-decode-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const good = join(CAPTURES, 'disk-ethernet.pcap')
const bytes = readFileSync(good)
const c = (text: string) => encodeCommand(text.split(' ').map(fromText))

type Answer = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

function start(args: readonly string[]): { child: ChildProcess; answer: Promise<Answer> } {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'decode', ...args], {
    stdio: 'pipe',
    env: { ...process.env, TZ: 'UTC' },
  })
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk) => stdout.push(chunk))
  child.stderr.on('data', (chunk) => stderr.push(chunk))
  child.stdin.on('error', () => {})
  const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8')
  const answer = new Promise<Answer>((resolve) => {
    child.once('close', (status) => resolve({ status, stdout: text(stdout), stderr: text(stderr) }))
  })
  return { child, answer }
}

function decode(args: readonly string[], input?: Buffer): Promise<Answer> {
  const { child, answer } = start(args)
  child.stdin?.end(input)
  return answer
}

function save(name: string, content: Buffer): string {
  const path = join(dir, name)
  writeFileSync(path, content)
  return path
}

describe('syncscope decode', () => {
  it('shows a session as the proxy does, with the summary', async () => {
    const { status, stdout, stderr } = await decode([good])
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout).toMatch(
      /^#1 {4}09:29:37\.957 {2}replica 127\.0\.0\.1:60488 connects .*master 127\.0\.0\.1:37219$/m,
    )
    expect(stdout).toContain('db0 MULTI · INCR counter · HSET hash field value · EXEC')
    expect(stdout).toMatch(/^ links +replica +state +synced by/m)
    expect(stdout).toContain('clients   6 ordinary clients, 10 requests')
  })

  it('does not take a file for damaged of which nobody wanted to see the rest', async () => {
    const writes = Array.from({ length: 30_000 }, (_, i) => [0, c(`SET key:${i} value`)] as const)
    const long = save('long.pcap', captureOf(connection(writes)))
    const { child, answer } = start([long, '--json'])
    child.stdout?.once('data', () => child.stdout?.destroy())
    const { stderr, status } = await answer
    expect([stderr, status]).toEqual(['', 0])
  })

  it('says the same of a file, a gzipped one, one in parts, standard input', async () => {
    const packed = save('packed.gz', gzipSync(bytes))
    // A second file of tcpdump -C has its own header; records end where a packet ends.
    const half = recordBoundary(bytes, bytes.length / 2)
    const parts = [
      save('part0', bytes.subarray(0, half)),
      save('part1', Buffer.concat([bytes.subarray(0, 24), bytes.subarray(half)])),
    ]
    const [plain, ...others] = await Promise.all([
      decode([good, '--json']),
      decode([packed, '--json']),
      decode([...parts, '--json']),
      decode(['-', '--json'], bytes),
    ])
    expect(plain!.stdout.split('\n').length).toBeGreaterThan(40)
    for (const other of others) expect(other).toEqual(plain)
  })

  it('shows what is before the end of a cut file, says where it ends, and ends with 1', async () => {
    const cut = save('cut.pcap', bytes.subarray(0, bytes.length - 2030))
    const { status, stdout, stderr } = await decode([cut])
    expect(stderr).toMatch(
      /^syncscope: cut\.pcap: byte [\d,]+: the file ends after \d+ of \d+ bytes of a record; what is before is shown\n$/,
    )
    expect(stdout).toContain('db0 set after sync')
    expect(status).toBe(1)
  })

  it('shows what is before damage within gzip data', async () => {
    const noise = Buffer.from(Array.from({ length: 40_000 }, (_, i) => (i * i * 7 + (i >> 3)) & 0xff))
    const more = captureOf(
      connection([
        [0, c('PING')],
        [1, '+PONG\r\n'],
        [0, Buffer.concat([c('SET k v'), noise])],
      ]),
    )
    const packed = gzipSync(more)
    const { status, stderr } = await decode([save('bad.gz', packed.subarray(0, packed.length - 3000))])
    expect(stderr).toMatch(
      /^syncscope: bad\.gz: gzip data are damaged: .*, after [\d,]+ unpacked bytes; what is before is shown\n$/,
    )
    expect(status).toBe(1)
  })

  it.each([
    ['a snapshot', Buffer.from('REDIS0011abcdef'), 'it looks like a Redis snapshot (try: syncscope rdb)'],
    ['nothing', Buffer.alloc(0), 'it looks like nothing: the input is empty'],
    ['text', Buffer.from('hello world'), 'it looks like text'],
  ])('refuses %s', async (_, content, why) => {
    const { status, stdout, stderr } = await decode([save('no-capture', content)])
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain(`no-capture: not a capture file; ${why}`)
  })

  it('refuses files that are not there before it shows anything', async () => {
    const { status, stdout, stderr } = await decode([good, join(dir, 'absent')])
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toBe(`syncscope: cannot read ${join(dir, 'absent')}: no such file\n`)
  })

  it('ends with 1 where bytes are missing', async () => {
    const { status, stdout } = await decode([join(CAPTURES, 'disk-snaplen-96.pcap'), '--quiet'])
    expect(stdout).toMatch(/gaps \d+ \(\d+ B\)/)
    expect(status).toBe(1)
  })

  it('--link shows the events of one link, the summary lists all; a link that is not there is an error', async () => {
    const { stdout, status } = await decode([good, '--link', '2', '--json'])
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(new Set(lines.slice(0, -1).map(({ link }) => link))).toEqual(new Set([2]))
    expect(lines.at(-1)?.links).toHaveLength(7)
    expect(status).toBe(0)
    const wrong = await decode([good, '--link', '9', '--no-summary', '--quiet'])
    expect(wrong).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--link 9: there is no such link'),
    })
  })

  it('names what it left out', async () => {
    const capture = captureOf(
      connection([[0, 'GET / HTTP/1.1\r\n\r\n']], { server: { host: '10.0.0.9', port: 80 } }),
      connection([[0, Buffer.from('160301020001', 'hex')]], { port: 40_005 }),
      connection(
        [
          [0, c('GET k')],
          [1, '$-1\r\n'],
        ],
        { port: 40_006 },
      ),
    )
    const { stdout, stderr, status } = await decode([save('mixed.pcap', capture)])
    expect(stdout).toContain(' left out  1 HTTP (to 10.0.0.9:80), 1 TLS (to 10.0.0.2:6379)')
    expect(stderr).toContain('1 TLS (to 10.0.0.2:6379): encrypted, so not decoded')
    expect(status).toBe(0)
    const json = await decode([join(dir, 'mixed.pcap'), '--json'])
    expect(JSON.parse(json.stdout.trim().split('\n').at(-1)!)).toMatchObject({
      leftOut: [
        { protocol: 'HTTP', address: '10.0.0.9:80', connections: 1 },
        { protocol: 'TLS', address: '10.0.0.2:6379', connections: 1 },
      ],
    })
  })

  it('a pipe is shown as it arrives, and Ctrl-C ends with the summary', async () => {
    const { child, answer } = start(['-'])
    let seen = ''
    child.stdout?.on('data', (chunk) => (seen += chunk))
    child.stdin?.write(bytes.subarray(0, recordBoundary(bytes, bytes.length / 2)))
    await until(() => seen.includes('in sync: streaming from offset 0'))
    expect(seen).not.toContain(' links ')
    child.kill('SIGINT')
    const { status, stdout } = await answer
    expect(status).toBe(0)
    expect(stdout).toContain('watching ends here')
    expect(stdout).toMatch(/^ links +replica/m)
  })

  it('--extract writes snapshot and streams into a new directory, and never over anything', async () => {
    const target = join(dir, 'extracted')
    const { status, stderr } = await decode([good, '--quiet', '--no-summary', '--extract', target])
    expect(status).toBe(0)
    const names = readdirSync(target).sort()
    expect(names.map((name) => name.replace(/[0-9a-f]{40}/, 'ID'))).toEqual([
      'link1-sync1-ID-0-159.resp',
      'link1-sync1-ID-0.rdb',
      'link1-sync2-ID-159-195.resp',
    ])
    for (const name of names) expect(stderr).toContain(`extracted ${name}: `)
    const again = await decode([good, '--quiet', '--extract', target])
    expect(again).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('is not empty') })
    mkdirSync(join(dir, 'empty'))
    expect((await decode([good, '--quiet', '--extract', join(dir, 'empty')])).status).toBe(0)
  })
})

/** Where a record of a classic capture begins, at or behind `wanted`. */
function recordBoundary(file: Buffer, wanted: number): number {
  let at = 24
  while (at < wanted) at += 16 + file.readUInt32LE(at + 8)
  return at
}

async function until(isTrue: () => boolean): Promise<void> {
  const since = Date.now()
  while (!isTrue()) {
    if (Date.now() - since > 20_000) throw new Error('gave up waiting')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
