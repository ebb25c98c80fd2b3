/**
 * RdbDecoder: a snapshot, pushed as it comes, told as events.
 *
 *   const decoder = new RdbDecoder({ detail: 'keys', onEvent, onFault })
 *   const used = decoder.push(chunk)       used < chunk.length: the snapshot ended inside this chunk
 *
 * It knows its own end. What follows (an EOF mark, commands, the tail of an AOF) is left to the caller, who
 * learns from push() how much of the chunk was the snapshot's.
 *
 * Memory is constant: a window of what could not be finished yet, at most `maxPackedBytes` and one chunk; a
 * scratch buffer of that size for what is compressed; the events. No length that the file merely states ever
 * allocates anything.
 *
 * The checksum is computed over whole chunks, not value by value, which is why it sits here.
 */
import { Crc64 } from '../../bytes/crc64.ts'
import type { LzfScratch } from '../../bytes/lzf.ts'
import { type DecodeFault, type Decoder, Resumable } from '../../bytes/resumable.ts'
import type { RdbEvent, RdbString } from './events.ts'
import { SizeRun } from './size-run.ts'
import type { SizedRecord } from './sized-record.ts'
import { Snapshot } from './snapshot.ts'
import { MAX_PACKED_BYTES, MAX_VALUE_BYTES, type RdbDetail, Walk } from './walk.ts'

/** What went wrong, and where. */
export type RdbFault = DecodeFault & {
  /** What was being read, for people: `the value of a key`. */
  readonly reading: string
  readonly db: number
  /** The key whose value was being read. */
  readonly key: RdbString | undefined
  /** Its type byte. */
  readonly rdbType: number | undefined
  /** How many keys were read to their end before. */
  readonly keys: number
}

export type RdbOptions = {
  /** Default 'keys'. */
  readonly detail?: RdbDetail
  /** Strings longer than this become a LongValue. Default 64 KiB. */
  readonly maxValueBytes?: number
  /** Packed values larger than this are read piece by piece. Default 1 MiB. */
  readonly maxPackedBytes?: number
  readonly onEvent: (event: RdbEvent) => void
  /** At detail 'sizes': is told most records, borrowed, in place of their `key` and `key-end`. */
  readonly onRecord?: (record: SizedRecord) => void
  readonly onFault: (fault: RdbFault) => void
  /** Memory to inflate strings in, for who makes many decoders one after the other. */
  readonly scratch?: LzfScratch
}

const NO_CHUNK: Buffer = Buffer.alloc(0)

export class RdbDecoder implements Decoder {
  readonly #resumable: Resumable
  readonly #crc = new Crc64()
  #chunk = NO_CHUNK
  /** Position of the chunk's first byte. */
  #chunkAt = 0
  /** Bytes that are in the checksum. */
  #summed = 0

  constructor(options: RdbOptions) {
    let snapshot: Snapshot | undefined
    this.#resumable = new Resumable(
      (src) => {
        const walk = new Walk(src, walkOptions(options))
        snapshot = new Snapshot(walk, 'redis')
        return snapshot.snapshot((position) => this.#checksumUpTo(position))
      },
      (fault) => options.onFault(explained(fault, snapshot!)),
    )
  }

  /** `done`: the snapshot was read to its end. `faulty`: a fault was told, the rest is only counted. */
  get state(): 'running' | 'done' | 'faulty' {
    return this.#resumable.state
  }

  /** Bytes of the snapshot read so far; when done, its length. */
  get position(): number {
    return this.#resumable.source.position
  }

  /** Feeds bytes, borrowed until push returns. Returns how many of them belong to the snapshot. */
  push(chunk: Buffer): number {
    if (this.state === 'done') return 0
    this.#chunk = chunk
    this.#resumable.push(chunk)
    // What was not finished yet is before the end of the snapshot as well, or the end would have been seen.
    if (this.state === 'running') this.#checksumUpTo(this.#chunkAt + chunk.length)
    const used = this.#resumable.state === 'done' ? this.position - this.#chunkAt : chunk.length
    this.#chunkAt += chunk.length
    this.#chunk = NO_CHUNK
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

/** A fault with what the reader of it wants to know. */
export function explained(fault: DecodeFault, snapshot: Snapshot): RdbFault {
  const { reading, db, name, keys } = snapshot
  const rdbType = name === undefined ? undefined : snapshot.type
  return { ...fault, reading, db, key: name, rdbType, keys }
}

export function walkOptions(options: RdbOptions) {
  const { detail = 'keys', onEvent, onRecord } = options
  const { maxValueBytes = MAX_VALUE_BYTES, maxPackedBytes = MAX_PACKED_BYTES } = options
  const tells = detail === 'sizes' && onRecord !== undefined
  const run = tells ? new SizeRun(onRecord) : undefined
  return { detail, maxValueBytes, maxPackedBytes, onEvent, run, scratch: options.scratch } as const
}
