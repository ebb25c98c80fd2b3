/**
 * SizedRecord: what a `key` and its `key-end` say at detail 'sizes', in one object that is used again.
 *
 * Two events for each of a million records that are only counted cost as much as walking over them. Whoever
 * wants to keep one takes its keyEnd().
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { namesOf } from './encoding.ts'
import type { RdbKeyEnd } from './events.ts'
import type { RdbValueType } from './format.ts'

export class SizedRecord {
  db = 0
  rdbType = 0
  type: RdbValueType = 'string'
  encoding = ''
  /** Whether there is an expiry. */
  expires = false
  expireAt = 0
  /** -1: not told. */
  idle = -1
  freq = -1
  position = 0
  items = 0
  bytes = 0
  valueBytes = 0

  /** A record of that type. The encoding of a string depends on its value. */
  become(rdbType: number): void {
    const names = namesOf(rdbType)!
    this.rdbType = rdbType
    this.type = names.type
    this.encoding = names.encoding
  }

  /** The event that would have been told, for keeps. */
  keyEnd(): RdbKeyEnd {
    const { db, rdbType, type, encoding, expires, idle, freq, position, items, bytes, valueBytes } = this
    const of = {
      kind: 'key',
      db,
      key: '' as ByteString,
      type,
      encoding,
      rdbType,
      expireAt: expires ? this.expireAt : undefined,
      idle: idle < 0 ? undefined : idle,
      freq: freq < 0 ? undefined : freq,
      module: undefined,
      position,
    } as const
    return { kind: 'key-end', of, items, bytes, valueBytes }
  }
}
