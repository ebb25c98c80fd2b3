/**
 * Digest: one number for a dataset, equal to what DEBUG DIGEST of a real Redis 7.0 answers for equal data.
 *
 *   mix(d, bytes)    d = sha1(d xor sha1(bytes))        order matters
 *   xor(d, bytes)    d = d xor sha1(bytes)              order does not
 *
 *   key      0, mixed with the key's name, the type's number and its elements; a deadline is xored in as
 *   a fact, not as a time
 *   dataset  0, mixed with the number of each database that has keys, and each key's digest xored in
 *
 * Source: redis 7.0 `src/debug.c`, computeDatasetDigest and xorObjectDigest.
 */
import type { Bytes } from '../../bytes/byte-writer.ts'
import { hexOf, noWords, rehash, type Words, xorSha1 } from '../../bytes/short-sha1.ts'
import type { Pieces, RdbStream, RdbValue } from '../../codec/rdb/encode-model.ts'
import { doubleText } from '../reply-encoder.ts'
import type { Database } from './database.ts'
import { NEVER } from './entry.ts'

const TYPE_NUMBERS = { string: 0, list: 1, set: 2, zset: 3, hash: 4, module: 5, stream: 6 } as const

/** The digest of all databases, 40 hexadecimal digits. */
export function datasetDigest(databases: Iterable<Database>): string {
  const digest = noWords()
  for (const db of databases) {
    if (db.size === 0) continue
    mix(digest, number(db.index))
    for (const entry of db.entries.items) {
      const ofKey = noWords()
      mix(ofKey, entry.key)
      mixValue(ofKey, entry.value.rdb())
      if (entry.expireAt !== NEVER) xorSha1(ofKey, EXPIRES)
      xorWords(digest, ofKey)
    }
  }
  return hexOf(digest)
}

/** The digest of a value alone (DEBUG DIGEST-VALUE), 40 hexadecimal digits. */
export function valueDigest(value: RdbValue, expires: boolean): string {
  const digest = noWords()
  mixValue(digest, value)
  if (expires) xorSha1(digest, EXPIRES)
  return hexOf(digest)
}

const EXPIRES = Buffer.from('!!expire!!')

function mixValue(digest: Words, value: RdbValue): void {
  mix(digest, number(TYPE_NUMBERS[value.type]))
  switch (value.type) {
    case 'string':
      mix(digest, inOnePiece(value.value))
      break
    case 'list':
      for (const item of value.items) mix(digest, item)
      break
    case 'set':
      for (const member of value.members) xorSha1(digest, member)
      break
    case 'zset':
      for (const { member, score } of value.members) xorPair(digest, member, Buffer.from(doubleText(score)))
      break
    case 'hash':
      for (const { field, value: text } of value.fields) xorPair(digest, field, text)
      break
    case 'stream':
      mixStream(digest, value)
      break
    case 'module':
      break
  }
}

function inOnePiece(value: Bytes | Pieces): Bytes {
  return typeof value === 'string' || Buffer.isBuffer(value) ? value : Buffer.concat([...value.pieces])
}

function mixStream(digest: Words, stream: RdbStream): void {
  for (const { id, fields } of stream.entries) {
    mix(digest, Buffer.from(`${id.ms}.${id.seq}`))
    for (const text of fields) mix(digest, text)
  }
}

/** A pair is mixed on its own, so that its halves keep their order, and then xored in. */
function xorPair(digest: Words, first: Bytes, second: Bytes): void {
  const pair = noWords()
  mix(pair, first)
  mix(pair, second)
  xorWords(digest, pair)
}

function mix(digest: Words, bytes: Bytes): void {
  xorSha1(digest, bytes)
  rehash(digest)
}

/** The hash of a digest's own bytes, taken into another. */
function xorWords(digest: Words, other: Words): void {
  rehash(other)
  for (let i = 0; i < other.length; i++) digest[i]! ^= other[i]!
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
