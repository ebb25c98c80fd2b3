/**
 * ServerState: everything that all commands share, put together once. It has no rules of its own; each
 * part has a file.
 *
 *   settings       the configuration, as typed values
 *   databases      the dataset
 *   execution      the unit that is running            effects        where its changes are published
 *   blocked        clients that wait for keys          watches        transactions that must fail
 *   notifications  keyspace events      pubsub         tracking       client-side caches      monitors
 *   snapshotting   a snapshot under way: told before anything changes
 *   accesses       LRU and LFU          eviction       maxmemory        expiry         keys nobody asks for
 *   pause          CLIENT PAUSE         limits         what a client may cost
 *   memory         of the dataset       clientMemory   of clients         memoryUse      of all
 *   replication    history, backlog, replicas, master
 *   stats          what INFO counts     ending         the way to the end of the process
 */
import type { Clock, Dialer, Random } from '../ports.ts'
import { Accesses } from './accesses.ts'
import { Blocked } from './blocked.ts'
import { Chatter } from './chatter.ts'
import { REPLY_BUFFER_RULES, type ReplyBufferRules } from './client-buffers.ts'
import { ClientLimits } from './client-limits.ts'
import { ClientMemory } from './client-memory.ts'
import type { CommandTable } from './command-spec.ts'
import { Settings } from './config/settings.ts'
import { Database, type DatabaseHooks } from './dataset/database.ts'
import { EffectLog } from './effects.ts'
import { Eviction } from './eviction.ts'
import { Execution } from './execution.ts'
import type { Executor } from './executor.ts'
import { ExpiryCycle } from './expiry-cycle.ts'
import { InTurn } from './in-turn.ts'
import { LatencyMonitor } from './latency-monitor.ts'
import { Memory } from './memory.ts'
import { MemoryUse } from './memory-use.ts'
import { Migrations } from './migrations.ts'
import { Monitors } from './monitors.ts'
import { Notifications } from './notifications.ts'
import { Pause } from './pause.ts'
import type { Loaded } from './persistence/loader.ts'
import { Loading } from './persistence/loading.ts'
import { Saver, type SnapshotStore } from './persistence/saver.ts'
import { PubSub } from './pubsub.ts'
import { Replication } from './replication/replication.ts'
import type { Session } from './session.ts'
import { Shutdown } from './shutdown.ts'
import { SlowLog } from './slow-log.ts'
import { Snapshotting } from './snapshotting.ts'
import { Stats } from './stats.ts'
import { Tracking } from './tracking.ts'
import { Watches } from './watches.ts'

export type ConfigFile = {
  readonly path: string
  /** Writes what differs from its lines into it, or all there is. @returns what was wrong, if anything */
  rewrite(settings: Settings, tellsAll?: boolean): string | undefined
}

/** What the process knows of itself and its machine. */
export type ProcessFacts = {
  readonly pid: number
  readonly os: string
  readonly executable: string
  readonly systemBytes: number
  residentBytes(): number
  cpu(): { readonly userMicros: number; readonly systemMicros: number }
}

/** Why a change of the configuration cannot be acted upon, and because of which parameter. */
export type BadChange = { readonly name: string; readonly why: string }

/** What the server asks of the process around it; it cannot do any of it itself. */
export type Surroundings = {
  readonly clock: Clock
  readonly random: Random
  /** A line for the server's log, without time and newline. */
  readonly log: (level: 'debug' | 'verbose' | 'notice' | 'warning', line: string) => void
  readonly facts: ProcessFacts
  /** Where snapshots go. */
  readonly store: SnapshotStore
  /** Connects to masters. */
  readonly dialer: Dialer
  /** The redis.conf the server was started with. */
  readonly configFile?: ConfigFile
  /**
   * Parameters were changed: does what is to be done about them outside (the directory, where it listens).
   * @param done called once, at once or later
   */
  readonly reconfigure?: (names: readonly string[], done: (bad?: BadChange) => void) => void
  /** Ends the process, gracefully. */
  readonly shutdown: () => void
  /** Keeps everything waiting, this process included (DEBUG SLEEP). */
  readonly sleep: (micros: number) => void
}

