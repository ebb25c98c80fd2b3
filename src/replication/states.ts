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
 * A connection is an ordinary client until it says REPLCONF, PSYNC or SYNC. `opaque` is for an observer
 * what an error state is for a peer: we stop understanding, we never stop carrying. Both sides' programs
 * look here.
 */
export type State =
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
  | 'fault'
  | 'closed'

const ends = { fault: 'opaque', closed: 'closed' } as const

export const TRANSITIONS = {
  client: { replconf: 'negotiating', psync: 'awaiting-resync', sync: 'awaiting-snapshot', ...ends },
  negotiating: { replconf: 'negotiating', psync: 'awaiting-resync', sync: 'awaiting-snapshot', ...ends },
  'awaiting-resync': {
    replconf: 'awaiting-resync',
    psync: 'awaiting-resync',
    sync: 'awaiting-snapshot',
    fullresync: 'awaiting-snapshot',
    continue: 'streaming',
    rdbchannel: 'streaming',
    dualchannel: 'negotiating',
    refused: 'negotiating',
    ...ends,
  },
  'awaiting-snapshot': {
    replconf: 'awaiting-snapshot',
    // A replica that gave up PSYNC says SYNC; the master may still answer the PSYNC before it.
    fullresync: 'awaiting-snapshot',
    refused: 'negotiating',
    'snapshot-begin': 'snapshot',
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
