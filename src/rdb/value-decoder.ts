/**
 * ValueDecoder: RdbDecoder for who wants the values as bytes, in passing, and of any length.
 *
 *   key ── text · text · integer · long ── its event ── key-end
 *
 * RdbDecoder makes a string of every element and describes what is longer than it may hold. Here the
 * consumer says for each key how its strings are to be told:
 *   'strings'   in the events, as RdbDecoder does; a long one is a KeptValue
 *   'bytes'     to a ByteSink, borrowed, each before the event of its element, in which it is then empty
 *   'nothing'   not at all
 *
 * The bytes of a long value are kept outside of memory (Keep), because what is written of it may depend on
 * its end.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { Crc64 } from '../bytes/crc64.ts'
import { type Decoder, Resumable } from '../bytes/resumable.ts'
import { type ElementCursor, type Form, INTEGER } from '../codec/packed/cursor.ts'
import { explained, type RdbFault } from '../codec/rdb/decode.ts'
import type { LongValue, RdbEvent, RdbKey, RdbString } from '../codec/rdb/events.ts'
import { LongText, longBytes } from '../codec/rdb/long-value.ts'
import { Snapshot } from '../codec/rdb/snapshot.ts'
import { MAX_PACKED_BYTES, NOTHING, type RecordRun, textOf, Walk } from '../codec/rdb/walk.ts'
import { Utf8Check } from './json-text.ts'

/** Bytes that wait outside of memory. io/temporary-file.ts is one. */
export type Keep = {
  readonly length: number
  append(bytes: Buffer): void
  /** From `start` on in borrowed blocks, each but the last a multiple of 3 long. */
  blocks(start?: number): Iterable<Buffer>
  close(): void
}

/** A value that is too long to hold, whole. */
export type KeptValue = LongValue & { readonly keep: Keep; readonly isText: boolean }

export type ByteSink = {
  /** A string: bytes[start..end), borrowed. */
  text(bytes: Buffer, start: number, end: number): void
  /** A string that the snapshot stores as an integer. */
  integer(value: number | bigint): void
  long(value: KeptValue): void
}

export type Telling = 'strings' | 'bytes' | 'nothing'

/** The longest string that is held in memory. Packed values are held up to this length anyway. */
export const HELD_BYTES_MAX = MAX_PACKED_BYTES

export type ValueDecoderOptions = {
  readonly onEvent: (event: RdbEvent) => void
  readonly onFault: (fault: RdbFault) => void
  readonly bytes: ByteSink
  /** Makes room for a long value. Whoever is given a KeptValue closes it. */
  readonly keep: () => Keep
  /** Takes the records that it can before they are told in any other way. */
  readonly run?: RecordRun | undefined
}

export class ValueDecoder implements Decoder {
  readonly #resumable: Resumable
  readonly #crc = new Crc64()
  #walk: ValueWalk | undefined
  #chunk: Buffer = Buffer.alloc(0)
  #chunkAt = 0
  #summed = 0

  constructor(options: ValueDecoderOptions) {
    let snapshot: Snapshot | undefined
    this.#resumable = new Resumable(
      (src) => {
        this.#walk = new ValueWalk(src, options)
        snapshot = new Snapshot(this.#walk, 'redis')
        return snapshot.snapshot((position) => this.#checksumUpTo(position))
      },
      (fault) => options.onFault(explained(fault, snapshot!)),
    )
  }

  get state(): 'running' | 'done' | 'faulty' {
    return this.#resumable.state
  }

  /** How the strings of a key's value are told; to be said in its event. */
  tell(key: RdbKey, telling: Telling): void {
    this.#walk!.tell(telling, key.type === 'zset')
  }

  /** As RdbDecoder.push. */
  push(chunk: Buffer): number {
    if (this.state === 'done') return 0
    this.#chunk = chunk
    this.#resumable.push(chunk)
    if (this.state === 'running') this.#checksumUpTo(this.#chunkAt + chunk.length)
    const used =
      this.#resumable.state === 'done' ? this.#resumable.source.position - this.#chunkAt : chunk.length
    this.#chunkAt += chunk.length
    return used
  }

  end(): void {
    this.#resumable.end()
  }

  #checksumUpTo(position: number): string {
    this.#crc.update(this.#chunk, this.#summed - this.#chunkAt, position - this.#chunkAt)
    this.#summed = position
    return this.#crc.hex()
  }
}

class ValueWalk extends Walk {
  #telling: Telling = 'strings'
  /** Sorted sets: the item whose member was told. What is taken once more of it is its score. */
  #isScored = false
  #told = -1
  readonly #bytes: ByteSink
  readonly #keep: () => Keep

  constructor(src: Walk['src'], options: ValueDecoderOptions) {
    super(src, {
      detail: 'elements',
      maxValueBytes: HELD_BYTES_MAX,
      maxPackedBytes: MAX_PACKED_BYTES,
      onEvent: options.onEvent,
      run: options.run,
    })
    this.#bytes = options.bytes
    this.#keep = options.keep
  }

  tell(telling: Telling, isScored: boolean): void {
    this.#telling = telling
    this.#isScored = isScored
    this.#told = -1
  }

  override openBlob(bytes: Buffer, start: number, size: number): void {
    if (this.#telling === 'strings') super.openBlob(bytes, start, size)
  }

  override take(cursor: ElementCursor, form: Form): ByteString {
    const telling = this.#telling
    if (telling === 'strings') return super.take(cursor, form)
    if (this.#isScored) {
      if (this.#told === this.items) return textOf(cursor, form)
      this.#told = this.items
    }
    if (telling === 'bytes') {
      if (form === INTEGER) this.#bytes.integer(cursor.integer)
      else this.#bytes.text(cursor.bytes, cursor.start, cursor.end)
    }
    return NOTHING
  }

  override *long(cursor: ElementCursor): Generator<void, RdbString, void> {
    this.#told = this.items
    if (this.#telling === 'nothing') {
      yield* longBytes(cursor, () => {})
      return NOTHING
    }
    const keep = this.#keep()
    const text = new LongText()
    const check = new Utf8Check()
    yield* longBytes(cursor, (block) => {
      keep.append(block)
      text.add(block)
      check.add(block)
    })
    const value: KeptValue = { ...text.value(), keep, isText: check.end() }
    if (this.#telling === 'strings') return value
    this.#bytes.long(value)
    return NOTHING
  }
}
