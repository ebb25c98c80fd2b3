/**
 * Parameters that mean nothing here: they are read, kept, shown by CONFIG GET and written by CONFIG REWRITE,
 * so that a redis.conf works as it is. Who asks for one of them is told so in the log.
 *
 * A test holds this list: every other parameter is used somewhere, and docs/SERVER.md has the same list.
 */
import { PARAMETERS, type Parameter } from './parameters.ts'
import type { Settings } from './settings.ts'

const NAMES = `
  daemonize supervised syslog-enabled syslog-ident syslog-facility ignore-warnings
  crash-log-enabled crash-memcheck-enabled disable-thp oom-score-adj oom-score-adj-values
  socket-mark-id io-threads io-threads-do-reads
  server_cpulist bio_cpulist aof_rewrite_cpulist bgsave_cpulist
  dynamic-hz activerehashing active-expire-effort maxmemory-eviction-tenacity jemalloc-bg-thread
  activedefrag active-defrag-cycle-min active-defrag-cycle-max active-defrag-threshold-lower
  active-defrag-threshold-upper active-defrag-max-scan-fields active-defrag-ignore-bytes
  replica-lazy-flush
  rdb-del-sync-files rdb-save-incremental-fsync sanitize-dump-payload
  appendonly appendfilename appenddirname appendfsync no-appendfsync-on-rewrite
  auto-aof-rewrite-percentage auto-aof-rewrite-min-size aof-load-truncated aof-use-rdb-preamble
  aof-timestamp-enabled aof-disable-auto-gc aof-rewrite-incremental-fsync
  replica-ignore-disk-write-errors repl-disable-tcp-nodelay propagation-error-behavior
  busy-reply-threshold aclfile acllog-max-len acl-pubsub-default
  cluster-enabled cluster-config-file cluster-node-timeout cluster-port cluster-announce-ip
  cluster-announce-hostname cluster-announce-port cluster-announce-bus-port cluster-announce-tls-port
  cluster-preferred-endpoint-type cluster-migration-barrier cluster-allow-replica-migration
  cluster-allow-reads-when-down cluster-allow-pubsubshard-when-down cluster-require-full-coverage
  cluster-replica-no-failover cluster-replica-validity-factor cluster-link-sendbuf-limit
  tls-port tls-cluster tls-replication tls-auth-clients tls-prefer-server-ciphers tls-session-caching
  tls-session-cache-size tls-session-cache-timeout tls-cert-file tls-key-file tls-key-file-pass
  tls-client-cert-file tls-client-key-file tls-client-key-file-pass tls-dh-params-file tls-ca-cert-file
  tls-ca-cert-dir tls-protocols tls-ciphers tls-ciphersuites
  use-exit-on-panic watchdog-period lua-enable-deprecated-api
`

export const WITHOUT_EFFECT: ReadonlySet<string> = new Set(NAMES.trim().split(/\s+/))

/** Those that were given another value than they have by default. */
export function askedInVain(settings: Settings): Parameter[] {
  return PARAMETERS.filter(
    (parameter) => WITHOUT_EFFECT.has(parameter.name) && settings.get(parameter.name) !== parameter.value,
  )
}
