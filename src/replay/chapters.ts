/**
 * Chapters: the recorded history of one link, cut where a new snapshot begins.
 *
 *   chapter 1   snapshot │ offset 100 ────────► 580          connection 1
 *                                    540 ───────────► 900    connection 3: +CONTINUE, some of it sent again
 *   chapter 2   snapshot │ offset 1400 ──────► 2000          connection 4
 *
 * Within a chapter the stream is one, however many connections carried it: it is joined by offsets.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Micros } from '../replication/events.ts'
import type { RecordedLink, RecordedSnapshot, RecordedSync } from './recording-index.ts'

/** Offsets of the stream that one connection carried, and where its first byte stands. */
export type StreamPart = {
  readonly conn: number
  readonly position: number
  readonly from: number
  readonly to: number
}

export type Chapter = {
  /** Of the full resync that begins it. */
  readonly conn: number
  readonly at: Micros
  readonly answerEnd: number
  readonly snapshot: RecordedSnapshot
  /** Ids that name this history: the second comes with a promotion. */
  readonly replids: readonly ByteString[]
  /** Offset of the snapshot, and of the last byte of the stream. */
  readonly from: number
  readonly to: number
  readonly parts: readonly StreamPart[]
  /** The stream passed on another connection while the snapshot did. */
  readonly isJoined: boolean
  /** Why the stream ends before the recording does. */
  readonly hole: { readonly offset: number; readonly missing: number } | undefined
}

/** For a master that never said: a real one has random digits. */
const NO_ID = '0'.repeat(40) as ByteString

/** @returns chapters whose snapshot is whole, in order */
export function chaptersOf(link: RecordedLink): Chapter[] {
  const chapters: Chapter[] = []
  let isGoingOn = false
  for (const sync of link.syncs) {
    if (sync.mode === 'full') {
      const chapter = beginning(sync)
      if (chapter !== undefined) chapters.push(chapter)
      isGoingOn = chapter !== undefined && chapter.hole === undefined
    } else if (isGoingOn) {
      const chapter = goingOn(chapters.pop()!, sync)
      chapters.push(chapter)
      isGoingOn = chapter.hole === undefined
    }
  }
  return chapters
}

/** What is missing of the snapshot of the first full resync that is not whole. */
export function brokenSnapshot(link: RecordedLink): RecordedSync | undefined {
  return link.syncs.find((sync) => sync.mode === 'full' && sync.snapshot === undefined)
}

function beginning(sync: RecordedSync): Chapter | undefined {
  const { conn, at, answerEnd, snapshot, offset = 0, streamTo, hole } = sync
  if (snapshot === undefined) return undefined
  const to = offset + streamTo - snapshot.behind
  return {
    conn,
    at,
    answerEnd,
    snapshot,
    replids: [sync.replid ?? NO_ID],
    from: offset,
    to,
    parts: [{ conn, position: snapshot.behind, from: offset, to }],
    isJoined: false,
    hole: hole && { offset: to, missing: hole.missing },
  }
}

function goingOn(chapter: Chapter, sync: RecordedSync): Chapter {
  const { offset, replid, askedReplid, streamFrom, streamTo, conn, hole } = sync
  const isJoined = sync.mode === 'joined'
  const isSame = isJoined || chapter.replids.some((id) => id === askedReplid || id === replid)
  // The replica lost more than the next connection sent again: it came from a capture with holes.
  if (!isSame || offset === undefined || streamFrom === undefined || offset > chapter.to) {
    const missing = offset === undefined || !isSame ? 0 : offset - chapter.to
    return { ...chapter, hole: { offset: chapter.to, missing } }
  }
  const to = Math.max(chapter.to, offset + streamTo - streamFrom)
  const replids = replid === undefined || chapter.replids.includes(replid) ? [] : [replid]
  return {
    ...chapter,
    to,
    isJoined: chapter.isJoined || isJoined,
    replids: [...chapter.replids, ...replids],
    parts: [
      ...chapter.parts,
      { conn, position: streamFrom, from: offset, to: offset + streamTo - streamFrom },
    ],
    hole: hole && { offset: to, missing: hole.missing },
  }
}
