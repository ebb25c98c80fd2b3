/**
 * The states of a replica's link to its master, as tables. Nothing else knows a transition, or what a loss
 * means in which state.
 *
 *   none ─► connect ─► connecting ─► receive-ping-reply ─► send-handshake ─► receive-…-reply ─► send-psync
 *             ▲                                                                                     │
 *             │ lost, refused, timed out                          ┌── continue ──── receive-psync-reply
 *             └──────────────────────── connected ◄──── transfer ◄┘── full, or no PSYNC at all
 *
 * Source: redis 7.0 `src/server.h` (REPL_STATE_*), `src/replication.c` (syncWithMaster, replicationCron,
 * roleCommand).
 */
export type LinkState =
  | 'none'
  | 'connect'
  | 'connecting'
  | 'receive-ping-reply'
  | 'send-handshake'
  | 'receive-auth-reply'
  | 'receive-port-reply'
  | 'receive-ip-reply'
  | 'receive-capa-reply'
  | 'send-psync'
  | 'receive-psync-reply'
  | 'transfer'
  | 'connected'

export type LinkInput =
  | 'follow'
  | 'unfollow'
  /** A connection is being made. */
  | 'dial'
  | 'opened'
  | 'pong'
  /** The whole handshake was sent, or one more of its replies is in: the next is awaited. */
  | 'auth'
  | 'port'
  | 'ip'
  | 'capa'
  /** The last of them is in. */
  | 'introduced'
  | 'psync'
  /** +FULLRESYNC, or SYNC because PSYNC is not understood */
  | 'full'
  | 'continue'
  /** A snapshot is whole and loaded. */
  | 'loaded'
  | 'lost'

const anywhere = { unfollow: 'none', lost: 'connect' } as const
const handshake = {
  auth: 'receive-auth-reply',
  port: 'receive-port-reply',
  ip: 'receive-ip-reply',
  capa: 'receive-capa-reply',
  introduced: 'send-psync',
  ...anywhere,
} as const

export const LINK_TRANSITIONS = {
  none: { follow: 'connect' },
  connect: { ...anywhere, dial: 'connecting' },
  connecting: { ...anywhere, opened: 'receive-ping-reply' },
  'receive-ping-reply': { ...anywhere, pong: 'send-handshake' },
  'send-handshake': handshake,
  'receive-auth-reply': handshake,
  'receive-port-reply': handshake,
  'receive-ip-reply': handshake,
  'receive-capa-reply': handshake,
  'send-psync': { ...anywhere, psync: 'receive-psync-reply' },
  'receive-psync-reply': { ...anywhere, full: 'transfer', continue: 'connected' },
  transfer: { ...anywhere, loaded: 'connected' },
  connected: anywhere,
} as const satisfies Record<LinkState, Partial<Record<LinkInput, LinkState>>>

/** The state after `input`. @throws Error where the table has none: a mistake of ours */
export function nextLinkState(state: LinkState, input: LinkInput): LinkState {
  const next = (LINK_TRANSITIONS[state] as Partial<Record<LinkInput, LinkState>>)[input]
  if (next === undefined) throw new Error(`a link that is ${state} cannot take "${input}"`)
  return next
}

/** As ROLE calls it. */
export function roleText(state: LinkState): string {
  switch (state) {
    case 'none':
    case 'connect':
    case 'connecting':
    case 'connected':
      return state
    case 'transfer':
      return 'sync'
    default:
      return 'handshake'
  }
}

export type Retry = 'at-once' | 'next-second'

type Loss = {
  /** When the next attempt is made after the connection broke. */
  readonly retry: Retry
  readonly broken: string
  /** Where nothing has come for repl-timeout; undefined: nobody looks. The next attempt is made at once. */
  readonly silent: string | undefined
}

const NO_ANSWER = 'Master did not respond to command during SYNC handshake'
const SLOW = 'Timeout connecting to the MASTER...'
const inHandshake: Loss = { retry: 'next-second', broken: NO_ANSWER, silent: SLOW }

/** What it means, in each state, that the connection has gone. */
export const LOSSES: Readonly<Record<LinkState, Loss>> = {
  none: { retry: 'next-second', broken: '', silent: undefined },
  connect: { retry: 'next-second', broken: '', silent: undefined },
  connecting: { retry: 'next-second', broken: 'Error condition on socket for SYNC: ', silent: SLOW },
  'receive-ping-reply': inHandshake,
  'send-handshake': inHandshake,
  'receive-auth-reply': inHandshake,
  'receive-port-reply': inHandshake,
  'receive-ip-reply': inHandshake,
  'receive-capa-reply': inHandshake,
  'send-psync': inHandshake,
  'receive-psync-reply': {
    retry: 'next-second',
    broken: 'Master did not reply to PSYNC, will try later',
    silent: SLOW,
  },
  transfer: {
    retry: 'at-once',
    broken: 'I/O error trying to sync with MASTER: connection lost',
    silent:
      'Timeout receiving bulk data from MASTER... If the problem persists try to set the ' +
      "'repl-timeout' parameter in redis.conf to a larger value.",
  },
  connected: {
    retry: 'at-once',
    broken: 'Connection with master lost.',
    silent: 'MASTER timeout: no data nor PING received...',
  },
}
