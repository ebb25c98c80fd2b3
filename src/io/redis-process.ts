/**
 * Real Redis and Valkey servers as processes of ours: found, started, asked, ended.
 *
 * Each gets a free port from the system, a directory of its own below the system's temporary one and a
 * redis.conf in it; it is ready when it answers PING. stop() ends the process and removes the directory.
 * Should we die first, the kernel ends it (setpriv --pdeathsig, where there is one) and our exit handler
 * removes what it can: no run leaves servers behind.
 *
 * Knows nothing of the test framework: the demo and the benchmarks start their servers here too.
 * Tests import real-redis.ts, which ends what a test started whether it passes or fails.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  accessSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { connectRedis, type RedisClient } from './redis-client.ts'

/** A server executable, as it describes itself. */
export type RealServer = {
  readonly path: string
  /** What stands before its configuration file on its command line: nothing for redis-server. */
  readonly args?: readonly string[]
  /** For titles: `redis 7.0.15`. */
  readonly name: string
  readonly flavour: 'redis' | 'valkey'
  /** `7.0.15` */
  readonly version: string
  readonly major: number
}

/** How to get a server, for whoever has none. */
export const HOW_TO_GET_REDIS = 'apt-get install redis-server, or set REDIS_SERVER=/path/to/redis-server'

/** The server of REDIS_SERVER, or redis-server on the PATH; undefined where there is none. */
export function defaultServer(): RealServer | undefined {
  const named = process.env.REDIS_SERVER
  if (named) return describeServer(named)
  const found = onPath('redis-server')
  return found === undefined ? undefined : describeServer(found)
}

/**
 * Every server there is to test with: the default one, then those of REDIS_SERVERS (separated by ':'), each
 * version once. A path that does not run is an Error: what was asked for is not silently left out.
 */
export function servers(): RealServer[] {
  const listed = (process.env.REDIS_SERVERS ?? '').split(':').filter((path) => path !== '')
  const all = [defaultServer(), ...listed.map(describeServer)].filter((server) => server !== undefined)
  return all.filter((server, index) => all.findIndex((other) => other.name === server.name) === index)
}

/** Names and values of redis.conf; or its lines, where a name stands more than once. */
export type RedisConfig = Readonly<Record<string, string | number>> | readonly string[]

export type StartOptions = {
  /** Default: defaultServer(). */
  readonly server?: RealServer
  readonly config?: RedisConfig
  /** Default: a free one. Give it to start again where a server was before. */
  readonly port?: number
  /** A directory of the caller's, which stop() leaves as it is: to start again with what was saved. */
  readonly dir?: string
}

/** A running server. All offsets and counters that INFO gives are text, as the server printed them. */
export type RealRedis = {
  readonly server: RealServer
  readonly version: string
  readonly host: '127.0.0.1'
  readonly port: number
  readonly pid: number
  /** Its directory: snapshots, log. Removed by stop(). */
  readonly dir: string
  /** Connected (and authenticated, where requirepass is set); replies as text. */
  readonly client: RedisClient
  /** The fields of an INFO section (all sections where none is named). */
  info(section?: string): Promise<Record<string, string>>
  /** CONFIG GET, or with a value CONFIG SET; gives the value. */
  config(name: string, value?: string | number): Promise<string>
  /** DEBUG DIGEST: equal for equal datasets. */
  digest(): Promise<string>
  /** The end of its log. */
  log(lines?: number): string
  /** Ends the process at once and removes its directory. May be called twice. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const PORT_ATTEMPTS = 5
const START_TIMEOUT_MS = 20_000

/** Starts a server and waits until it answers. Rejects with the end of its log where it does not. */
export async function startRedis(options: StartOptions = {}): Promise<RealRedis> {
  const server = options.server ?? defaultServer()
  if (server === undefined) throw new Error(`no redis-server found: ${HOW_TO_GET_REDIS}`)
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort())
    try {
      return await start(server, port, options)
    } catch (error) {
      // Between asking for a free port and binding it another process may have taken it.
      const taken = error instanceof Error && /already in use/i.test(error.message)
      if (!taken || options.port !== undefined || attempt === PORT_ATTEMPTS) throw error
    }
  }
}

