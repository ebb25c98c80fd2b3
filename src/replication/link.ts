/**
 * A link and its connections, as the LinkBook remembers them.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Conversation } from './conversation.ts'
import type { Micros, ReplEvent } from './events.ts'

export type Link = {
  readonly number: number
  host: string
  master: string
  /** The history it follows. */
  replid: ByteString | undefined
  /** Its connection that is in sync or on the way, if it has one. */
  live: number | undefined
  /** Its newest connection. */
  last: Conversation | undefined
  /** The offset it acknowledged last, and the one that had passed when its connection ended. */
  acked: number | undefined
  passed: number
}

export class Connection {
  readonly number: number
  /** Whoever connected, without the port, which changes. */
  readonly host: string
  readonly master: string
  readonly since: Micros
  /** Its beginning was not seen. */
  readonly isMiddle: boolean
  conversation: Conversation | undefined
  link: Link | undefined
  /** What it announces: host and port. */
  name: string | undefined
  /** Who is asking is known for good. */
  settled = false
  isClosed = false
  /** Events that wait for the number of the link. */
  events: ReplEvent[] = []
  /** It carries the snapshot of a two-connection sync, for this connection where that is known. */
  isRdb = false
  main: Connection | undefined

  /** Some of what it said was not seen. */
  get hasLost(): boolean {
    return this.isMiddle || this.events.some(({ kind }) => kind === 'gap')
  }

  constructor(number: number, replica: string, master: string, since: Micros, isMiddle: boolean) {
    this.number = number
    this.host = hostOf(replica)
    this.master = master
    this.since = since
    this.isMiddle = isMiddle
  }
}

function hostOf(address: string): string {
  const colon = address.lastIndexOf(':')
  return address.startsWith('unix:') || colon < 0 ? address : address.slice(0, colon)
}
