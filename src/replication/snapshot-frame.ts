/**
 * The framing of a snapshot on the wire: where it begins and where it ends, without looking inside.
 *
 *   $229\r\n <229 bytes>                              disk-based: no CR LF behind it, the stream follows at once
 *   $EOF:<40 bytes mark>\r\n <bytes> <the same mark>  diskless: length unknown until the mark comes
 *   $ENDOFF:<offset> <replid> <db> <client id>\r\n    Valkey's second connection, before the header proper
 *
 * Slices are handed on as they come, never held. The mark may be cut anywhere by chunk borders: up to 39 bytes
 * that may be its beginning are held back until more is known.
 *
 * Source: redis `src/replication.c`, readSyncBulkPayload; `src/rdb.c`, rdbSaveRioWithEOFMark.
 */
import type { ByteSource } from '../bytes/byte-source.ts'
import { type ByteString, quoted, toBytes } from '../bytes/byte-string.ts'
import { Malformed, type Program } from '../bytes/resumable.ts'

export const MARK_BYTES = 40

export type SnapshotHeader =
  | { readonly framing: 'length'; readonly bytes: number }
  | { readonly framing: 'mark'; readonly mark: ByteString }
  | { readonly framing: 'endoff'; readonly text: ByteString }

/** What a header line (its `$` and CR LF removed) announces. @throws Malformed REPL_BAD_SNAPSHOT_HEADER */
export function snapshotHeader(line: ByteString): SnapshotHeader {
  if (/^\d{1,16}$/.test(line) && Number.isSafeInteger(Number(line))) {
    return { framing: 'length', bytes: Number(line) }
  }
  if (line.startsWith('EOF:') && line.length === 4 + MARK_BYTES) {
    return { framing: 'mark', mark: line.slice(4) as ByteString }
  }
  if (line.startsWith('ENDOFF:')) return { framing: 'endoff', text: `$${line}` as ByteString }
  const shown = quoted(`$${line.slice(0, 60)}`)
  throw new Malformed('REPL_BAD_SNAPSHOT_HEADER', `${shown} announces no snapshot`)
}

/** The payload of a snapshot whose length is known. */
export function* byLength(src: ByteSource, bytes: number, onSlice: (slice: Buffer) => void): Program {
  for (let left = bytes; left > 0; ) {
    let slice: Buffer | undefined
    while ((slice = src.skim(left)) === undefined) yield
    left -= slice.length
    onSlice(slice)
  }
}

/** The payload up to the mark, which is consumed too. */
export function* byMark(src: ByteSource, mark: ByteString, onSlice: (slice: Buffer) => void): Program {
  const needle = toBytes(mark)
  for (;;) {
    while (src.available < MARK_BYTES) {
      src.wants(MARK_BYTES)
      yield
    }
    const found = src.bytes.indexOf(needle, src.index)
    const isHere = found !== -1 && found + MARK_BYTES <= src.limit
    const size = isHere ? found - src.index : src.available - (MARK_BYTES - 1)
    if (size > 0) onSlice(src.take(size)!)
    if (isHere) {
      src.take(MARK_BYTES)
      return
    }
  }
}
