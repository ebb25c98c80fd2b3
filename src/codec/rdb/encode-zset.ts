/**
 * Sorted sets: packed when small, else member by member.
 *
 *   17 ZSET_LISTPACK / 12 ZSET_ZIPLIST   string = member, score, …, lowest first
 *    5 ZSET_2                            length n, n × ( string member, 8 bytes LE double ), highest first
 *    3 ZSET                              the same with the score as text, before 4.0
 *
 * Small ones are sorted here, because a loader believes the order of a packed one; the large ones are written
 * in the order given, which a loader does not care about. Source: redis 7.0 `src/t_zset.c`, `src/rdb.c`.
 */
import type { Bytes } from '../../bytes/byte-writer.ts'
import type { Counted, RdbMember, RdbZset } from './encode-model.ts'
import { checkCount, type RdbOutput, type Steps } from './encode-output.ts'
import { scoreInteger, scoreText, shortScoreText } from './encode-score.ts'
import { TYPE } from './format.ts'

const LISTPACK_SINCE = 10
const SHORT_TEXT_SINCE = 11
const BINARY_SINCE = 8

/** Writes a sorted set; returns the steps that are left to do if it is large. */
export function writeZset(out: RdbOutput, value: RdbZset): Steps | undefined {
  const { members } = value
  if (value.plain === true || !fitsPacked(out, members)) {
    out.begin(out.version >= BINARY_SINCE ? TYPE.ZSET_2 : TYPE.ZSET)
    return writePlainZset(out, members)
  }
  const sorted = sortedByScore(members)
  if (out.version >= LISTPACK_SINCE) {
    writeListpack(out, sorted)
    return undefined
  }
  out.ziplist.reset()
  for (const { member, score } of sorted) {
    out.ziplist.add(member)
    out.ziplist.add(scoreText(score))
  }
  out.begin(TYPE.ZSET_ZIPLIST)
  out.string(out.ziplist.finish())
  return undefined
}

/** Length and members, one by one, in the order given. */
function* writePlainZset(out: RdbOutput, members: Counted<RdbMember>): Steps {
  const isBinary = out.version >= BINARY_SINCE
  let walked = 0
  out.length(members.length)
  for (const { member, score } of members) {
    walked++
    out.string(member)
    if (isBinary) out.writer.f64le(score)
    else writeOldScore(out, score)
    if (out.full) yield
  }
  checkCount(members.length, walked)
}

function writeListpack(out: RdbOutput, members: readonly RdbMember[]): void {
  const { listpack } = out
  const text = out.version >= SHORT_TEXT_SINCE ? shortScoreText : scoreText
  listpack.reset()
  for (const { member, score } of members) {
    listpack.add(member)
    const integer = scoreInteger(score)
    if (integer === undefined) listpack.add(text(score))
    else listpack.addInteger(integer)
  }
  out.begin(TYPE.ZSET_LISTPACK)
  out.string(listpack.finish())
}

/** One byte of length and text; 253 … 255 are not a number and the infinities. */
function writeOldScore(out: RdbOutput, score: number): void {
  if (Number.isNaN(score)) out.writer.u8(253)
  else if (!Number.isFinite(score)) out.writer.u8(score > 0 ? 254 : 255)
  else {
    const text = scoreText(score)
    out.writer.u8(text.length)
    out.writer.put(text)
  }
}

function fitsPacked(out: RdbOutput, members: Counted<RdbMember>): boolean {
  const { zsetEntries, zsetValue } = out.limits
  if (members.length > zsetEntries) return false
  for (const { member } of members) if (member.length > zsetValue) return false
  return true
}

/** By score, equal scores by the bytes of the member. Sorted input, either way round, costs little. */
function sortedByScore(members: Iterable<RdbMember>): RdbMember[] {
  return [...members].sort((a, b) => a.score - b.score || compareBytes(a.member, b.member))
}

function compareBytes(a: Bytes, b: Bytes): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  return Buffer.compare(asBuffer(a), asBuffer(b))
}

function asBuffer(value: Bytes): Buffer {
  return typeof value === 'string' ? Buffer.from(value, 'latin1') : value
}
