/**
 * History: which history of writes a dataset belongs to, and how far it has come.
 *
 *   replid   ──────────────────────────────────────────► offset      bytes of stream, numbered from 1
 *   replid2  ─────────────► secondOffset                             the id it had before, good up to there
 *
 * Replicas of one master share its id and its numbering, at any depth. A new id begins where histories may
 * part: at a promotion, when the backlog is given up, when the dataset becomes another one. `decide` is the
 * whole rule of partial resynchronisation, as a function of what is asked and what is there.
 *
 * Source: redis 7.0 `src/replication.c`, masterTryPartialResynchronization, shiftReplicationId.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { Random } from '../../ports.ts'

export const NO_REPLID = '0'.repeat(40) as ByteString
/** Characters of an id. */
export const REPLID_LENGTH = 40

export class History {
  readonly #random: Random
  replid: ByteString
  replid2: ByteString = NO_REPLID
  /** The first offset that replid2 may not ask for any more is the one behind it; -1 without a replid2. */
  secondOffset = -1
  /** The last byte of the stream that this dataset contains. */
  offset = 0

  constructor(random: Random) {
    this.#random = random
    this.replid = newReplid(random)
  }

  /** A history without a past: nobody can go on from another one. The offset stays. */
  renew(): void {
    this.replid = newReplid(this.#random)
    this.#forgetSecond()
  }

  /** This history parts from the one it was until now (promotion): who has followed that can follow this. */
  part(): void {
    this.#becomesSecond(this.replid, this.offset)
    this.replid = newReplid(this.#random)
  }

  /** The master goes on under a new id (`+CONTINUE <new id>`). */
  rename(replid: ByteString): void {
    this.#becomesSecond(this.replid, this.offset)
    this.replid = replid
  }

  /** The dataset was replaced by one of another history. */
  adopt(replid: ByteString, offset: number): void {
    this.replid = replid
    this.offset = offset
    this.#forgetSecond()
  }

  /** A master that restarts: its history is a new one, but who knew the one on disk may go on. */
  resume(replid: ByteString, offset: number): void {
    this.offset = offset
    this.#becomesSecond(replid, offset)
  }

  #becomesSecond(replid: ByteString, offset: number): void {
    this.replid2 = replid
    this.secondOffset = offset + 1
  }

  #forgetSecond(): void {
    this.replid2 = NO_REPLID
    this.secondOffset = -1
  }
}

function newReplid(random: Random): ByteString {
  return random.hex(REPLID_LENGTH) as ByteString
}

/** What PSYNC asks for: the first byte wanted. */
export type Wanted = { readonly replid: string; readonly offset: number }
/** The bytes a backlog holds: `length` of them from byte number `first`. */
export type BacklogWindow = { readonly first: number; readonly length: number }

export type Decision =
  | 'continue'
  /** "?": it has no history */
  | 'asked-for-all'
  | 'other-history'
  | 'second-id-too-late'
  | 'no-backlog'
  | 'before-backlog'
  | 'beyond-offset'

/** Whether a replica can go on from where it is. @param backlog undefined where there is none */
export function decide(wanted: Wanted, history: History, backlog: BacklogWindow | undefined): Decision {
  const replid = wanted.replid.toLowerCase()
  if (replid !== history.replid.toLowerCase()) {
    if (wanted.replid.startsWith('?')) return 'asked-for-all'
    if (replid !== history.replid2.toLowerCase()) return 'other-history'
    if (wanted.offset > history.secondOffset) return 'second-id-too-late'
  }
  if (backlog === undefined) return 'no-backlog'
  if (wanted.offset < backlog.first) return 'before-backlog'
  if (wanted.offset > backlog.first + backlog.length) return 'beyond-offset'
  return 'continue'
}
