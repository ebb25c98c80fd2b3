/**
 * `syncscope serve [redis.conf] [--name value …]`: the reference server as a process.
 *
 * It takes redis-server's own names, so everything behind the verb is redis-server's business: a file
 * first, then parameters. It logs
 * as redis-server does, because tools wait for its lines.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseAddress } from '../io/address.ts'
import { processFacts } from '../io/process-facts.ts'
import { type Listening, listenFor } from '../io/server-socket.ts'
import { keepPausesShort } from '../io/short-pauses.ts'
import { SnapshotStore } from '../io/snapshot-store.ts'
import { socketDialer } from '../io/socket-dialer.ts'
import { sleepNow, systemClock, systemRandom } from '../io/system-clock.ts'
import {
  applyLines,
  argumentLines,
  BadConfiguration,
  configLines,
  rewritten,
} from '../server/config/config-file.ts'
import { Settings } from '../server/config/settings.ts'
import { RedisServer } from '../server/server.ts'
import { UsageError } from '../usage-error.ts'

export const SERVE_HELP = `syncscope serve [redis.conf] [--name value ...]

The reference server: a Redis 7.0 that can be read. Takes redis-server's own
configuration file and parameter names, defaults and units.

  --port N                  where clients connect (6379; 0: not by TCP)
  --unixsocket PATH         and by a unix socket
  --save "SECONDS CHANGES"  save points ("" for none)
  --name value ...          any parameter of redis.conf

Examples:
  syncscope serve --port 7000
  syncscope serve ./redis.conf --port 7001 --save ""
`

const LEVELS = { debug: '.', verbose: '-', notice: '*', warning: '#' } as const
const RANK = { debug: 0, verbose: 1, notice: 2, warning: 3 } as const

/**
 * Runs until SHUTDOWN or a signal. @param argv behind the verb @returns the exit status @throws
 * UsageError
 */
export async function serve(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(SERVE_HELP)
    return 0
  }
  keepPausesShort()
  const path = argv[0]?.startsWith('--') === false ? argv[0] : undefined
  const settings = configured(path, path === undefined ? argv : argv.slice(1))
  const log = logger(settings)
  let end: () => void = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const server = new RedisServer(
    {
      clock: systemClock,
      random: systemRandom,
      store: new SnapshotStore(),
      dialer: socketDialer,
      facts: processFacts,
      log,
      shutdown: end,
      sleep: sleepNow,
      ...(path === undefined ? {} : { configFile: configFile(path) }),
    },
    settings,
  )
  load(server)
  const listening = await listen(server, settings)
  const stop = server.start()
  log('notice', 'Ready to accept connections')
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      log('warning', `Received ${signal} scheduling shutdown...`)
      server.executor.visit(() => server.state.ending.begin({ save: undefined }))
    })
  }
  await ended
  stop()
  await Promise.all(listening.map((one) => one.close()))
  log('warning', 'Redis is now ready to exit, bye bye...')
  return 0
}

function load(server: RedisServer): void {
  try {
    server.load()
  } catch (error) {
    throw new UsageError(`cannot load the snapshot: ${(error as Error).message}`, { cause: error })
  }
}

function configured(path: string | undefined, argv: readonly string[]): Settings {
  const settings = new Settings()
  try {
    if (path !== undefined) applyLines(settings, configLines(readFileSync(path, 'utf8')))
    applyLines(settings, argumentLines(argv))
  } catch (error) {
    if (error instanceof BadConfiguration) throw new UsageError(`bad configuration: ${error.message}`)
    if (path !== undefined && (error as NodeJS.ErrnoException).code !== undefined) {
      throw new UsageError(`cannot read ${path}: ${(error as Error).message}`, { cause: error })
    }
    throw error
  }
  const dir = settings.get<string>('dir')
  try {
    if (dir !== '') process.chdir(dir)
    settings.read('dir', process.cwd())
  } catch (error) {
    throw new UsageError(`cannot use dir ${dir}: ${(error as Error).message}`, { cause: error })
  }
  return settings
}

function configFile(path: string) {
  return {
    path,
    rewrite: (settings: Settings): string | undefined => {
      try {
        writeFileSync(path, rewritten(readFileSync(path, 'utf8'), settings))
        return undefined
      } catch (error) {
        return (error as Error).message
      }
    },
  }
}

async function listen(server: RedisServer, settings: Settings): Promise<Listening[]> {
  const port = settings.get<number>('port')
  const socket = settings.get<string>('unixsocket')
  const addresses = [
    ...(port === 0 ? [] : hosts(settings).map((host) => parseAddress(`${host}:${port}`, '--port'))),
    ...(socket === '' ? [] : [parseAddress(`unix:${socket}`, '--unixsocket')]),
  ]
  return await Promise.all(addresses.map((address) => listenFor((peer) => server.accept(peer), address)))
}

/** `bind * -::*` is everywhere; a minus forgives an address that is not there. */
function hosts(settings: Settings): string[] {
  const named = settings
    .get<string>('bind')
    .split(' ')
    .map((word) => word.replace(/^-/, ''))
  if (named.includes('*')) return ['0.0.0.0']
  return named
    .filter((host) => host !== '::*' && host !== '')
    .map((host) => (host.includes(':') ? `[${host}]` : host))
}

/** `12345:M 21 Nov 2026 12:00:00.123 * Ready to accept connections` */
function logger(settings: Settings) {
  return (level: keyof typeof LEVELS, line: string): void => {
    if (RANK[level] < RANK[settings.get<keyof typeof RANK>('loglevel')]) return
    const role = settings.get<string>('replicaof') === '' ? 'M' : 'S'
    process.stdout.write(`${process.pid}:${role} ${logTime(new Date())} ${LEVELS[level]} ${line}\n`)
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function logTime(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${two(time.getDate())} ${MONTHS[time.getMonth()]} ${time.getFullYear()}`
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')
  return `${day} ${clock}.${String(time.getMilliseconds()).padStart(3, '0')}`
}
