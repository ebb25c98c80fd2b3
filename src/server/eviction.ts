/**
 * Eviction: makes room when the dataset takes more than maxmemory.
 *
 *   over the limit ─► candidates by the policy ─► the best one goes (DEL, a unit of its own) ─► again
 *
 *   lru, lfu, ttl    a few keys of each database are drawn (maxmemory-samples); the sixteen best seen so
 *                    far stay in a pool from one time to the next, which makes the approximation nearly exact
 *   random           any key of the next database
 *
 * "Best" is one number: idle time, the inverse of the frequency, or how soon it expires. What counts
 * against the limit says memory-use.ts: clients' buffers do, what waits for replicas does not.
 *
 * Source: redis 7.0 `src/evict.c`, performEvictions and evictionPoolPopulate.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Database } from './dataset/database.ts'
import type { Entry } from './dataset/entry.ts'
import type { Slots } from './dataset/slots.ts'
import type { ServerState } from './server-state.ts'

const POOL_SIZE = 16
const FREQUENCY_MAX = 255

/** A key that may go; the entry may have gone or changed since. */
type Candidate = { readonly db: Database; readonly key: ByteString; readonly score: number }

export class Eviction {
  readonly #server: ServerState
  /** Ascending by score: the best is the last. */
  #pool: Candidate[] = []
  #policy = ''
  #nextDb = 0

  constructor(server: ServerState) {
    this.#server = server
    server.onConfigured.push((names) => {
      if (names.includes('maxmemory')) this.#limited()
    })
  }

  /** The limit was changed: if it is below what is there, keys go, also if nobody asks for anything. */
  #limited(): void {
    const { settings, memoryUse, surroundings, executor } = this.#server
    const { maxMemory } = settings
    if (maxMemory === 0 || !memoryUse.exceeds(maxMemory)) return
    const used = memoryUse.counted
    surroundings.log(
      'warning',
      `WARNING: the new maxmemory value set via CONFIG SET (${maxMemory}) is smaller than the current ` +
        `memory usage (${used}). This will result in key eviction and/or the inability to accept new write ` +
        'commands depending on the maxmemory-policy.',
    )
    executor.later(() => this.makeRoom())
  }

  /** Evicts until the dataset fits. @returns false where it does not fit and nothing more may go */
  makeRoom(): boolean {
    const { settings, memoryUse, pause, isReplica, isLoading, execution } = this.#server
    const { maxMemory, evictionPolicy: policy } = settings
    if (maxMemory === 0 || pause.isOn || isLoading) return true
    if (isReplica && settings.get<boolean>('replica-ignore-maxmemory')) return true
    if (policy !== this.#policy) {
      this.#policy = policy
      this.#pool = []
    }
    if (!memoryUse.exceeds(maxMemory)) return true
    // No client takes replies meanwhile.
    while (memoryUse.counted > maxMemory) {
      if (policy === 'noeviction') return false
      const victim = execution.run('eviction', () => this.#evictOne())
      if (!victim) return false
    }
    return true
  }

  #evictOne(): boolean {
    const found = this.#policy.endsWith('random') ? this.#random() : this.#best()
    if (found === undefined) return false
    this.#evict(found.db, found.entry)
    return true
  }

  #evict(db: Database, entry: Entry): void {
    const { execution, notifications, settings, stats } = this.#server
    const { key } = entry
    db.remove(entry)
    stats.evicted++
    execution.propagate(db.index, [settings.lazyEviction ? UNLINK : DEL, key])
    notifications.notify('e', 'evicted', key, db.index)
    execution.touched(db, key, false)
  }

  #keysOf(db: Database): Slots<Entry> {
    return this.#policy.startsWith('allkeys') ? db.entries : db.expiring
  }

  #random(): { db: Database; entry: Entry } | undefined {
    const { databases, random } = this.#server
    for (let left = databases.length; left > 0; left--) {
      const db = databases[++this.#nextDb % databases.length]!
      const keys = this.#keysOf(db)
      if (keys.length > 0) return { db, entry: keys.items[random.below(keys.length)]! }
    }
    return undefined
  }

  #best(): { db: Database; entry: Entry } | undefined {
    for (;;) {
      let isEmpty = true
      for (const db of this.#server.databases) {
        const keys = this.#keysOf(db)
        if (keys.length === 0) continue
        isEmpty = false
        this.#draw(db, keys)
      }
      if (isEmpty) return undefined
      for (let one = this.#pool.pop(); one !== undefined; one = this.#pool.pop()) {
        const entry = one.db.peek(one.key)
        const isThere = entry !== undefined && (this.#policy.startsWith('allkeys') || entry.expirySlot >= 0)
        if (isThere) return { db: one.db, entry }
      }
    }
  }

  /** Some keys of a database get into the pool, where they are better than what is there. */
  #draw(db: Database, keys: Slots<Entry>): void {
    const { random, settings } = this.#server
    const samples = Math.min(settings.evictionSamples, keys.length)
    for (let i = 0; i < samples; i++) {
      const entry = keys.items[samples === keys.length ? i : random.below(keys.length)]!
      this.#offer({ db, key: entry.key, score: this.#score(entry) })
    }
  }

  #offer(candidate: Candidate): void {
    const pool = this.#pool
    if (pool.some(({ db, key }) => db === candidate.db && key === candidate.key)) return
    let at = pool.length
    while (at > 0 && pool[at - 1]!.score > candidate.score) at--
    if (pool.length === POOL_SIZE) {
      if (at === 0) return
      pool.shift()
      at--
    }
    pool.splice(at, 0, candidate)
  }

  #score(entry: Entry): number {
    const { now } = this.#server.execution
    if (this.#policy.endsWith('lru')) return now - entry.usedAt * 1000
    if (this.#policy.endsWith('lfu')) return FREQUENCY_MAX - this.#server.accesses.frequency(entry, now)
    return Number.MAX_SAFE_INTEGER - entry.expireAt
  }
}

const DEL = 'DEL' as ByteString
const UNLINK = 'UNLINK' as ByteString
