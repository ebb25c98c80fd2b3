/**
 * Blocked: clients that wait for keys (BLPOP, BZPOPMIN, XREAD BLOCK …), in the order in which they came.
 *
 *   key added or touched ─► ready ─► after the unit: serve() runs the commands of those who wait again
 *
 * A blocked command is run again by its own handler, for the one key that is ready; it either replies, or
 * blocks on. So what is served is propagated like any other command, as a unit of its own. Keys are served in
 * the order in which they became ready, clients in the order in which they began to wait. Time-outs are the
 * clock's.
 *
 * Source: redis 7.0 `src/blocked.c`, handleClientsBlockedOnKeys.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Clock } from '../ports.ts'
import type { Database } from './dataset/database.ts'
import { Failure, type Reply } from './replies.ts'
import { type Place, WaitingLine } from './waiting-line.ts'

export type BlockedClient = {
  /** Runs the blocked command again for a key that is ready; true if it was answered. */
  retry(key: ByteString): boolean
  /** Ends the wait with a reply. @param isForced somebody ended it, before its time */
  unblock(reply: Reply, isForced: boolean): void
  /** Ends the connection when it has been answered. */
  closeAfterReply(): void
}

export type WaitOptions = {
  /** 0: for ever */
  readonly timeoutMicros: number
  readonly onTimeout: Reply | (() => Reply)
  /**
   * What the key must become for the wait to end: only a new key of this type is looked at. Undefined:
   * whatever happens to the key (streams also wait for entries, and for their own end).
   */
  readonly type?: 'list' | 'zset' | undefined
}

/** Who waits for one key, by what they wait for. */
type Lines = Record<'list' | 'zset' | 'any', WaitingLine<BlockedClient>>

type Wait = WaitOptions & {
  readonly db: number
  readonly places: readonly { readonly key: ByteString; readonly place: Place<BlockedClient> }[]
  readonly cancelTimer: () => void
}
type Ready = { readonly db: number; readonly key: ByteString; isNew: boolean }

const UNBLOCKED = new Failure('UNBLOCKED client unblocked via CLIENT UNBLOCK')

export class Blocked {
  readonly #clock: Clock
  readonly #databases: readonly Database[]
  readonly #waits = new Map<BlockedClient, Wait>()
  /** By number of the database and key. */
  readonly #waiting = new Map<number, Map<ByteString, Lines>>()
  #ready = new Map<string, Ready>()
  #isServing = false

  constructor(clock: Clock, databases: readonly Database[]) {
    this.#clock = clock
    this.#databases = databases
  }

  get count(): number {
    return this.#waits.size
  }

  get isServing(): boolean {
    return this.#isServing
  }

