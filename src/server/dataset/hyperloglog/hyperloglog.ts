/**
 * HyperLogLog: an estimate of how many different elements were added, in at most 12 KiB. It is a string like
 * any other that happens to look like this, byte for byte as Redis lays it out:
 *
 *   0    4        5      8                   16
 *   HYLL encoding unused cached cardinality  registers: dense, or sparse (sparse.ts)
 *
 *   dense     16384 ranks of 6 bits, from each byte's low end
 *   cache     64 bits, little endian; the highest says that it is stale
 *
 * A string can be made by hand, so what looks like one may be corrupt: then `corrupt` is answered, never more
 * than what the bytes hold is read.
 *
 * Source: redis 7.0 `src/hyperloglog.c`.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { StringValue } from '../string-value.ts'
import { placeOf } from './element-place.ts'
import { estimate, RANKS, REGISTERS } from './estimate.ts'
import { runAt, type SparseChange, setSparse } from './sparse.ts'

const MAGIC = 'HYLL'
const ENCODING_AT = 4
const CACHE_AT = 8
const STALE_AT = 15
const STALE = 0x80
const HEADER_BYTES = 16
const DENSE_BYTES = HEADER_BYTES + (REGISTERS * 6) / 8
const DENSE = 0
const SPARSE = 1
/** One run of 16384 zeros. */
const ALL_ZERO = [0x7f, 0xff]

/** A new string that has seen nothing. */
export function emptyHyperLogLog(): StringValue {
  const bytes = Buffer.alloc(HEADER_BYTES + ALL_ZERO.length)
  bytes.write(MAGIC, 'latin1')
  bytes[ENCODING_AT] = SPARSE
  bytes.set(ALL_ZERO, HEADER_BYTES)
  return new StringValue(bytes, 'raw')
}

/** Its header is one of a HyperLogLog. */
export function looksLikeHyperLogLog(value: StringValue): boolean {
  if (value.length < HEADER_BYTES || value.range(0, MAGIC.length) !== MAGIC) return false
  const encoding = value.byteAt(ENCODING_AT)
  return encoding === SPARSE || (encoding === DENSE && value.length === DENSE_BYTES)
}

export function isSparse(value: StringValue): boolean {
  return value.byteAt(ENCODING_AT) === SPARSE
}

/** @param bytesMax hll-sparse-max-bytes: beyond it the dense form is taken */
export function addElement(value: StringValue, element: ByteString, bytesMax: number) {
  const { register, rank } = placeOf(element)
  return raiseRegister(value, register, rank, bytesMax)
}

/** Sets a register to a rank unless it is as high; the cache is stale then. */
export function raiseRegister(
  value: StringValue,
  register: number,
  rank: number,
  bytesMax: number,
): Exclude<SparseChange, 'too-large'> {
  if (isSparse(value)) {
    const change = setSparse(value, register, rank, { from: HEADER_BYTES, bytesMax })
    if (change === 'changed') invalidate(value)
    if (change !== 'too-large') return change
    if (!makeDense(value)) return 'corrupt'
  }
  const bytes = value.edit(0)
  if (denseRank(bytes, register) >= rank) return 'unchanged'
  setDenseRank(bytes, register, rank)
  return 'changed'
}

/** Marks the cached cardinality as stale. */
export function invalidate(value: StringValue): void {
  value.edit(0)[STALE_AT]! |= STALE
}

/** The cached cardinality, unless it is stale. */
export function cachedCardinality(value: StringValue): bigint | undefined {
  const { bytes } = value
  return (bytes[STALE_AT]! & STALE) === 0 ? bytes.readBigInt64LE(CACHE_AT) : undefined
}

export function cache(value: StringValue, cardinality: bigint): void {
  value.edit(0).writeBigInt64LE(cardinality, CACHE_AT)
}

/** Goes over to the dense form; false if it is corrupt. */
export function makeDense(value: StringValue): boolean {
  if (!isSparse(value)) return true
  const ranks = new Uint8Array(REGISTERS)
  if (!mergeInto(ranks, value)) return false
  const dense = Buffer.alloc(DENSE_BYTES)
  value.bytes.copy(dense, 0, 0, HEADER_BYTES)
  dense[ENCODING_AT] = DENSE
  for (let i = 0; i < REGISTERS; i++) if (ranks[i]! > 0) setDenseRank(dense, i, ranks[i]!)
  value.replace(dense, 'raw')
  return true
}

/** Raises `ranks` to what this one holds; false if it is corrupt (then some are raised, some not). */
export function mergeInto(ranks: Uint8Array, value: StringValue): boolean {
  const { bytes } = value
  if (!isSparse(value)) {
    for (let i = 0; i < REGISTERS; i++) ranks[i] = Math.max(ranks[i]!, denseRank(bytes, i))
    return true
  }
  let first = 0
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const { length, rank, size } = runAt(bytes, at)
    const end = first + length
    if (rank > 0) {
      if (end > REGISTERS) return false
      for (let i = first; i < end; i++) ranks[i] = Math.max(ranks[i]!, rank)
    }
    first = end
    at += size
  }
  return first === REGISTERS
}

/** The runs of the sparse form, as PFDEBUG DECODE shows them. */
export function decodedRuns(value: StringValue): string {
  const { bytes } = value
  const shown: string[] = []
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const { length, rank, size } = runAt(bytes, at)
    shown.push(rank > 0 ? `v:${rank},${length}` : `${size === 2 ? 'Z' : 'z'}:${length}`)
    at += size
  }
  return shown.join(' ')
}

/** How many different elements these ranks speak of. */
export function cardinality(ranks: Uint8Array): bigint {
  const histogram = new Uint32Array(RANKS)
  for (let i = 0; i < REGISTERS; i++) histogram[ranks[i]!]!++
  return estimate(histogram)
}

/** The six bits of a register may lie in two bytes. */
function denseRank(bytes: Buffer, register: number): number {
  const bit = register * 6
  const [at, shift] = [HEADER_BYTES + (bit >> 3), bit & 7]
  const low = bytes[at]! >> shift
  return (shift > 2 ? low | (bytes[at + 1]! << (8 - shift)) : low) & 63
}

function setDenseRank(bytes: Buffer, register: number, rank: number): void {
  const bit = register * 6
  const [at, shift] = [HEADER_BYTES + (bit >> 3), bit & 7]
  bytes[at] = (bytes[at]! & ~(63 << shift)) | (rank << shift)
  if (shift > 2) bytes[at + 1] = (bytes[at + 1]! & ~(63 >> (8 - shift))) | (rank >> (8 - shift))
}
