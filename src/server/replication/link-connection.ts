/**
 * LinkConnection: one connection to the master, and the conversation on it, understood by the same machine
 * that a proxy uses: a participant is an observer that may also act.
 *
 *   bytes ─► conversation ─► events ─► MasterLink        send ─► conversation, socket
 *
 * Whoever owns it may let go of it at any time, also in the middle of an event; it is silent then.
 */
import { BYTE_STRING_MAX, type ByteString } from '../../bytes/byte-string.ts'
import { encodeCommand } from '../../codec/resp/encode.ts'
import type { Keep } from '../../codec/resp/limits.ts'
import type { DialedConnection, Peer } from '../../ports.ts'
import { Conversation } from '../../replication/conversation.ts'
import type { ReplEvent } from '../../replication/events.ts'
import { Secrets } from '../../replication/secrets.ts'
import type { ServerState } from '../server-state.ts'

/** Who acts upon what is heard. */
export type LinkOwner = {
  opened(): void
  /** A chunk of the master's bytes begins at `position`; it is borrowed until heardAll(). */
  chunk(chunk: Buffer, position: number): void
  heard(event: ReplEvent): void
  heardAll(): void
  /** The connection has gone. */
  lost(why: string | undefined): void
}

/** A replica executes what it is told: everything is kept. */
const KEEP_ALL: Keep = {
  valueBytes: BYTE_STRING_MAX,
  totalBytes: Number.MAX_SAFE_INTEGER,
  elements: Number.MAX_SAFE_INTEGER,
  hash: false,
}

export class LinkConnection implements DialedConnection {
  #owner: LinkOwner | undefined
  readonly #server: ServerState
  readonly #conversation: Conversation
  readonly peer: Peer
  /** Bytes that have come. */
  received = 0
  /** Where the last event ended. */
  #toldTo = 0

  constructor(
    server: ServerState,
    target: { readonly host: string; readonly port: number },
    owner: LinkOwner,
  ) {
    this.#owner = owner
    this.#server = server
    this.#conversation = new Conversation({
      keep: KEEP_ALL,
      secrets: new Secrets({ shown: true }),
      snapshot: 'frame',
      emit: (event) => {
        if (event.side !== 'master') return
        this.#toldTo = event.to
        this.#owner?.heard(event)
      },
    })
    const from = server.settings.get<string>('bind-source-addr')
    this.peer = server.surroundings.dialer.dial({ ...target, from }, this)
  }

  /** Bytes of something that is not whole. */
  get openBytes(): number {
    return this.received - this.#toldTo
  }

  opened(): void {
    this.#owner?.opened()
  }

  push(chunk: Buffer): void {
    const owner = this.#owner
    if (owner === undefined) return
    const { executor, stats } = this.#server
    const position = this.received
    this.received += chunk.length
    stats.replicationBytesIn += chunk.length
    executor.visit(() => {
      owner.chunk(chunk, position)
      this.#conversation.push('master', chunk, this.#server.clock.now())
      // Who let go of us has no more to do with it.
      if (this.#owner === owner) owner.heardAll()
    })
  }

  drained(): void {}

  closed(why?: string): void {
    const owner = this.#owner
    this.#owner = undefined
    owner?.lost(why)
  }

  send(...commands: (readonly ByteString[])[]): void {
    this.sendBytes(Buffer.concat(commands.map(encodeCommand)))
  }

  sendBytes(bytes: Buffer): void {
    if (this.#owner === undefined) return
    this.#conversation.push('replica', bytes, this.#server.clock.now())
    this.#server.stats.replicationBytesOut += bytes.length
    this.peer.send([bytes])
  }

  /** Ends it; nothing more is heard of it. */
  abandon(): void {
    this.#owner = undefined
    this.peer.destroy()
  }
}
