/**
 * Snapshots that can be read again, from any record on.
 *
 *   magic … │ attributes │ type  key  value │ attributes │ …
 *           ▲ startsAt   ▲ position of `key`   endsAt ▲
 *                                 └ valueBytes ┘
 *
 * Who compares or converts cannot hold a value of any size; it remembers where a record is and reads it
 * again: all of a record as events, one by one as they are asked for, or the bytes of a long string in
 * pieces. A record is decoded like a snapshot of its own: the magic is put before it, and what follows its
 * end is not looked at.
 *
 * Reading blocks: nothing else happens in a process that converts a file. Not done here: opening files
 * (io/seekable-file.ts).
 */
import { inflating, LzfScratch } from '../bytes/lzf.ts'
import { Resumable } from '../bytes/resumable.ts'
import { RdbDecoder, type RdbFault } from '../codec/rdb/decode.ts'
import type { RdbEvent, RdbHeader, RdbKeyEnd } from '../codec/rdb/events.ts'
import { STRING_FORM } from '../codec/rdb/format.ts'
import type { RdbDetail } from '../codec/rdb/walk.ts'

/** The bytes of a snapshot, wherever they are. */
export type SnapshotBytes = {
  /** For messages. */
  readonly name: string
  readonly size: number
  /** Reads at `position` into `into`, as far as there is something. Returns the number of bytes. */
  read(into: Buffer, position: number): number
}

/** Where a record lies in its snapshot. */
export type RecordSpan = {
  /** Position of its first attribute, or of its type byte. */
  readonly startsAt: number
  readonly endsAt: number
  /** Serialized bytes of the value, which is the end of the record. */
  readonly valueBytes: number
}

/** The snapshot is damaged; `fault` says where. */
export class DamagedSnapshot extends Error {
  readonly snapshot: SnapshotBytes
  readonly fault: RdbFault

  constructor(snapshot: SnapshotBytes, fault: RdbFault) {
    super(
      `${snapshot.name} is damaged at byte ${fault.position} while reading ${fault.reading}: ${fault.detail}`,
    )
    this.snapshot = snapshot
    this.fault = fault
  }
}

export type ReadOptions = {
  readonly detail: RdbDetail
  /** Longer strings are told as LongValue. */
  readonly maxValueBytes: number
}

/** V8 has no longer strings; 24 bytes less than Redis allows by default. */
export const HOLDABLE_BYTES = 536_870_888

const CHUNK_BYTES = 256 * 1024
/** Most records are small, and what follows them is read in vain. */
const FIRST_CHUNK_BYTES = 4 * 1024
const MAGIC_BYTES = 9
/** A length of 64 bits and its leading byte, twice, and the form: the longest head of a string. */
const STRING_HEAD_BYTES = 19

/**
 * Tells a whole snapshot. `onEvent` is told where the reading stands, which at `key-end` is the end of the
 * record.
 * @throws DamagedSnapshot
 */
export function readSnapshot(
  bytes: SnapshotBytes,
  options: ReadOptions,
  onEvent: (event: RdbEvent, position: number) => void,
): void {
  for (const step of snapshotSteps(bytes, options, onEvent)) void step
}

/**
 * The same in steps of one chunk, for who writes between them. Yields the position. @throws DamagedSnapshot
 */
export function* snapshotSteps(
  bytes: SnapshotBytes,
  options: ReadOptions,
  onEvent: (event: RdbEvent, position: number) => void,
): Generator<number, void, void> {
  let fault: RdbFault | undefined
  const decoder = new RdbDecoder({
    ...options,
    onEvent: (event) => onEvent(event, decoder.position),
    onFault: (found) => {
      fault = found
    },
  })
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  for (let at = 0; decoder.state === 'running'; ) {
    const size = bytes.read(chunk, at)
    if (size === 0) decoder.end()
    else decoder.push(chunk.subarray(0, size))
    if (fault !== undefined) throw new DamagedSnapshot(bytes, fault)
    at += size
    yield at
  }
}

/** Where the record lies that ends with this event, when the reading stands at `position`. */
export function spanOf(end: RdbKeyEnd, position: number): RecordSpan {
  return { startsAt: position - end.bytes, endsAt: position, valueBytes: end.valueBytes }
}

/** The magic that makes `readRecord` use the same grammar. */
export function magicOf({ family, version }: RdbHeader): Buffer {
  return Buffer.from(
    family === 'redis'
      ? `REDIS${String(version).padStart(4, '0')}`
      : `VALKEY${String(version).padStart(3, '0')}`,
    'latin1',
  )
}

