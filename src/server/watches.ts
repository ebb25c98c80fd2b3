/**
 * Watches: which transactions must fail because a key they watch was touched.
 *
 * By key, not by value: a key that is deleted and comes back has been touched.
 * Source: redis 7.0 `src/multi.c`, touchWatchedKey.
 */
import type { ByteString } from '../bytes/byte-string.ts'

/** Who watches: told once, then no longer watching. */
export type Watcher = { watchFailed: boolean }

export class Watches {
  readonly #watchers = new Map<string, Set<Watcher>>()
  readonly #keysOf = new Map<Watcher, Set<string>>()

  watch(watcher: Watcher, db: number, key: ByteString): void {
    const name = `${db} ${key}`
    add(this.#watchers, name, watcher)
    add(this.#keysOf, watcher, name)
  }

  unwatch(watcher: Watcher): void {
    for (const name of this.#keysOf.get(watcher) ?? []) {
      const watchers = this.#watchers.get(name)!
      watchers.delete(watcher)
      if (watchers.size === 0) this.#watchers.delete(name)
    }
    this.#keysOf.delete(watcher)
  }

  touched(db: number, key: ByteString): void {
    if (this.#watchers.size === 0) return
    for (const watcher of this.#watchers.get(`${db} ${key}`) ?? []) watcher.watchFailed = true
  }

  /** Keys that are watched in a database, for what touches many at once (FLUSHDB, SWAPDB). */
  *keysIn(db: number): Iterable<ByteString> {
    const prefix = `${db} `
    for (const name of this.#watchers.keys()) {
      if (name.startsWith(prefix)) yield name.slice(prefix.length) as ByteString
    }
  }
}

function add<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key)
  if (set === undefined) map.set(key, new Set([value]))
  else set.add(value)
}
