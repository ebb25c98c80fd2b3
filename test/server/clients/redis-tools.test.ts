/** redis-cli and redis-benchmark, as Redis ships them, on the reference; where it can be, beside a real Redis. */
import { spawn } from 'node:child_process'
import { expect, it } from 'vitest'
import { onPath } from '../../../src/io/redis-process.ts'
import { describeWithRedis, type RealRedis, startRedis } from '../../support/real-redis.ts'
import { SERVE } from '../../support/serve.ts'

const [CLI, BENCHMARK] = ['redis-cli', 'redis-benchmark'].map((name) => onPath(name))

type Run = { readonly status: number | null; readonly text: string }

/** @param killAfterMs for modes that have no end */
function run(path: string, args: readonly string[], input = '', killAfterMs?: number): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn(path, args, { stdio: 'pipe' })
    let text = ''
    child.stdout.on('data', (chunk) => (text += chunk))
    child.stderr.on('data', (chunk) => (text += chunk))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGINT'), killAfterMs)
    child.once('close', (status) => resolve({ status, text }))
  })
}

const cli = (redis: RealRedis, args: readonly string[], input = '', killAfterMs?: number) =>
  run(CLI!, ['-p', String(redis.port), ...args], input, killAfterMs)

const DATASET = [
  ...Array.from({ length: 50 }, (_, i) => `SET key:${i} ${'x'.repeat(i + 1)}`),
  'RPUSH list a b c d',
  'SADD set 1 2 3',
  'SADD letters a b',
  'ZADD zset 1 a 2.5 b 3 c',
  'HSET hash f v g "with space"',
  'XADD stream 1-1 f v',
  'SET long "a\\x00\\"b\\r\\n"',
].join('\n')

/** What each mode is asked: arguments, and what is typed. */
const MODES: readonly (readonly [string, readonly string[], string?])[] = [
  ['one command', ['GET', 'key:3']],
  ['a number', ['LLEN', 'list']],
  ['nothing', ['GET', 'nokey']],
  ['an error', ['LPUSH', 'key:3', 'x']],
  ['an unknown command', ['nosuch', 'a', 'b']],
  ['an error as exit status', ['-e', 'LPUSH', 'key:3', 'x']],
  ['bytes', ['GET', 'long']],
  ['bytes as they are', ['--raw', 'GET', 'long']],
  ['bytes for people', ['--no-raw', 'GET', 'long']],
  ['a map', ['-3', '--no-raw', 'HGETALL', 'hash']],
  ['a map as JSON', ['--json', 'HGETALL', 'hash']],
  ['doubles', ['-3', '--no-raw', 'ZRANGE', 'zset', '0', '-1', 'WITHSCORES']],
  ['doubles as JSON', ['-3', '--json', 'ZRANGE', 'zset', '0', '-1', 'WITHSCORES']],
  ['nested', ['--no-raw', 'XRANGE', 'stream', '-', '+']],
  ['values separated by commas', ['--csv', 'LRANGE', 'list', '0', '-1']],
  ['a value from standard input', ['-x', 'SET', 'given'], 'typed\n'],
  [
    'commands from standard input',
    [],
    'SET a 1\nINCR a\nMULTI\nINCR a\nGET a\nEXEC\nSELECT 3\nDBSIZE\nQUIT\n',
  ],
  ['commands again and again', ['-r', '3', 'INCR', 'counter']],
  ['another database', ['-n', '5', 'SET', 'k', 'v']],
  ['help of a command', ['COMMAND', 'DOCS', 'get']],
  ['a script of commands in one piece', ['--pipe'], 'SET p1 v1\r\nSET p2 v2\r\nLPUSH p1 x\r\n'],
  ['keys of a pattern', ['--scan', '--pattern', 'key:*']],
  ['keys of a type', ['--scan', '--pattern', '*s*t*']],
  ['digests', ['DEBUG', 'DIGEST']],
]

