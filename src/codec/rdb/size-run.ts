/**
 * SizeRun: ordinary records, one after the other, walked in one loop and told by their sizes.
 *
 *   [fc i64] [f8 length] [f9 u8]  type  key  value  │  …  │  the first that is not ordinary, or not whole
 *                                                            └ left to the grammar (snapshot.ts)
 *
 * Of a million records nearly all are small, whole in the window and of a dozen types. For those the
 * generators, cursors and events of the grammar cost more than the bytes do; here a record is a few calls
 * that return where it goes on. The checks are the same ones: every element of every packed value, every
 * instruction of every compressed string. Whatever is in doubt (a rare type, a value that goes beyond the
 * window or is too large to hold, damage of any kind) is not judged here: the run stops before that record,
 * and the grammar reads it and says what it is.
 *
 * The formats are described where they are specified: lengths.ts, strings.ts, values.ts, opcodes.ts.
 */
import type { ByteSource } from '../../bytes/byte-source.ts'
import { checkLzf, isPlausibleLzf, LzfScratch } from '../../bytes/lzf.ts'
import { Malformed } from '../../bytes/resumable.ts'
import { checkIntset } from '../packed/intset.ts'
import { checkListpack } from '../packed/listpack.ts'
import { checkZiplist } from '../packed/ziplist.ts'
import { stringEncoding } from './encoding.ts'
import { OPCODE, QUICKLIST_NODE, STRING_FORM, TYPE } from './format.ts'
import { SizedRecord } from './sized-record.ts'
import { INTEGER_TEXT_MAX, isInteger64 } from './strings.ts'
import type { RecordRun } from './walk.ts'

const NOT_ORDINARY = -1
const EMPTY: Buffer = Buffer.alloc(0)
const SPECIAL = 0xc0
const LENGTH_32 = 0x80
const COMPRESSED = SPECIAL | STRING_FORM.LZF
const DOUBLE_BYTES = 8

export class SizeRun implements RecordRun {
  readonly #maxValueBytes: number
  readonly #maxPackedBytes: number
  readonly #onRecord: (record: SizedRecord) => void
  readonly #record = new SizedRecord()
  readonly #scratch = new LzfScratch()
  readonly #place = { size: 0, position: 0, isCompressed: false }
  #bytes = EMPTY
  #limit = 0
  /** The length that was just read, or the length of the string that was just passed; -1: an integer. */
  #length = 0
  /** Where the bytes of that string begin, in the window or inflated. */
  #start = 0
  #items = 0

  /** @param onRecord is told each record; the object is used again for the next */
  constructor(maxValueBytes: number, maxPackedBytes: number, onRecord: (record: SizedRecord) => void) {
    this.#maxValueBytes = maxValueBytes
    this.#maxPackedBytes = maxPackedBytes
    this.#onRecord = onRecord
  }

  read(src: ByteSource, db: number): number {
    this.#bytes = src.bytes
    this.#limit = src.limit
    const base = src.positionOf(0)
    let keys = 0
    try {
      for (;;) {
        const end = this.#recordAt(src.index, base)
        if (end < 0) break
        this.#record.db = db
        this.#onRecord(this.#record)
        src.index = end
        keys++
      }
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
    }
    this.#bytes = EMPTY
    return keys
  }

