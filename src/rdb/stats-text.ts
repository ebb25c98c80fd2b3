/**
 * The answer of `rdb stats`: on one screen for people, as one object for programs.
 *
 *  keys     keys     elements   bytes      share    with expiry   encodings
 *  bytes    average  median     p99        max      of key
 *  elements average  median     p99        max      of key
 */
import type { RdbKeyEnd } from '../codec/rdb/events.ts'
import type { Micros } from '../replication/events.ts'
import type { Palette } from '../sink/palette.ts'
import { type Align, table } from '../sink/tables.ts'
import { bytes, count, counted, duration, share } from '../sink/units.ts'
import { nameJson } from './check-text.ts'
import { type Origin, shown } from './origin.ts'
import type { SizeHistogram } from './size-histogram.ts'
import type { Stats, TypeStats } from './stats.ts'

const KEY_SHOWN = 40
const DATABASES_SHOWN = 8
const ENCODINGS_SHOWN = 3
const AUX_WIDTH = 96

export function statsText(file: string, stats: Stats, elapsed: Micros, paint: Palette): string {
  const { origin, types } = stats
  const parts = [heading(file, origin, elapsed, paint)]
  if (types.length > 0) {
    parts.push(keysTable(types, paint))
    parts.push(sizeTable('bytes', types, (stats) => [stats.bytes, stats.largest, bytes], paint))
    const collections = types.filter(({ type }) => type !== 'string')
    if (collections.length > 0) {
      parts.push(sizeTable('elements', collections, (stats) => [stats.items, stats.longest, count], paint))
    }
  }
  parts.push(facts(origin, paint))
  return parts.join('\n\n')
}

function heading(file: string, origin: Origin, elapsed: Micros, paint: Palette): string {
  const size = origin.end === undefined ? 'damaged' : bytes(origin.end.bytes)
  const keys = counted(origin.keys, 'key')
  return ` ${paint.heading(file)}  ${keys}, ${size}, ${origin.versionText}, read in ${duration(elapsed)}`
}

function keysTable(types: readonly TypeStats[], paint: Palette): string {
  const whole = sum(types, ({ bytes }) => bytes.sum)
  const rows = types.map((stats) => [
    stats.type,
    count(stats.keys),
    stats.type === 'string' ? '–' : count(stats.items.sum),
    bytes(stats.bytes.sum),
    share(stats.bytes.sum, whole),
    count(stats.expiring),
    encodingsText(stats),
  ])
  if (types.length > 1) {
    const collections = types.filter(({ type }) => type !== 'string')
    rows.push([
      'all',
      count(sum(types, ({ keys }) => keys)),
      count(sum(collections, ({ items }) => items.sum)),
      bytes(whole),
      '',
      count(sum(types, ({ expiring }) => expiring)),
      '',
    ])
  }
  const head = ['type', 'keys', 'elements', 'bytes', 'share', 'with expiry', 'encodings']
  return table(head, rows, ['left', 'right', 'right', 'right', 'right', 'right', 'left'], paint)
}

function encodingsText({ encodings, keys }: TypeStats): string {
  if (encodings.length === 1) return encodings[0]![0]
  // Of very many, a few are told by their number: 0.0 % would say nothing.
  const part = (some: number) => (some * 1000 < keys ? count(some) : share(some, keys))
  const shares = encodings.slice(0, ENCODINGS_SHOWN).map(([name, some]) => `${name} ${part(some)}`)
  return encodings.length > ENCODINGS_SHOWN ? `${shares.join(', ')}, …` : shares.join(', ')
}

type Sizes = readonly [SizeHistogram, RdbKeyEnd | undefined, (value: number) => string]

function sizeTable(
  name: string,
  types: readonly TypeStats[],
  sizesOf: (stats: TypeStats) => Sizes,
  paint: Palette,
): string {
  const rows = types.map((stats) => {
    const [sizes, holder, text] = sizesOf(stats)
    const figures = [sizes.average, sizes.quantile(0.5), sizes.quantile(0.99), sizes.max]
    return [stats.type, ...figures.map((value) => text(Math.round(value))), keyText(holder)]
  })
  const aligns: Align[] = ['left', 'right', 'right', 'right', 'right', 'left']
  return table([name, 'average', 'median', 'p99', 'max', 'of key'], rows, aligns, paint)
}

function keyText(holder: RdbKeyEnd | undefined): string {
  if (holder === undefined) return ''
  const { db, key } = holder.of
  return `${shown(key, KEY_SHOWN)}${db === 0 ? '' : ` in db ${db}`}`
}

function facts(origin: Origin, paint: Palette): string {
  const lines: [string, string][] = []
  const aux = origin.auxTexts().map(([name, value]) => `${name} ${value}`)
  if (aux.length > 0) lines.push(['aux', cut(aux.join(', '), AUX_WIDTH)])
  lines.push(['databases', databasesText(origin)])
  if (origin.functions > 0) lines.push(['functions', counted(origin.functions, 'library', 'libraries')])
  if (origin.modules.size > 0) lines.push(['modules', [...origin.modules].join(', ')])
  lines.push(['checksum', checksumText(origin, paint)])
  return lines.map(([name, text]) => ` ${paint.heading(name.padEnd(10))} ${text}`).join('\n')
}

function databasesText({ databases }: Origin): string {
  const texts = [...databases].map(([db, { keys, expiring }]) => {
    return `db${db} ${counted(keys, 'key')}${expiring > 0 ? ` (${count(expiring)} with expiry)` : ''}`
  })
  if (texts.length === 0) return 'none has keys'
  const more = texts.length - DATABASES_SHOWN
  return texts.slice(0, DATABASES_SHOWN).join(', ') + (more > 0 ? ` and ${count(more)} more` : '')
}

function checksumText({ end }: Origin, paint: Palette): string {
  if (end === undefined) return paint.bad('not reached')
  if (end.checksum === 'bad') return paint.bad(`bad: ${end.expected} stored, ${end.computed} computed`)
  return end.checksum === 'good' ? `good (${end.expected})` : 'absent'
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}

export function statsJson(file: string, stats: Stats, elapsed: Micros): object {
  const { origin } = stats
  const { header, end } = origin
  return {
    file,
    keys: origin.keys,
    bytes: end?.bytes ?? null,
    rdbVersion: header?.version ?? null,
    family: header?.family ?? null,
    writer: origin.writer ?? null,
    checksum: end?.checksum ?? null,
    functions: origin.functions,
    aux: origin.auxJson(),
    databases: [...origin.databases].map(([db, counts]) => ({ db, ...counts })),
    types: stats.types.map(typeJson),
    ms: Math.round(elapsed / 1000),
  }
}

function typeJson({ type, keys, expiring, encodings, bytes, items, largest, longest }: TypeStats): object {
  return {
    type,
    keys,
    expiring,
    encodings: Object.fromEntries(encodings),
    bytes: sizesJson(bytes, largest),
    items: sizesJson(items, longest),
  }
}

function sizesJson(sizes: SizeHistogram, holder: RdbKeyEnd | undefined): object {
  const figures = { average: sizes.average, median: sizes.quantile(0.5), p99: sizes.quantile(0.99) }
  const of = holder === undefined ? {} : { maxDb: holder.of.db, maxKey: nameJson(holder.of.key) }
  return { sum: sizes.sum, ...figures, max: sizes.max, ...of }
}
