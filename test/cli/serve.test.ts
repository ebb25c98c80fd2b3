/**
 * `syncscope serve` as a process, beside redis-server: what it says, what it refuses, how it begins and
 * ends.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { fromText } from '../../src/bytes/byte-string.ts'
import { configuration } from '../../src/cli/serve-configuration.ts'
import { encodeRdb } from '../../src/codec/rdb/encode.ts'
import type { RdbEntry } from '../../src/codec/rdb/encode-model.ts'
import { connectRedis } from '../../src/io/redis-client.ts'
import { commandTable } from '../../src/server/commands/table.ts'
import { BadConfiguration } from '../../src/server/config/config-file.ts'
import { describeWithRedis, freePort, waitFor } from '../support/real-redis.ts'
import { SERVE } from '../support/serve.ts'

const dirs: string[] = []
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
})

function newDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'syncscope-serve-'))
  dirs.push(dir)
  return dir
}

type Running = {
  readonly child: ChildProcess
  readonly ended: Promise<{
    readonly status: number | null
    readonly stdout: string
    readonly stderr: string
  }>
  stdout(): string
}

function run(path: string, args: readonly string[], dir: string, input = ''): Running {
  const child = spawn(path, args, { cwd: dir, stdio: 'pipe' })
  children.push(child)
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const ended = new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once('close', (status) => resolve({ status, stdout, stderr }))
  })
  return { child, ended, stdout: () => stdout }
}

/** Log lines without what differs from run to run, and without advice about the machine. */
function lines(log: string): string[] {
  return log
    .split('\n')
    .filter((line) => line !== '' && !/WARNING|Memory overcommit|Listpack|commit=/.test(line))
    .map((line) =>
      line
        .replace(/^\d+:([CMS]) \d\d \w{3} \d{4} [\d:.]{12} /, '$1 ')
        .replace(/^\d+:signal-handler \(\d+\)/, 'signal-handler')
        .replace(/\d+\.\d+/g, 'N')
        .replace(/age \d+/, 'age N'),
    )
}

/** What `serve` writes to standard error before it ends. */
function refusal(argv: readonly string[]): string {
  try {
    configuration(argv, commandTable())
  } catch (error) {
    if (error instanceof BadConfiguration) return `${error.message}\n`
    throw error
  }
  return ''
}

async function ready(running: Running): Promise<void> {
  await waitFor(() => running.stdout().includes('eady to accept connections'), {
    timeoutMs: 20_000,
    what: 'a server to be ready',
  })
}

/** A file, and arguments behind it, that are all right. */
const SETTINGS: readonly (readonly [string, readonly string[]])[] = [
  ['save ', []],
  ['save 900 1\nsave 300 10\nsave ', []],
  ['save 900 1', ['--save', '100', '100']],
  ['save 900 1', ['--save', '--loglevel', 'verbose']],
  ['save 900 1', ['--loglevel', 'verbose', '--save']],
  ['', ['--proc-title-template', '--save', '--save', '', '--loglevel', 'verbose']],
  ['', ['--maxmemory 700mb', '--maxmemory-policy volatile-lru']],
  ['', ['loglevel', 'verbose', "--maxmemory '700mb'", "--maxmemory-policy 'volatile-lru'"]],
  ['', ['--proc-title-template --my--title--template', '--loglevel verbose']],
  ['', ['--TIMEOUT', '7', '--SAVE']],
]

