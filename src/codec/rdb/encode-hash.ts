/**
 * Hashes: packed when small, else field by field; with expiry of fields since 7.4.
 *
 *   16 HASH_LISTPACK / 13 HASH_ZIPLIST   string = field, value, …
 *    4 HASH                              length n, n × ( string field, string value )
 *   25 HASH_LISTPACK_EX   8 bytes LE earliest expiry; string = listpack of field, value, expiry, …
 *   24 HASH_METADATA      8 bytes LE earliest expiry; length n; n × ( length t, string field, string value )
 *
 * In 25 fields are sorted by expiry, 0 is none, and those come last. In 24 t is 0 for none, else the expiry
 * less the earliest, plus 1. Source: redis 7.0 and 8.0 `src/t_hash.c`, `src/rdb.c`.
 */
import type { Counted, RdbField, RdbHash } from './encode-model.ts'
import { checkCount, type RdbOutput, type Steps } from './encode-output.ts'
import { TYPE } from './format.ts'

const LISTPACK_SINCE = 10
const FIELD_EXPIRY_SINCE = 12

/** Writes a hash; returns the steps that are left to do if it is large. */
export function writeHash(out: RdbOutput, value: RdbHash): Steps | undefined {
  const { fields, minExpireAt } = value
  const packed = value.plain !== true && fitsPacked(out, fields)
  if (minExpireAt !== undefined) {
    if (out.version >= FIELD_EXPIRY_SINCE) {
      if (packed) writeExpiringListpack(out, fields, minExpireAt)
      return packed ? undefined : plainExpiring(out, fields, minExpireAt)
    }
    out.lose('field-expiry', 'expiry of hash fields needs RDB version 12')
  }
  if (!packed) return plain(out, fields)
  const isListpack = out.version >= LISTPACK_SINCE
  const builder = isListpack ? out.listpack : out.ziplist
  builder.reset()
  for (const { field, value } of fields) {
    builder.add(field)
    builder.add(value)
  }
  out.begin(isListpack ? TYPE.HASH_LISTPACK : TYPE.HASH_ZIPLIST)
  out.string(builder.finish())
  return undefined
}

function* plain(out: RdbOutput, fields: Counted<RdbField>): Steps {
  out.begin(TYPE.HASH)
  let walked = 0
  out.length(fields.length)
  for (const { field, value } of fields) {
    walked++
    out.string(field)
    out.string(value)
    if (out.full) yield
  }
  checkCount(fields.length, walked)
}

function* plainExpiring(out: RdbOutput, fields: Counted<RdbField>, minExpireAt: number): Steps {
  out.begin(TYPE.HASH_METADATA)
  out.writer.i64le(minExpireAt)
  let walked = 0
  out.length(fields.length)
  for (const { field, value, expireAt } of fields) {
    if (expireAt !== undefined && expireAt < minExpireAt) {
      throw new RangeError(`a field expires at ${expireAt}, before the earliest said, ${minExpireAt}`)
    }
    out.length(expireAt === undefined ? 0 : expireAt - minExpireAt + 1)
    walked++
    out.string(field)
    out.string(value)
    if (out.full) yield
  }
  checkCount(fields.length, walked)
}

function writeExpiringListpack(out: RdbOutput, fields: Counted<RdbField>, minExpireAt: number): void {
  const { listpack } = out
  const sorted = [...fields].sort((a, b) => expiryOf(a) - expiryOf(b))
  listpack.reset()
  for (const { field, value, expireAt } of sorted) {
    listpack.add(field)
    listpack.add(value)
    listpack.addInteger(expireAt ?? 0)
  }
  out.begin(TYPE.HASH_LISTPACK_EX)
  out.writer.i64le(minExpireAt)
  out.string(listpack.finish())
}

/** Fields without expiry sort behind all others. */
function expiryOf(field: RdbField): number {
  return field.expireAt ?? Number.MAX_SAFE_INTEGER
}

function fitsPacked(out: RdbOutput, fields: Counted<RdbField>): boolean {
  const { hashEntries, hashValue } = out.limits
  if (fields.length > hashEntries) return false
  for (const { field, value } of fields) {
    if (field.length > hashValue || value.length > hashValue) return false
  }
  return true
}
