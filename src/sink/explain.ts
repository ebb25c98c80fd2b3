/**
 * What an event means, in a few words, for those who do not know the protocol by heart. Said in a quiet
 * voice beside the event's own line; nothing where the line says it all.
 */
import type { Closed, Opened, ReplEvent, Request, SnapshotEnd } from '../replication/events.ts'
import { describe } from './describe.ts'
import type { SyncTotals, Totals } from './totals.ts'
import { bytes, counted, duration, rate } from './units.ts'

/** @param totals of the session, which have seen this event @param isReturning the link was seen before */
export function explain(event: ReplEvent, totals: Totals, isReturning: boolean): string {
  switch (event.kind) {
    case 'opened':
      return ofOpened(event, isReturning)
    case 'request':
      return ofRequest(event, syncOf(event, totals))
    case 'reply':
      return ofReply(event.answers, describe(event))
    case 'resync':
      return `${event.mode} resync: ${syncOf(event, totals)?.why ?? ''}`
    case 'snapshot-begin':
      return ofWait(syncOf(event, totals))
    case 'snapshot-end':
      return ofSnapshot(event, syncOf(event, totals))
    case 'ack':
      if (event.lagBytes === undefined) return ''
      return `lag ${bytes(event.lagBytes)}${event.lag === undefined ? '' : `, ${duration(event.lag)}`}`
    case 'closed':
      return ofClosed(event, totals)
    default:
      return ''
  }
}

/** The line that says from where the stream goes on behind a snapshot; undefined where none follows here. */
export function inSync(event: SnapshotEnd, totals: Totals): string | undefined {
  const link = totals.links.get(event.link)
  if (link?.role === 'snapshot-channel') return undefined
  const { offset } = syncOf(event, totals) ?? {}
  if (event.channel === 'rdb') {
    const since = offset === undefined ? '' : ` behind offset ${offset}`
    return `snapshot complete: the replica loads it, then applies what the main connection brought${since}`
  }
  return offset === undefined
    ? 'snapshot complete: what follows is the stream'
    : `in sync: streaming from offset ${offset}`
}

function syncOf(event: ReplEvent, totals: Totals): SyncTotals | undefined {
  return totals.links.get(event.link)?.syncs.at(-1)
}

function ofOpened(event: Opened, isReturning: boolean): string {
  if (event.channel === 'rdb' && event.role === 'replica') {
    return `the snapshot comes here; lines marked #${event.link}r are of this connection`
  }
  if (event.role === 'snapshot-channel') return 'second connection of a sync: it carries the snapshot'
  return isReturning ? '' : `master ${event.master}`
}

function ofRequest({ command, channel }: Request, sync: SyncTotals | undefined): string {
  const { name } = command
  if (name !== 'SYNC' && name !== 'PSYNC') return ''
  if (channel === 'rdb') return 'asks for the snapshot'
  if (name === 'SYNC') return 'asks for everything, the old way: no id, no offset'
  const [, replid, offset] = command.argv()
  if (replid === '?') return 'asks for everything: it has no history'
  if (replid === sync?.replid && Number(offset) === (sync?.offset ?? 0) + 1 && sync?.mode === 'full') {
    return 'asks for the stream behind the snapshot'
  }
  return offset === '1' ? 'asks for a history from its first byte on' : 'asks to go on where it stopped'
}

const REPLIES: readonly (readonly [start: string, meaning: string])[] = [
  ['RDBCHANNELSYNC', 'the snapshot will come on a second connection (Redis 8)'],
  ['DUALCHANNELSYNC', 'the snapshot will come on a second connection (Valkey 8)'],
  ['$ENDOFF:', 'where the snapshot is taken; the stream behind it comes on the main connection'],
  ['CONTINUE', 'the stream behind the snapshot follows here'],
  ['-NOMASTERLINK', 'it is a replica without its own master; the replica tries again'],
  ['-LOADING', 'it is still loading; the replica tries again'],
]

function ofReply(answers: string | undefined, text: string): string {
  if (text.startsWith('-NOAUTH') && answers === 'PING') {
    return 'a replica takes this for a sign of life, and logs in next'
  }
  return REPLIES.find(([start]) => text.startsWith(start))?.[1] ?? ''
}

function ofWait(sync: SyncTotals | undefined): string {
  if (sync?.wait === undefined || sync.wait < 1_000_000) return ''
  const alive = sync.keepAlives > 0 ? ` (${counted(sync.keepAlives, 'keep-alive')})` : ''
  return `the master took ${duration(sync.wait)} to begin${alive}: repl-diskless-sync-delay, or its fork`
}

function ofSnapshot(event: SnapshotEnd, sync: SyncTotals | undefined): string {
  const writer = sync?.writer === undefined ? [] : [`written by ${sync.writer}`]
  const speed = event.duration > 0 ? [rate(event.bytes, event.duration)] : []
  return [...writer, ...speed].join(', ')
}

function ofClosed(event: Closed, totals: Totals): string {
  const link = totals.links.get(event.link)
  if (link?.role === 'client') return counted(link.requests, 'request')
  if (event.how === 'end-of-input' || event.channel === 'rdb') return ''
  const isLost = event.during === 'streaming' && link?.offset !== undefined
  return isLost ? `link lost at offset ${link.offset}` : ''
}
