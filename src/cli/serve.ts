/**
 * `syncscope serve [redis.conf] [--name value …]`: the reference server as a process.
 *
 *   configuration ─► listen ─► load the snapshot, while clients are told to wait ─► serve ─► SHUTDOWN, signal
 *
 * It takes redis-server's own names, so everything behind the verb is redis-server's business: a file first,
 * then parameters. It logs as redis-server does, because tools wait for its lines; what redis-server dies
 * of ends it too, with status 1.
 */
import { pathText } from '../bytes/byte-string.ts'
import { removePidFile, writePidFile } from '../io/pid-file.ts'
import { processFacts } from '../io/process-facts.ts'
import { ServerLog } from '../io/server-log.ts'
import { keepPausesShort } from '../io/short-pauses.ts'
import { SnapshotStore } from '../io/snapshot-store.ts'
import { socketDialer } from '../io/socket-dialer.ts'
import { sleepNow, systemClock, systemRandom } from '../io/system-clock.ts'
import { systemWords } from '../io/system-words.ts'
import { commandTable } from '../server/commands/table.ts'
import { BadConfiguration } from '../server/config/config-file.ts'
import type { Settings } from '../server/config/settings.ts'
import { askedInVain } from '../server/config/without-effect.ts'
import { BadSnapshot } from '../server/persistence/damage.ts'
import { REDIS_VERSION } from '../server/persistence/snapshot-facts.ts'
import { RedisServer } from '../server/server.ts'
import { type Configuration, configuration } from './serve-configuration.ts'
import { Listeners } from './serve-listening.ts'
import { logo } from './serve-logo.ts'
import { entitle, reconfigure } from './serve-reconfiguring.ts'

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

/** Something that redis-server dies of; it was logged. */
class Fatal extends Error {}

/** Runs until SHUTDOWN or a signal. @param argv behind the verb @returns the exit status */
export async function serve(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(SERVE_HELP)
    return 0
  }
  if (argv[0] === '--version' || argv[0] === '-v') {
    process.stdout.write(`Redis server v=${REDIS_VERSION} sha=00000000:0 malloc=v8 bits=64 build=syncscope\n`)
    return 0
  }
  keepPausesShort()
  try {
    await run(configuration(argv, commandTable()))
    return 0
  } catch (error) {
    if (error instanceof BadConfiguration) process.stderr.write(`${error.message}\n`)
    else if (!(error instanceof Fatal)) throw error
    return 1
  }
}

async function run(config: Configuration): Promise<void> {
  const { settings, table, file } = config
  const path = file?.path
  const log = logOf(settings)
  let end: () => void = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  announce(log, config)
  const listeners = new Listeners((peer) => server.accept(peer), settings)
  const server = new RedisServer(
    {
      clock: systemClock,
      random: systemRandom,
      store: new SnapshotStore(),
      dialer: socketDialer,
      facts: processFacts,
      log: (level, line) => {
        log.role = roleLetter(settings)
        log.write(level, line)
      },
      reconfigure: (names, done) => reconfigure({ settings, path, listeners, log }, names, done),
      shutdown: end,
      sleep: sleepNow,
      ...(file === undefined ? {} : { configFile: file }),
    },
    settings,
    table,
  )
  await listen(listeners, log)
  entitle(settings, path)
  sayRunning(log, settings)
  const pidFile = pathText(settings.get('pidfile'))
  if (pidFile !== '') {
    const problem = writePidFile(pidFile)
    if (problem !== undefined) log.write('notice', `Failed to write PID file: ${problem}`)
  }
  const unhear = hearSignals(server, log)
  let stop = () => {}
  let abandon = () => {}
  let isGraceful = false
  try {
    log.write('warning', 'Server initialized')
    const loaded = new Promise<void>((resolve, reject) => {
      abandon = load(server, log, resolve, reject)
    })
    // Behind the beginning of loading: before its data is there, a replica must not ask for more.
    stop = server.start()
    await Promise.race([loaded, ended])
    if (!server.state.isLoading) sayReady(settings, listeners, log)
    await ended
    isGraceful = true
  } finally {
    abandon()
    stop()
    unhear()
    // What it dies of stays the last line.
    const say = (line: string): void => (isGraceful ? log.write('notice', line) : undefined)
    if (pidFile !== '' && removePidFile(pidFile)) say('Removing the pid file.')
    if (settings.get('unixsocket') !== '') say('Removing the unix socket file.')
    await listeners.close()
  }
  log.write('warning', 'Redis is now ready to exit, bye bye...')
}

