/**
 * ReplEvent: the one vocabulary of the project. Proxy, captures, recordings and the reference speak it;
 * sinks, tests and comparisons listen to it. The JSON form (sink/ndjson.ts) is documented in
 * docs/EVENTS.md.
 *
 * Three words that are never mixed up:
 *   offset     a replication offset: which byte of a master's history. `start` and `end` of a command are
 *   offsets:
 *              the offset before its first byte and after its last, so `end - start` is its size in bytes.
 *   position   a place in one side's byte stream of one connection, from 0. `from` and `to` are positions.
 *   index      a place in an array.
 *
 * Borrowed: `command`, `slice` and what they give are valid until the listener returns. Keep with
 * command.keep().
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { RdbElement, RdbString } from '../codec/rdb/events.ts'
import type { RdbValueType } from '../codec/rdb/format.ts'
import type { Command } from '../codec/resp/command.ts'
import type { RespValue } from '../codec/resp/values.ts'
import type { State } from './states.ts'

/** Microseconds since the epoch: exact in a double until the year 2255. */
export type Micros = number

/** Who sent the bytes. */
export type Side = 'master' | 'replica'

export type Origin = {
  /** One replica's relation to one master, across reconnects; from 1. An ordinary client has a number too. */
  link: number
  /** The TCP connection, from 1, in order of opening. */
  readonly conn: number
  /** It came on the second connection of a two-connection sync, which carries the snapshot. */
  channel?: 'rdb'
  readonly side: Side
  readonly at: Micros
  /** [from, to): positions in that side's stream. */
  readonly from: number
  readonly to: number
}

/** Replication id and offset as a PSYNC gives them; `replid` is "?" where the replica has no history. */
export type Asked = { readonly replid: ByteString; readonly offset: number }

/** Offsets are undefined while nothing has told us where the stream stands. */
export type Offsets = { readonly start: number | undefined; readonly end: number | undefined }

export type LinkRole =
  /** It has not said enough to know. */
  | 'unknown'
  | 'replica'
  | 'client'
  /**
   * The second connection of a two-connection sync, a snapshot and nothing else, whose first was never
   * seen.
   */
  | 'snapshot-channel'

export type Opened = Origin & {
  readonly kind: 'opened'
  /** Address of whoever connected, and of the master. */
  readonly replica: string
  readonly master: string
  readonly role: LinkRole
  /** The capture began later than the connection. */
  readonly begin?: 'middle'
}

/** What a client or replica asks before the command stream begins (after it: anything but ACKs). */
export type Request = Origin & { readonly kind: 'request'; readonly command: Command; readonly state: State }

/** As it was asked to, the proxy took capabilities out of the request of these positions, on its way. */
export type Stripped = Origin & {
  readonly kind: 'stripped'
  readonly capabilities: readonly string[]
  /** What the master got instead. */
  readonly sent: Command
}

export type Reply = Origin & {
  readonly kind: 'reply'
  readonly value: RespValue
  /** The same with its secrets overwritten by `*` of the same length, where a recording wants it. */
  readonly blanked?: RespValue
  readonly error: boolean
  /** Name of the request it answers, where that is known. */
  readonly answers: string | undefined
  readonly state: State
}

export type Resync = Origin & {
  readonly kind: 'resync'
  readonly mode: 'full' | 'partial'
  /** Undefined for an old SYNC. For a partial resync: the id that holds from now on. */
  readonly replid: ByteString | undefined
  /**
   * The offset the replica has after it: the stream goes on with byte offset + 1. Undefined for an old
   * SYNC.
   */
  readonly offset: number | undefined
  readonly asked: Asked | undefined
}

export type SnapshotBegin = Origin & {
  readonly kind: 'snapshot-begin'
  readonly framing: 'length' | 'mark'
  /** The announced length, where framing is by length. */
  readonly bytes: number | undefined
  readonly mark: ByteString | undefined
}

/** Bytes of the snapshot passing by. Never printed; a decoder or a file may want them. */
export type SnapshotSlice = Origin & { readonly kind: 'snapshot-slice'; readonly slice: Buffer }

/** A field that the writer of the snapshot put in front of the keys: its version, its memory, its offset. */
export type SnapshotAux = Origin & {
  readonly kind: 'snapshot-aux'
  readonly name: RdbString
  readonly value: RdbString
}

export type SnapshotElements = {
  readonly elements: readonly RdbElement[]
  /** Elements beyond what is kept. */
  readonly missing: number
}