  /** Fills in the record. Returns where the next one begins. */
  #recordAt(start: number, base: number): number {
    const record = this.#record
    const typeAt = this.#attributes(start)
    if (typeAt < 0 || typeAt >= this.#limit) return NOT_ORDINARY
    const type = this.#bytes[typeAt]!
    const valueAt = this.#string(typeAt + 1)
    if (valueAt < 0) return NOT_ORDINARY
    this.#items = 0
    const end = type === TYPE.STRING ? this.#stringValue(valueAt) : this.#value(type, valueAt)
    if (end < 0) return NOT_ORDINARY
    record.become(type, base + typeAt, this.#items, end - start, end - valueAt)
    return end
  }

  /** Expiry, idle time and access counter: what most servers write before a key, if anything. */
  #attributes(start: number): number {
    const bytes = this.#bytes
    const record = this.#record
    record.expires = false
    record.idle = record.freq = -1
    let at = start
    for (;;) {
      // The longest of them has nine bytes, and a record follows.
      if (at + 1 + DOUBLE_BYTES >= this.#limit) return NOT_ORDINARY
      const lead = bytes[at]!
      if (lead === OPCODE.EXPIRE_MS) {
        record.expires = true
        record.expireAt = bytes.readInt32LE(at + 5) * 0x1_0000_0000 + bytes.readUInt32LE(at + 1)
        at += 1 + DOUBLE_BYTES
      } else if (lead === OPCODE.IDLE) {
        at = this.#lengthAt(at + 1)
        if (at < 0) return NOT_ORDINARY
        record.idle = this.#length
      } else if (lead === OPCODE.FREQ) {
        record.freq = bytes[at + 1]!
        at += 2
      } else return at
    }
  }

  #stringValue(at: number): number {
    const end = this.#string(at)
    if (end < 0) return NOT_ORDINARY
    const length = this.#length
    this.#items = 1
    if (length < 0) this.#record.encoding = 'int'
    else if (length > INTEGER_TEXT_MAX) this.#record.encoding = stringEncoding(length)
    else {
      const start = this.#start
      if (start < 0) return NOT_ORDINARY
      this.#record.encoding = isInteger64(this.#bytes, start, start + length) ? 'int' : stringEncoding(length)
    }
    return end
  }

