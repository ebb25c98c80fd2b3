/**
 * Shadow: a reference dataset that follows a history, unit by unit, as a replica would.
 *
 *   begin(dataset at offset 100) ─► apply(@101..150) ─► apply(@151..) …        offset: where it stands
 *
 * It is a whole reference server that follows a master which it never sees: commands run as a master's, so
 * that keys expire when the master says so and nothing is refused. Time is that of the stream.
 *
 * A command that the reference does not know (a newer server's) is not applied, and told: what its keys
 * hold from there on is not known here.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Clock, Peer } from '../ports.ts'
import type { Micros } from '../replication/events.ts'
import { Settings } from '../server/config/settings.ts'
import type { Database } from '../server/dataset/database.ts'
import { ENCODING_LIMITS } from '../server/dataset/value.ts'
import type { LoaderOptions } from '../server/persistence/loader.ts'
import { packingLimits } from '../server/persistence/packing.ts'
import { REDIS_VERSION } from '../server/persistence/snapshot-facts.ts'
import { SnapshotWriter } from '../server/persistence/snapshot-writer.ts'
import { MasterSession } from '../server/replication/master-session.ts'
import { RedisServer } from '../server/server.ts'
import type { Session } from '../server/session.ts'
import type { Beginning } from './link-follower.ts'
import type { Unit, UnitCommand } from './unit.ts'

/** More than anybody has configured; they cost little. */
const DATABASES = 1024

/** A replica keeps what has expired; and what it can read of a newer file, it reads. */
export const LOADER_OPTIONS: Omit<LoaderOptions, 'now'> = {
  databases: DATABASES,
  limits: ENCODING_LIMITS,
  keepsExpired: true,
  readsNewer: true,
}

export type ShadowOptions = {
  /** A command failed here; on a real replica of this version it would fail too. @param why Redis's words */
  readonly onFailure?: (command: UnitCommand, why: string) => void
  /** Each command, when it has taken effect. */
  readonly onApplied?: (command: UnitCommand) => void
}

export class Shadow {
  /** Where it stands in its history. */
  offset = 0
  replid: ByteString | undefined
  /** Keys it began with. */
  keysAtFirst = 0
  readonly #server: RedisServer
  readonly #session: Session
  readonly #clock = new StreamClock()
  readonly #options: ShadowOptions
  #functions: readonly ByteString[] = []
  #db = 0
  #failure: string | undefined

  constructor(options: ShadowOptions = {}) {
    this.#options = options
    const settings = new Settings()
    settings.read('databases', String(DATABASES))
    settings.read('replicaof', 'nowhere 1')
    settings.read('save', '')
    settings.read('latency-tracking', 'no')
    settings.read('slowlog-log-slower-than', '-1')
    this.#server = new RedisServer(
      {
        clock: this.#clock,
        random: { below: () => 0, hex: (length) => '0'.repeat(length) },
        log: (_level, line) => this.#logged(line),
        facts: { ...NO_FACTS },
        store: { create: nowhere, open: () => undefined },
        dialer: { dial: () => NOBODY },
        shutdown: () => {},
        sleep: () => {},
      },
      settings,
    )
    const { state, executor } = this.#server
    this.#session = new MasterSession(state, executor, NOBODY, () => {})
  }

  get databases(): readonly Database[] {
    return this.#server.state.databases
  }

  /** Takes a dataset in place of the one it had. */
  begin({ loaded, replid, offset, at }: Beginning): void {
    this.#clock.at = at
    this.#server.state.adopt(loaded)
    this.keysAtFirst = loaded.keys
    this.#functions = loaded.functions
    this.#db = Math.max(0, Number(loaded.aux.get('repl-stream-db') ?? 0) || 0)
    this.offset = offset
    this.replid = replid
  }

  apply(unit: Unit): void {
    const { executor } = this.#server
    this.#clock.at = unit.at
    executor.enter()
    try {
      for (const command of unit.commands) this.#run(command)
    } finally {
      executor.leave()
    }
    this.offset = unit.end
  }

  /** The dataset as an RDB file, block by block. It must not be changed meanwhile. */
  *snapshot(): Generator<Buffer> {
    const { snapshotting, settings, memory } = this.#server.state
    const facts = {
      version: REDIS_VERSION,
      createdAt: Math.floor(this.#clock.at / 1_000_000),
      usedMemory: memory.used,
      functions: this.#functions,
      ...(this.replid === undefined
        ? {}
        : { replication: { db: this.#db, id: this.replid, offset: this.offset } }),
    }
    const limits = packingLimits(settings.limits)
    const writer = new SnapshotWriter(snapshotting, this.databases, facts, {
      compress: true,
      checksum: true,
      limits,
    })
    for (let blocks = writer.step(); blocks !== undefined; blocks = writer.step()) yield* blocks
  }

  #run(command: UnitCommand): void {
    const { argv, db } = command
    const database = this.databases[db]
    this.#failure = undefined
    if (database === undefined) this.#failure = `ERR database ${db} is beyond the ${DATABASES} there are`
    else {
      this.#db = db
      this.#session.db = database
      this.#server.executor.apply(this.#session, argv)
    }
    if (this.#failure !== undefined) this.#options.onFailure?.(command, this.#failure)
    this.#options.onApplied?.(command)
  }

  /** What a command from a master answers is dropped; that it failed is logged. */
  #logged(line: string): void {
    const error = /sending an error to its master: '(.*)' after processing/s.exec(line)
    if (error !== null) this.#failure = error[1]!
  }
}

/** Stands still, at the time at which what is applied passed. */
class StreamClock implements Clock {
  at: Micros = 0

  now(): Micros {
    return this.at
  }

  after(): () => void {
    return () => {}
  }
}

/** The master that nobody sees. */
const NOBODY: Peer = {
  send: () => {},
  close: () => {},
  destroy: () => {},
  pause: () => {},
  resume: () => {},
  waitingBytes: 0,
  remote: 'nowhere:1',
  local: 'nowhere:0',
}

const NO_FACTS = {
  pid: 0,
  os: '',
  executable: '',
  systemBytes: 0,
  residentBytes: () => 0,
  cpu: () => ({ userMicros: 0, systemMicros: 0 }),
}

function nowhere(): never {
  throw new Error('a shadow writes no files by itself')
}
