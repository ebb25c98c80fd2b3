/**
 * The numbers of an RDB file.
 *
 *   length:  00llllll                    6 bits        fixed, little-endian: i32 seconds, i64 milliseconds,
 *            01llllll llllllll           14 bits       f64 scores
 *            10000000 u32 (big-endian)   32 bits
 *            10000001 u64 (big-endian)   64 bits
 *            11ffffff                    not a length: a string in a special form (strings.ts)
 *
 * Each consumes or declines like the primitives of ByteSource.
 * Source: redis `src/rdb.c`, rdbLoadLenByRef.
 */
import type { ByteSource } from '../../bytes/byte-source.ts'
import { Malformed } from '../../bytes/resumable.ts'

const LENGTH_32 = 0x80
const LENGTH_64 = 0x81

/** A count or a size. What is beyond 2^53 cannot be one, and is malformed. */
export function readLength(src: ByteSource): number | undefined {
  const at = src.index
  const here = src.limit - at
  if (here === 0) return src.wants(1)
  const bytes = src.bytes
  const lead = bytes[at]!
  if (lead < 0x40) {
    src.index = at + 1
    return lead
  }
  if (lead < 0x80) {
    if (here < 2) return src.wants(2)
    src.index = at + 2
    return ((lead & 63) << 8) | bytes[at + 1]!
  }
  const value = readUint64(src)
  if (typeof value === 'bigint')
    throw new Malformed('RDB_BAD_LENGTH', `impossible length ${value}`, src.position - 9)
  return value
}

/** A length that stands for any unsigned 64-bit number: a number where that is exact, a bigint beyond. */
export function readUint64(src: ByteSource): number | bigint | undefined {
  const at = src.index
  const here = src.limit - at
  if (here === 0) return src.wants(1)
  const bytes = src.bytes
  const lead = bytes[at]!
  if (lead < 0x80) return readLength(src)
  if (lead === LENGTH_32) {
    if (here < 5) return src.wants(5)
    src.index = at + 5
    return bytes.readUInt32BE(at + 1)
  }
  if (lead !== LENGTH_64) {
    throw new Malformed('RDB_BAD_LENGTH', `byte ${lead} is not the beginning of a length`, src.position)
  }
  if (here < 9) return src.wants(9)
  src.index = at + 9
  const value = bytes.readUInt32BE(at + 1) * 0x1_0000_0000 + bytes.readUInt32BE(at + 5)
  return Number.isSafeInteger(value) ? value : bytes.readBigUInt64BE(at + 1)
}

/** Eight bytes, little-endian, signed: times in ms. Beyond 2^53 the nearest number. */
export function readTimeMs(src: ByteSource): number | undefined {
  if (src.limit - src.index < 8) return src.wants(8)
  const at = src.index
  src.index = at + 8
  return src.bytes.readInt32LE(at + 4) * 0x1_0000_0000 + src.bytes.readUInt32LE(at)
}

/** Four bytes, little-endian, signed: times in seconds. */
export function readTimeSeconds(src: ByteSource): number | undefined {
  if (src.limit - src.index < 4) return src.wants(4)
  const at = src.index
  src.index = at + 4
  return src.bytes.readInt32LE(at)
}

/** Eight bytes, IEEE 754, little-endian. */
export function readDouble(src: ByteSource): number | undefined {
  if (src.limit - src.index < 8) return src.wants(8)
  const at = src.index
  src.index = at + 8
  return src.bytes.readDoubleLE(at)
}

/** Four bytes, IEEE 754, little-endian. */
export function readFloat(src: ByteSource): number | undefined {
  if (src.limit - src.index < 4) return src.wants(4)
  const at = src.index
  src.index = at + 4
  return src.bytes.readFloatLE(at)
}

/**
 * The text form of scores up to Redis 3.2: one length byte, so many characters; 253, 254 and 255 stand for
 * not-a-number and the infinities.
 */
export function readTextDouble(src: ByteSource): number | undefined {
  const at = src.index
  if (src.limit === at) return src.wants(1)
  const length = src.bytes[at]!
  if (length >= 253) {
    src.index = at + 1
    return length === 253 ? NaN : length === 254 ? Infinity : -Infinity
  }
  if (src.limit - at <= length) return src.wants(1 + length)
  const text = src.bytes.toString('latin1', at + 1, at + 1 + length)
  const score = scoreOf(text)
  if (score === undefined) throw new Malformed('RDB_BAD_SCORE', 'score that is not a number', src.position)
  src.index = at + 1 + length
  return score
}

/** A score as text: decimal, or a word of C's printf. Undefined: neither. */
export function scoreOf(text: string): number | undefined {
  const value = Number(text)
  if (!Number.isNaN(value)) return text.length > 0 ? value : undefined
  return WORDS[text.toLowerCase()]
}

const WORDS: Readonly<Record<string, number>> = {
  inf: Infinity,
  '+inf': Infinity,
  '-inf': -Infinity,
  infinity: Infinity,
  '-infinity': -Infinity,
  nan: NaN,
  '-nan': NaN,
}
