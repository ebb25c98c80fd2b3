/**
 * The numbers of the RDB format: opcodes, value types, and how each type is laid out.
 *
 *   magic+version ( opcode … | type byte, key, value )* 255 [checksum]
 *
 *   REDIS0011 fa <aux> … fe 00 fb 03 01 [fc <expire>] 00 <key> <value> … ff <crc64>
 *
 * Two families share the layout and disagree about two numbers: from version 80 on, Valkey (magic `VALKEY`)
 * uses 22 and 243 for other things than Redis. So the magic chooses the grammar, not the number.
 *
 * Source: redis `src/rdb.h` of 6.0 … 8.6, valkey `src/rdb.h` of 8.1 and 9.1.
 */
export type RdbFamily = 'redis' | 'valkey'

/** Bytes that stand where a value type could, and are something else. */
export const OPCODE = {
  /** Redis ≥ 8.6 (version 13): metadata of the next key. Valkey ≥ 9: slot import job. */
  KEY_META_OR_SLOT_IMPORT: 243,
  SLOT_INFO: 244,
  FUNCTION2: 245,
  /** 7.0 release candidates only. */
  FUNCTION_PRE_GA: 246,
  MODULE_AUX: 247,
  IDLE: 248,
  FREQ: 249,
  AUX: 250,
  RESIZE_DB: 251,
  EXPIRE_MS: 252,
  EXPIRE_S: 253,
  SELECT_DB: 254,
  EOF: 255,
} as const

export const TYPE = {
  STRING: 0,
  LIST: 1,
  SET: 2,
  ZSET: 3,
  HASH: 4,
  ZSET_2: 5,
  MODULE_PRE_GA: 6,
  MODULE_2: 7,
  HASH_ZIPMAP: 9,
  LIST_ZIPLIST: 10,
  SET_INTSET: 11,
  ZSET_ZIPLIST: 12,
  HASH_ZIPLIST: 13,
  LIST_QUICKLIST: 14,
  STREAM_LISTPACKS: 15,
  HASH_LISTPACK: 16,
  ZSET_LISTPACK: 17,
  LIST_QUICKLIST_2: 18,
  STREAM_LISTPACKS_2: 19,
  SET_LISTPACK: 20,
  STREAM_LISTPACKS_3: 21,
  /** Redis 7.4 release candidates: hash with field expiry. Valkey 9: its own hash with field expiry. */
  HASH_METADATA_PRE_GA_OR_VALKEY_HASH_2: 22,
  HASH_LISTPACK_EX_PRE_GA: 23,
  HASH_METADATA: 24,
  HASH_LISTPACK_EX: 25,
  STREAM_LISTPACKS_4: 26,
} as const

/** What TYPE answers, as a person knows it. */
export type RdbValueType = 'string' | 'list' | 'set' | 'zset' | 'hash' | 'stream' | 'module'

/** Special string forms: the low six bits of a length byte 11xxxxxx. */
export const STRING_FORM = { INT8: 0, INT16: 1, INT32: 2, LZF: 3 } as const

/** Modules write their values as a stream of these, so a reader who lacks the module can still walk it. */
export const MODULE_OPCODE = { EOF: 0, SINT: 1, UINT: 2, FLOAT: 3, DOUBLE: 4, STRING: 5 } as const

/** Containers of LIST_QUICKLIST_2 nodes. */
export const QUICKLIST_NODE = { PLAIN: 1, PACKED: 2 } as const

/** The newest versions whose records we know. A higher number is read on, and reported. */
export const KNOWN_VERSION: Readonly<Record<RdbFamily, number>> = { redis: 13, valkey: 80 }

/** AUX since 7, checksum since 5. */
export const CHECKSUM_SINCE = 5