  /** Those that wait for a limited time. */
  get timed(): number {
    let timed = 0
    for (const { timeoutMicros } of this.#waits.values()) if (timeoutMicros > 0) timed++
    return timed
  }

  /**
   * Makes a client wait for keys of database `db`. One that waits already (it was run again in vain) keeps
   * its place and its deadline.
   */
  block(client: BlockedClient, db: number, names: readonly ByteString[], options: WaitOptions): void {
    if (this.#waits.has(client)) return
    const keys = names.length === 1 ? names : [...new Set(names)]
    const { timeoutMicros, onTimeout, type } = options
    const places = keys.map((key) => ({ key, place: this.#lines(db, key)[type ?? 'any'].join(client) }))
    const end = (): void => this.end(client, answer(onTimeout))
    const cancelTimer = timeoutMicros === 0 ? () => {} : this.#clock.after(timeoutMicros, end)
    this.#waits.set(client, { db, places, cancelTimer, timeoutMicros, onTimeout, type })
  }

  /** CLIENT UNBLOCK: as if time were up, or with an error. False if the client does not wait for keys. */
  unblock(client: BlockedClient, how: 'timeout' | 'error'): boolean {
    const wait = this.#waits.get(client)
    if (wait === undefined) return false
    this.end(client, how === 'timeout' ? answer(wait.onTimeout) : UNBLOCKED, true)
    return true
  }

  /** Ends all waits, and the connections of those who wait. */
  endAll(reply: Reply): void {
    for (const client of [...this.#waits.keys()]) {
      client.closeAfterReply()
      this.end(client, reply, true)
    }
  }

  /** The client waits no longer (it was answered, or it has gone). */
  release(client: BlockedClient): void {
    const wait = this.#waits.get(client)
    if (wait === undefined) return
    wait.cancelTimer()
    this.#waits.delete(client)
    const waiting = this.#waiting.get(wait.db)
    // It waited for time alone (WAIT).
    if (waiting === undefined) return
    for (const { key, place } of wait.places) {
      const lines = waiting.get(key)!
      lines[wait.type ?? 'any'].leave(place)
      if (isEmpty(lines)) waiting.delete(key)
    }
    if (waiting.size === 0) this.#waiting.delete(wait.db)
  }

  /** A key came into being. */
  added(db: number, key: ByteString): void {
    if (this.#waits.size > 0) this.#isReady(db, key, true)
  }

  /** A key changed or went. */
  touched(db: number, key: ByteString): void {
    if (this.#waits.size > 0) this.#isReady(db, key, false)
  }

  /**
   * A database has other contents now (SWAPDB, FLUSHALL): each key that somebody waits for may be there, or
   * gone.
   */
  replaced(db: number): void {
    const waiting = this.#waiting.get(db)
    if (waiting === undefined) return
    for (const key of waiting.keys()) {
      this.#isReady(db, key, this.#databases[db]!.peek(key) !== undefined)
    }
  }

  /** To be called when no unit is running: lets those look again whose keys are ready. */
  serve(): void {
    if (this.#isServing || this.#ready.size === 0) return
    this.#isServing = true
    try {
      while (this.#ready.size > 0) {
        const ready = this.#ready
        this.#ready = new Map()
        for (const one of ready.values()) this.#serveKey(one)
      }
    } finally {
      this.#isServing = false
    }
  }

  #lines(db: number, key: ByteString): Lines {
    let ofDb = this.#waiting.get(db)
    if (ofDb === undefined) this.#waiting.set(db, (ofDb = new Map()))
    let lines = ofDb.get(key)
    if (lines === undefined) {
      lines = { list: new WaitingLine(), zset: new WaitingLine(), any: new WaitingLine() }
      ofDb.set(key, lines)
    }
    return lines
  }

  #isReady(db: number, key: ByteString, isNew: boolean): void {
    const lines = this.#waiting.get(db)?.get(key)
    if (lines === undefined || (!isNew && lines.any.first === undefined)) return
    // A unit touches a key many times (LPUSH in a transaction); one look is enough.
    const name = `${db} ${key}`
    const known = this.#ready.get(name)
    if (known === undefined) this.#ready.set(name, { db, key, isNew })
    else known.isNew ||= isNew
  }

  #serveKey({ db, key, isNew }: Ready): void {
    const lines = this.#waiting.get(db)?.get(key)
    if (lines === undefined) return
    const type = this.#databases[db]!.peek(key)?.value.type
    if (isNew && (type === 'list' || type === 'zset')) this.#serveLine(lines[type], db, key)
    this.#serveLine(lines.any, db, key)
  }

  #serveLine(line: WaitingLine<BlockedClient>, db: number, key: ByteString): void {
    const database = this.#databases[db]!
    const wasThere = database.peek(key) !== undefined
    for (let place = line.first; place !== undefined; place = place.next) {
      // Emptied by those who were served: nothing is left for the others.
      if (wasThere && database.peek(key) === undefined) return
      const client = place.who
      if (this.#waits.has(client) && client.retry(key)) this.release(client)
    }
  }

  /** Ends a client's wait with an answer. */
  end(client: BlockedClient, reply: Reply, isForced = false): void {
    this.release(client)
    client.unblock(reply, isForced)
  }
}

function answer(onTimeout: Reply | (() => Reply)): Reply {
  return typeof onTimeout === 'function' ? onTimeout() : onTimeout
}

function isEmpty({ list, zset, any }: Lines): boolean {
  return list.first === undefined && zset.first === undefined && any.first === undefined
}
