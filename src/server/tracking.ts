/**
 * Tracking: clients that keep copies of keys and want to be told when those change (CLIENT TRACKING).
 *
 *   default     a key that the client has read is remembered; its next change is told, once
 *   OPTIN       … only what it reads after CLIENT CACHING YES;   OPTOUT: all but what it reads after NO
 *   BCAST       every change of keys with certain prefixes, whoever read them; told together at the end of a
 *               visit (executor.ts)
 *
 *   RESP3       >2 invalidate [key]                       on the client's own connection, or another one
 *   RESP2       *3 message __redis__:invalidate [key]     only to another connection that is subscribed
 *
 * A client hears of its own changes after the reply, or not at all (NOLOOP). When the table is full, its
 * oldest keys are invalidated to make room.
 *
 * Source: redis 7.0 `src/tracking.c`.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Command } from './command-spec.ts'
import type { Settings } from './config/settings.ts'
import type { Execution } from './execution.ts'
import { Push, type Reply } from './replies.ts'
import type { Resp } from './reply-encoder.ts'

/** How a client wants to be told. */
export type TrackingMode = {
  /** Id of the client that gets the messages; 0: itself. */
  readonly redirect: number
  readonly isBroadcast: boolean
  readonly isOptIn: boolean
  readonly isOptOut: boolean
  readonly isNoLoop: boolean
  /** In order; with BCAST only. */
  readonly prefixes: readonly ByteString[]
  /** CLIENT CACHING was said, for the next command or transaction. */
  hasCaching: boolean
  /** The client it redirects to has gone. */
  isRedirectBroken: boolean
}

export type TrackedClient = {
  readonly id: number
  readonly resp: Resp
  readonly isSubscribed: boolean
  readonly transaction: object | undefined
  tracking: TrackingMode | undefined
  deliver(message: Reply): void
}

type Prefix = {
  readonly clients: Set<TrackedClient>
  /** Keys that changed in this visit, and who changed them last. */
  changed: Map<ByteString, TrackedClient | undefined>
}

const CHANNEL = '__redis__:invalidate'

export class Tracking {
  readonly #settings: Settings
  readonly #execution: Execution
  readonly #sessions: ReadonlyMap<number, TrackedClient>
  readonly #clients = new Set<TrackedClient>()
  /** Ids of the clients that have read a key. */
  readonly #readers = new Map<ByteString, Set<number>>()
  #items = 0
  readonly #prefixes = new Map<ByteString, Prefix>()
  /** There is something to broadcast. */
  #hasChanged = false
  /** What the client whose command runs must be told after its reply; null: all keys. */
  #pending: (ByteString | null)[] = []

  constructor(settings: Settings, execution: Execution, sessions: ReadonlyMap<number, TrackedClient>) {
    this.#settings = settings
    this.#execution = execution
    this.#sessions = sessions
  }

