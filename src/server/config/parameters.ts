/**
 * The parameters of redis.conf: names, kinds, defaults, and which may change while the server runs. As data.
 *
 * Names, defaults and limits are Redis 7.0's; a test compares the table with CONFIG GET of a real server.
 * Parameters that mean nothing here (TLS, kernel tuning, other threads) are read, kept and shown, so that a
 * redis.conf works as it is; docs/SERVER.md lists them.
 *
 * Source: redis 7.0 `src/config.c`, static_configs.
 */
import {
  bool,
  capped,
  choice,
  INT_MAX,
  INT64_MAX,
  integer,
  type Kind,
  memory,
  memoryOrPercent,
  octal,
  type ParameterValue,
  text,
} from './kinds.ts'
import {
  keyspaceEventsKind,
  masterKind,
  oomScoresKind,
  outputLimitKind,
  percentilesKind,
  saveKind,
  shutdownKind,
  titleKind,
} from './special-kinds.ts'

export type Parameter = {
  readonly name: string
  /** Its older name, by which it can be set and got as well. */
  readonly alias?: string
  readonly kind: Kind<ParameterValue>
  readonly value: ParameterValue
  /** immutable: redis.conf only; protected: CONFIG SET only where enable-protected-configs allows it. */
  readonly change: 'mutable' | 'immutable' | 'protected'
  /** Several words on a line of redis.conf, joined by spaces here. */
  readonly isList?: boolean
  /** Answered by its name only, not for a pattern. */
  readonly isHidden?: boolean
}

type Extra = { alias?: string; change?: Parameter['change']; isList?: boolean; isHidden?: boolean }

function one<T extends ParameterValue>(name: string, kind: Kind<T>, value: T, extra: Extra = {}): Parameter {
  return { name, kind: kind as unknown as Kind<ParameterValue>, value, change: 'mutable', ...extra }
}

const FIXED = { change: 'immutable' } as const
const GUARDED = { change: 'protected' } as const

const HIDDEN = { isHidden: true } as const

const UINT_MAX = 2 ** 32 - 1
const FACILITIES = ['user', ...Array.from({ length: 8 }, (_, i) => `local${i}`)]
const SIZE = integer(0, INT64_MAX)
const COUNT = integer(0, INT_MAX)
const BYTES = memory(0, INT64_MAX)
const PERCENT = integer(0, 100)

const OUTPUT_LIMITS = 'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60'

const network: readonly Parameter[] = [
  one('port', integer(0, 65535), 6379),
  one('bind', text, '* -::*', { isList: true }),
  one('bind-source-addr', text, ''),
  one('unixsocket', text, '', FIXED),
  one('unixsocketperm', octal, 0, FIXED),
  one('protected-mode', bool, true),
  one('tcp-backlog', COUNT, 511, FIXED),
  one('tcp-keepalive', COUNT, 300),
  one('timeout', COUNT, 0),
  one('maxclients', integer(1, UINT_MAX), 10_000),
  one('client-query-buffer-limit', memory(1024 * 1024, INT64_MAX), 1024 ** 3),
  one('client-output-buffer-limit', outputLimitKind, OUTPUT_LIMITS, { isList: true }),
  one('proto-max-bulk-len', memory(1024 * 1024, INT64_MAX), 512 * 1024 * 1024),
  one('socket-mark-id', integer(0, UINT_MAX), 0, FIXED),
]

const general: readonly Parameter[] = [
  one('databases', integer(1, INT_MAX), 16, FIXED),
  one('requirepass', text, ''),
  one('hz', capped(COUNT, 1, 500), 10),
  one('dynamic-hz', bool, true),
  one('daemonize', bool, false, FIXED),
  one('supervised', choice('upstart', 'systemd', 'auto', 'no'), 'no', FIXED),
  one('pidfile', text, '', FIXED),
  one('loglevel', choice('debug', 'verbose', 'notice', 'warning'), 'notice'),
  one('logfile', text, '', FIXED),
  one('syslog-enabled', bool, false, FIXED),
  one('syslog-ident', text, 'redis', FIXED),
  one('syslog-facility', choice(...FACILITIES), 'local0', FIXED),
  one('always-show-logo', bool, false, FIXED),
  one('set-proc-title', bool, true, FIXED),
  one('proc-title-template', titleKind, '{title} {listen-addr} {server-mode}'),
  one('crash-log-enabled', bool, true),
  one('crash-memcheck-enabled', bool, true),
  one('ignore-warnings', text, ''),
  one('enable-protected-configs', choice('no', 'yes', 'local'), 'no', FIXED),
  one('enable-debug-command', choice('no', 'yes', 'local'), 'no', FIXED),
  one('enable-module-command', choice('no', 'yes', 'local'), 'no', FIXED),
  one('notify-keyspace-events', keyspaceEventsKind, ''),
  one('tracking-table-max-keys', SIZE, 1_000_000),
  one('slowlog-log-slower-than', integer(-1, INT64_MAX), 10_000),
  one('slowlog-max-len', integer(0, INT64_MAX), 128),
  one('latency-monitor-threshold', SIZE, 0),
  one('latency-tracking', bool, true),
  one('latency-tracking-info-percentiles', percentilesKind, '50 99 99.9', { isList: true }),
  one('busy-reply-threshold', integer(0, INT64_MAX), 5000, { alias: 'lua-time-limit' }),
  one('shutdown-timeout', COUNT, 10),
  one('shutdown-on-sigint', shutdownKind, 'default', { isList: true }),
  one('shutdown-on-sigterm', shutdownKind, 'default', { isList: true }),
  one('propagation-error-behavior', choice('ignore', 'panic', 'panic-on-replicas'), 'ignore'),
]