async function start(server: RealServer, port: number, options: StartOptions): Promise<RealRedis> {
  const { config = {} } = options
  const dir = options.dir ?? newServerDir()
  const file = join(dir, 'redis.conf')
  const lines = configLines(server, port, dir, config)
  const password = lines.findLast((line) => /^requirepass\s/i.test(line))?.replace(/^\S+\s+|"/g, '')
  writeFileSync(file, lines.join('\n') + '\n')
  // What it says before it knows its log file (why it refuses its configuration) belongs there too.
  const output = openSync(join(dir, 'log'), 'a')
  const child = spawnTied(server.path, [...(server.args ?? []), file], output)
  closeSync(output)
  const life = {
    child,
    dir,
    exited: new Promise<void>((resolve) => child.once('close', resolve).once('error', resolve)),
  }
  running.add(life)
  const log = (lines = 20) => tail(join(dir, 'log'), lines)
  const stop = async () => {
    await redis?.close()
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await life.exited
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true })
    running.delete(life)
  }
  let redis: RedisClient | undefined
  try {
    redis = await waitFor(() => answering(child, port, password), {
      what: `${server.name} to answer PING on port ${port}`,
      timeoutMs: START_TIMEOUT_MS,
    })
  } catch (cause) {
    const story = log()
    await stop()
    throw new Error(`${server.name} did not start on port ${port}; the end of its log:\n${story}`, { cause })
  }
  const client = redis
  return {
    server,
    version: server.version,
    host: '127.0.0.1',
    port,
    pid: child.pid as number,
    dir,
    client,
    info: async (section) => infoFields(String(await client.command('INFO', ...(section ? [section] : [])))),
    config: async (name, value) => {
      if (value !== undefined) await client.command('CONFIG', 'SET', name, value)
      return String(((await client.command('CONFIG', 'GET', name)) as string[])[1])
    },
    digest: async () => String(await client.command('DEBUG', 'DIGEST')),
    log,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** A new directory for a server, below the system's temporary one. */
export function newServerDir(): string {
  return mkdtempSync(join(tmpdir(), 'syncscope-redis-'))
}

/** A client once the server answers; undefined while it does not; throws when its process is gone. */
async function answering(child: ChildProcess, port: number, password: string | undefined) {
  if (child.exitCode !== null || child.signalCode !== null) throw new Error('it ended by itself')
  const client = await connectRedis({ host: '127.0.0.1', port }).catch(() => undefined)
  if (client === undefined) return undefined
  try {
    if (password !== undefined) await client.command('AUTH', password)
    await client.command('PING')
    // A server that had the port before ours answers too.
    const { process_id } = infoFields(String(await client.command('INFO', 'server')))
    if (process_id === String(child.pid)) return client
  } catch {
    // Loading, or about to end: asked again.
  }
  await client.close()
  return undefined
}

function configLines(server: RealServer, port: number, dir: string, config: RedisConfig): string[] {
  const given = Array.isArray(config)
    ? (config as readonly string[])
    : Object.entries(config).map(([name, value]) => `${name} ${value === '' ? '""' : value}`)
  const names = new Set(given.map((line) => line.trim().split(/\s/, 1)[0]?.toLowerCase()))
  const defaults: Record<string, string | number> = {
    port,
    bind: '127.0.0.1',
    dir: `"${dir}"`,
    logfile: `"${join(dir, 'log')}"`,
    save: '""',
    // Redis waits five seconds for more replicas before a diskless sync; a test has none to wait for.
    'repl-diskless-sync-delay': 0,
    // DEBUG DIGEST is how datasets are compared; since 7.0 it must be allowed. Valkey began at 7.2.
    ...(server.major >= 7 ? { 'enable-debug-command': 'yes' } : {}),
  }
  const ours = Object.entries(defaults).filter(([name]) => !names.has(name))
  return [...ours.map(([name, value]) => `${name} ${value}`), ...given]
}

// --- replication ----------------------------------------------------------------------------------------

/** A server that can be asked how it stands, real or the reference. */
type Informant = Pick<RealRedis, 'port' | 'info'>

/**
 * Waits until a replica has all its master has: link up, snapshot loaded, equal offsets.
 * The master must be quiet meanwhile (but for its PINGs).
 */
export async function caughtUp(master: Informant, replica: Informant, timeoutMs = 20_000): Promise<void> {
  await waitFor(
    async () => {
      const [here, there] = await Promise.all([master.info('replication'), replica.info('replication')])
      return there.master_link_status === 'up' && there.slave_repl_offset === here.master_repl_offset
    },
    { timeoutMs, what: `the replica on port ${replica.port} to catch up with port ${master.port}` },
  )
}

/**
 * Asks again and again until the answer is neither undefined nor false, and gives it. Rejects when the
 * time is over; what the predicate throws is passed on.
 */
export async function waitFor<T>(
  predicate: () => T | Promise<T>,
  { timeoutMs = 10_000, what }: { timeoutMs?: number; what: string },
): Promise<Exclude<T, undefined | false>> {
  const end = performance.now() + timeoutMs
  for (;;) {
    const answer = await predicate()
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Ports that were given out and may not be bound yet: the system would give them out again. */
const promised: number[] = []
const PROMISED_MAX = 1000

/** A TCP port on 127.0.0.1 that was free a moment ago, and was not given to anybody lately. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await systemPort()
    if (promised.includes(port)) continue
    promised.push(port)
    if (promised.length > PROMISED_MAX) promised.shift()
    return port
  }
}

function systemPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

// --- processes ------------------------------------------------------------------------------------------

type Life = { readonly child: ChildProcess; readonly dir: string; readonly exited: Promise<void> }

const running = new Set<Life>()

process.on('exit', () => {
  for (const { child, dir } of running) {
    child.kill('SIGKILL')
    rmSync(dir, { recursive: true, force: true })
  }
})

/**
 * Starts a process that the kernel ends when we die, however we die (on Linux; elsewhere plainly).
 * Its output is dropped, or given to the file `output` (a descriptor).
 */
export function spawnTied(path: string, args: readonly string[], output?: number): ChildProcess {
  const tie = process.platform === 'linux' ? onPath('setpriv') : undefined
  const [command, ...rest] = tie === undefined ? [path, ...args] : [tie, '--pdeathsig', 'KILL', path, ...args]
  const sink = output ?? 'ignore'
  return spawn(command as string, rest, { stdio: ['ignore', sink, sink] }).on('error', () => {})
}

/** @throws Error where it is none */
export function describeServer(path: string): RealServer {
  const { stdout, error } = spawnSync(path, ['--version'], { encoding: 'utf8' })
  const match = /^(Redis|Valkey) server v=(\d+)(\S*)/.exec(stdout ?? '')
  if (match === null) {
    throw new Error(`${path} (of REDIS_SERVER, REDIS_SERVERS or the PATH) is no Redis or Valkey server`, {
      cause: error,
    })
  }
  const flavour = match[1] === 'Valkey' ? 'valkey' : 'redis'
  const version = `${match[2]}${match[3]}`
  return { path, name: `${flavour} ${version}`, flavour, version, major: Number(match[2]) }
}

/** The executable of that name on the PATH (or another list of folders), or undefined. */
export function onPath(name: string, path = process.env.PATH ?? ''): string | undefined {
  for (const dir of path.split(delimiter)) {
    const file = join(dir, name)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {}
  }
  return undefined
}

/** The fields of a reply to INFO. */
export function infoFields(text: string): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [, name, value] of text.matchAll(/^([^#:\r\n][^:\r\n]*):([^\r\n]*)/gm)) fields[name!] = value!
  return fields
}

function tail(file: string, lines: number): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
  } catch {
    return '(it wrote none)'
  }
}
