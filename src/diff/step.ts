/**
 * The vocabulary of scenarios: steps as data. stage.ts and its players carry them out.
 *
 *   a client of the subject     ask · send · reply
 *   the observer                until · look · pause · restart
 *   a replica that we play      connect · say · psync · snapshot · acknowledge · hear · cut · stall
 *   a master that we play       accept · tell · give · stream · getack · hear · cut
 *
 * Commands are written as a person types them into redis-cli: `SET k "a b"`. In them, and in lines that a
 * played master tells, `{subject.port}`, `{m1.port}` and `{replid}` stand for what they are in this run.
 *
 * Whatever a step awaits has a time limit; what does not come is a message too (`missing`), and the
 * scenario ends there.
 */
import type { RdbEntry } from '../codec/rdb/encode-model.ts'
import type { RdbVersion } from '../codec/rdb/encode-options.ts'

/** An offset as a scenario writes it: a number, or how far from a place that only the run knows. */
export type OffsetExpr = number | { readonly of: OffsetPlace; readonly plus: number }
export type OffsetPlace =
  /** The last byte that has passed on this link. */
  | 'seen'
  /** INFO of the subject: master_repl_offset, repl_backlog_first_byte_offset, second_repl_offset. */
  | 'master'
  | 'first-byte'
  | 'second'

/**
 * Whose history a PSYNC asks for: `?`, the id of the last resync (in capitals: `upper`), one of INFO, or
 * this text.
 */
export type IdExpr = '?' | 'learned' | 'upper' | 'current' | 'second' | { readonly text: string }

/** Something that a peer of the link may say or do. */
export type Heard =
  | { readonly kind: 'closed' | 'heartbeat' | 'ping' | 'getack' | 'fault' }
  /** Of this name. */
  | { readonly kind: 'command'; readonly name: string }
  | { readonly kind: 'request'; readonly name: string }
  /** That acknowledges at least this; where it answers a GETACK, the one that comes behind it. */
  | { readonly kind: 'ack'; readonly offset: OffsetExpr; readonly isAnswer?: boolean }

export type Looked = 'info' | 'role' | 'stats' | 'dataset' | 'digest'

/** How a snapshot is spoilt on its way. */
export type Damage =
  /** The connection is closed after so many bytes. */
  | { readonly cutAfter: number }
  /** This byte (from the end where negative) has another value. */
  | { readonly flip: number }

export type Dataset = {
  readonly databases: readonly { readonly db: number; readonly entries: readonly RdbEntry[] }[]
  readonly functions?: readonly string[]
}

export type Step =
  | { readonly do: 'ask'; readonly client: string; readonly commands: readonly string[]; readonly at: string }
  | { readonly do: 'send'; readonly client: string; readonly command: string; readonly at: string }
  | { readonly do: 'reply'; readonly client: string; readonly within: number }
  | {
      readonly do: 'until'
      readonly field: string
      readonly is: string
      readonly within: number
      readonly at: string
    }
  | { readonly do: 'look'; readonly what: readonly Looked[]; readonly at: string }
  | { readonly do: 'pause'; readonly ms: number }
  | { readonly do: 'settle'; readonly at: string }
  | { readonly do: 'restart'; readonly how: 'save' | 'nosave' | 'kill'; readonly at: string }
  | { readonly do: 'start'; readonly at: string; readonly config: Config }
  | { readonly do: 'connect'; readonly peer: string; readonly at: string }
  | {
      readonly do: 'say'
      readonly peer: string
      readonly commands: readonly string[]
      readonly replies: number
    }
  | { readonly do: 'raw'; readonly peer: string; readonly text: string; readonly replies: number }
  | {
      readonly do: 'psync'
      readonly peer: string
      readonly id: IdExpr
      readonly offset: OffsetExpr
      readonly more: readonly string[]
    }
  | { readonly do: 'snapshot'; readonly peer: string; readonly within: number }
  | {
      readonly do: 'acknowledge'
      readonly peer: string
      readonly offset: OffsetExpr
      readonly first: boolean
    }
  | { readonly do: 'hear'; readonly peer: string; readonly what: Heard; readonly within: number }
  | { readonly do: 'cut'; readonly peer: string; readonly how: 'fin' | 'half' | 'reset' }
  | { readonly do: 'stall'; readonly peer: string; readonly isStalled: boolean }
  | {
      readonly do: 'accept'
      readonly peer: string
      /** The handshake is answered until the subject asks this. */
      readonly upTo: string
      readonly answers: Readonly<Record<string, string>>
      readonly within: number
    }
  | { readonly do: 'tell'; readonly peer: string; readonly text: string }
  | {
      readonly do: 'give'
      readonly peer: string
      readonly dataset: Dataset
      readonly framing: 'length' | 'mark'
      readonly version: RdbVersion
      readonly damage: Damage | undefined
    }
  | {
      readonly do: 'stream'
      readonly peer: string
      readonly commands: readonly string[]
      /** Only so many bytes of them; where negative, all behind so many. */
      readonly bytes: number | undefined
      readonly isApplied: boolean
    }
  | { readonly do: 'door'; readonly peer: string; readonly isOpen: boolean }

