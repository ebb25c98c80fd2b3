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
import { createHash } from 'node:crypto'
import type { Bytes } from '../../bytes/byte-writer.ts'
import type { Pieces, RdbStream, RdbValue } from '../../codec/rdb/encode-model.ts'
import { doubleText } from '../reply-encoder.ts'
import type { Database } from './database.ts'
import { NEVER } from './entry.ts'

const DIGEST_BYTES = 20
const TYPE_NUMBERS = { string: 0, list: 1, set: 2, zset: 3, hash: 4, module: 5, stream: 6 } as const

/** The digest of all databases, 40 hexadecimal digits. */
export function datasetDigest(databases: Iterable<Database>): string {
  const digest = Buffer.alloc(DIGEST_BYTES)
  for (const db of databases) {
    if (db.size === 0) continue
    mix(digest, number(db.index))
    for (const entry of db.entries.items) {
      const ofKey = Buffer.alloc(DIGEST_BYTES)
      mix(ofKey, entry.key)
      mixValue(ofKey, entry.value.rdb())
      if (entry.expireAt !== NEVER) xor(ofKey, EXPIRES)
      xor(digest, ofKey)
    }
  }
  return digest.toString('hex')
}

/** The digest of a value alone (DEBUG DIGEST-VALUE), 40 hexadecimal digits. */
export function valueDigest(value: RdbValue, expires: boolean): string {
  const digest = Buffer.alloc(DIGEST_BYTES)
  mixValue(digest, value)
  if (expires) xor(digest, EXPIRES)
  return digest.toString('hex')
}

const EXPIRES = Buffer.from('!!expire!!')

function mixValue(digest: Buffer, value: RdbValue): void {
  mix(digest, number(TYPE_NUMBERS[value.type]))
  switch (value.type) {
    case 'string':
      mix(digest, inOnePiece(value.value))
      break
    case 'list':
      for (const item of value.items) mix(digest, item)
      break
    case 'set':
      for (const member of value.members) xor(digest, member)
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

function mixStream(digest: Buffer, stream: RdbStream): void {
  for (const { id, fields } of stream.entries) {
    mix(digest, Buffer.from(`${id.ms}.${id.seq}`))
    for (const text of fields) mix(digest, text)
  }
}

/** A pair is mixed on its own, so that its halves keep their order, and then xored in. */
function xorPair(digest: Buffer, first: Bytes, second: Bytes): void {
  const pair = Buffer.alloc(DIGEST_BYTES)
  mix(pair, first)
  mix(pair, second)
  xor(digest, pair)
}

function mix(digest: Buffer, bytes: Bytes): void {
  xor(digest, bytes)
  sha1(digest).copy(digest)
}

function xor(digest: Buffer, bytes: Bytes): void {
  const hash = sha1(bytes)
  for (let i = 0; i < DIGEST_BYTES; i++) digest[i]! ^= hash[i]!
}

function sha1(bytes: Bytes): Buffer {
  const hash = createHash('sha1')
  return (typeof bytes === 'string' ? hash.update(bytes, 'latin1') : hash.update(bytes)).digest()
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
