/**
 * The names of types and encodings, as TYPE and OBJECT ENCODING answer.
 *
 * The file tells the encoding the writer had, with these exceptions, which no file can tell:
 *   - Redis 7.2 and later and Valkey call a small list listpack, and save it as a quicklist of one node;
 *   - a string is embstr up to 44 bytes. One that was changed in place is raw whatever its length; Redis 8.6
 *     and Valkey decide by the length of key and value together;
 *   - a server that reads an older file converts what it reads (a zipmap becomes a listpack).
 */
import { type RdbValueType, TYPE } from './format.ts'

/** The longest string that lies beside its object header. Source: redis `src/object.c`. */
export const EMBEDDED_MAX = 44

/** What a type byte stands for. */
export type Names = { readonly type: RdbValueType; readonly encoding: string }

const NAMES: readonly (Names | undefined)[] = namesByType()

/** Type and encoding of an RDB type byte; undefined for bytes that are no type. */
export function namesOf(rdbType: number): Names | undefined {
  return NAMES[rdbType]
}

/** The encoding of a string value of that length which is not an integer. */
export function stringEncoding(length: number): string {
  return length <= EMBEDDED_MAX ? 'embstr' : 'raw'
}

function namesByType(): (Names | undefined)[] {
  const names: (Names | undefined)[] = []
  const is = (rdbType: number, type: RdbValueType, encoding: string) => {
    names[rdbType] = { type, encoding }
  }
  is(TYPE.STRING, 'string', 'raw')
  is(TYPE.LIST, 'list', 'linkedlist')
  is(TYPE.SET, 'set', 'hashtable')
  is(TYPE.ZSET, 'zset', 'skiplist')
  is(TYPE.HASH, 'hash', 'hashtable')
  is(TYPE.ZSET_2, 'zset', 'skiplist')
  is(TYPE.MODULE_PRE_GA, 'module', 'raw')
  is(TYPE.MODULE_2, 'module', 'raw')
  is(TYPE.HASH_ZIPMAP, 'hash', 'zipmap')
  is(TYPE.LIST_ZIPLIST, 'list', 'ziplist')
  is(TYPE.SET_INTSET, 'set', 'intset')
  is(TYPE.ZSET_ZIPLIST, 'zset', 'ziplist')
  is(TYPE.HASH_ZIPLIST, 'hash', 'ziplist')
  is(TYPE.LIST_QUICKLIST, 'list', 'quicklist')
  is(TYPE.STREAM_LISTPACKS, 'stream', 'stream')
  is(TYPE.HASH_LISTPACK, 'hash', 'listpack')
  is(TYPE.ZSET_LISTPACK, 'zset', 'listpack')
  is(TYPE.LIST_QUICKLIST_2, 'list', 'quicklist')
  is(TYPE.STREAM_LISTPACKS_2, 'stream', 'stream')
  is(TYPE.SET_LISTPACK, 'set', 'listpack')
  is(TYPE.STREAM_LISTPACKS_3, 'stream', 'stream')
  is(TYPE.HASH_METADATA_PRE_GA_OR_VALKEY_HASH_2, 'hash', 'hashtable')
  is(TYPE.HASH_LISTPACK_EX_PRE_GA, 'hash', 'listpackex')
  is(TYPE.HASH_METADATA, 'hash', 'hashtable')
  is(TYPE.HASH_LISTPACK_EX, 'hash', 'listpackex')
  is(TYPE.STREAM_LISTPACKS_4, 'stream', 'stream')
  return names
}
