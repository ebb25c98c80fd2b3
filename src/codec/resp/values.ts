/**
 * RespValue: everything a server may answer, RESP2 and RESP3, as data.
 *
 * Strings are ByteStrings, or LongBytes where they are too long to hold. Aggregates keep at most a bounded
 * number of elements (see limits.ts); `length` is always the true one.
 *
 * Source: the RESP specification (redis.io/docs/latest/develop/reference/protocol-spec) and redis
 * `src/networking.c`.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { MaybeLong } from '../../bytes/long-bytes.ts'

export type RespValue =
  | { readonly type: 'simple'; readonly value: ByteString }
  /** `-ERR …` and RESP3's bulk form `!`. */
  | { readonly type: 'error'; readonly value: MaybeLong }
  /** A bigint only where a double would not be exact. */
  | { readonly type: 'integer'; readonly value: number | bigint }
  | { readonly type: 'bulk'; readonly value: MaybeLong }
  /** RESP3 `=`: a bulk whose first three bytes name its format (`txt`, `mkd`). */
  | { readonly type: 'verbatim'; readonly format: ByteString; readonly value: MaybeLong }
  /** `$-1`, `*-1` and RESP3's `_`. */
  | { readonly type: 'null' }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'bignum'; readonly value: ByteString }
  | {
      readonly type: 'array' | 'set' | 'push'
      readonly length: number
      readonly items: readonly RespValue[]
    }
  /**
   * `length` counts pairs; `items` alternates keys and values. An attribute precedes the value it
   * describes.
   */
  | { readonly type: 'map' | 'attribute'; readonly length: number; readonly items: readonly RespValue[] }
