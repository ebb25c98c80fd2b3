/**
 * ReplicaPlayer: what a recorded replica said, turned into what it would say now. No socket, no clock.
 *
 *   recorded event ─► cue ─► is it time? (answers awaited, snapshot loaded) ─► bytes
 *   live event     ─► where the live stream stands; GETACK is answered at once
 *
 * The handshake is said as it was recorded. ACKs are sent when they were recorded, with the offset that is
 * true now: a master that is told of bytes it never sent would only be confused. A PSYNC that went on goes on
 * from where we are.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { encodeCommand } from '../codec/resp/encode.ts'
import type { ReplEvent } from '../replication/events.ts'

/** Something the recorded replica said. */
export type Cue =
  | { readonly kind: 'request'; readonly name: string; readonly argv: readonly ByteString[] }
  | { readonly kind: 'ack' }
  | { readonly kind: 'heartbeat' }

export type Login = { readonly user: string; readonly password: string }

/** Abilities that would make the master use a second connection, which is not played. */
const TWO_CONNECTIONS = new Set(['rdb-channel-repl', 'dual-channel'])
const SECOND_CONNECTION = new Set(['rdb-channel', 'main-ch-client-id', 'rdb-conn-id', 'set-rdb-client-id'])

export class ReplicaPlayer {
  readonly #login: Login | undefined
  /** Requests whose replies are still to come. */
  #unanswered = 0
  #isInSync = false
  #isAwaitingSync = false
  #replid: ByteString | undefined
  #offset: number | undefined
  /** A password was overwritten when it was recorded, and no other was given. */
  lacksPassword = false
  /** What the master said where it refused to sync. */
  refusal: string | undefined

  constructor(login: Login | undefined) {
    this.#login = login
  }

  /** A connection has been made. @returns what is said first */
  opened(): Buffer | undefined {
    this.#unanswered = 0
    this.#isInSync = false
    this.#isAwaitingSync = false
    if (this.#login === undefined) return undefined
    const { user, password } = this.#login
    this.#unanswered++
    return encode(user === '' ? ['AUTH', password] : ['AUTH', user, password])
  }

  /** What the recorded replica has said. */
  recorded(event: ReplEvent): Cue | undefined {
    if (event.side !== 'replica') return undefined
    if (event.kind === 'ack' || event.kind === 'heartbeat') return { kind: event.kind }
    if (event.kind !== 'request' || event.state === 'streaming') return undefined
    const argv = event.command.argv().filter((arg) => typeof arg === 'string')
    return { kind: 'request', name: event.command.name, argv }
  }

  /** What happens now. @returns what is to be said at once */
  live(event: ReplEvent): Buffer | undefined {
    switch (event.kind) {
      case 'reply':
        this.#unanswered = Math.max(0, this.#unanswered - 1)
        if (event.error && this.#isAwaitingSync && event.value.type === 'error') {
          this.#isAwaitingSync = false
          this.refusal = typeof event.value.value === 'string' ? event.value.value : event.value.value.preview
        }
        return undefined
      case 'resync':
        this.#unanswered = 0
        this.#isAwaitingSync = false
        this.#replid = event.replid
        this.#offset = event.offset
        this.#isInSync = event.mode === 'partial'
        return undefined
      case 'snapshot-end':
        this.#isInSync = true
        return undefined
      case 'command':
      case 'ping':
      case 'tally':
        this.#offset = event.end ?? this.#offset
        return undefined
      case 'getack':
        this.#offset = event.end ?? this.#offset
        return this.#ack()
      default:
        return undefined
    }
  }

  /** Whether a cue may be said now. */
  isTime(cue: Cue): boolean {
    if (cue.kind === 'request') return this.#unanswered === 0
    return cue.kind === 'heartbeat' || this.#isInSync
  }

  /** What is said for a cue; undefined where it has nothing to say now. */
  say(cue: Cue): Buffer | undefined {
    if (cue.kind === 'ack') return this.#ack()
    if (cue.kind === 'heartbeat')
      return this.#isInSync || this.#unanswered > 0 ? undefined : Buffer.from('\n')
    const argv = this.#translated(cue.name, cue.argv)
    if (argv === undefined) return undefined
    if (cue.name === 'PSYNC' || cue.name === 'SYNC') this.#isAwaitingSync = true
    this.#unanswered++
    return encode(argv)
  }

  #ack(): Buffer | undefined {
    return this.#offset === undefined ? undefined : encode(['REPLCONF', 'ACK', String(this.#offset)])
  }

  #translated(name: string, argv: readonly ByteString[]): readonly string[] | undefined {
    if (name === 'AUTH') {
      if (this.#login !== undefined) return undefined
      const isBlanked = argv.slice(1).some((arg) => /^\*+$/.test(arg))
      this.lacksPassword ||= isBlanked
      return isBlanked ? undefined : argv
    }
    if (name === 'PSYNC' && argv[1] !== '?' && this.#replid !== undefined && this.#offset !== undefined)
      return ['PSYNC', this.#replid, String(this.#offset + 1)]
    if (name === 'REPLCONF') return withoutSecondConnection(argv)
    return argv
  }
}

function withoutSecondConnection(argv: readonly ByteString[]): readonly string[] | undefined {
  const kept: string[] = ['REPLCONF']
  for (let i = 1; i < argv.length; i += 2) {
    const option = argv[i]!.toLowerCase()
    const value = argv[i + 1]
    if (SECOND_CONNECTION.has(option)) continue
    if (option === 'capa' && value !== undefined && TWO_CONNECTIONS.has(value.toLowerCase())) continue
    kept.push(argv[i]!, ...(value === undefined ? [] : [value]))
  }
  return kept.length > 1 ? kept : undefined
}

function encode(argv: readonly string[]): Buffer {
  return encodeCommand(argv as readonly ByteString[])
}
