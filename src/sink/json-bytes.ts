/**
 * Byte strings in JSON: text where they are UTF-8, {"b64": …} where they are not, and a description of
 * those that are too long to hold.
 */
import { toJson } from '../bytes/byte-string.ts'
import type { MaybeLong } from '../bytes/long-bytes.ts'
import type { RdbString } from '../codec/rdb/events.ts'

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

export function bytesJson(value: MaybeLong): Json {
  if (typeof value === 'string') return toJson(value) as Json
  const hash = value.sha256 === undefined ? {} : { sha256: value.sha256 }
  return { bytes: value.bytes, preview: toJson(value.preview) as Json, ...hash }
}

/** The same for strings of a snapshot, whose hash is another. */
export function rdbStringJson(value: RdbString): Json {
  if (typeof value === 'string') return toJson(value) as Json
  return { bytes: value.bytes, preview: toJson(value.preview) as Json, crc64: value.hash }
}