describeWithRedis('serve', (server) => {
  const both = [server.path, SERVE.path]

  it('logs its beginning and its end as redis-server does', { timeout: 60_000 }, async () => {
    const logs = await Promise.all(
      both.map(async (path) => {
        const dir = newDir()
        const socket = join(dir, 'socket')
        const port = String(await freePort())
        const args = ['--port', port, '--unixsocket', socket, '--unixsocketperm', '750', '--pidfile', 'pid']
        const told: string[][] = []
        for (const signal of ['SIGTERM', 'SIGINT'] as const) {
          const running = run(path, [...args, '--save', '900', '1', '--bind', '127.0.0.1 -::1'], dir)
          await ready(running)
          expect(readFileSync(join(dir, 'pid'), 'utf8').trim()).toBe(String(running.child.pid))
          expect(statSync(socket).mode & 0o777).toBe(0o750)
          const client = await connectRedis({ host: '127.0.0.1', port: Number(port) })
          if (signal === 'SIGTERM') await client.command('SET', 'k', 'v')
          expect(await client.command('GET', 'k')).toBe('v')
          running.child.kill(signal)
          const { status, stdout, stderr } = await running.ended
          await client.close()
          expect([status, stderr, existsSync(join(dir, 'pid')), existsSync(socket)]).toEqual([
            0,
            '',
            false,
            false,
          ])
          told.push(lines(stdout.replaceAll(port, 'PORT').replaceAll(dir, 'DIR')))
        }
        return told
      }),
    )
    expect(logs[1]).toEqual(logs[0])
  })

  it('takes arguments as redis-server does', { timeout: 120_000 }, async () => {
    const told = await Promise.all(
      both.map(async (path) => {
        const found: unknown[] = []
        for (const [text, args] of SETTINGS) {
          const dir = newDir()
          const port = String(await freePort())
          writeFileSync(join(dir, 'redis.conf'), `${text}\nport ${port}\nbind 127.0.0.1\n`)
          const running = run(path, ['redis.conf', ...args], dir)
          await ready(running)
          const client = await connectRedis({ host: '127.0.0.1', port: Number(port) })
          for (const name of ['save', 'loglevel', 'maxmemory-policy', 'proc-title-template', 'timeout']) {
            found.push([text, args, await client.command('CONFIG', 'GET', name)])
          }
          await client.close()
          running.child.kill('SIGKILL')
          await running.ended
        }
        return found
      }),
    )
    expect(told[1]).toEqual(told[0])
  })

  it('tells its version as redis-server does', { timeout: 60_000 }, async () => {
    for (const option of ['-v', '--version']) {
      const told = await Promise.all(both.map((path) => run(path, [option], newDir()).ended))
      const [theirs, ours] = told.map(({ status, stdout, stderr }) => [
        status,
        stderr,
        stdout.replace(/(sha|malloc|build)=\S+/g, '$1=X'),
      ])
      expect(ours).toEqual(theirs)
    }
  })

  it('shows a picture if it is asked to, with what tools look for', { timeout: 60_000 }, async () => {
    const shown = await Promise.all(
      both.map(async (path) => {
        const port = String(await freePort())
        const running = run(path, ['--port', port, '--always-show-logo', 'yes', '--save', ''], newDir())
        await ready(running)
        running.child.kill('SIGTERM')
        const { stdout } = await running.ended
        const beside = /Redis 7\.0\.15 |Running .*|Port: .*|PID: .*|Server initialized/g
        const pid = String(running.child.pid)
        return stdout.match(beside)?.map((text) => text.replace(port, 'PORT').replace(pid, 'PID'))
      }),
    )
    expect(shown[0]).toContain('PID: PID')
    expect(shown[1]).toEqual(shown[0])
  })

  it('refuses what redis-server refuses, in its words', { timeout: 60_000 }, async () => {
    const files: readonly (readonly [string, readonly string[]])[] = [
      ['port 1\nfoo bar\n', []],
      ['# x\nsave x\n', []],
      ['port "17002\n', []],
      ['dir /nosuch\n', []],
      ['maxmemory 5q', []],
      ['timeout 1 2\n', ['--hz', '10']],
      ['timeout 1\n', ['--hz', '10', '--nosuch', 'a b']],
      ['rename-command nosuch x\n', []],
      ['include inc*.conf\nuser\n', []],
      ['maxmemory-policy foo\n', []],
      ['tcp-keepalive -1\n', []],
      ['shutdown-on-sigint foo\n', []],
      ['', ['--port']],
      ['', ['--port', '6379', '6380']],
      ['timeout 1\n', ['--port', '--loglevel', 'verbose']],
      ['timeout 1', ['--port', '--bla', '--loglevel', 'verbose']],
      ['', ['--logfile', '--my--log--file', '--loglevel', '--bla']],
      ['', ['--replicaof', '--127.0.0.1', 'abc']],
      ['', ['--replicaof', '--127.0.0.1', '--abc']],
      ['', ['--timeout 5', '--maxmemory 5q']],
      ['', ['loglevel', 'verbose', "--maxmemory '5q'"]],
      ['', ['--timeout 5', '7']],
      ['', ['--timeout ', '7', '--hz', '10', 'x']],
      ['', ['-', '--port', '1']],
      ['', ['--loglevel', 'x"y']],
      ['', ["--timeout '5"]],
    ]
    for (const [text, args] of files) {
      const dir = newDir()
      const path = join(dir, 'redis.conf')
      writeFileSync(path, text)
      const theirs = await run(server.path, ['redis.conf', ...args], dir).ended
      expect(theirs.status, text).toBe(1)
      expect(refusal([path, ...args]), text).toBe(theirs.stderr)
    }
  })

  it('ends where it cannot log, or listen', { timeout: 60_000 }, async () => {
    const outcomes = await Promise.all(
      both.map(async (path) => {
        const told: unknown[] = []
        for (const args of [
          ['--logfile', '/nosuch/x'],
          ['--port', '0'],
          ['--timeout', 'x'],
        ]) {
          const { status, stdout, stderr } = await run(path, args, newDir()).ended
          told.push([args, status, stderr, lines(stdout).slice(-1)])
        }
        return told
      }),
    )
    expect(outcomes[1]).toEqual(outcomes[0])
  })

  it('cannot listen where somebody else does', { timeout: 60_000 }, async () => {
    const dir = newDir()
    const port = String(await freePort())
    const first = run(server.path, ['--port', port, '--bind', '127.0.0.1'], dir)
    await ready(first)
    const ends = await Promise.all(
      both.map(async (path) => {
        const { status, stdout } = await run(path, ['--port', port, '--bind', '127.0.0.1'], newDir()).ended
        return [status, ...lines(stdout).slice(-2)]
      }),
    )
    expect(ends[1]).toEqual(ends[0])
  })
})

