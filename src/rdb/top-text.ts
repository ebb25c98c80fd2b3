/** The answer of `rdb top`, for people and for programs. */
import { toJson } from '../bytes/byte-string.ts'
import type { RdbKeyEnd } from '../codec/rdb/events.ts'
import type { Palette } from '../sink/palette.ts'
import { type Align, table } from '../sink/tables.ts'
import { bytes, count, counted, share } from '../sink/units.ts'
import { nameJson } from './check-text.ts'
import { shown } from './origin.ts'
import type { Prefixes, PrefixTotals } from './prefixes.ts'

const KEY_SHOWN = 60

/** @param whole bytes of all keys */
export function keysText(keys: readonly RdbKeyEnd[], whole: number, paint: Palette): string {
  const rows = keys.map((end, i) => [
    count(i + 1),
    bytes(end.bytes),
    share(end.bytes, whole),
    end.of.type === 'string' ? '–' : count(end.items),
    end.of.type,
    end.of.encoding,
    `db${end.of.db}`,
    shown(end.of.key, KEY_SHOWN),
  ])
  const head = ['', 'bytes', 'share', 'elements', 'type', 'encoding', 'db', 'key']
  const aligns: Align[] = ['right', 'right', 'right', 'right', 'left', 'left', 'left', 'left']
  return table(head, rows, aligns, paint)
}

export function keyJson(end: RdbKeyEnd): object {
  const { db, key, type, encoding, expireAt } = end.of
  const expiry = expireAt === undefined ? {} : { expireAt }
  return { db, key: nameJson(key), type, encoding, items: end.items, bytes: end.bytes, ...expiry }
}

export function prefixesText(prefixes: Prefixes, limit: number, whole: number, paint: Palette): string {
  const largest = prefixes.largest(limit)
  const { others, isApproximate } = prefixes
  const line = (totals: PrefixTotals, name: string) => [
    bytes(totals.bytes),
    ...(isApproximate ? [totals.missing > 0 ? `+ ${bytes(totals.missing)}` : 'exact'] : []),
    share(totals.bytes, whole),
    count(totals.keys),
    bytes(Math.round(totals.bytes / Math.max(1, totals.keys))),
    name,
  ]
  const rows = largest.map((totals) => line(totals, shown(totals.prefix, KEY_SHOWN)))
  if (others.keys > 0) rows.push(line(others, '(no prefix)'))
  const head = ['bytes', ...(isApproximate ? ['or up to'] : []), 'share', 'keys', 'a key', 'prefix']
  const aligns: Align[] = head.map((name) => (name === 'prefix' ? 'left' : 'right'))
  const drawn = table(head, rows, aligns, paint)
  if (!isApproximate) return drawn
  const reason = 'There are more prefixes than are kept in memory; rarer ones were forgotten on the way.'
  return `${drawn}\n\n Approximate. ${reason} A smaller --depth is exact.`
}

export function prefixJson({ prefix, keys, bytes, items, missing }: PrefixTotals): object {
  return { prefix: toJson(prefix), keys, items, bytes, ...(missing > 0 ? { missingUpTo: missing } : {}) }
}

/** One line above the table. */
export function topHeading(file: string, keys: number, whole: number, paint: Palette): string {
  return ` ${paint.heading(file)}  ${counted(keys, 'key')}, ${bytes(whole)}`
}
