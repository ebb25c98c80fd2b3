/**
 * `syncscope serve` and redis-server under a harness that starts servers from a file, waits for lines of their
 * logs, moves them about by CONFIG SET, stops them by signals, and starts them again: as test suites do.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { connectRedis } from '../../src/io/redis-client.ts'
import { describeWithRedis, freePort, waitFor } from '../support/real-redis.ts'
import { SERVE } from '../support/serve.ts'

const children: ChildProcess[] = []
const dirs: string[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
})

/** A server from a file; it logs into another, as a shell's `>>` has it. */
class Harnessed {
  readonly dir = mkdtempSync(join(tmpdir(), 'syncscope-harness-'))
  readonly #path: string
  readonly #config: readonly string[]
  port = 0
  child!: ChildProcess
  #logged = 0

  constructor(path: string, config: readonly string[] = []) {
    dirs.push(this.dir)
    this.#path = path
    this.#config = config
  }

  /** What it has logged since it was started last. */
  get log(): string {
    return readFileSync(join(this.dir, 'stdout'), 'latin1').slice(this.#logged)
  }

  spawn(): void {
    const out = openSync(join(this.dir, 'stdout'), 'a')
    this.#logged = readFileSync(join(this.dir, 'stdout')).length
    this.child = spawn(this.#path, ['redis.conf'], { cwd: this.dir, stdio: ['ignore', out, out] })
    children.push(this.child)
  }

  async start(port?: number): Promise<void> {
    this.port = port ?? (await freePort())
    const lines = [
      'always-show-logo yes',
      'loglevel verbose',
      "logfile ''",
      'pidfile pid',
      `port ${this.port}`,
    ]
    const more = ['bind 127.0.0.1', 'dir ./', 'unixsocket socket', 'enable-debug-command yes']
    const free = ['enable-protected-configs yes', ...this.#config, '']
    writeFileSync(join(this.dir, 'redis.conf'), [...lines, ...more, ...free].join('\n'))
    await this.restart()
  }

  async restart(): Promise<void> {
    this.spawn()
    const began = new RegExp(` PID: ${this.child.pid}\\b[^]*Server initialized`)
    await this.until(() => began.test(this.log), 'its beginning')
    await this.until(() => this.log.includes('Ready to accept'), 'it to be ready')
  }

  async until(is: () => boolean, what: string): Promise<void> {
    await waitFor(is, { timeoutMs: 20_000, what })
  }

  command(...words: string[]): Promise<unknown> {
    return this.at(this.port, ...words)
  }

  async at(port: number, ...words: string[]): Promise<unknown> {
    const client = await connectRedis({ host: '127.0.0.1', port })
    try {
      return await client.command(...words)
    } catch (error) {
      return (error as Error).message
    } finally {
      await client.close()
    }
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null) await new Promise((resolve) => this.child.once('exit', resolve))
    return this.child.exitCode
  }

  /** Log lines that say how it ends, without their times. */
  get words(): string[] {
    const lines = this.log
      .split('\n')
      .filter((line) => /hutdown|sav|bye|shut/.test(line) && !/WARNING|Client/.test(line))
    return lines.map((line) => line.replace(/^.*? [#*.-] |\(\d+\) /, '').replace(/^\d+:/, ''))
  }
}

async function taken(): Promise<[Server, string]> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return [server, String((server.address() as { port: number }).port)]
}

describeWithRedis('a harness', (server) => {
  const both = [server.path, SERVE.path]

  it('starts, stops and restarts', { timeout: 120_000 }, async () => {
    const told = await Promise.all(
      both.map(async (path) => {
        const one = new Harnessed(path, ['save 900 1', 'shutdown-on-sigterm force'])
        await one.start()
        const found: unknown[] = [await one.command('SET', 'k', 'v')]
        // One that stands still is told to end, and goes on to do so.
        one.child.kill('SIGSTOP')
        one.child.kill('SIGTERM')
        one.child.kill('SIGCONT')
        found.push(await one.ended(), one.words)
        await one.restart()
        found.push(await one.command('GET', 'k'))
        found.push(await one.command('CONFIG', 'SET', 'maxmemory', '10mb'))
        found.push(await one.command('DEBUG', 'CONFIG-REWRITE-FORCE-ALL'))
        one.child.kill('SIGINT')
        found.push(await one.ended())
        await one.restart()
        found.push(await one.command('CONFIG', 'GET', 'maxmemory'), await one.command('GET', 'k'))
        return found
      }),
    )
    expect(told[1]).toEqual(told[0])
  })

  it('tries another port where one is taken', { timeout: 60_000 }, async () => {
    const [owner, port] = await taken()
    const ends = await Promise.all(
      both.map(async (path) => {
        const one = new Harnessed(path)
        await expect(Promise.race([one.start(Number(port)), sleep(500)])).resolves.toBe(undefined)
        await one.until(() => one.log.includes('Failed listening on port'), 'a refusal')
        return [await one.ended(), one.log.includes('PID: ')]
      }),
    )
    owner.close()
    expect(ends).toEqual([
      [1, false],
      [1, false],
    ])
  })

  it('takes back what a signal asked for', { timeout: 60_000 }, async () => {
    const told = await Promise.all(
      both.map(async (path) => {
        const one = new Harnessed(path, ['save 900 1'])
        await one.start()
        const found: unknown[] = [await one.command('DEBUG', 'PAUSE-CRON', '1')]
        one.child.kill('SIGTERM')
        await one.until(() => one.log.includes('SIGTERM'), 'the signal to be heard')
        found.push(await one.command('SHUTDOWN', 'ABORT'), await one.command('SHUTDOWN', 'ABORT'))
        found.push(await one.command('DEBUG', 'PAUSE-CRON', '0'), await one.command('PING'))
        // It cannot be saved where a directory has the name of the file.
        mkdirSync(join(one.dir, 'dump.rdb'))
        one.child.kill('SIGINT')
        await one.until(() => one.log.includes('Errors trying'), 'a refusal')
        found.push(await one.command('SHUTDOWN'), await one.command('SET', 'k', 'v'))
        // Who insists has his way.
        await one.command('DEBUG', 'PAUSE-CRON', '1')
        one.child.kill('SIGINT')
        await one.until(() => one.log.split('Received SIGINT').length === 3, 'the signal to be heard')
        one.child.kill('SIGINT')
        found.push(await one.ended())
        return [...found, one.words.filter((line) => !/^Failed|^Error moving/.test(line))]
      }),
    )
    expect(told[1]).toEqual(told[0])
  })

  it('does not insist with its first signal', { timeout: 60_000 }, async () => {
    const told = await Promise.all(
      both.map(async (path) => {
        const one = new Harnessed(path, ['save 900 1', 'repl-diskless-sync-delay 0', 'shutdown-timeout 100'])
        await one.start()
        // It takes all and acknowledges nothing.
        const replica = connect({ host: '127.0.0.1', port: one.port })
        replica.on('error', () => {}).resume()
        replica.write('SYNC\r\n')
        const isOnline = async () => /state=online/.test(String(await one.command('INFO', 'replication')))
        await waitFor(isOnline, { what: 'a replica' })
        await one.command('SET', 'k', 'v')
        const waiting = one.command('SHUTDOWN')
        await one.until(() => one.log.includes('Waiting for replicas'), 'it to wait')
        one.child.kill('SIGINT')
        await one.until(() => one.log.includes('Received SIGINT'), 'the signal to be heard')
        const found: unknown[] = [await one.command('PING')]
        await sleep(300)
        found.push(await one.command('SHUTDOWN', 'ABORT'), await waiting, await one.command('SET', 'k', 'w'))
        one.child.kill('SIGTERM')
        await one.until(() => one.log.split('Waiting for replicas').length === 3, 'it to wait again')
        one.child.kill('SIGINT')
        found.push(await one.ended())
        replica.destroy()
        return [...found, one.words.filter((line) => !/eplica|DB saved|Background|BGSAVE/.test(line))]
      }),
    )
    expect(told[1]).toEqual(told[0])
  })

  it('moves it to other addresses, or cannot', { timeout: 60_000 }, async () => {
    const [owner, busy] = await taken()
    const told = await Promise.all(
      both.map(async (path) => {
        const one = new Harnessed(path)
        await one.start()
        const kept = await connectRedis({ host: '127.0.0.1', port: one.port })
        const found: unknown[] = []
        const set = async (...words: string[]): Promise<void> => {
          found.push(words, await one.command('CONFIG', 'SET', ...words))
        }
        await set('maxmemory', '10mb', 'PORT', busy)
        await set('port', busy, 'maxmemory-policy', 'nosuch')
        await set('bind', '999.999.999.999')
        await set('bind', '127.0.0.1 -::1')
        await set('dir', '/nosuch')
        await set('timeout', '7', 'dir', '/nosuch')
        await set('dir', '..')
        found.push(
          await one.command('CONFIG', 'GET', 'bind'),
          await one.command('CONFIG', 'GET', 'maxmemory'),
        )
        found.push(await one.command('CONFIG', 'GET', 'timeout'))
        expect(await one.command('CONFIG', 'GET', 'dir')).toEqual(['dir', tmpdir()])
        const port = await freePort()
        found.push(await one.command('CONFIG', 'SET', 'port', String(port)))
        found.push(await one.at(port, 'PING'), await kept.command('PING'))
        await expect(connectRedis({ host: '127.0.0.1', port: one.port })).rejects.toThrow()
        found.push(await kept.command('CONFIG', 'SET', 'port', '0'), await kept.command('PING'))
        await expect(connectRedis({ host: '127.0.0.1', port })).rejects.toThrow()
        one.child.kill('SIGTERM')
        found.push(await one.ended())
        await kept.close()
        return found
      }),
    )
    owner.close()
    expect(told[1]).toEqual(told[0])
  })

  it('moves it one address after another, whoever asks', { timeout: 60_000 }, async () => {
    const one = new Harnessed(SERVE.path)
    await one.start()
    const clients = await Promise.all(
      Array.from({ length: 3 }, () => connectRedis({ host: '127.0.0.1', port: one.port })),
    )
    // Who is not served yet when it listens there no longer is cut off.
    for (const client of clients) await client.command('PING')
    const [owner, busy] = await taken()
    const ports = [await freePort(), await freePort(), await freePort()]
    const set = (i: number, ...words: (string | number)[]) =>
      clients[i]!.command('CONFIG', 'SET', ...words).catch((error: Error) => error.message)
    const answers = await Promise.all([
      set(0, 'port', ports[0]!),
      set(1, 'port', busy),
      set(2, 'port', ports[1]!),
    ])
    expect(answers).toEqual(['OK', expect.stringContaining('Unable to listen on this port'), 'OK'])
    const [, last] = (await clients[0]!.command('CONFIG', 'GET', 'port')) as [string, string]
    const [there, away] = last === String(ports[0]) ? [ports[0]!, ports[1]!] : [ports[1]!, ports[0]!]
    expect(await one.at(there, 'CONFIG', 'GET', 'port')).toEqual(['port', String(there)])
    await expect(connectRedis({ host: '127.0.0.1', port: away })).rejects.toThrow()
    const [client, gone] = clients as [(typeof clients)[0], (typeof clients)[0]]
    await client.command('MULTI')
    for (const port of [ports[2]!, away]) await client.command('CONFIG', 'SET', 'port', port)
    expect(await client.command('EXEC')).toEqual(['OK', 'OK'])
    await waitFor(async () => (await one.at(away, 'PING').catch(() => '')) === 'PONG', {
      what: 'the last of them',
    })
    await expect(connectRedis({ host: '127.0.0.1', port: ports[2]! })).rejects.toThrow()
    // Neither who leaves while he waits nor the end of the server is in the way of the other.
    gone.command('CONFIG', 'SET', 'port', there).catch(() => {})
    gone.close()
    await client.command('CONFIG', 'SET', 'bind', '127.0.0.1')
    client.command('CONFIG', 'SET', 'port', ports[2]!).catch(() => {})
    one.child.kill('SIGTERM')
    expect(await one.ended()).toBe(0)
    owner.close()
  })
})
