/**
 * Database: the keys of one numbered database.
 *
 *   #byKey   map key → Entry          look-up
 *   #all     Slots of all entries     RANDOMKEY, SCAN, snapshots
 *   #expiring Slots of those with a deadline      the expiry cycle
 *
 * It knows no time and no rules: what is expired, what may be written, and who must be told is the business
 * of Call (call.ts) and the executor. Three hooks are its only voices: `onChange` before an entry changes or
 * goes (snapshot-on-write needs the old value), `onSize` for the running estimate of memory.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { Entry, NEVER } from './entry.ts'
import { Slots } from './slots.ts'
import { SteadyMap } from './steady-map.ts'
import type { Value } from './value.ts'

export type DatabaseHooks = {
  /** Before an entry changes, moves or goes. */
  onChange(db: Database, entry: Entry): void
  /** An entry has got a deadline, or another one. */
  onDeadline(db: Database, entry: Entry): void
  /** An entry has gone. */
  onRemove(entry: Entry): void
}

export class Database {
  readonly index: number
  #byKey = new SteadyMap<ByteString, Entry>()
  #all = newTable()
  #expiring = newExpiryTable()
  readonly #hooks: DatabaseHooks
  /** The entry that was asked for last: who asks for a key mostly asks for it again. */
  #last: Entry | undefined

  constructor(index: number, hooks: DatabaseHooks) {
    this.index = index
    this.#hooks = hooks
  }

  get size(): number {
    return this.#byKey.size
  }

  /** The table itself, for snapshots and scans. Not to be changed by its reader. */
  get entries(): Slots<Entry> {
    return this.#all
  }

  get expiring(): Slots<Entry> {
    return this.#expiring
  }

  /** The entry as it is: expired or not, and without counting as an access. */
  peek(key: ByteString): Entry | undefined {
    const last = this.#last
    if (last !== undefined && last.key === key) return last
    return (this.#last = this.#byKey.get(key))
  }

  /** The key must not exist. */
  add(key: ByteString, value: Value, now: number): Entry {
    const entry = new Entry(key, value, now)
    this.#byKey.set(key, entry)
    this.#all.add(entry)
    return entry
  }

  /** To be called before anything about an entry's value or deadline is changed. */
  changing(entry: Entry): void {
    this.#hooks.onChange(this, entry)
  }

  remove(entry: Entry): void {
    this.#hooks.onChange(this, entry)
    if (this.#last === entry) this.#last = undefined
    this.#byKey.delete(entry.key)
    this.#all.remove(entry)
    if (entry.expireAt !== NEVER) this.#expiring.remove(entry)
    this.#hooks.onRemove(entry)
  }

  /** Sets the deadline (unix milliseconds), or takes it away with NEVER. */
  expire(entry: Entry, expireAt: number): void {
    this.#hooks.onChange(this, entry)
    if (entry.expireAt === NEVER && expireAt !== NEVER) this.#expiring.add(entry)
    else if (entry.expireAt !== NEVER && expireAt === NEVER) this.#expiring.remove(entry)
    entry.expireAt = expireAt
    if (expireAt !== NEVER) this.#hooks.onDeadline(this, entry)
  }

  /** Forgets everything. A snapshot that is being written keeps the table it has begun with. */
  clear(): void {
    this.#last = undefined
    this.#byKey = new SteadyMap()
    this.#all = newTable()
    this.#expiring = newExpiryTable()
  }

  /** SWAPDB: the contents change places, the numbers stay. */
  swap(other: Database): void {
    const [byKey, all, expiring] = [this.#byKey, this.#all, this.#expiring]
    this.#last = undefined
    other.#last = undefined
    this.#byKey = other.#byKey
    this.#all = other.#all
    this.#expiring = other.#expiring
    other.#byKey = byKey
    other.#all = all
    other.#expiring = expiring
  }
}

function newTable(): Slots<Entry> {
  return new Slots({
    get: (entry) => entry.slot,
    set: (entry, slot) => {
      entry.slot = slot
    },
  })
}

function newExpiryTable(): Slots<Entry> {
  return new Slots({
    get: (entry) => entry.expirySlot,
    set: (entry, slot) => {
      entry.expirySlot = slot
    },
  })
}
