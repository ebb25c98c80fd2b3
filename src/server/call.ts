/**
 * Call: one execution of a command, and all that its handler can see and do.
 *
 *   handler(call) ─► reads      call.find(key, 'hash')             typed, expired keys are not there
 *                  ─► writes     call.findForWrite(…), call.add(…), call.remove(…), then call.modified(key)
 *                  ─► says       call.propagate([...]), call.notify(…), and returns the Reply
 *
 * Time and chance come from `now` and `random`; there is no other. The clock stands still within a command
 * and within a transaction, so a key cannot expire half way.
 *
 * Three duties of a handler that writes: it asks for the entry with a …ForWrite method (or calls `changing`)
 * *before* it changes a value (a snapshot may still need the old one); it calls `modified` for each key it
 * changed (WATCH, blocked clients, the dirty counter); it removes a collection that has become empty.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Random } from '../ports.ts'
import type { Command } from './command-spec.ts'
import type { Database } from './dataset/database.ts'
import type { Entry } from './dataset/entry.ts'
import { NEVER } from './dataset/entry.ts'
import type { Value, ValuesByType, ValueType } from './dataset/value.ts'
import type { Execution } from './execution.ts'
import { Refusal, type Reply, SILENCE, WRONG_TYPE } from './replies.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'

export class Call {
  /** All words, the name included, as they came. */
  readonly argv: readonly ByteString[]
  readonly command: Command
  readonly session: Session
  readonly server: ServerState
  readonly execution: Execution
  /** Keys changed so far, counted as Redis counts its dirty counter. */
  changes = 0
  /** The handler spoke for itself: what was received is not propagated. */
  hasPropagated = false
  /**
   * It is run again because this key, on which it was blocked, is ready: only this one is to be looked at,
   * and it must not fail for a wrong type, but go on waiting.
   */
  readonly readyKey: ByteString | undefined

  constructor(
    argv: readonly ByteString[],
    command: Command,
    session: Session,
    execution: Execution,
    readyKey?: ByteString,
  ) {
    this.argv = argv
    this.command = command
    this.session = session
    this.server = execution.server
    this.execution = execution
    this.readyKey = readyKey
  }

  /** It was blocked and is run again: @see readyKey */
  get isRetry(): boolean {
    return this.readyKey !== undefined
  }

  /** Unix milliseconds; stands still within a unit. */
  get now(): number {
    return this.execution.now
  }

  get random(): Random {
    return this.server.random
  }

  /** The selected database. */
  get db(): Database {
    return this.session.db
  }

  /** The entry of a key for reading; undefined if there is none or it has expired. Counts as an access. */
  entry(key: ByteString, db: Database = this.session.db): Entry | undefined {
    return this.execution.lookup(db, key, 'read')
  }

  /** The entry of a key that is going to be changed: a running snapshot has been told. */
  entryForWrite(key: ByteString, db: Database = this.session.db): Entry | undefined {
    return this.execution.lookup(db, key, 'write')
  }

  /** Like `entry`, but without counting as a use of the key (TTL, TYPE, EXISTS …). */
  glance(key: ByteString, db: Database = this.session.db): Entry | undefined {
    return this.execution.lookup(db, key, 'glance')
  }

  /** The value of a key for reading. @throws Refusal WRONGTYPE */
  find<T extends ValueType>(key: ByteString, type: T): ValuesByType[T] | undefined {
    return typed(this.entry(key), type)
  }

  /** The value of a key that is going to be changed. @throws Refusal WRONGTYPE */
  findForWrite<T extends ValueType>(key: ByteString, type: T): ValuesByType[T] | undefined {
    return typed(this.entryForWrite(key), type)
  }

  /** Adds a key that does not exist. */
  add(key: ByteString, value: Value, db: Database = this.session.db): Entry {
    return this.execution.add(db, key, value)
  }

  /** Puts `value` there, whatever was there before; its deadline goes unless `keepExpiry`. */
  put(key: ByteString, value: Value, db: Database = this.session.db, keepExpiry = false): Entry {
    const entry = this.entryForWrite(key, db)
    if (entry === undefined) return this.add(key, value, db)
    entry.value = value
    if (!keepExpiry && entry.expireAt !== NEVER) db.expire(entry, NEVER)
    return entry
  }

  /** Removes a key; it is `modified` too. False if there was none. */
  remove(key: ByteString, db: Database = this.session.db): boolean {
    const entry = this.entryForWrite(key, db)
    if (entry === undefined) return false
    db.remove(entry)
    this.modified(key, 1, db)
    return true
  }

  /**
   * A key was changed: its watchers fail, clients blocked on it look again, and the command is propagated.
   * @param changes what Redis adds to its dirty counter: members added, elements pushed …
   */
  modified(key: ByteString, changes = 1, db: Database = this.session.db): void {
    this.changes += changes
    this.execution.touched(db, key)
  }

  /**
   * Sends this to replicas (and the append-only file) instead of the words received. May be called more
   * than once.
   */
  propagate(argv: readonly ByteString[], db: Database = this.session.db, isDurable = true): void {
    this.hasPropagated = true
    this.execution.propagate(db.index, argv, isDurable)
  }

  /** What was received is not propagated, although it changed something. */
  propagateNothing(): void {
    this.hasPropagated = true
  }

  /**
   * The client waits until one of `keys` is ready (then the command is run again, for that key only) or time
   * is up. Within a transaction nobody waits: the answer is `onTimeout` at once.
   * @param timeoutMicros 0: for ever
   * @param type what a key must become to be of interest; undefined: whatever happens to it
   * @param argv the words to be run again, where they are not those that came
   */
  block(
    keys: readonly ByteString[],
    timeoutMicros: number,
    onTimeout: Reply | (() => Reply),
    type?: 'list' | 'zset',
    argv = this.argv,
  ): Reply {
    const { session } = this
    if (session.isExecuting || session.isMaster) {
      return typeof onTimeout === 'function' ? onTimeout() : onTimeout
    }
    session.blockedIn = argv
    this.server.blocked.block(session, session.db.index, keys, { timeoutMicros, onTimeout, type })
    return SILENCE
  }

  /**
   * A keyspace event.
   * @param type the letter of notify-keyspace-events it belongs to: g $ l s h z x e t d m n K E
   */
  notify(type: string, event: string, key: ByteString, db: Database = this.session.db): void {
    this.server.notifications.notify(type, event, key, db.index)
  }
}

function typed<T extends ValueType>(entry: Entry | undefined, type: T): ValuesByType[T] | undefined {
  if (entry === undefined) return undefined
  if (entry.value.type !== type) throw new Refusal(WRONG_TYPE)
  return entry.value as ValuesByType[T]
}