export type SnapshotKey = Origin & {
  readonly kind: 'snapshot-key'
  readonly db: number
  readonly key: RdbString
  readonly type: RdbValueType
  /** As OBJECT ENCODING calls it in the server that wrote it. */
  readonly encoding: string
  /** Elements of a collection (pairs count once), entries of a stream, 1 for a string. */
  readonly items: number
  /** Serialized bytes of the whole record. */
  readonly bytes: number
  /** Unix milliseconds. */
  readonly expireAt: number | undefined
  /** The module a value of type 'module' belongs to. */
  readonly module: string | undefined
  /** Where values were asked for. */
  readonly value: SnapshotElements | undefined
}

export type SnapshotEnd = Origin & {
  readonly kind: 'snapshot-end'
  readonly bytes: number
  readonly duration: Micros
  /** The rest is undefined where nobody looked inside, or what was inside was not understood. */
  readonly keys: number | undefined
  readonly rdbVersion: number | undefined
  readonly checksum: 'good' | 'absent' | 'bad' | undefined
}

export type StreamCommand = Origin &
  Offsets & {
    readonly kind: 'command'
    /** The database it works on (for SELECT: the one it selects); undefined until a SELECT has told. */
    readonly db: number | undefined
    /** Number of the transaction it belongs to, from 1 within its connection; MULTI and EXEC belong to it. */
    readonly tx: number | undefined
    readonly command: Command
  }

/**
 * Commands that nobody wanted to be told one by one (ConversationOptions.commands `'counted'`): by name,
 * since the last
 * such event. Never printed.
 */
export type Tallied = Origin & {
  readonly kind: 'tally'
  readonly entries: ReadonlyMap<string, { readonly count: number; readonly bytes: number }>
  /** Offset behind the last of them. */
  readonly end: number | undefined
}

/**
 * Where the stream stands has become known only now, or is known better: the byte behind position `to`
 * has the
 * replication offset `offset` + 1. Commands that passed before and were held back follow with their offsets.
 */
export type Anchored = Origin & {
  readonly kind: 'anchor'
  readonly offset: number
  /** What told it: an ACK, the answer to a GETACK, or the other connection of a two-connection sync. */
  readonly by: 'ack' | 'getack' | 'rdb'
  /** Commands that were held back, PINGs included. */
  readonly held: number
  /** By how much offsets told before this were too low; 0 where none was told. */
  readonly correction: number
}

export type Ping = Origin & Offsets & { readonly kind: 'ping' }
export type GetAck = Origin & Offsets & { readonly kind: 'getack' }

export type Ack = Origin & {
  readonly kind: 'ack'
  readonly offset: number
  /** The offset up to which the replica's AOF is on disk (FACK), if it says so. */
  readonly fsynced: number | undefined
  /** Bytes that had passed towards the replica and are not yet acknowledged. */
  readonly lagBytes: number | undefined
  /** From the moment the acknowledged byte passed until this ACK. */
  readonly lag: Micros | undefined
}

/**
 * A two-connection sync is over: the replica has applied what it kept of the stream while the snapshot
 * was on its way
 * and was loaded, and follows the stream from here on as it comes.
 */
export type Live = Origin & {
  readonly kind: 'live'
  /** The offset up to which it had kept the stream when it first acknowledged. */
  readonly offset: number
  /** Bytes that it had kept and not applied then. */
  readonly buffered: number
  /** From then until now. */
  readonly duration: Micros
}

/** The bare newline: "I am alive", from either side. */
export type Heartbeat = Origin & { readonly kind: 'heartbeat' }
/** The capture lost bytes. */
export type Gap = Origin & { readonly kind: 'gap'; readonly missing: number }

export type Fault = Origin & {
  readonly kind: 'fault'
  /** AREA_WHAT. */
  readonly code: string
  readonly detail: string
  /** Where in the side's stream. */
  readonly position: number
  /** This side is not understood any longer; it is still forwarded and counted. */
  readonly fatal: boolean
}

/** A live sink was too slow: so many lines were not printed. Totals counted them. */
export type Overflow = Origin & { readonly kind: 'overflow'; readonly dropped: number }

export type HowClosed = 'fin' | 'reset' | 'end-of-input'

export type Closed = Origin & {
  readonly kind: 'closed'
  readonly how: HowClosed
  /** What was going on when it ended. */
  readonly during: State
  /** Bytes that each side sent. */
  readonly bytes: Readonly<Record<Side, number>>
}

export type ReplEvent =
  | Opened
  | Request
  | Stripped
  | Reply
  | Resync
  | SnapshotBegin
  | SnapshotSlice
  | SnapshotAux
  | SnapshotKey
  | SnapshotEnd
  | StreamCommand
  | Tallied
  | Anchored
  | Ping
  | GetAck
  | Ack
  | Live
  | Heartbeat
  | Gap
  | Fault
  | Overflow
  | Closed

export type ReplKind = ReplEvent['kind']
export type Emit = (event: ReplEvent) => void