  #value(type: number, at: number): number {
    switch (type) {
      case TYPE.HASH_LISTPACK:
      case TYPE.ZSET_LISTPACK:
        return this.#packed(at, checkListpack, 2)
      case TYPE.SET_LISTPACK:
        return this.#packed(at, checkListpack, 1)
      case TYPE.SET_INTSET:
        return this.#packed(at, checkIntset, 1)
      case TYPE.HASH_ZIPLIST:
      case TYPE.ZSET_ZIPLIST:
        return this.#packed(at, checkZiplist, 2)
      case TYPE.LIST_ZIPLIST:
        return this.#packed(at, checkZiplist, 1)
      case TYPE.LIST_QUICKLIST_2:
        return this.#nodes(at)
      case TYPE.LIST_QUICKLIST:
        return this.#ziplists(at)
      case TYPE.LIST:
      case TYPE.SET:
        return this.#strings(at, 1, 0)
      case TYPE.HASH:
        return this.#strings(at, 2, 0)
      case TYPE.ZSET_2:
        return this.#strings(at, 1, DOUBLE_BYTES)
      default:
        return NOT_ORDINARY
    }
  }

  /** A count, and for each `strings` strings and `more` bytes. */
  #strings(from: number, strings: number, more: number): number {
    let at = this.#lengthAt(from)
    if (at < 0) return NOT_ORDINARY
    const count = this.#length
    for (let left = count * strings; left > 0; left--) {
      at = this.#string(at) + more
      // A string that is not here is at -1, and nothing is longer than a double.
      if (at < from || at > this.#limit) return NOT_ORDINARY
    }
    this.#items = count
    return at
  }

  #ziplists(from: number): number {
    let at = this.#lengthAt(from)
    for (let left = this.#length; at >= 0 && left > 0; left--) at = this.#packed(at, checkZiplist, 1)
    return at
  }

  #nodes(from: number): number {
    let at = this.#lengthAt(from)
    if (at < 0) return NOT_ORDINARY
    for (let left = this.#length; left > 0; left--) {
      if (at >= this.#limit) return NOT_ORDINARY
      const container = this.#bytes[at]!
      if (container === QUICKLIST_NODE.PACKED) at = this.#packed(at + 1, checkListpack, 1)
      else if (container === QUICKLIST_NODE.PLAIN) {
        at = this.#string(at + 1)
        this.#items++
      } else return NOT_ORDINARY
      if (at < 0) return NOT_ORDINARY
    }
    return at
  }

  /** A packed value, checked whole; `width` of its elements make an item. @throws Malformed */
  #packed(at: number, check: typeof checkListpack, width: number): number {
    const end = this.#blob(at)
    const size = this.#length
    if (end < 0 || size < 0) return NOT_ORDINARY
    const place = this.#place
    place.size = size
    const isInflated = this.#start < 0
    const elements = isInflated
      ? check(this.#scratch.bytes, 0, place)
      : check(this.#bytes, this.#start, place)
    if (elements % width !== 0) return NOT_ORDINARY
    this.#items += elements / width
    return end
  }

  /** A string whose bytes are wanted: in the window at #start, or inflated where that is -1. */
  #blob(at: number): number {
    if (at >= this.#limit) return NOT_ORDINARY
    if (this.#bytes[at] !== COMPRESSED) {
      const end = this.#string(at)
      return this.#length > this.#maxPackedBytes ? NOT_ORDINARY : end
    }
    const from = this.#compressedAt(at + 1, this.#maxPackedBytes)
    if (from < 0) return NOT_ORDINARY
    const end = from + this.#packedBytes
    if (this.#scratch.inflate(this.#bytes, from, end, this.#length) >= 0) return NOT_ORDINARY
    this.#start = -1
    return end
  }

  /** A string of any form, passed over. */
  #string(at: number): number {
    const limit = this.#limit
    if (at >= limit) return NOT_ORDINARY
    const bytes = this.#bytes
    const lead = bytes[at]!
    let start = at + 1
    let length = lead
    if (lead >= SPECIAL) {
      if (lead === COMPRESSED) return this.#compressed(at + 1)
      if (lead > COMPRESSED) return NOT_ORDINARY
      this.#length = -1
      start += 1 << (lead & 63)
      return start <= limit ? start : NOT_ORDINARY
    }
    if (lead >= 0x40) {
      start = this.#lengthAt(at)
      if (start < 0) return NOT_ORDINARY
      length = this.#length
    }
    this.#length = length
    this.#start = start
    const end = start + length
    return end <= limit ? end : NOT_ORDINARY
  }

  #compressed(at: number): number {
    const from = this.#compressedAt(at, this.#maxValueBytes)
    if (from < 0) return NOT_ORDINARY
    const end = from + this.#packedBytes
    this.#start = -1
    return checkLzf(this.#bytes, from, end, this.#length) < 0 ? end : NOT_ORDINARY
  }

  #packedBytes = 0

  /** The two lengths of a compressed string. Returns where its bytes begin, all of which are here. */
  #compressedAt(at: number, longest: number): number {
    const sizeAt = this.#lengthAt(at)
    if (sizeAt < 0) return NOT_ORDINARY
    const packed = this.#length
    const from = this.#lengthAt(sizeAt)
    const size = this.#length
    if (from < 0 || size > longest || !isPlausibleLzf(packed, size)) return NOT_ORDINARY
    this.#packedBytes = packed
    return from + packed <= this.#limit ? from : NOT_ORDINARY
  }

  /** A length of up to 32 bits into #length. Returns where it ends. */
  #lengthAt(at: number): number {
    const here = this.#limit - at
    if (here < 1) return NOT_ORDINARY
    const bytes = this.#bytes
    const lead = bytes[at]!
    if (lead < 0x40) {
      this.#length = lead
      return at + 1
    }
    if (lead < LENGTH_32) {
      if (here < 2) return NOT_ORDINARY
      this.#length = ((lead & 63) << 8) | bytes[at + 1]!
      return at + 2
    }
    if (lead !== LENGTH_32 || here < 5) return NOT_ORDINARY
    this.#length = bytes.readUInt32BE(at + 1)
    return at + 5
  }
}
