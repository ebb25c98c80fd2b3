/**
 * Watches: which transactions must fail because a key they watch was touched.
 *
 * By key, not by value: a key that is deleted and comes back has been touched. A key that had expired when
 * WATCH was called, and was only not deleted yet, was as good as not there: that it is deleted now changes
 * nothing. One that expires afterwards makes EXEC fail, deleted or not.
 *
 * Source: redis 7.0 `src/multi.c`, touchWatchedKey, isWatchedKeyExpired, touchAllWatchedKeysInDb.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Database } from './dataset/database.ts'
import type { Execution } from './execution.ts'

/** Who watches: told once, then no longer watching. */
export type Watcher = { watchFailed: boolean }

type Watch = { readonly db: Database; readonly key: ByteString; wasExpired: boolean }

export class Watches {
  readonly #execution: Execution
  readonly #byKey = new Map<Database, Map<ByteString, Map<Watcher, Watch>>>()
  readonly #byWatcher = new Map<Watcher, Watch[]>()

  constructor(execution: Execution) {
    this.#execution = execution
  }

  watch(watcher: Watcher, db: Database, key: ByteString): void {
    if (watcher.watchFailed) return
    let ofDb = this.#byKey.get(db)
    if (ofDb === undefined) this.#byKey.set(db, (ofDb = new Map()))
    let ofKey = ofDb.get(key)
    if (ofKey === undefined) ofDb.set(key, (ofKey = new Map()))
    if (ofKey.has(watcher)) return
    const watch: Watch = { db, key, wasExpired: this.#isExpired(db, key) }
    ofKey.set(watcher, watch)
    const watches = this.#byWatcher.get(watcher)
    if (watches === undefined) this.#byWatcher.set(watcher, [watch])
    else watches.push(watch)
  }

  /** How many keys it watches. */
  countOf(watcher: Watcher): number {
    return this.#byWatcher.size === 0 ? 0 : (this.#byWatcher.get(watcher)?.length ?? 0)
  }

  unwatch(watcher: Watcher): void {
    const watches = this.#byWatcher.get(watcher)
    if (watches === undefined) return
    this.#byWatcher.delete(watcher)
    for (const { db, key } of watches) {
      const ofDb = this.#byKey.get(db)!
      const ofKey = ofDb.get(key)!
      ofKey.delete(watcher)
      if (ofKey.size > 0) continue
      ofDb.delete(key)
      if (ofDb.size === 0) this.#byKey.delete(db)
    }
  }

  /** A key that is watched has expired since: EXEC must fail, though nobody has deleted it yet. */
  hasExpired(watcher: Watcher): boolean {
    const watches = this.#byWatcher.get(watcher) ?? []
    return watches.some(({ db, key, wasExpired }) => !wasExpired && this.#isExpired(db, key))
  }

  /** A key was changed, or it has gone. */
  touched(db: Database, key: ByteString): void {
    if (this.#byWatcher.size === 0) return
    const ofKey = this.#byKey.get(db)?.get(key)
    if (ofKey === undefined) return
    for (const [watcher, watch] of ofKey) {
      if (watch.wasExpired && db.peek(key) === undefined) watch.wasExpired = false
      else this.#fail(watcher)
    }
  }

  /** To be called before a database loses all its keys, or gets those of `replacement` instead. */
  replaced(db: Database, replacement?: Database): void {
    const ofDb = this.#byKey.get(db)
    if (ofDb === undefined) return
    for (const [key, ofKey] of ofDb) {
      const isThere = db.peek(key) !== undefined
      const comes = replacement?.peek(key) !== undefined
      if (!isThere && !comes) continue
      const comesExpired = replacement !== undefined && this.#isExpired(replacement, key)
      for (const [watcher, watch] of ofKey) {
        if (watch.wasExpired && !comes) watch.wasExpired = false
        else if (watch.wasExpired && comesExpired) continue
        else if (!isThere && comesExpired) watch.wasExpired = true
        else this.#fail(watcher)
      }
    }
  }

  #fail(watcher: Watcher): void {
    watcher.watchFailed = true
    this.unwatch(watcher)
  }

  #isExpired(db: Database, key: ByteString): boolean {
    const entry = db.peek(key)
    return entry !== undefined && this.#execution.isExpired(entry)
  }
}
