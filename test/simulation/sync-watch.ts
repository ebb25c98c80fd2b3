/**
 * The watch at a master's door: reads PSYNC on its way in and the answer on its way out, and holds the answer
 * against the rule.
 *
 *   granted if and only if   the id is the present one, or the second one and no byte behind it is wanted,
 *                            and the backlog has, or will have next, the first byte wanted
 *
 * The rule is said here a second time on purpose, over facts (ids, offset, backlog) and not by asking the
 * code
 * that decides. The facts are taken right before the last byte of the request is given to the server.
 *
 * Source: redis 7.0 `src/replication.c`, masterTryPartialResynchronization; facts in replication.md 2.9, 7.2.
 */
import type { Connection, Peer } from '../../src/ports.ts'
import type { Place } from './history-book.ts'

export type MasterFacts = Place & {
  /** undefined: there is no backlog. */
  readonly backlog: { readonly first: number; readonly length: number } | undefined
  /** It cannot serve anybody now: it loads, or fails over. */
  readonly isUnable: boolean
  /** It is a replica without a link to its own master. */
  readonly isUnlinked: boolean
  /** It cannot write a snapshot. */
  readonly isDiskFull: boolean
}

export type SyncEvent =
  | { readonly kind: 'asked'; readonly replid: string; readonly offset: number }
  | { readonly kind: 'partial' | 'full' | 'refused'; readonly line: string }

const REQUEST =
  /\*(?:3|4(?=[^*]*FAILOVER\r\n))\r\n\$5\r\nPSYNC\r\n\$\d+\r\n([^\r]*)\r\n\$\d+\r\n(-?\d+)\r\n(\$8)?/i
/** Handshakes are short; of what comes behind, nothing is kept. */
const KEPT_CHARS = 4096

/** Whether a replica can go on: the rule. */
export function isCovered(replid: string, offset: number, facts: MasterFacts): boolean {
  const isSame = replid === facts.replid
  const isSecond = replid === facts.replid2 && offset <= facts.secondOffset
  if (!isSame && !isSecond) return false
  if (facts.backlog === undefined) return false
  const { first, length } = facts.backlog
  return offset >= first && offset <= first + length
}

/**
 * Stands between a socket and what the server makes of it.
 * @param facts asked when PSYNC comes, and when it is refused
 */
export function watchSync(
  peer: Peer,
  accept: (peer: Peer) => Connection,
  facts: () => MasterFacts,
  tell: (event: SyncEvent) => void,
): Connection {
  let asked = ''
  let answered = ''
  let state: 'handshake' | 'asked' | 'over' = 'handshake'
  let isGrantDue = false
  let isUnable = false
  const watched: Peer = {
    send(pieces) {
      if (state === 'asked') {
        for (const piece of pieces)
          answered += typeof piece === 'string' ? piece : piece.toString('latin1', 0, 64)
        answer()
      }
      peer.send(pieces)
    },
    close: () => peer.close(),
    destroy: () => peer.destroy(),
    pause: () => peer.pause(),
    resume: () => peer.resume(),
    get waitingBytes() {
      return peer.waitingBytes
    },
    remote: peer.remote,
    local: peer.local,
  }
  const connection = accept(watched)
  /** Looks for the first line that is not a sign of life. */
  function answer(): void {
    answered = answered.replace(/^\n+/, '')
    const end = answered.indexOf('\r\n')
    if (end < 0) return
    const line = answered.slice(0, end)
    state = 'over'
    answered = ''
    const isGranted = line.startsWith('+CONTINUE')
    const isRefused = line.startsWith('-')
    tell({ kind: isGranted ? 'partial' : isRefused ? 'refused' : 'full', line })
    if (isGranted !== isGrantDue) {
      throw new Error(`PSYNC was answered ${line}, and ${isGrantDue ? 'could' : 'could not'} be granted`)
    }
    if (line.startsWith('-ERR BGSAVE failed') && facts().isDiskFull) return
    // Who was to take over is, or follows, somebody else by now.
    if (line.startsWith('-ERR PSYNC FAILOVER')) return
    if (isRefused && !isUnable) throw new Error(`PSYNC was answered ${line}, for no reason that is known`)
  }
  return {
    push(chunk) {
      if (state === 'handshake' && asked.length < KEPT_CHARS) {
        asked += chunk.toString('latin1')
        const [, replid, offset, failover] = REQUEST.exec(asked) ?? []
        if (replid !== undefined) {
          const now = facts()
          // Who is asked to take over from its master needs no link to it.
          const isPromoted = failover !== undefined && replid === now.replid
          isUnable = now.isUnable || (now.isUnlinked && !isPromoted)
          isGrantDue = !isUnable && isCovered(replid, Number(offset), now)
          state = 'asked'
          asked = ''
          tell({ kind: 'asked', replid, offset: Number(offset) })
        }
      }
      connection.push(chunk)
    },
    drained: () => connection.drained(),
    closed: () => connection.closed(),
  }
}