const memoryParameters: readonly Parameter[] = [
  one('maxmemory', memory(0, 2 ** 64), 0),
  one('maxmemory-clients', memoryOrPercent, 0),
  one(
    'maxmemory-policy',
    choice(
      'volatile-lru',
      'volatile-lfu',
      'volatile-random',
      'volatile-ttl',
      'allkeys-lru',
      'allkeys-lfu',
      'allkeys-random',
      'noeviction',
    ),
    'noeviction',
  ),
  one('maxmemory-samples', integer(1, INT_MAX), 5),
  one('maxmemory-eviction-tenacity', PERCENT, 10),
  one('lfu-log-factor', COUNT, 10),
  one('lfu-decay-time', COUNT, 1),
  one('active-expire-effort', integer(1, 10), 1),
  one('lazyfree-lazy-eviction', bool, false),
  one('lazyfree-lazy-expire', bool, false),
  one('lazyfree-lazy-server-del', bool, false),
  one('lazyfree-lazy-user-del', bool, false),
  one('lazyfree-lazy-user-flush', bool, false),
  one('hash-max-listpack-entries', SIZE, 512, { alias: 'hash-max-ziplist-entries' }),
  one('hash-max-listpack-value', BYTES, 64, { alias: 'hash-max-ziplist-value' }),
  one('set-max-intset-entries', SIZE, 512),
  one('zset-max-listpack-entries', SIZE, 128, { alias: 'zset-max-ziplist-entries' }),
  one('zset-max-listpack-value', BYTES, 64, { alias: 'zset-max-ziplist-value' }),
  one('list-max-listpack-size', integer(-INT_MAX - 1, INT_MAX), -2, { alias: 'list-max-ziplist-size' }),
  one('list-compress-depth', COUNT, 0),
  one('stream-node-max-bytes', BYTES, 4096),
  one('stream-node-max-entries', SIZE, 100),
  one('hll-sparse-max-bytes', BYTES, 3000),
  one('activerehashing', bool, true),
  one('activedefrag', bool, false),
  one('active-defrag-cycle-min', integer(1, 99), 1),
  one('active-defrag-cycle-max', integer(1, 99), 25),
  one('active-defrag-threshold-lower', integer(0, 1000), 10),
  one('active-defrag-threshold-upper', integer(0, 1000), 100),
  one('active-defrag-max-scan-fields', integer(1, INT64_MAX), 1000),
  one('active-defrag-ignore-bytes', memory(1, INT64_MAX), 100 * 1024 * 1024),
  one('jemalloc-bg-thread', bool, true),
]

const persistence: readonly Parameter[] = [
  one('save', saveKind, '3600 1 300 100 60 10000', { isList: true }),
  one('dbfilename', text, 'dump.rdb', GUARDED),
  one('dir', text, '', GUARDED),
  one('rdbcompression', bool, true),
  one('rdbchecksum', bool, true, FIXED),
  one('rdb-del-sync-files', bool, false),
  one('rdb-save-incremental-fsync', bool, true),
  one('sanitize-dump-payload', choice('no', 'yes', 'clients'), 'no'),
  one('stop-writes-on-bgsave-error', bool, true),
  one('appendonly', bool, false),
  one('appendfilename', text, 'appendonly.aof', FIXED),
  one('appenddirname', text, 'appendonlydir', FIXED),
  one('appendfsync', choice('everysec', 'always', 'no'), 'everysec'),
  one('no-appendfsync-on-rewrite', bool, false),
  one('auto-aof-rewrite-percentage', COUNT, 100),
  one('auto-aof-rewrite-min-size', memory(0, INT64_MAX), 64 * 1024 * 1024),
  one('aof-load-truncated', bool, true),
  one('aof-use-rdb-preamble', bool, true),
  one('aof-timestamp-enabled', bool, false),
  one('aof-disable-auto-gc', bool, false),
  one('aof-rewrite-incremental-fsync', bool, true),
]