/** Parameters of redis.conf. */
export type Config = Readonly<Record<string, string | number>>

/** The server under test, where a scenario has one. */
export const SUBJECT = 'subject'
/** Longer than any cron of a server, shorter than patience. */
const SOON = 3000

/** A client says commands, one after another, and awaits each reply. */
export const ask = (...commands: readonly string[]): Step => ({
  do: 'ask',
  client: 'client',
  commands,
  at: SUBJECT,
})
/** The same for another client than the first, or at another server of a pair. */
export const askAs = (client: string, ...commands: readonly string[]): Step => ({
  do: 'ask',
  client,
  commands,
  at: SUBJECT,
})
export const askAt = (at: string, ...commands: readonly string[]): Step => ({
  do: 'ask',
  client: `client of ${at}`,
  commands,
  at,
})
/** A client says something that is answered later, or never. */
export const send = (client: string, command: string, at = SUBJECT): Step => ({
  do: 'send',
  client,
  command,
  at,
})
export const reply = (client: string, within = SOON): Step => ({ do: 'reply', client, within })

/** Waits until a field of INFO has a value; `/…/` is an expression that it must match. */
export const until = (field: string, is: string | number, within = SOON, at = SUBJECT): Step => ({
  do: 'until',
  field,
  is: String(is),
  within,
  at,
})
export const look = (...what: readonly Looked[]): Step => ({ do: 'look', what, at: SUBJECT })
export const lookAt = (at: string, ...what: readonly Looked[]): Step => ({ do: 'look', what, at })
export const pause = (ms: number): Step => ({ do: 'pause', ms })
/** Waits until all that was written has reached those who follow. */
export const settle = (at = SUBJECT): Step => ({ do: 'settle', at })
export const restart = (how: 'save' | 'nosave' | 'kill', at = SUBJECT): Step => ({ do: 'restart', how, at })
/** Starts another server of the subject's kind. */
export const start = (at: string, config: Config = {}): Step => ({ do: 'start', at, config })

// --- a replica that we play -----------------------------------------------------------------------------

export const connect = (peer = 'r1', at = SUBJECT): Step => ({ do: 'connect', peer, at })
/** Commands one after another, each reply awaited. */
export const say = (peer: string, ...commands: readonly string[]): Step => ({
  do: 'say',
  peer,
  commands,
  replies: 1,
})
/** A command that is not answered. */
export const saySilently = (peer: string, ...commands: readonly string[]): Step => ({
  do: 'say',
  peer,
  commands,
  replies: 0,
})
/** Bytes as they are. */
export const raw = (peer: string, text: string, replies = 1): Step => ({ do: 'raw', peer, text, replies })
export const psync = (peer: string, id: IdExpr, offset: OffsetExpr, ...more: readonly string[]): Step => ({
  do: 'psync',
  peer,
  id,
  offset,
  more,
})
export const snapshot = (peer = 'r1', within = 5000): Step => ({ do: 'snapshot', peer, within })
/** ACKs; the first after a snapshot waits until the master has noticed that its snapshot is done. */
export const acknowledge = (peer = 'r1', offset: OffsetExpr = seen()): Step => ({
  do: 'acknowledge',
  peer,
  offset,
  first: false,
})
export const hear = (peer: string, what: Heard, within = SOON): Step => ({ do: 'hear', peer, what, within })
export const cut = (peer = 'r1', how: 'fin' | 'half' | 'reset' = 'fin'): Step => ({ do: 'cut', peer, how })
export const stall = (peer = 'r1'): Step => ({ do: 'stall', peer, isStalled: true })
export const goOn = (peer = 'r1'): Step => ({ do: 'stall', peer, isStalled: false })