describeWithRedis('redis-cli', (server) => {
  it.skipIf(CLI === undefined)('says the same of both', { timeout: 60_000 }, async () => {
    await using real = await startRedis({ server })
    await using ours = await startRedis({ server: SERVE })
    const told: string[][] = [[], []]
    for (const [i, redis] of [real, ours].entries()) {
      await cli(redis, [], DATASET)
      for (const [name, args, input] of MODES) {
        const { status, text } = await cli(redis, args, input)
        const isUnordered = args[0] === '--scan' || args.includes('HGETALL') || args[0] === 'COMMAND'
        const lines = text.trimEnd().split('\n')
        told[i]!.push(`${name} (${status})`, ...(isUnordered ? lines.sort() : lines))
      }
    }
    expect(told[1]).toEqual(told[0])
  })

  it.skipIf(CLI === undefined)('looks for large and hot keys', { timeout: 60_000 }, async () => {
    await using ours = await startRedis({ server: SERVE })
    await cli(ours, [], DATASET)
    const { text } = await cli(ours, ['--bigkeys'])
    expect(text).toMatch(/Biggest +list found .* has 4 items/)
    expect(text).toMatch(/Biggest string found .* has 50 bytes/)
    expect(text).toContain('51 strings with')
    const memory = await cli(ours, ['--memkeys'])
    expect(memory.text).toMatch(/Biggest string found .* has \d+ bytes/)
    await ours.config('maxmemory-policy', 'allkeys-lfu')
    for (let i = 0; i < 300; i++) await ours.client.command('GET', 'key:7')
    const hot = await cli(ours, ['--hotkeys'])
    expect(hot.text).toMatch(/hot key found with counter: \d+\tkeyname: .?key:7/)
  })

  it.skipIf(CLI === undefined)('measures', { timeout: 60_000 }, async () => {
    await using ours = await startRedis({ server: SERVE })
    await cli(ours, [], DATASET)
    const [stat, latency, history, pipe] = await Promise.all([
      // Interrupted, it forgets what it has not written yet.
      run('stdbuf', ['-oL', CLI!, '-p', String(ours.port), '--stat', '-i', '0.1'], '', 700),
      cli(ours, ['--latency', '--raw', '-i', '1']),
      run(
        'stdbuf',
        ['-oL', CLI!, '-p', String(ours.port), '--latency-history', '-i', '1', '--raw'],
        '',
        1500,
      ),
      cli(ours, ['--pipe'], 'INCR n\r\n'.repeat(20_000)),
    ])
    expect(stat!.text).toMatch(/keys +mem +clients/)
    // The dataset's 57 keys, or 58: the counter of the pipe may have come first.
    expect(stat!.text).toMatch(/5[78] +\d+\.\d+[MK]/)
    expect(latency!.text).toMatch(/^\d+ \d+ \d+\.\d+ \d+/)
    expect(history!.text).toMatch(/^\d+ \d+ \d+\.\d+ \d+/)
    expect(pipe!.text).toContain('errors: 0, replies: 20000')
    expect(await ours.client.command('GET', 'n')).toBe('20000')
  })
})

describeWithRedis('redis-benchmark', () => {
  it.skipIf(BENCHMARK === undefined)('runs all its tests', { timeout: 120_000 }, async () => {
    await using ours = await startRedis({ server: SERVE })
    const args = ['-p', String(ours.port), '-n', '500', '-c', '50', '-r', '100', '--csv']
    for (const more of [[], ['-P', '16'], ['-3'], ['-k', '0', '-n', '200', '-t', 'ping,set,get']]) {
      const { status, text } = await run(BENCHMARK!, [...args, ...more])
      expect(status, text).toBe(0)
      expect(text).not.toMatch(/err/i)
      // What took no measurable time is reported as inf.
      const rates = [...text.matchAll(/^"([^"]+)","(\d+\.\d+|inf)"/gm)].map(([, name, rate]) => [
        name,
        rate === 'inf' ? Number.POSITIVE_INFINITY : Number(rate),
      ])
      expect(rates.length).toBeGreaterThanOrEqual(more.includes('-t') ? 4 : 20)
      expect(rates.filter(([, rate]) => !((rate as number) > 0))).toEqual([])
    }
    expect(await ours.client.command('PING')).toBe('PONG')
  })
})