const replication: readonly Parameter[] = [
  one('replicaof', masterKind, '', { alias: 'slaveof', change: 'immutable', isList: true }),
  one('masterauth', text, ''),
  one('masteruser', text, ''),
  one('replica-serve-stale-data', bool, true, { alias: 'slave-serve-stale-data' }),
  one('replica-read-only', bool, true, { alias: 'slave-read-only' }),
  one('replica-ignore-maxmemory', bool, true, { alias: 'slave-ignore-maxmemory' }),
  one('replica-lazy-flush', bool, false, { alias: 'slave-lazy-flush' }),
  one('replica-priority', COUNT, 100, { alias: 'slave-priority' }),
  one('replica-announced', bool, true),
  one('replica-announce-ip', text, '', { alias: 'slave-announce-ip' }),
  one('replica-announce-port', integer(0, 65535), 0, { alias: 'slave-announce-port' }),
  one('replica-ignore-disk-write-errors', bool, false),
  one('repl-diskless-sync', bool, true),
  one('repl-diskless-sync-delay', COUNT, 5),
  one('repl-diskless-sync-max-replicas', COUNT, 0),
  one('repl-diskless-load', choice('disabled', 'on-empty-db', 'swapdb'), 'disabled'),
  one('repl-ping-replica-period', integer(1, INT_MAX), 10, { alias: 'repl-ping-slave-period' }),
  one('repl-timeout', integer(1, INT_MAX), 60),
  one('repl-disable-tcp-nodelay', bool, false),
  one('repl-backlog-size', memory(1, INT64_MAX), 1024 * 1024),
  one('repl-backlog-ttl', integer(0, INT64_MAX), 3600),
  one('min-replicas-to-write', COUNT, 0, { alias: 'min-slaves-to-write' }),
  one('min-replicas-max-lag', COUNT, 10, { alias: 'min-slaves-max-lag' }),
]

/** Known to every redis.conf, without meaning here. */
const elsewhere: readonly Parameter[] = [
  one('io-threads', integer(1, 128), 1, FIXED),
  one('io-threads-do-reads', bool, false, FIXED),
  one('server_cpulist', text, '', FIXED),
  one('bio_cpulist', text, '', FIXED),
  one('aof_rewrite_cpulist', text, '', FIXED),
  one('bgsave_cpulist', text, '', FIXED),
  one('disable-thp', bool, true, FIXED),
  one('oom-score-adj', choice('no', 'yes', 'relative', 'absolute'), 'no'),
  one('oom-score-adj-values', oomScoresKind, '0 200 800', { isList: true }),
  one('aclfile', text, '', FIXED),
  one('acllog-max-len', SIZE, 128),
  one('acl-pubsub-default', choice('allchannels', 'resetchannels'), 'resetchannels'),
  one('cluster-enabled', bool, false, FIXED),
  one('cluster-config-file', text, 'nodes.conf', FIXED),
  one('cluster-node-timeout', integer(0, INT64_MAX), 15_000),
  one('cluster-port', integer(0, 65535), 0, FIXED),
  one('cluster-announce-ip', text, ''),
  one('cluster-announce-hostname', text, ''),
  one('cluster-announce-port', integer(0, 65535), 0),
  one('cluster-announce-bus-port', integer(0, 65535), 0),
  one('cluster-announce-tls-port', integer(0, 65535), 0),
  one('cluster-preferred-endpoint-type', choice('ip', 'hostname', 'unknown-endpoint'), 'ip'),
  one('cluster-migration-barrier', COUNT, 1),
  one('cluster-allow-replica-migration', bool, true),
  one('cluster-allow-reads-when-down', bool, false),
  one('cluster-allow-pubsubshard-when-down', bool, true),
  one('cluster-require-full-coverage', bool, true),
  one('cluster-replica-no-failover', bool, false, { alias: 'cluster-slave-no-failover' }),
  one('cluster-replica-validity-factor', COUNT, 10, { alias: 'cluster-slave-validity-factor' }),
  one('cluster-link-sendbuf-limit', SIZE, 0),
  one('tls-port', integer(0, 65535), 0),
  one('tls-cluster', bool, false),
  one('tls-replication', bool, false),
  one('tls-auth-clients', choice('no', 'yes', 'optional'), 'yes'),
  one('tls-prefer-server-ciphers', bool, false),
  one('tls-session-caching', bool, true),
  one('tls-session-cache-size', COUNT, 20_480),
  one('tls-session-cache-timeout', COUNT, 300),
  ...[
    'tls-cert-file',
    'tls-key-file',
    'tls-key-file-pass',
    'tls-client-cert-file',
    'tls-client-key-file',
    'tls-client-key-file-pass',
    'tls-dh-params-file',
    'tls-ca-cert-file',
    'tls-ca-cert-dir',
    'tls-protocols',
    'tls-ciphers',
    'tls-ciphersuites',
  ].map((name) => one(name, text, '')),
]

/** For those who test servers. */
const forTests: readonly Parameter[] = [
  one('rdb-key-save-delay', integer(-INT_MAX - 1, INT_MAX), 0, HIDDEN),
  one('key-load-delay', integer(-INT_MAX - 1, INT_MAX), 0, HIDDEN),
  one('loading-process-events-interval-bytes', integer(1024, INT_MAX), 2 * 1024 * 1024, HIDDEN),
  one('use-exit-on-panic', bool, false, HIDDEN),
  one('watchdog-period', COUNT, 0, HIDDEN),
  one('lua-enable-deprecated-api', bool, false, { ...FIXED, ...HIDDEN }),
]

export const PARAMETERS: readonly Parameter[] = [
  ...network,
  ...general,
  ...memoryParameters,
  ...persistence,
  ...replication,
  ...elsewhere,
  ...forTests,
]
