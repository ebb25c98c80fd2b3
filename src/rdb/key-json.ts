/**
 * KeyJson: a snapshot becomes NDJSON, one object a key.
 *
 *   {"db":0,"key":"k","type":"hash","encoding":"listpack","expireAt":1795232264000,"value":{…}}
 *
 *   string   string                         zset     array of [member, score]
 *   list     array                          stream   object (stream-json.ts)
 *   set      array, in stored order         module   {"module":name,"opaque":bytes}
 *   hash     object or array of fields (hash-form.ts)
 *
 * Bytes that are not UTF-8 are {"b64": …}. Strings, lists, sets, hashes and sorted sets go from the bytes
 * of the snapshot straight to those of the output: no JavaScript string is made of them.
 *
 * Use: push a piece of the snapshot, then flush(); memory is bounded by what one piece expands to.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { ByteWriter } from '../bytes/byte-writer.ts'
import type { RdbFault } from '../codec/rdb/decode.ts'
import type { LongValue, RdbEnd, RdbEvent, RdbKey, RdbKeyEnd } from '../codec/rdb/events.ts'
import type { RdbValueType } from '../codec/rdb/format.ts'
import { EXPIRY_MARK } from './hash-form.ts'
import { HeldOutput } from './held-output.ts'
import { putDouble, putInteger, putQuotedInteger } from './json-numbers.ts'
import { JsonRun } from './json-run.ts'
import { putJsonBytes, putJsonString } from './json-text.ts'
import type { KeyFilter } from './key-filter.ts'
import { StreamJson } from './stream-json.ts'
import { type Keep, type KeptValue, ValueDecoder } from './value-decoder.ts'

/** The most of a snapshot that should be pushed at once: compressed strings may expand it 88-fold. */
export const PIECE_BYTES = 128 * 1024

const COMMA = 0x2c
const COLON = 0x3a
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const NEWLINE = 0x0a
/** A server has 16 of them, a file may name any. */
const DATABASES_KEPT = 1024
const BEFORE_VALUE = Buffer.from(',"value":')

export type KeyJsonOptions = {
  readonly filter: KeyFilter
  /** No more keys than this. */
  readonly limit: number
  readonly keep: () => Keep
}

export class KeyJson {
  readonly #decoder: ValueDecoder
  readonly #held: HeldOutput
  readonly #out: ByteWriter
  readonly #stream: StreamJson
  readonly #filter: KeyFilter
  #elements = 0
  #left: number
  #keys = 0
  #fault: RdbFault | undefined
  #end: RdbEnd | undefined
  /** The type of the value that is being written; undefined where none is. */
  #type: RdbValueType | undefined
  #isHeld = false
  #isFirst = true
  /** Hashes: what comes next is a value. */
  #isValueNext = false
  /** Hashes: where the hash begins in the held record, and whether an object would lose something. */
  #hashAt = 0
  #needsFields = false