/** @throws BadConfiguration where the file cannot be written */
function logOf(settings: Settings): ServerLog {
  try {
    return new ServerLog(pathText(settings.get('logfile')), () => settings.get('loglevel'))
  } catch (error) {
    throw new BadConfiguration(`Can't open the log file: ${systemWords(error)}`)
  }
}

function announce(log: ServerLog, { settings, isDefault }: Configuration): void {
  log.write('warning', 'oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo')
  log.write(
    'warning',
    `Redis version=${REDIS_VERSION}, bits=64, commit=syncscope, modified=0, pid=${process.pid}, just started`,
  )
  log.write(
    'warning',
    isDefault
      ? 'Warning: no config file specified, using the default config. ' +
          'In order to specify a config file use syncscope serve /path/to/redis.conf'
      : 'Configuration loaded',
  )
  log.role = roleLetter(settings)
  for (const parameter of askedInVain(settings)) {
    log.write('warning', `${parameter.name} ${settings.print(parameter)} has no effect in this server`)
  }
  log.write('notice', 'monotonic clock: POSIX clock_gettime')
}

/** With a picture where somebody looks, or asked for it. */
function sayRunning(log: ServerLog, settings: Settings): void {
  const port = settings.get<number>('port')
  const isLookedAt = settings.get('logfile') === '' && process.stdout.isTTY === true
  if (isLookedAt || settings.get<boolean>('always-show-logo')) log.raw('notice', logo(port, process.pid))
  else log.write('notice', `Running mode=standalone, port=${port}.`)
}

function roleLetter(settings: Settings): 'M' | 'S' {
  return settings.get<string>('replicaof') === '' ? 'M' : 'S'
}

/** @throws Fatal */
async function listen(listeners: Listeners, log: ServerLog): Promise<void> {
  const problems = await listeners.open()
  if (problems.length === 0) return
  for (const problem of problems) log.write('warning', problem)
  await listeners.close()
  throw new Fatal()
}

/** @param fail called with Fatal where the snapshot is no good @returns ends it */
function load(
  server: RedisServer,
  log: ServerLog,
  done: () => void,
  fail: (error: Fatal) => void,
): () => void {
  const end = (error?: Error): void => {
    if (error === undefined) done()
    else {
      const report = error instanceof BadSnapshot ? error.report : []
      for (const line of report) log.write('warning', line)
      if (report.length === 0) {
        log.write('warning', `Fatal error loading the DB: ${error.message}. Exiting.`)
      }
      fail(new Fatal())
    }
  }
  try {
    return server.loadInSlices(end)
  } catch (error) {
    end(error as Error)
    return () => {}
  }
}

function sayReady(settings: Settings, { hasTcp }: Listeners, log: ServerLog): void {
  const socket = settings.get<string>('unixsocket')
  if (hasTcp) log.write('notice', 'Ready to accept connections')
  if (socket !== '') log.write('notice', `The server is now ready to accept connections at ${socket}`)
}

/** The result ends it. */
function hearSignals(server: RedisServer, log: ServerLog): () => void {
  const { ending, settings, saver } = server.state
  const hear = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGINT' && ending.isAsked) {
      log.fromSignal('You insist... exiting now.')
      saver.cancel()
      process.exit(1)
    }
    log.fromSignal(
      server.state.isLoading
        ? 'Received shutdown signal during loading, scheduling shutdown.'
        : `Received ${signal} scheduling shutdown...`,
    )
    ending.ask(() => {
      const options = settings.get<string>(`shutdown-on-${signal.toLowerCase()}`).split(' ')
      const save = options.includes('save') ? true : options.includes('nosave') ? false : undefined
      return { save, force: options.includes('force'), now: options.includes('now') }
    })
  }
  process.on('SIGINT', hear)
  process.on('SIGTERM', hear)
  return () => {
    process.off('SIGINT', hear)
    process.off('SIGTERM', hear)
  }
}
