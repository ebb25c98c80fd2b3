/**
 * LocalDeadlines: keys of a writable replica to which its own clients gave a deadline. No master will ever
 * delete those, so the replica does, once they have expired.
 *
 * What is known of such a key is its name: whether it is still there, and when it expires, is looked up.
 *
 * Source: redis 7.0 `src/expire.c`, rememberSlaveKeyWithExpire, expireSlaveKeys.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { Database } from '../dataset/database.ts'
import { type Entry, NEVER } from '../dataset/entry.ts'
import type { ServerState } from '../server-state.ts'

/** Keys that are looked at in a turn. */
const LOOKS = 64

type Name = { readonly db: Database; readonly key: ByteString }

export class LocalDeadlines {
  readonly #server: ServerState
  readonly #names = new Map<string, Name>()
  #round: Iterator<[string, Name]> | undefined

  constructor(server: ServerState) {
    this.#server = server
  }

  get count(): number {
    return this.#names.size
  }

  /** A key has been given a deadline. */
  given(db: Database, { key }: Entry): void {
    const { isReplica, isReadOnly, execution } = this.#server
    if (!isReplica || isReadOnly || execution.origin === 'master') return
    this.#names.set(`${db.index} ${key}`, { db, key })
  }

  /** Deletes some of those that have expired. */
  turn(): void {
    if (this.#names.size === 0) return
    for (let left = LOOKS; left > 0; left--) {
      this.#round ??= this.#names.entries()
      const { value, done } = this.#round.next()
      if (done) {
        this.#round = undefined
        return
      }
      const [name, { db, key }] = value
      if (this.#isOver(db, key)) this.#names.delete(name)
    }
  }

  /** The data is another one. */
  clear(): void {
    this.#names.clear()
    this.#round = undefined
  }

  #isOver(db: Database, key: ByteString): boolean {
    const { execution } = this.#server
    const entry = db.peek(key)
    if (entry === undefined || entry.expireAt === NEVER) return true
    return execution.run('expiry', () => {
      if (!execution.isExpired(entry)) return false
      execution.expire(db, entry)
      return true
    })
  }
}
