/**
 * Blocked: clients that wait for keys (BLPOP, BZPOPMIN, XREAD BLOCK …), in the order in which they came.
 *
 *   touched(key) ─► ready ─► after the unit: serve() runs the first waiter's command again, then the next
 *
 * A blocked command is run again by its own handler; it either replies, or blocks on. So what is served
 * is propagated
 * like any other command. Time-outs are the clock's.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Clock } from '../ports.ts'
import type { Reply } from './replies.ts'

export type BlockedClient = {
  /** Runs the blocked command again; true if it was answered. */
  retry(): boolean
  /** Ends the wait with a reply. */
  unblock(reply: Reply): void
}

type Wait = {
  readonly client: BlockedClient
  readonly names: readonly string[]
  readonly isTimed: boolean
  readonly cancelTimer: () => void
}

export class Blocked {
  readonly #clock: Clock
  readonly #waits = new Map<BlockedClient, Wait>()
  readonly #byKey = new Map<string, Set<BlockedClient>>()
  #ready = new Set<string>()
  #isServing = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get count(): number {
    return this.#waits.size
  }

  /** Those that wait for a limited time. */
  get timed(): number {
    return [...this.#waits.values()].filter(({ isTimed }) => isTimed).length
  }

  isBlocked(client: BlockedClient): boolean {
    return this.#waits.has(client)
  }

  /**
   * Makes a client wait for keys of database `db`. One that waits already (it was run again in vain)
   * keeps its place.
   * @param timeoutMicros 0: for ever
   */
  block(
    client: BlockedClient,
    db: number,
    keys: readonly ByteString[],
    { timeoutMicros, onTimeout }: { readonly timeoutMicros: number; readonly onTimeout: Reply },
  ): void {
    if (this.#waits.has(client)) return
    const names = [...new Set(keys.map((key) => `${db} ${key}`))]
    for (const name of names) {
      const waiting = this.#byKey.get(name)
      if (waiting === undefined) this.#byKey.set(name, new Set([client]))
      else waiting.add(client)
    }
    const cancelTimer =
      timeoutMicros === 0
        ? () => {}
        : this.#clock.after(timeoutMicros, () => {
            this.release(client)
            client.unblock(onTimeout)
          })
    this.#waits.set(client, { client, names, isTimed: timeoutMicros > 0, cancelTimer })
  }

  /** The client waits no longer (it was answered, or it has gone). */
  release(client: BlockedClient): void {
    const wait = this.#waits.get(client)
    if (wait === undefined) return
    wait.cancelTimer()
    this.#waits.delete(client)
    for (const name of wait.names) {
      const waiting = this.#byKey.get(name)!
      waiting.delete(client)
      if (waiting.size === 0) this.#byKey.delete(name)
    }
  }

  touched(db: number, key: ByteString): void {
    if (this.#byKey.size === 0) return
    const name = `${db} ${key}`
    if (this.#byKey.has(name)) this.#ready.add(name)
  }

  /** Keys that somebody waits for in a database, for what touches many at once (SWAPDB). */
  *keysIn(db: number): Iterable<ByteString> {
    const prefix = `${db} `
    for (const name of this.#byKey.keys()) {
      if (name.startsWith(prefix)) yield name.slice(prefix.length) as ByteString
    }
  }

  /** To be called when no unit is running: lets those look again whose keys were touched. */
  serve(): void {
    if (this.#isServing) return
    this.#isServing = true
    try {
      while (this.#ready.size > 0) {
        const ready = this.#ready
        this.#ready = new Set()
        for (const name of ready) this.#serveKey(name)
      }
    } finally {
      this.#isServing = false
    }
  }

  #serveKey(name: string): void {
    for (const client of [...(this.#byKey.get(name) ?? [])]) {
      if (this.#waits.has(client) && client.retry()) this.release(client)
    }
  }
}
