/**
 * Execution: what happens between a request and its reply as one indivisible step: a command, a whole EXEC,
 * a key that expired. It holds the clock still, looks keys up under the rules of expiry, and gathers the
 * effects into one unit.
 *
 * One object serves the whole server, because executions never overlap.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Database } from './dataset/database.ts'
import type { Entry } from './dataset/entry.ts'
import { NEVER } from './dataset/entry.ts'
import type { Value } from './dataset/value.ts'
import type { Effect, EffectUnit } from './effects.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'

export class Execution {
  readonly server: ServerState
  /** Unix milliseconds. */
  now = 0
  /** Whose command it is. */
  client: Session | undefined
  #depth = 0
  #effects: Effect[] = []
  #origin: EffectUnit['origin'] = 'client'
  /** The effects belong together: they are wrapped in MULTI … EXEC if there are several. */
  #isAtomic = true

  constructor(server: ServerState) {
    this.server = server
  }

  get isRunning(): boolean {
    return this.#depth > 0
  }

  /** Runs `step` as one unit, or as part of the one that is running, and publishes what it changed. */
  run<T>(origin: EffectUnit['origin'], step: () => T): T {
    this.begin(origin)
    try {
      return step()
    } finally {
      this.end()
    }
  }

  /** @param at when it begins; now, unless the caller has just looked */
  begin(origin: EffectUnit['origin'], client?: Session, at?: number): void {
    if (this.#depth++ > 0) return
    this.#origin = origin
    this.client = client
    this.#isAtomic = true
    this.now = Math.floor((at ?? this.server.clock.now()) / 1000)
  }

  end(): void {
    if (--this.#depth > 0 || this.#effects.length === 0) return
    const effects = this.#effects
    this.#effects = []
    this.server.effects.publish({
      effects,
      origin: this.#origin,
      isAtomic: this.#isAtomic && effects.length > 1,
    })
  }

  get origin(): EffectUnit['origin'] {
    return this.#origin
  }

  /** The keys that this execution happens to touch have nothing to do with each other (SCAN, RANDOMKEY). */
  notAtomic(): void {
    if (this.#depth === 1) this.#isAtomic = false
  }

  /**
   * The entry of a key under the rules of expiry.
   * @param how `read` and `write` count as uses of the key, `glance` and `silent` do not; `write` tells a
   * running snapshot;
   *   `read` and `glance` count hits and misses, and a miss is a keyspace event
   */
  lookup(db: Database, key: ByteString, how: 'read' | 'write' | 'glance' | 'silent'): Entry | undefined {
    const { server } = this
    const entry = db.peek(key)
    if (entry === undefined || this.hasGone(db, entry, how === 'write')) {
      if (how === 'read' || how === 'glance') this.#missed(key, db)
      return undefined
    }
    if (how === 'write') db.changing(entry)
    else if (how !== 'silent') server.stats.hits++
    if (how === 'read' || how === 'write') server.accesses.touch(entry, this.now)
    return entry
  }

  add(db: Database, key: ByteString, value: Value): Entry {
    if (this.server.isReplica) this.#clear(db, key)
    const entry = db.add(key, value, this.now)
    this.server.snapshotting.added(entry)
    this.server.blocked.added(db.index, key)
    this.server.notifications.notify('n', 'new', key, db.index)
    return entry
  }

  /** A key was changed, by the client whose command this is, or (expiry, eviction) by nobody. */
  touched(db: Database, key: ByteString, isByClient = true): void {
    const entry = db.peek(key)
    if (entry !== undefined) this.server.memory.counted(entry)
    this.server.watches.touched(db, key)
    this.server.blocked.touched(db.index, key)
    this.server.tracking.touched(key, isByClient ? this.client : undefined)
  }

  propagate(db: number, argv: readonly ByteString[], durable = true): void {
    if (this.server.effects.hasListeners) this.#effects.push({ db, argv, durable })
  }

  /** Deletes an expired key and says so. A replica never does: it waits for its master's DEL. */
  expire(db: Database, entry: Entry): void {
    const { key } = entry
    const { server } = this
    db.remove(entry)
    server.stats.expired++
    server.dirty++
    this.propagate(db.index, [server.settings.lazyExpire ? UNLINK : DEL, key])
    server.notifications.notify('x', 'expired', key, db.index)
    this.touched(db, key, false)
  }

  /** Whether its deadline has passed, whoever may delete it. */
  isExpired(entry: Entry): boolean {
    return entry.expireAt !== NEVER && entry.expireAt < this.now
  }

  /**
   * Whether the entry has expired; then it is deleted, unless that is our master's business or clients are
   * paused. For our master nothing has gone that it has not deleted. A replica that may be written to
   * deletes what stands in the way of a write.
   */
  hasGone(db: Database, entry: Entry, isForWrite = false): boolean {
    if (!this.isExpired(entry)) return false
    if (this.server.isReplica) {
      if (this.#origin === 'master') return false
      if (!isForWrite || this.server.isReadOnly) return true
    }
    if (!this.server.pause.isOn) this.expire(db, entry)
    return true
  }

  /** On a replica an expired key is hidden, but there. */
  #clear(db: Database, key: ByteString): void {
    const hidden = db.peek(key)
    if (hidden !== undefined) db.remove(hidden)
  }

  #missed(key: ByteString, db: Database): void {
    this.server.stats.misses++
    this.server.notifications.notify('m', 'keymiss', key, db.index)
  }
}

const DEL = 'DEL' as ByteString
const UNLINK = 'UNLINK' as ByteString