  constructor({ filter, limit, keep }: KeyJsonOptions) {
    this.#filter = filter
    this.#left = limit
    this.#held = new HeldOutput(keep)
    this.#out = this.#held.writer
    this.#stream = new StreamJson(this.#held)
    this.#decoder = new ValueDecoder({
      onEvent: (event) => this.#event(event),
      onFault: (fault) => {
        this.#fault = fault
        if (this.#type !== undefined) this.#held.abandon()
      },
      bytes: {
        text: (bytes, start, end) => this.#text(bytes, start, end),
        integer: (value) => this.#integer(value),
        long: (value) => this.#long(value),
      },
      keep,
      // A run knows no wishes.
      run: filter.isEvery && limit === Number.POSITIVE_INFINITY ? this.#run() : undefined,
    })
  }

  /** How many more keys are wanted. */
  get left(): number {
    return this.#left
  }

  /** Keys of the snapshot that were read to their end, wanted or not. */
  get keys(): number {
    return this.#keys
  }

  /** Elements of the present key, or of the last one, that were read. */
  get elements(): number {
    return this.#elements
  }

  /** Damage, after which nothing more comes. */
  get fault(): RdbFault | undefined {
    return this.#fault
  }

  /** The end of the snapshot, once it was read. */
  get end(): RdbEnd | undefined {
    return this.#end
  }

  /** Whether more is wanted. */
  get isRunning(): boolean {
    return this.#left > 0 && this.#decoder.state === 'running'
  }

  push(piece: Buffer): void {
    this.#decoder.push(piece)
  }

  /** No more bytes come. A record that was begun is not written to its end. */
  finish(): void {
    if (this.#left > 0) this.#decoder.end()
  }

  flush(write: (block: Buffer) => Promise<void>, isLast = false): Promise<void> {
    return this.#held.flush(write, isLast)
  }

  #run(): JsonRun {
    return new JsonRun((text, keys) => {
      this.#held.whole(text)
      this.#keys += keys
    })
  }

  #event(event: RdbEvent): void {
    switch (event.kind) {
      case 'string':
        return
      case 'list-item':
      case 'set-member':
      case 'module-value':
        this.#elements++
        return
      case 'hash-field':
        this.#elements++
        if (event.expireAt !== undefined && this.#type !== undefined) this.#expiry(event.expireAt)
        return
      case 'zset-member':
        this.#elements++
        if (this.#type === undefined) return
        this.#out.u8(COMMA)
        putDouble(this.#out, event.score)
        this.#out.u8(CLOSE_LIST)
        return
      case 'key':
        this.#key(event)
        return
      case 'key-end':
        this.#keyEnd(event)
        return
      case 'end':
        this.#end = event
        return
      case 'stream-entry':
        if (!event.more) this.#elements++
        if (this.#type !== undefined) this.#stream.event(event)
        return
      case 'stream-state':
      case 'stream-group':
      case 'group-pending':
      case 'group-consumer':
      case 'consumer-pending':
      case 'stream-idmp':
      case 'idmp-producer':
      case 'idmp-entry':
      case 'idmp-totals':
        if (this.#type !== undefined) this.#stream.event(event)
    }
  }

  #key(key: RdbKey): void {
    this.#elements = 0
    if (this.#left === 0 || !this.#filter.mayWant(key)) {
      this.#decoder.tell(key, 'nothing')
      return
    }
    const { type } = key
    this.#type = type
    this.#decoder.tell(key, type === 'stream' ? 'strings' : type === 'module' ? 'nothing' : 'bytes')
    const out = this.#out
    this.#isHeld = type === 'hash' || this.#filter.isLate
    this.#held.begin(this.#isHeld)
    this.#isFirst = true
    this.#isValueNext = false
    this.#needsFields = false
    putShort(out, databaseText(key.db))
    putName(out, key.key)
    const [before, behind] = typeTexts(key)
    if (key.expireAt === undefined) putShort(out, behind)
    else {
      putShort(out, before)
      putInteger(out, key.expireAt)
      putShort(out, BEFORE_VALUE)
    }
    if (type === 'hash') {
      this.#hashAt = this.#held.heldLength
      out.u8(OPEN_OBJECT)
    } else if (type === 'stream') this.#stream.begin()
    else if (type === 'module') this.#put(`{"module":${JSON.stringify(key.module!.name)},"opaque":`)
    else if (type !== 'string') out.u8(OPEN_LIST)
  }

  #keyEnd(end: RdbKeyEnd): void {
    this.#decoder.tell(end.of, 'strings')
    this.#keys++
    const type = this.#type
    if (type === undefined) return
    this.#type = undefined
    const out = this.#out
    if (type === 'hash') out.u8(CLOSE_OBJECT)
    else if (type === 'stream') this.#stream.end()
    else if (type === 'module') {
      putInteger(out, end.valueBytes)
      out.u8(CLOSE_OBJECT)
    } else if (type !== 'string') out.u8(CLOSE_LIST)
    if (this.#filter.isLate && !this.#filter.wants(end)) {
      this.#held.drop()
      return
    }
    this.#left--
    out.u8(CLOSE_OBJECT)
    out.u8(NEWLINE)
    if (this.#isHeld) this.#held.release(this.#needsFields ? this.#hashAt : undefined)
  }

  #text(bytes: Buffer, start: number, end: number): void {
    this.#before()
    const isText = putJsonBytes(this.#out, bytes, start, end)
    // In a hash, what was just written is a field if a value comes next.
    if (!isText && this.#isValueNext) this.#needsFields = true
  }

  #integer(value: number | bigint): void {
    this.#before()
    putQuotedInteger(this.#out, value)
  }

  #long(value: KeptValue): void {
    this.#before()
    if (!value.isText && this.#isValueNext) this.#needsFields = true
    this.#held.long(value)
    this.#held.close(value)
  }

  /** What stands before the next string of the value. */
  #before(): void {
    const out = this.#out
    if (this.#isValueNext) {
      this.#isValueNext = false
      out.u8(COLON)
      return
    }
    const type = this.#type
    if (this.#isFirst) this.#isFirst = false
    else out.u8(COMMA)
    if (type === 'zset') out.u8(OPEN_LIST)
    else if (type === 'hash') this.#isValueNext = true
  }

  #expiry(expireAt: number): void {
    this.#needsFields = true
    this.#out.u8(EXPIRY_MARK)
    putInteger(this.#out, expireAt)
  }

  #put(text: string): void {
    this.#out.put(text as ByteString)
  }
}

/** Four at a time in a loop: of so few bytes, the call into native code costs more than the copy. */
function putShort(out: ByteWriter, text: Buffer): void {
  const length = text.length
  out.reserve(length)
  const to = out.bytes
  let at = out.length
  let i = 0
  for (; i + 3 < length; i += 4, at += 4) {
    to[at] = text[i]!
    to[at + 1] = text[i + 1]!
    to[at + 2] = text[i + 2]!
    to[at + 3] = text[i + 3]!
  }
  for (; i < length; i++) to[at++] = text[i]!
  out.length = at
}

function putName(out: ByteWriter, name: ByteString | LongValue): void {
  if (typeof name === 'string') {
    putJsonString(out, name)
    return
  }
  out.put(`{"bytes":${name.bytes},"preview":` as ByteString)
  putJsonString(out, name.preview)
  out.put(`,"crc64":"${name.hash}"}` as ByteString)
}

/** The beginning of a record. */
const databaseTexts: Buffer[] = []

function databaseText(db: number): Buffer {
  if (db >= DATABASES_KEPT) return Buffer.from(`{"db":${db},"key":`)
  return (databaseTexts[db] ??= Buffer.from(`{"db":${db},"key":`))
}

/**
 * The text between a name and its expiry, and between a name and its value where it has none; by type
 * byte, and
 * because strings have several, by encoding.
 */
const textsByType: { [encoding: string]: readonly [Buffer, Buffer] }[] = []

function typeTexts({ rdbType, type, encoding }: RdbKey): readonly [Buffer, Buffer] {
  const byEncoding = (textsByType[rdbType] ??= {})
  const known = byEncoding[encoding]
  if (known !== undefined) return known
  const text = `,"type":"${type}","encoding":"${encoding}"`
  const texts = [Buffer.from(`${text},"expireAt":`), Buffer.from(`${text},"value":`)] as const
  byEncoding[encoding] = texts
  return texts
}