describe('serve', () => {
  it('takes the redis.conf of a distribution, with what it includes', { timeout: 60_000 }, async () => {
    const dir = newDir()
    const port = await freePort()
    const distribution = existsSync('/etc/redis/redis.conf')
      ? readFileSync('/etc/redis/redis.conf', 'latin1')
      : ''
    writeFileSync(
      join(dir, 'redis.conf'),
      `${distribution}\nport ${port}\nbind 127.0.0.1\ndir ${dir}\nlogfile log\npidfile ${dir}/pid\n` +
        `include ${dir}/more/*.conf\ninclude last.conf\nrename-command FLUSHALL wipe\nrename-command debug ""\n`,
    )
    writeFileSync(join(dir, 'last.conf'), 'hz 20\nrequirepass "\\xc3\\xa9"')
    const running = run(SERVE.path, [join(dir, 'redis.conf'), '--slowlog-max-len', '7'], dir)
    await waitFor(
      () => existsSync(join(dir, 'log')) && readFileSync(join(dir, 'log'), 'utf8').includes('Ready'),
      {
        timeoutMs: 20_000,
        what: 'a server to be ready',
      },
    )
    const client = await connectRedis({ host: '127.0.0.1', port })
    await client.command('AUTH', 'é')
    expect(await client.command('CONFIG', 'GET', 'requirepass')).toEqual(['requirepass', 'é'])
    expect(await client.command('CONFIG', 'GET', 'hz')).toEqual(['hz', '20'])
    expect(await client.command('CONFIG', 'GET', 'slowlog-max-len')).toEqual(['slowlog-max-len', '7'])
    await client.command('SET', 'k', 'v')
    await expect(client.command('FLUSHALL')).rejects.toThrow("unknown command 'FLUSHALL'")
    expect(await client.command('wipe')).toBe('OK')
    await client.command('CONFIG', 'SET', 'maxmemory', '100mb')
    expect(await client.command('CONFIG', 'REWRITE')).toBe('OK')
    const text = readFileSync(join(dir, 'redis.conf'), 'latin1')
    expect(text).toContain('\nmaxmemory 100mb\n')
    expect(text).toContain('\nrename-command FLUSHALL wipe\n')
    await client.command('SHUTDOWN').catch(() => {})
    expect((await running.ended).status).toBe(0)
    await client.close()
    const log = readFileSync(join(dir, 'log'), 'utf8')
    expect(log).toContain('bye bye')
    if (distribution !== '') expect(log).toContain('daemonize yes has no effect in this server')
  })

  it('ends at once, also while clients are paused', { timeout: 60_000 }, async () => {
    const port = await freePort()
    const running = run(SERVE.path, ['--port', `${port}`, '--save', ''], newDir())
    await ready(running)
    const client = await connectRedis({ host: '127.0.0.1', port })
    await client.command('CLIENT', 'PAUSE', 3_600_000)
    running.child.kill('SIGTERM')
    expect((await running.ended).status).toBe(0)
    await client.close()
  })

  it('ends at once, also while keys are on their way to somebody who is silent', {
    timeout: 60_000,
  }, async () => {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const port = await freePort()
    const running = run(SERVE.path, ['--port', `${port}`, '--save', ''], newDir())
    await ready(running)
    const client = await connectRedis({ host: '127.0.0.1', port })
    await client.command('SET', 'k', 'v')
    const reached = new Promise((resolve) => silent.once('connection', resolve))
    const there = (silent.address() as { port: number }).port
    const migrated = client.command('MIGRATE', '127.0.0.1', there, 'k', 0, 3_600_000).catch(() => 'nothing')
    await reached
    running.child.kill('SIGTERM')
    expect((await running.ended).status).toBe(0)
    expect(await migrated).toBe('nothing')
    silent.close()
  })

  it('does as shutdown-on-sigterm says, and lives on where it cannot', { timeout: 60_000 }, async () => {
    const dir = newDir()
    const port = await freePort()
    const running = run(SERVE.path, ['--port', `${port}`, '--save', '', '--shutdown-on-sigterm', 'save'], dir)
    await ready(running)
    const client = await connectRedis({ host: '127.0.0.1', port })
    await client.command('SET', 'k', 'v')
    rmSync(dir, { recursive: true })
    running.child.kill('SIGTERM')
    await waitFor(() => running.stdout().includes('Errors trying to shut down'), {
      what: 'a refusal to end',
    })
    expect(await client.command('GET', 'k')).toBe('v')
    // Only a background save that fails stops writes.
    expect(await client.command('SET', 'k', 'w')).toBe('OK')
    await client.command('CONFIG', 'SET', 'shutdown-on-sigterm', 'save force')
    running.child.kill('SIGTERM')
    expect((await running.ended).status).toBe(0)
    await client.close()
  })

  it('tells clients to wait while it loads', { timeout: 60_000 }, async () => {
    const dir = newDir()
    const port = await freePort()
    const entries: RdbEntry[] = Array.from({ length: 300_000 }, (_, i) => ({
      key: fromText(`key:${i}`),
      value: { type: 'string', value: fromText(`value ${i} ${'x'.repeat(i % 100)}`) },
    }))
    const databases = [{ db: 0, entries }]
    writeFileSync(join(dir, 'dump.rdb'), Buffer.concat([...encodeRdb({ databases }, { compress: false })]))
    const running = run(SERVE.path, ['--port', String(port), '--save', '', '--bind', '127.0.0.1'], dir)
    await waitFor(() => running.stdout().includes('Server initialized'), {
      timeoutMs: 20_000,
      what: 'a server',
    })
    const client = await connectRedis({ host: '127.0.0.1', port })
    const refused = await client.command('GET', 'key:1').catch((error: Error) => error.message)
    expect(refused).toBe('LOADING Redis is loading the dataset in memory')
    const info = String(await client.command('INFO', 'persistence'))
    expect(info).toMatch(/^loading:1\r$/m)
    for (const name of ['start_time', 'total_bytes', 'rdb_used_mem', 'loaded_bytes', 'eta_seconds']) {
      expect(info).toMatch(new RegExp(`^loading_${name}:\\d+\\r$`, 'm'))
    }
    expect(info).toMatch(/^loading_loaded_perc:\d+\.\d\d\r$/m)
    expect(running.stdout()).not.toContain('Ready to accept connections')
    await ready(running)
    expect(await client.command('DBSIZE')).toBe(300_000)
    expect(String(await client.command('INFO', 'persistence'))).not.toContain('loading_')
    await client.close()
    running.child.kill('SIGTERM')
    await running.ended
    const again = run(SERVE.path, ['--port', String(port), '--save', '1 1', '--bind', '127.0.0.1'], dir)
    await waitFor(() => again.stdout().includes('Server initialized'), {
      timeoutMs: 20_000,
      what: 'a server',
    })
    again.child.kill('SIGTERM')
    const { status, stdout } = await again.ended
    expect(status).toBe(0)
    expect(stdout).toContain('during loading')
    expect(stdout).not.toContain('Saving')
  })

  it('does not begin with a snapshot that is no good', { timeout: 60_000 }, async () => {
    const dir = newDir()
    writeFileSync(join(dir, 'dump.rdb'), 'REDIS0099')
    const args = ['--port', String(await freePort()), '--pidfile', join(dir, 'pid')]
    const { status, stdout } = await run(SERVE.path, args, dir).ended
    expect(status).toBe(1)
    const line = "# Fatal error loading the DB: Can't handle RDB format version 99. Exiting.\n"
    expect(stdout.slice(-line.length)).toBe(line)
    expect(existsSync(join(dir, 'pid'))).toBe(false)
    expect(stdout).not.toContain('Ready')
    writeFileSync(join(dir, 'dump.rdb'), 'REDIS0009\xfe\x00\x09\x01h\x02\x01', 'latin1')
    const damaged = await run(SERVE.path, ['--port', String(await freePort())], dir).ended
    expect(damaged.status).toBe(1)
    expect(damaged.stdout).toContain('--- RDB ERROR DETECTED ---')
    expect(damaged.stdout).toContain('# Terminating server after rdb file reading failure.')
  })

  it('takes its configuration from standard input', { timeout: 60_000 }, async () => {
    const dir = newDir()
    const port = await freePort()
    const running = run(SERVE.path, ['--save', '', '-'], dir, `port ${port}\nbind 127.0.0.1\n`)
    await ready(running)
    const client = await connectRedis({ host: '127.0.0.1', port })
    await expect(client.command('CONFIG', 'REWRITE')).rejects.toThrow('running without a config file')
    await client.close()
  })
})
