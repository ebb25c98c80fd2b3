/**
 * Kinds a user can show or hide (`--show`, `--hide`), and which event belongs to which.
 *
 * Every event kind of the JSON form is accepted too (`--show command,resync`).
 */
import type { LinkRole, ReplEvent, ReplKind } from '../replication/events.ts'

export const GROUPS = {
  connections: 'connections opened and closed',
  handshake: 'what a replica and its master agree before the sync',
  clients: 'requests and replies of ordinary clients',
  rdb: 'the snapshot',
  commands: 'the propagated commands',
  acks: 'REPLCONF ACK',
  pings: 'PING and GETACK of the master',
  heartbeats: 'bare newlines',
  gaps: 'bytes a capture lost',
  faults: 'what was not understood',
} as const

export type Group = keyof typeof GROUPS

const GROUP_OF: Readonly<Record<Exclude<ReplKind, 'request' | 'reply'>, Group>> = {
  opened: 'connections',
  closed: 'connections',
  resync: 'handshake',
  stripped: 'handshake',
  'snapshot-begin': 'rdb',
  'snapshot-slice': 'rdb',
  'snapshot-aux': 'rdb',
  'snapshot-key': 'rdb',
  'snapshot-end': 'rdb',
  command: 'commands',
  tally: 'commands',
  anchor: 'commands',
  ack: 'acks',
  live: 'rdb',
  ping: 'pings',
  getack: 'pings',
  heartbeat: 'heartbeats',
  gap: 'gaps',
  fault: 'faults',
  overflow: 'faults',
}

export const KINDS = [...Object.keys(GROUP_OF), 'request', 'reply'].filter(
  (kind) => kind !== 'snapshot-slice' && kind !== 'tally',
)

/** What a connection is, told by its `opened` event; needed to tell a client's talk from a handshake. */
export class Roles {
  readonly #byConn = new Map<number, LinkRole>()

  /** Takes note of an event, and gives the group it belongs to. */
  groupOf(event: ReplEvent): Group {
    if (event.kind === 'opened') this.#byConn.set(event.conn, event.role)
    if (event.kind !== 'request' && event.kind !== 'reply') {
      if (event.kind === 'closed') this.#byConn.delete(event.conn)
      return GROUP_OF[event.kind]
    }
    const role = this.#byConn.get(event.conn)
    const isClient = role === 'client' || (role === 'unknown' && event.state === 'client')
    return isClient ? 'clients' : 'handshake'
  }
}

/** Which events are printed. */
export class Selection {
  readonly #shown: ReadonlySet<string> | undefined
  readonly #hidden: ReadonlySet<string>

  /** @param shown only these groups or kinds; undefined: all but what is hidden */
  constructor(shown: readonly string[] | undefined, hidden: readonly string[]) {
    this.#shown = shown === undefined ? undefined : new Set(shown)
    this.#hidden = new Set(hidden)
  }

  /** Whether the user named this group or kind in --show: then it is not folded either. */
  names(group: Group, kind: ReplKind): boolean {
    return this.#shown !== undefined && (this.#shown.has(group) || this.#shown.has(kind))
  }

  shows(group: Group, kind: ReplKind): boolean {
    if (this.#hidden.has(group) || this.#hidden.has(kind)) return false
    return this.#shown === undefined || this.names(group, kind)
  }
}
