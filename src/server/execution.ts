/**
 * Execution: what happens between a request and its reply as one indivisible step: a command, a whole
 * EXEC, a key that
 * expired. It holds the clock still, looks keys up under the rules of expiry, and gathers the effects
 * into one unit.
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

export class Execution {
  readonly server: ServerState
  /** Unix milliseconds. */
  now = 0
  #depth = 0
  #effects: Effect[] = []
  #origin: EffectUnit['origin'] = 'client'

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

  begin(origin: EffectUnit['origin']): void {
    if (this.#depth++ > 0) return
    this.#origin = origin
    this.now = Math.floor(this.server.clock.now() / 1000)
  }

  end(): void {
    if (--this.#depth > 0 || this.#effects.length === 0) return
    const effects = this.#effects
    this.#effects = []
    this.server.effects.publish({ effects, origin: this.#origin })
  }

  /** See Call. `read` and `write` count as accesses; `write` tells a running snapshot. */
  lookup(db: Database, key: ByteString, how: 'read' | 'write' | 'glance'): Entry | undefined {
    const { server } = this
    const entry = db.peek(key)
    if (entry === undefined || this.#hasGone(db, entry)) {
      if (how === 'read') this.#missed(key, db)
      return undefined
    }
    if (how === 'glance') return entry
    if (how === 'read') server.stats.hits++
    else db.changing(entry)
    server.accesses.touch(entry, this.now)
    return entry
  }

  add(db: Database, key: ByteString, value: Value): Entry {
    const entry = db.add(key, value, this.now)
    this.server.snapshotting.added(entry)
    this.server.notifications.notify('n', 'new', key, db.index)
    return entry
  }

  touched(db: Database, key: ByteString): void {
    this.server.watches.touched(db.index, key)
    this.server.blocked.touched(db.index, key)
    this.server.tracking.touched(key)
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
    this.touched(db, key)
  }

  #hasGone(db: Database, entry: Entry): boolean {
    if (entry.expireAt === NEVER || entry.expireAt >= this.now) return false
    if (this.server.isReplica) return this.#origin !== 'master'
    this.expire(db, entry)
    return true
  }

  #missed(key: ByteString, db: Database): void {
    this.server.stats.misses++
    this.server.notifications.notify('m', 'keymiss', key, db.index)
  }
}

const DEL = 'DEL' as ByteString
const UNLINK = 'UNLINK' as ByteString
