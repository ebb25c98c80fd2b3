/** What a snapshot may hold and we cannot. */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { RdbString } from '../../codec/rdb/events.ts'

/** The value cannot be held here: a type or an attribute that this version of Redis does not know. */
export class Unloadable extends Error {}

/** The decoder was told to keep everything; longer strings do not fit into a value. */
export function whole(value: RdbString): ByteString {
  if (typeof value === 'string') return value
  throw new Unloadable(`a string of ${value.bytes} bytes`)
}
