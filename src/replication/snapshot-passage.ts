/**
 * SnapshotPassage: one snapshot on its way, from its header to its end, also across a hole in a capture.
 *
 *   $<n>\r\n     ████████ hole ████│*2 SELECT …    counted on to the end: n bytes from where it began
 *   $EOF:<m>\r\n ████████ hole ████ <m>│           the mark is searched for behind the hole
 *
 * What is inside is read only as long as nothing is missing.
 */
import type { ByteSource } from '../bytes/byte-source.ts'
import type { Micros } from './events.ts'
import type { Exchange } from './exchange.ts'
import { byLength, byMark, type SnapshotHeader } from './snapshot-frame.ts'
import { type SnapshotDepth, SnapshotReader, type StreamHint } from './snapshot-reader.ts'

export type FramedHeader = Exclude<SnapshotHeader, { framing: 'endoff' }>

/** Positions behind the last byte of a snapshot, and behind the mark that may follow it. */
export type SnapshotEnding = { readonly end: number; readonly behind: number }

export class SnapshotPassage {
  readonly #exchange: Exchange
  readonly #header: FramedHeader
  /** Position of the first byte. */
  readonly #start: number
  readonly #since: Micros
  readonly #body: SnapshotReader
  #extra = 0

  constructor(exchange: Exchange, header: FramedHeader, start: number, depth: SnapshotDepth) {
    this.#exchange = exchange
    this.#header = header
    this.#start = start
    this.#since = exchange.now
    this.#body = new SnapshotReader(exchange, start, depth)
  }

  /** What the snapshot says about the stream behind it. */
  get hint(): StreamHint {
    return this.#body.hint
  }

  /** Bytes were lost: the inside is not understood any longer. */
  lose(): void {
    this.#body.lose()
  }

  /**
   * Passes on until the end. May be begun anew after a hole, which may have swallowed that end: then it lies
   * before what is read next.
   */
  *pass(src: ByteSource): Generator<void, SnapshotEnding, void> {
    const exchange = this.#exchange
    const header = this.#header
    const onSlice = (slice: Buffer): void => {
      const from = src.position - slice.length
      exchange.emit({ kind: 'snapshot-slice', ...exchange.origin('master', from, src.position), slice })
    }
    if (header.framing === 'mark') {
      const end = yield* byMark(src, header.mark, this.#body, {
        onSlice,
        isOver: () => exchange.replicaHasLoaded,
      })
      return { end, behind: src.position }
    }
    const end = this.#start + header.bytes
    const left = end - src.position
    if (left > 0) this.#extra += yield* byLength(src, left, this.#body, onSlice)
    return { end, behind: end }
  }

  /** Tells that it is complete. */
  tellEnd({ end, behind }: SnapshotEnding): void {
    const exchange = this.#exchange
    const body = this.#body
    body.end(this.#extra)
    exchange.emit({
      kind: 'snapshot-end',
      ...exchange.origin('master', this.#start, behind),
      bytes: end - this.#start,
      duration: exchange.now - this.#since,
      keys: body.state === 'done' ? body.keys : undefined,
      rdbVersion: body.rdbVersion,
      checksum: body.checksum,
    })
  }
}
