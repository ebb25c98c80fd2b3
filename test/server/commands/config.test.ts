/** The configuration, beside a real Redis. */
import { beforeAll, expect, it } from 'vitest'
import { PARAMETERS } from '../../../src/server/config/parameters.ts'
import { Settings } from '../../../src/server/config/settings.ts'
import { type Pair, startPair } from '../../support/differential.ts'
import { describeWithRedis } from '../../support/real-redis.ts'

/** What the process that starts the real server decides. */
const OF_THE_TEST = new Set([
  ...['port', 'bind', 'dir', 'logfile', 'pidfile', 'daemonize', 'save', 'unixsocket', 'protected-mode'],
  ...['enable-debug-command', 'repl-diskless-sync-delay', 'repl-timeout'],
])

describeWithRedis('the configuration', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  it('has the names and defaults of the real server', async () => {
    const reply = await pair.real.command('CONFIG', 'GET', '*')
    const items = 'items' in reply ? reply.items : []
    const theirs = new Map<string, string>()
    for (let i = 0; i < items.length; i += 2) {
      theirs.set(textOf(items[i]), textOf(items[i + 1]))
    }
    const settings = new Settings()
    const ours = PARAMETERS.filter(({ isHidden }) => !isHidden).flatMap((parameter) =>
      [parameter.name, parameter.alias].flatMap((name): [string, string][] =>
        name === undefined ? [] : [[name, settings.print(parameter)]],
      ),
    )
    const compared = (entries: Iterable<[string, string]>) =>
      [...entries].filter(([name]) => !OF_THE_TEST.has(name)).sort()
    expect(compared(ours)).toEqual(compared(theirs))
  })

  it('has parameters for tests, which only their own names show', async () => {
    for (const { name } of PARAMETERS.filter(({ isHidden }) => isHidden)) {
      await pair.same([`CONFIG GET ${name}`, `CONFIG GET ${name.slice(0, -1)}*`])
    }
    await pair.same([
      'CONFIG SET key-load-delay 7 RDB-KEY-SAVE-DELAY -3',
      'CONFIG GET KEY-load-delay rdb-key-save-delay',
      'CONFIG SET key-load-delay 2147483648',
      'CONFIG SET loading-process-events-interval-bytes 1023',
      'CONFIG SET key-load-delay 0 rdb-key-save-delay 0',
    ])
  })

  it('is read and changed, all or nothing, with the same refusals', async () => {
    await pair.same([
      'CONFIG GET hz',
      'CONFIG GET HZ timeout hz',
      'CONFIG GET',
      'CONFIG GET nosuch',
      'CONFIG SET maxmemory 5x',
      'CONFIG SET maxmemory 5constructor',
      'CONFIG SET port x',
      'CONFIG SET PORT x',
      'CONFIG SET HASH-max-ziplist-entries x',
      'CONFIG SET Daemonize yes',
      'CONFIG SET timeout 1 TIMEOUT 2',
      'CONFIG SET databases 3',
      'CONFIG SET timeout 5 nosuch 3',
      'CONFIG GET timeout',
      'CONFIG SET timeout 9 timeout 8',
      'CONFIG SET timeout 9 loglevel loud',
      'CONFIG GET timeout',
      'CONFIG SET appendonly maybe',
      'CONFIG SET hz',
      'CONFIG SET timeout 1 loglevel',
      'CONFIG SET tcp-keepalive -1',
      'CONFIG SET zset-max-ziplist-entries 1.5',
      'CONFIG SET zset-max-ziplist-entries 64 hash-max-listpack-value 1kb',
      'CONFIG GET zset-max-*-entries',
      'CONFIG GET hash-max-*-value',
      'CONFIG SET save "1 x"',
      'CONFIG SET save "900 1 300 10"',
      'CONFIG GET save',
      'CONFIG SET save ""',
      'CONFIG SET client-output-buffer-limit "normal 1 2"',
      'CONFIG SET client-output-buffer-limit "foo 1 2 3"',
      'CONFIG SET client-output-buffer-limit "replica 1mb 2mb 3"',
      'CONFIG GET client-output-buffer-limit',
      'CONFIG SET client-output-buffer-limit "normal 1 2 3 pubsub 4 5 6"',
      'CONFIG GET client-output-buffer-limit',
      'CONFIG SET client-output-buffer-limit "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"',
      'CONFIG SET notify-keyspace-events KEAx?',
      'CONFIG SET notify-keyspace-events gxE$lshzKtdmne',
      'CONFIG GET notify-keyspace-events',
      'CONFIG SET notify-keyspace-events KEl',
      'CONFIG GET notify-keyspace-events',
      'CONFIG SET notify-keyspace-events ""',
      'CONFIG SET maxmemory-policy foo',
      'CONFIG SET maxmemory-policy ALLKEYS-LRU',
      'CONFIG GET maxmemory-policy',
      'CONFIG SET maxmemory-policy noeviction',
      'CONFIG SET maxclients 0',
      'CONFIG SET dir /nosuch',
      'CONFIG SET latency-tracking-info-percentiles "50 x"',
      'CONFIG SET latency-tracking-info-percentiles "50 99.90"',
      'CONFIG GET latency-tracking-info-percentiles',
      'CONFIG SET enable-debug-command no',
      'CONFIG SET oom-score-adj-values "1 2"',
      'CONFIG SET shutdown-on-sigterm "force save"',
      'CONFIG GET shutdown-on-sig*',
      'CONFIG SET shutdown-on-sigterm "save nosave"',
      'CONFIG SET shutdown-on-sigterm ""',
      'CONFIG SET shutdown-on-sigterm default',
      'CONFIG SET maxmemory-clients 5%',
      'CONFIG GET maxmemory-clients',
      'CONFIG SET maxmemory-clients 101%',
      'CONFIG SET maxmemory-clients -1',
      'CONFIG SET maxmemory-clients 0',
      'CONFIG SET proc-title-template {nosuch}',
      'CONFIG SET proc-title-template "{title} {port}"',
      ['CONFIG', 'SET', 'masterauth', Buffer.from([0xc3, 0xa9, 0xff, 1])],
      'CONFIG GET masterauth',
      'CONFIG NOSUCH',
      'CONFIG',
    ])
  })
})

function textOf(value: unknown): string {
  return String((value as { value: string }).value)
}
