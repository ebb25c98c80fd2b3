/**
 * The states of one connection, as a table. Nothing else in the project knows a transition.
 *
 *                 ┌────────── psync/sync refused ──────────┐
 *                 ▼                                        │
 *   client ─► negotiating ─► awaiting-resync ─► awaiting-snapshot ─► snapshot ─► streaming
 *      │           ▲              │   │                                              ▲
 *      │           └─ dualchannel ┘   └────────── continue, rdbchannel ──────────────┘
 *      └─ PSYNC or SYNC without REPLCONF is legal too
 *
 *   unknown ─► any of them but snapshot: as soon as what passes has told what this is
 *
 * A connection is an ordinary client until it says REPLCONF, PSYNC or SYNC. `opaque` is for an observer
 * what an error state is for a peer: we stop understanding, we never stop carrying. `unknown` is where a
 * capture begins in the middle, or goes on behind a hole that may have swallowed the handshake: at which byte
 * of which message is not known. Both sides' programs look here.
 */
export type State =
  | 'unknown'
  | 'client'
  | 'negotiating'
  | 'awaiting-resync'
  | 'awaiting-snapshot'
  | 'snapshot'
  | 'streaming'
  | 'opaque'
  | 'closed'

export type Input =
  /** The replica introduces itself (REPLCONF with anything but ack). */
  | 'replconf'
  | 'psync'
  | 'sync'
  | 'fullresync'
  | 'continue'
  /** Redis 8: `+RDBCHANNELSYNC`, the stream follows here and the snapshot elsewhere. */
  | 'rdbchannel'
  /** Valkey 8: `+DUALCHANNELSYNC`, more handshake follows here and the snapshot comes elsewhere. */
  | 'dualchannel'
  /** PSYNC or SYNC answered with an error. */
  | 'refused'
  | 'snapshot-begin'
  | 'snapshot-end'
  /** An ACK, or commands nobody asked for: what passes in `unknown` is a stream. */
  | 'stream'
  /** A request that no replica sends: what passes in `unknown` is an ordinary client's talk. */
  | 'request'
  /** Bytes were lost that may have changed the state. */
  | 'lost'
  | 'fault'
  | 'closed'

const ends = { fault: 'opaque', closed: 'closed' } as const

/** What a replica may say while nothing is in sync, and a hole among it. */
const talk = {
  replconf: 'negotiating',
  psync: 'awaiting-resync',
  sync: 'awaiting-snapshot',
  lost: 'unknown',
  ...ends,
} as const

export const TRANSITIONS = {
  unknown: { ...talk, stream: 'streaming', request: 'client' },
  client: talk,
  negotiating: talk,
  'awaiting-resync': {
    replconf: 'awaiting-resync',
    psync: 'awaiting-resync',
    sync: 'awaiting-snapshot',
    fullresync: 'awaiting-snapshot',
    continue: 'streaming',
    rdbchannel: 'streaming',
    dualchannel: 'negotiating',
    refused: 'negotiating',
    lost: 'unknown',
    ...ends,
  },
  'awaiting-snapshot': {
    replconf: 'awaiting-snapshot',
    // A replica that gave up PSYNC says SYNC; the master may still answer the PSYNC before it.
    fullresync: 'awaiting-snapshot',
    refused: 'negotiating',
    'snapshot-begin': 'snapshot',
    lost: 'unknown',
    ...ends,
  },
  snapshot: { replconf: 'snapshot', 'snapshot-end': 'streaming', ...ends },
  streaming: { replconf: 'streaming', psync: 'streaming', sync: 'streaming', ...ends },
  opaque: { fault: 'opaque', closed: 'closed' },
  closed: {},
} as const satisfies Record<State, Partial<Record<Input, State>>>

/** The state after `input`, or undefined where the protocol does not allow it there. */
export function next(state: State, input: Input): State | undefined {
  return (TRANSITIONS[state] as Partial<Record<Input, State>>)[input]
}