export const seen = (plus = 0): OffsetExpr => ({ of: 'seen', plus })
export const firstByte = (plus = 0): OffsetExpr => ({ of: 'first-byte', plus })
export const masterOffset = (plus = 0): OffsetExpr => ({ of: 'master', plus })
export const secondOffset = (plus = 0): OffsetExpr => ({ of: 'second', plus })

/** What a replica of Redis 7.0 says before PSYNC. */
export const handshake = (peer = 'r1', port = 7001): Step =>
  say(peer, 'PING', `REPLCONF listening-port ${port}`, 'REPLCONF capa eof capa psync2')

/** Connects, asks for everything, takes it and follows the stream. */
export const sync = (peer = 'r1', port = 7001): readonly Step[] => [
  connect(peer),
  handshake(peer, port),
  psync(peer, '?', -1),
  snapshot(peer),
  { do: 'acknowledge', peer, offset: seen(), first: true },
]
/** Comes back and asks to go on; behind the last byte it saw unless told otherwise. */
export const comeBack = (
  peer = 'r1',
  id: IdExpr = 'learned',
  offset: OffsetExpr = seen(1),
): readonly Step[] => [connect(peer), handshake(peer), psync(peer, id, offset)]
/** Takes what FULLRESYNC promised and follows the stream. */
export const takeAll = (peer = 'r1'): readonly Step[] => [
  snapshot(peer),
  { do: 'acknowledge', peer, offset: seen(), first: true },
]

// --- a master that we play ------------------------------------------------------------------------------

/** The id of the history that a played master has. */
export const HISTORY = '8f1c2a6d0b3e4975a1c8d2e6f0b4973855aa66bb'
export const OTHER_HISTORY = '00aa11bb22cc33dd44ee55ff6677889900112233'

export const accept = (
  peer = 'm1',
  {
    upTo = 'PSYNC',
    answers = {},
    within = 5000,
  }: { upTo?: string; answers?: Readonly<Record<string, string>>; within?: number } = {},
): Step => ({ do: 'accept', peer, upTo, answers, within })
export const tell = (peer: string, text: string): Step => ({ do: 'tell', peer, text })
export const give = (
  peer: string,
  dataset: Dataset,
  {
    framing = 'mark',
    version = 9,
    damage,
  }: { framing?: 'length' | 'mark'; version?: RdbVersion; damage?: Damage } = {},
): Step => ({ do: 'give', peer, dataset, framing, version, damage })
/** Commands of the stream; waits until the subject says that it has applied them. */
export const stream = (peer: string, ...commands: readonly string[]): Step => ({
  do: 'stream',
  peer,
  commands,
  bytes: undefined,
  isApplied: true,
})
/** The same, or only its first bytes, without waiting. */
export const streamUnapplied = (peer: string, commands: readonly string[], bytes?: number): Step => ({
  do: 'stream',
  peer,
  commands,
  bytes,
  isApplied: false,
})
/** Asks for an ACK and awaits it: of all that stood before the question. */
export const getack = (peer = 'm1'): readonly Step[] => [
  streamUnapplied(peer, ['REPLCONF GETACK *']),
  hear(peer, { kind: 'ack', offset: seen(-GETACK_BYTES), isAnswer: true }),
]
const GETACK_BYTES = 37
export const shutDoor = (peer = 'm1'): Step => ({ do: 'door', peer, isOpen: false })
export const openDoor = (peer = 'm1'): Step => ({ do: 'door', peer, isOpen: true })

/** Lets the subject attach, gives it a dataset and waits until it says that the link is up. */
export const adopt = (
  dataset: Dataset,
  {
    peer = 'm1',
    offset = 100,
    framing = 'mark',
  }: { peer?: string; offset?: number; framing?: 'length' | 'mark' } = {},
): readonly Step[] => [
  accept(peer),
  tell(peer, `+FULLRESYNC ${HISTORY} ${offset}`),
  give(peer, dataset, { framing }),
  until('master_link_status', 'up', 5000),
]
