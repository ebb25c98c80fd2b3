/**
 * The framing of a snapshot on the wire: where it begins and where it ends, without looking inside.
 *
 *   $229\r\n <229 bytes>                              disk-based: no CR LF behind it, the stream follows
 *   at once
 *   $EOF:<40 bytes mark>\r\n <bytes> <the same mark>  diskless: length unknown until the mark comes
 *   $ENDOFF:<offset> <replid> <db> <client id>\r\n    Valkey's second connection, before the header proper
 *
 * Slices are handed on as they come, never held. The mark may be cut anywhere by chunk borders: up to 39
 * bytes that may be its beginning are held back until more is known.
 *
 * Source: redis `src/replication.c`, readSyncBulkPayload; `src/rdb.c`, rdbSaveRioWithEOFMark.
 */
import type { ByteSource } from '../bytes/byte-source.ts'
import { type ByteString, quoted, toBytes } from '../bytes/byte-string.ts'
import { Malformed } from '../bytes/resumable.ts'

export const MARK_BYTES = 40

export type SnapshotHeader =
  | { readonly framing: 'length'; readonly bytes: number }
  | { readonly framing: 'mark'; readonly mark: ByteString }
  | EndOff

/** Where Valkey took the snapshot that follows. */
export type EndOff = {
  readonly framing: 'endoff'
  readonly text: ByteString
  readonly offset: number | undefined
  readonly replid: ByteString | undefined
}

/** What a header line (its `$` and CR LF removed) announces. @throws Malformed REPL_BAD_SNAPSHOT_HEADER */
export function snapshotHeader(line: ByteString): SnapshotHeader {
  if (/^\d{1,16}$/.test(line) && Number.isSafeInteger(Number(line))) {
    return { framing: 'length', bytes: Number(line) }
  }
  if (line.startsWith('EOF:') && line.length === 4 + MARK_BYTES) {
    return { framing: 'mark', mark: line.slice(4) as ByteString }
  }
  if (line.startsWith('ENDOFF:')) return endOff(line)
  const shown = quoted(`$${line.slice(0, 60)}`)
  throw new Malformed('REPL_BAD_SNAPSHOT_HEADER', `${shown} announces no snapshot`)
}

function endOff(line: ByteString): EndOff {
  const [, digits, replid] = /^ENDOFF:(\d{1,16}) ([0-9a-f]{40})(?: |$)/.exec(line) ?? []
  const offset = Number(digits)
  const good = Number.isSafeInteger(offset)
  return {
    framing: 'endoff',
    text: `$${line}` as ByteString,
    offset: good ? offset : undefined,
    replid: good ? (replid as ByteString) : undefined,
  }
}

/** Who looks inside while the payload passes, and may know where it ends by its own grammar. */
export type SnapshotBody = {
  readonly state: 'running' | 'done' | 'faulty'
  /** Feeds borrowed bytes; returns how many of them belong to the body. */
  push(slice: Buffer): number
}

/** The payload of a snapshot whose length is known. @returns bytes that came after the body's own end */
export function* byLength(
  src: ByteSource,
  bytes: number,
  body: SnapshotBody,
  onSlice: (slice: Buffer) => void,
): Generator<void, number, void> {
  let extra = 0
  for (let left = bytes; left > 0; ) {
    let slice: Buffer | undefined
    while ((slice = src.skim(left)) === undefined) yield
    left -= slice.length
    onSlice(slice)
    extra += slice.length - body.push(slice)
  }
  return extra
}

/** A mark is data if the body goes on well for so long behind it. */
const BELIEVE_AFTER = 64 * 1024

/**
 * The payload up to the mark, which is consumed too. Returns the position of the mark.
 *
 * Two ways to find the end must agree. The body knows its own end, even where the 40 bytes of the mark
 * occur in the data; a search for the mark finds it even where the body is damaged or of an unknown kind.
 * So a mark that is found while the body still reads on is a candidate, and nothing behind it is consumed:
 * it is data if the body goes on well for BELIEVE_AFTER bytes, and the end if the body breaks there, or if
 * the replica says that it has all (it acknowledges, which it does not before; and before that a real
 * master sends nothing behind the mark).
 */
export function* byMark(
  src: ByteSource,
  mark: ByteString,
  body: SnapshotBody,
  { onSlice, isOver }: { onSlice: (slice: Buffer) => void; isOver: () => boolean },
): Generator<void, number, void> {
  const needle = toBytes(mark)
  const received = () => src.position + src.available
  const takeUntil = (position: number) => {
    if (position > src.position) onSlice(src.take(position - src.position)!)
  }
  /** Positions: what was looked at; up to where the body was fed; before which no mark is the end. */
  let seen = src.position
  let fed = src.position
  let searched = src.position
  /** Where the body ended by itself, until it is known whether the mark stands there. */
  let bodyEnd: number | undefined
  for (;;) {
    while (received() <= seen) {
      src.wants(seen - src.position + 1)
      yield
    }
    seen = received()
    for (;;) {
      const found = src.bytes.indexOf(needle, src.index + Math.max(0, searched - src.position))
      const candidate = found === -1 || found + MARK_BYTES > src.limit ? undefined : src.positionOf(found)
      searched = candidate ?? Math.max(searched, seen - MARK_BYTES + 1)
      const until = candidate === undefined ? seen : Math.min(seen, candidate + BELIEVE_AFTER)
      if (body.state === 'running' && fed < until) {
        const first = src.index + (fed - src.position)
        const used = body.push(src.bytes.subarray(first, first + until - fed))
        if ((body.state as SnapshotBody['state']) === 'done') bodyEnd = fed + used
        fed = until
      }
      if (body.state === 'running' && !(candidate !== undefined && isOver())) {
        takeUntil(searched)
        if (candidate === undefined || fed < candidate + BELIEVE_AFTER) break
        searched = candidate + 1
        continue
      }
      if (bodyEnd !== undefined) {
        takeUntil(Math.min(searched, bodyEnd))
        const left = received() - bodyEnd
        if (left < MARK_BYTES && !(candidate !== undefined && isOver())) break
        const at = src.index + bodyEnd - src.position
        const isMark = left >= MARK_BYTES && needle.equals(src.bytes.subarray(at, at + MARK_BYTES))
        if (isMark) searched = bodyEnd
        bodyEnd = undefined
        if (!isMark) continue
      } else if (candidate === undefined) {
        takeUntil(searched)
        break
      }
      takeUntil(searched)
      src.take(MARK_BYTES)
      return searched
    }
  }
}
