/**
 * Damage: what is wrong with a snapshot or a payload, in the words that those who read Redis's log know.
 *
 *   Hash listpack integrity check failed: listpack that says it has 20 bytes … at byte 89
 *   Duplicate hash fields detected at byte 89
 *
 * Redis checks packed values shallowly unless sanitize-dump-payload asks for more. Here everything is always
 * read to its last byte, and what contradicts itself is refused.
 *
 * Source: redis 7.0 `src/rdb.c`, rdbReportError, rdbLoadObject; `src/redis-check-rdb.c`, rdbShowGenericInfo.
 */
import type { RdbFault } from '../../codec/rdb/decode.ts'
import { TYPE } from '../../codec/rdb/format.ts'

/** It is well formed, and says what cannot be. */
export class Damaged extends Error {}

/** A snapshot that cannot be loaded: the message says why, `report` at length. */
export class BadSnapshot extends Error {
  readonly report: readonly string[]

  constructor(problem: string, report: readonly string[] = []) {
    super(problem)
    this.report = report
  }
}

/** What is packed into one string, by the value's type byte. */
const PACKED: Readonly<Record<number, string>> = {
  [TYPE.HASH_ZIPMAP]: 'Zipmap',
  [TYPE.LIST_ZIPLIST]: 'List ziplist',
  [TYPE.SET_INTSET]: 'Intset',
  [TYPE.ZSET_ZIPLIST]: 'Zset ziplist',
  [TYPE.HASH_ZIPLIST]: 'Hash ziplist',
  [TYPE.LIST_QUICKLIST]: 'Ziplist',
  [TYPE.STREAM_LISTPACKS]: 'Stream listpack',
  [TYPE.HASH_LISTPACK]: 'Hash listpack',
  [TYPE.ZSET_LISTPACK]: 'Zset listpack',
  [TYPE.LIST_QUICKLIST_2]: 'Listpack',
  [TYPE.STREAM_LISTPACKS_2]: 'Stream listpack',
}

/** What a fault is called in the log. */
export function damageOf({ code, detail, position, rdbType }: RdbFault): string {
  const where = `${detail} at byte ${position}`
  if (code === 'INPUT_TRUNCATED') return `Unexpected EOF reading RDB file: ${where}`
  const what = rdbType === undefined ? undefined : PACKED[rdbType]
  return what === undefined ? where : `${what} integrity check failed: ${where}`
}

/** What it is called where the value contradicts itself. */
export function contradictionOf({ message }: Damaged, rdbType: number): string {
  const what = PACKED[rdbType]
  const isStream = rdbType === TYPE.STREAM_LISTPACKS || rdbType === TYPE.STREAM_LISTPACKS_2
  return what === undefined || isStream ? message : `${what} integrity check failed: ${message}`
}

/**
 * The lines about a damaged snapshot.
 * @param key whose value was being read, if any
 * @param keys that were read before
 */
export function damageReport(
  what: string,
  position: number,
  key: string | undefined,
  keys: number,
): readonly string[] {
  return [
    `Internal error in RDB reading offset ${position} -> ${what}`,
    '--- RDB ERROR DETECTED ---',
    `[offset ${position}] ${what}`,
    ...(key === undefined ? [] : [`[additional info] Reading key '${key}'`]),
    `[info] ${keys} keys read`,
    'Terminating server after rdb file reading failure.',
  ]
}
