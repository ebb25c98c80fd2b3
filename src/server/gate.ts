/**
 * Gate: what forbids a request to a client before it runs, in Redis's order.
 *
 *   protected? ─► who? ─► MULTI? ─► memory? ─► disk? ─► replicas? ─► read-only? ─► subscriber? ─► stale?
 *   ─► loading? ─► monitor?
 *
 * The order matters: of several reasons a client is told the first. EXEC is looked at as all that it
 * would run.
 *
 * Source: redis 7.0 `src/server.c`, processCommand.
 */
import type { Command, CommandFlag } from './command-spec.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'

/** What a request would do, its transaction included where it is EXEC. */
export type RequestFacts = {
  readonly isWrite: boolean
  readonly mayReplicate: boolean
  readonly deniesOutOfMemory: boolean
  readonly deniesLoading: boolean
  readonly deniesLoadingAside: boolean
  readonly deniesStale: boolean
  /** It is only for those whom enable-…-command lets. */
  readonly guardedAs: 'debug' | 'module' | undefined
}

/** Commands that a subscriber may send over RESP2, where a message and a reply look alike. */
const FOR_SUBSCRIBERS: ReadonlySet<string> = new Set([
  'ping',
  'subscribe',
  'psubscribe',
  'ssubscribe',
  'unsubscribe',
  'punsubscribe',
  'sunsubscribe',
  'quit',
  'reset',
])
/** They may end a transaction when memory is short; whatever else is queued takes memory. */
const LEAVING_MULTI: ReadonlySet<string> = new Set(['exec', 'discard', 'quit', 'reset'])

const GUARDED_MODULE: ReadonlySet<string> = new Set(['module|load', 'module|loadex', 'module|unload'])

const ONLY_SUBSCRIBERS =
  'only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context'
const OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'."
const NO_REPLICAS = 'NOREPLICAS Not enough good replicas to write.'
const DISK_ERROR =
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. " +
  'Commands that may modify the data set are disabled, because this instance is configured to report ' +
  'errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the ' +
  'Redis logs for details about the RDB error.'

const READ_ONLY = "READONLY You can't write against a read only replica."
const MASTER_DOWN = "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."
export const LOADING = 'LOADING Redis is loading the dataset in memory'

export function requestFacts(session: Session, command: Command): RequestFacts {
  if (command.name === 'exec' && session.transaction !== undefined) {
    const { flags, deniesLoading, deniesStale } = session.transaction
    return { ...factsOf(command.name, new Set([...command.flags, ...flags])), deniesLoading, deniesStale }
  }
  command.facts ??= factsOf(command.name, command.flags)
  return command.facts
}

function factsOf(name: string, flags: ReadonlySet<CommandFlag>): RequestFacts {
  const isWrite = flags.has('write')
  return {
    isWrite,
    mayReplicate: isWrite || flags.has('may_replicate'),
    deniesOutOfMemory: flags.has('denyoom'),
    deniesLoading: !flags.has('loading'),
    deniesLoadingAside: flags.has('no_async_loading'),
    deniesStale: !flags.has('stale'),
    guardedAs: name === 'debug' ? 'debug' : GUARDED_MODULE.has(name) ? 'module' : undefined,
  }
}

export class Gate {
  readonly #server: ServerState

  constructor(server: ServerState) {
    this.#server = server
  }

  /** The error that a request gets instead of being run, or undefined. */
  whyNot(session: Session, command: Command, facts: RequestFacts): string | undefined {
    const { name, flags } = command
    if (facts.guardedAs !== undefined) {
      const guarded = this.#guard(session, facts.guardedAs)
      if (guarded !== undefined) return guarded
    }
    if (session.isStranger && !flags.has('no_auth')) return 'NOAUTH Authentication required.'
    if (session.transaction !== undefined && flags.has('no_multi')) {
      return 'ERR Command not allowed inside a transaction'
    }
    if (this.#isOutOfMemory(session, command, facts)) return OUT_OF_MEMORY
    if (this.#hasDiskError && (facts.isWrite || name === 'ping')) return DISK_ERROR
    if (facts.isWrite && !this.#server.replication.replicas.areEnough) return NO_REPLICAS
    if (facts.isWrite && this.#server.isReadOnly) return READ_ONLY
    if (session.resp === 2 && session.isSubscribed && !FOR_SUBSCRIBERS.has(name)) {
      return `ERR Can't execute '${name}': ${ONLY_SUBSCRIBERS}`
    }
    if (facts.deniesStale && this.#isStale) return MASTER_DOWN
    const { loading } = this.#server
    if (loading.isOn && (loading.isAside ? facts.deniesLoadingAside : facts.deniesLoading)) return LOADING
    const isListener = session.isMonitor || session.replica?.isAttached
    if (isListener && (facts.mayReplicate || flags.has('readonly'))) {
      return "ERR Replica can't interact with the keyspace"
    }
    return undefined
  }

  /** DEBUG and MODULE are for those whom the configuration lets. */
  #guard(session: Session, what: 'debug' | 'module'): string | undefined {
    const option = `enable-${what}-command`
    const who = this.#server.settings.get<string>(option)
    if (who === 'yes' || (who === 'local' && session.isLocal)) return undefined
    return (
      `ERR ${what.toUpperCase()} command not allowed. If the ${option} option is set to "local", ` +
      'you can run it from a local connection, otherwise you need to set this option in the configuration ' +
      'file, and then restart the server.'
    )
  }

  #isOutOfMemory(session: Session, { name }: Command, facts: RequestFacts): boolean {
    const { eviction, settings } = this.#server
    if (settings.maxMemory === 0) return false
    const isFull = !eviction.makeRoom()
    if (!isFull) return false
    return facts.deniesOutOfMemory || (session.transaction !== undefined && !LEAVING_MULTI.has(name))
  }

  get #isStale(): boolean {
    const { settings, replication, isReplica } = this.#server
    return !settings.servesStaleData && isReplica && !replication.master.isUp
  }

  get #hasDiskError(): boolean {
    const { settings, saver } = this.#server
    return saver.lastStatus === 'err' && settings.stopsWritesOnError && settings.get<string>('save') !== ''
  }
}