export class ServerState {
  readonly clock: Clock
  readonly random: Random
  readonly surroundings: Surroundings
  readonly table: CommandTable
  readonly settings: Settings
  readonly databases: readonly Database[]
  readonly effects = new EffectLog()
  readonly execution: Execution
  readonly blocked: Blocked
  readonly watches: Watches
  readonly pubsub: PubSub
  readonly monitors: Monitors
  readonly notifications: Notifications
  readonly tracking: Tracking
  readonly snapshotting: Snapshotting
  readonly accesses: Accesses
  readonly stats = new Stats()
  readonly slowLog: SlowLog
  readonly latencies = new LatencyMonitor()
  readonly expiry: ExpiryCycle
  readonly eviction: Eviction
  readonly memory = new Memory()
  readonly clientMemory = new ClientMemory()
  readonly memoryUse: MemoryUse
  readonly pause: Pause
  readonly limits: ClientLimits
  readonly chatter: Chatter
  readonly saver: Saver
  readonly sessions = new Map<number, Session>()
  readonly migrations: Migrations
  readonly startedAt: number
  readonly runId: string
  /** Changes of the configuration that take a moment (config-set.ts). */
  readonly slowChanges = new InTurn()
  /** Changes since the last save. */
  dirty = 0
  /** A dataset that is being read: until it is there, most commands are refused. */
  readonly loading = new Loading()
  /** DEBUG SET-SKIP-CHECKSUM-VALIDATION: RESTORE and loading take what does not match its checksum. */
  skipsChecksums = false
  /** DEBUG PAUSE-CRON: nothing happens by itself. */
  isCronPaused = false
  /** DEBUG REPLYBUFFER: how reply buffers are fitted. */
  readonly replyBufferRules: ReplyBufferRules = { ...REPLY_BUFFER_RULES }
  /** Keys of the snapshot that was loaded last, and those of them that had expired. */
  loaded = { keys: 0, expired: 0 }
  readonly replication: Replication
  readonly ending: Shutdown
  /** Set by whoever puts the server together, before the first session. */
  executor!: Executor
  #sessionIds = 0

  constructor(surroundings: Surroundings, table: CommandTable, settings = new Settings()) {
    this.surroundings = surroundings
    this.clock = surroundings.clock
    this.random = surroundings.random
    this.table = table
    this.settings = settings
    this.startedAt = this.clock.now()
    this.migrations = new Migrations(surroundings)
    this.runId = this.random.hex(40)
    this.snapshotting = new Snapshotting()
    const hooks: DatabaseHooks = {
      onChange: (db, entry) => this.snapshotting.onChange(db, entry),
      onDeadline: (db, entry) => this.replication.localDeadlines.given(db, entry),
      onRemove: (entry) => this.memory.forgotten(entry),
    }
    this.databases = Array.from({ length: settings.databases }, (_, i) => new Database(i, hooks))
    this.slowLog = new SlowLog(settings)
    this.execution = new Execution(this)
    this.pubsub = new PubSub()
    this.monitors = new Monitors(this.clock)
    this.notifications = new Notifications(settings, this.pubsub)
    this.tracking = new Tracking(settings, this.execution, this.sessions)
    this.watches = new Watches(this.execution)
    this.memoryUse = new MemoryUse(this)
    this.accesses = new Accesses(settings, this.random)
    this.expiry = new ExpiryCycle(this)
    this.eviction = new Eviction(this)
    this.pause = new Pause(this.clock)
    this.limits = new ClientLimits(this)
    this.chatter = new Chatter(this)
    this.saver = new Saver(this, surroundings.store)
    this.blocked = new Blocked(this.clock, this.databases)
    this.replication = new Replication(this)
    this.ending = new Shutdown(this)
  }

  /** The dataset is being read. */
  get isLoading(): boolean {
    return this.loading.isOn
  }

  /** It follows a master: keys do not expire by its own hand. */
  get isReplica(): boolean {
    return this.replication.isReplica
  }

  /** It follows a master, and does not let its clients write. */
  get isReadOnly(): boolean {
    return this.isReplica && this.settings.isReplicaReadOnly
  }

  /** Takes over a dataset that was loaded, in place of the one that is here. */
  adopt(loaded: Loaded): void {
    this.databases.forEach((db, i) => {
      this.watches.replaced(db)
      this.memory.cleared(db)
      db.clear()
      db.swap(loaded.databases[i]!)
      for (const entry of db.entries.items) this.memory.counted(entry)
    })
    this.tracking.flushed()
    this.loaded = { keys: loaded.keys, expired: loaded.expired }
  }

  /** Parameters were changed: those whose change must be acted upon are heard here. */
  readonly onConfigured: ((names: readonly string[]) => void)[] = []

  configured(names: readonly string[]): void {
    for (const listener of this.onConfigured) listener(names)
  }

  nextSessionId(): number {
    return ++this.#sessionIds
  }
}