  /** Clients that track, keys that are remembered (and for how many clients), prefixes, as INFO counts. */
  get counts() {
    const { size: keys } = this.#readers
    return { clients: this.#clients.size, keys, items: this.#items, prefixes: this.#prefixes.size }
  }

  /** Begins, or goes on under other options; prefixes are added to those it has. */
  enable(client: TrackedClient, mode: TrackingMode): void {
    const prefixes = new Set([...(client.tracking?.prefixes ?? []), ...mode.prefixes])
    if (mode.isBroadcast && mode.prefixes.length === 0) prefixes.add('' as ByteString)
    client.tracking = { ...mode, prefixes: [...prefixes].sort() }
    this.#clients.add(client)
    for (const name of prefixes) {
      const prefix = this.#prefixes.get(name)
      if (prefix !== undefined) prefix.clients.add(client)
      else this.#prefixes.set(name, { clients: new Set([client]), changed: new Map() })
    }
  }

  disable(client: TrackedClient): void {
    for (const name of client.tracking?.prefixes ?? []) {
      const prefix = this.#prefixes.get(name)!
      prefix.clients.delete(client)
      if (prefix.clients.size === 0) this.#prefixes.delete(name)
    }
    this.#clients.delete(client)
    client.tracking = undefined
  }

  /** A client has gone; that it had read keys is forgotten when they change. */
  gone(client: TrackedClient): void {
    if (client.tracking !== undefined) this.disable(client)
  }

  /** A client that tracks has read keys. */
  remember(client: TrackedClient, command: Command, argv: readonly ByteString[]): void {
    const { isBroadcast, isOptIn, isOptOut, hasCaching } = client.tracking!
    if (isBroadcast || (isOptIn && !hasCaching) || (isOptOut && hasCaching)) return
    for (const index of command.keyIndices(argv)) {
      const key = argv[index]!
      let readers = this.#readers.get(key)
      if (readers === undefined) this.#readers.set(key, (readers = new Set()))
      if (!readers.has(client.id)) this.#items++
      readers.add(client.id)
    }
    this.makeRoom()
  }

  /** A key was changed, by a client or (expiry, eviction) by nobody. */
  touched(key: ByteString, by: TrackedClient | undefined): void {
    if (this.#prefixes.size > 0) this.#note(key, by)
    if (this.#readers.size > 0) this.#invalidate(key)
  }

  /** All keys of a database, or of all, have gone at once. */
  flushed(): void {
    for (const client of this.#clients) {
      if (client === this.#execution.client) this.#pending.push(null)
      else this.#tell(client, null)
    }
    this.#readers.clear()
    this.#items = 0
  }

  /** A command of a tracking client is done: CLIENT CACHING was for this one, or for the transaction. */
  commandDone(client: TrackedClient, argv: readonly ByteString[]): void {
    const mode = client.tracking
    if (mode?.hasCaching && client.transaction === undefined && argv[0]!.toUpperCase() !== 'CLIENT') {
      mode.hasCaching = false
    }
  }

  /** Tells a client what it changed itself, to be called when it has its reply. */
  deliverPending(client: TrackedClient): void {
    if (this.#pending.length === 0) return
    const pending = this.#pending
    this.#pending = []
    for (const key of pending) this.#tell(client, key === null ? null : [key])
  }

  /** Tells everybody what changed under their prefixes in this visit, prefixes and keys in order. */
  broadcast(): void {
    if (!this.#hasChanged) return
    this.#hasChanged = false
    for (const name of [...this.#prefixes.keys()].sort()) {
      const prefix = this.#prefixes.get(name)!
      const { clients, changed } = prefix
      if (changed.size === 0) continue
      prefix.changed = new Map()
      const keys = [...changed.keys()].sort()
      for (const client of clients) {
        const news = client.tracking!.isNoLoop ? keys.filter((key) => changed.get(key) !== client) : keys
        if (news.length > 0) this.#tell(client, news)
      }
    }
  }

  #note(key: ByteString, by: TrackedClient | undefined): void {
    for (const [name, prefix] of this.#prefixes) {
      if (!key.startsWith(name)) continue
      prefix.changed.set(key, by)
      this.#hasChanged = true
    }
  }

  /** Forgets keys (their readers are told) until no more are remembered than may be; called now and then. */
  makeRoom(): void {
    const max = this.#settings.get<number>('tracking-table-max-keys')
    if (max === 0) return
    for (const key of this.#readers.keys()) {
      if (this.#readers.size <= max) return
      this.#invalidate(key)
    }
  }

  #invalidate(key: ByteString): void {
    const readers = this.#readers.get(key)
    if (readers === undefined) return
    this.#readers.delete(key)
    this.#items -= readers.size
    // Between executions the last client is nobody's any more.
    const current = this.#execution.isRunning ? this.#execution.client : undefined
    for (const id of readers) {
      const client = this.#sessions.get(id)
      if (client?.tracking === undefined || client.tracking.isBroadcast) continue
      if (client !== current) this.#tell(client, [key])
      else if (!client.tracking.isNoLoop) this.#pending.push(key)
    }
  }

  /** @param keys null: all of them */
  #tell(client: TrackedClient, keys: readonly ByteString[] | null): void {
    const redirect = client.tracking?.redirect ?? 0
    const target = redirect === 0 ? client : this.#sessions.get(redirect)
    if (target === undefined) {
      client.tracking!.isRedirectBroken = true
      if (client.resp === 3) client.deliver(new Push(['tracking-redir-broken', redirect]))
    } else if (target.resp === 3) target.deliver(new Push(['invalidate', keys]))
    else if (redirect !== 0 && target.isSubscribed) target.deliver(new Push(['message', CHANNEL, keys]))
  }
}