/** What the reading of one record needs, and the next can use again: a million of each would fill memory. */
class Desk {
  readonly first = Buffer.allocUnsafeSlow(FIRST_CHUNK_BYTES)
  readonly scratch = new LzfScratch()
  #chunk: Buffer | undefined

  get chunk(): Buffer {
    this.#chunk ??= Buffer.allocUnsafeSlow(CHUNK_BYTES)
    return this.#chunk
  }
}

/** Those that nobody sits at. There are as many as records were ever read at the same time. */
const desks: Desk[] = []

/**
 * The events of the record at `startsAt`, up to its key-end, pulled as they are wanted. Its attributes are
 * told if it begins with them; the db in its events is 0.
 * @param magic of the snapshot, from magicOf
 * @throws DamagedSnapshot where no record is (any more)
 */
export function* readRecord(
  bytes: SnapshotBytes,
  magic: Buffer,
  startsAt: number,
  options: ReadOptions,
): Generator<RdbEvent, void, void> {
  const desk = desks.pop() ?? new Desk()
  try {
    yield* eventsOf(bytes, magic, startsAt, options, desk)
  } finally {
    desks.push(desk)
  }
}

function* eventsOf(
  bytes: SnapshotBytes,
  magic: Buffer,
  startsAt: number,
  options: ReadOptions,
  desk: Desk,
): Generator<RdbEvent, void, void> {
  let told: RdbEvent[] = []
  let fault: RdbFault | undefined
  const decoder = new RdbDecoder({
    ...options,
    scratch: desk.scratch,
    onEvent: (event) => told.push(event),
    onFault: (found) => {
      fault = found
    },
  })
  decoder.push(magic)
  told = []
  let chunk: Buffer = desk.first
  for (let at = startsAt; ; ) {
    const size = bytes.read(chunk, at)
    if (size === 0) decoder.end()
    else decoder.push(chunk.subarray(0, size))
    const batch = told
    told = []
    for (const event of batch) {
      yield event
      if (event.kind === 'key-end') return
    }
    if (fault !== undefined) {
      const { position } = fault as RdbFault
      throw new DamagedSnapshot(bytes, {
        ...(fault as RdbFault),
        position: position - MAGIC_BYTES + startsAt,
      })
    }
    if (decoder.state === 'done') throw new Error(`${bytes.name} changed while it was read`)
    at += size
    chunk = desk.chunk
  }
}

/** `length` bytes from `position` on, in borrowed pieces. */
export function* readRange(
  bytes: SnapshotBytes,
  position: number,
  length: number,
): Generator<Buffer, void, void> {
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, length))
  for (let done = 0; done < length; ) {
    const size = bytes.read(chunk.subarray(0, Math.min(chunk.length, length - done)), position + done)
    if (size === 0) throw new Error(`${bytes.name} changed while it was read`)
    yield chunk.subarray(0, size)
    done += size
  }
}

/** The bytes of the value of a record of type STRING that is not stored as an integer, in borrowed pieces. */
export function* readLongString(bytes: SnapshotBytes, span: RecordSpan): Generator<Buffer, void, void> {
  const head = Buffer.alloc(STRING_HEAD_BYTES)
  const valueAt = span.endsAt - span.valueBytes
  bytes.read(head, valueAt)
  if (head[0] !== (0xc0 | STRING_FORM.LZF)) {
    const { value, size } = lengthAt(head, 0)
    yield* readRange(bytes, valueAt + size, value)
    return
  }
  const packed = lengthAt(head, 1)
  const whole = lengthAt(head, 1 + packed.size)
  const { value } = packed
  const pieces: Buffer[] = []
  const inflater = new Resumable(
    (src) => inflating(src, value, whole.value, (block) => pieces.push(Buffer.from(block))),
    () => {
      throw new Error(`${bytes.name} changed while it was read`)
    },
  )
  for (const chunk of readRange(bytes, valueAt + 1 + packed.size + whole.size, value)) {
    inflater.push(chunk)
    yield* pieces
    pieces.length = 0
  }
}

/** A length as codec/rdb/lengths.ts describes it, in bytes that are all here, and how many bytes it takes. */
export function lengthAt(head: Buffer, at: number): { value: number; size: number } {
  const first = head[at]!
  if (first < 0x40) return { value: first, size: 1 }
  if (first < 0x80) return { value: ((first & 0x3f) << 8) | head[at + 1]!, size: 2 }
  if (first === 0x80) return { value: head.readUInt32BE(at + 1), size: 5 }
  return { value: Number(head.readBigUInt64BE(at + 1)), size: 9 }
}
