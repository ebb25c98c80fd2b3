/**
 * Rows of `rdb keys`: one line a key.
 *
 *   default    db0  hash    listpack            3       120 B  2100-01-01T00:00:00Z  user:42
 *   template   {db} {type} {key}  →  0 hash user:42
 *
 * The name of a key is printed as redis-cli prints it: bare where that is unambiguous, quoted otherwise. So
 * a line is always one line, whatever bytes a name is made of.
 */
import { readable } from '../bytes/byte-string.ts'
import type { RdbKeyEnd, RdbString } from '../codec/rdb/events.ts'
import { bytes, count, isoTime } from '../sink/units.ts'
import { UsageError } from '../usage-error.ts'
import { nameJson } from './check-text.ts'

export type Row = (end: RdbKeyEnd) => string

type Field = { readonly says: string; readonly of: (end: RdbKeyEnd, now: number) => string | number }

/** What a template may name. */
const FIELDS: Readonly<Record<string, Field>> = {
  db: { says: 'number of the database', of: ({ of }) => of.db },
  key: { says: 'name, quoted where it must be', of: ({ of }) => nameText(of.key) },
  type: { says: 'as TYPE answers', of: ({ of }) => of.type },
  encoding: { says: 'as OBJECT ENCODING answers', of: ({ of }) => of.encoding },
  items: { says: 'elements', of: (end) => end.items },
  bytes: { says: 'serialized bytes of the whole record', of: (end) => end.bytes },
  ttl: { says: 'seconds left, 0 when over, -1 without expiry', of: ({ of }, now) => ttl(of.expireAt, now) },
  expireAt: { says: 'unix milliseconds', of: ({ of }) => of.expireAt ?? '' },
  expires: { says: 'date and time', of: ({ of }) => timeText(of.expireAt) },
  idle: { says: 'seconds since the last access', of: ({ of }) => of.idle ?? '' },
  freq: { says: 'access counter', of: ({ of }) => of.freq ?? '' },
  position: { says: 'byte of the file', of: ({ of }) => of.position },
}

/** For --help. */
export function fieldsHelp(): string {
  return Object.entries(FIELDS)
    .map(([name, { says }]) => `{${name}} ${says}`)
    .join(', ')
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', '\\': '\\' }

/**
 * Compiles a template: `{field}`, `\t`, `\n`, `\\`; `{{` is a brace.
 * @param now unix ms, from which {ttl} counts
 * @throws UsageError for a field there is not
 */
export function rowTemplate(template: string, now: number): Row {
  const parts: (string | Field)[] = []
  let at = 0
  for (const match of template.matchAll(/\{\{|\{([^{}]*)\}|\\([tn\\])/g)) {
    parts.push(template.slice(at, match.index))
    at = match.index + match[0].length
    if (match[0] === '{{') parts.push('{')
    else if (match[2] !== undefined) parts.push(ESCAPES[match[2]]!)
    else parts.push(fieldOf(match[1]!))
  }
  parts.push(template.slice(at))
  return (end) => parts.map((part) => (typeof part === 'string' ? part : part.of(end, now))).join('')
}

function fieldOf(name: string): Field {
  const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined
  if (field !== undefined) return field
  throw new UsageError(`--format: there is no {${name}}; there are {${Object.keys(FIELDS).join('}, {')}}`)
}

/** Aligned columns, the name last, because only it has no bound. */
export function alignedRow({ of, items, bytes: size }: RdbKeyEnd): string {
  const { db, key, type, encoding, expireAt } = of
  const what = `${`db${db}`.padEnd(5)} ${type.padEnd(7)} ${encoding.padEnd(10)}`
  const long = (type === 'string' ? '–' : count(items)).padStart(11)
  const sizes = `${long} ${bytes(size).padStart(10)}`
  return `${what} ${sizes}  ${timeText(expireAt).padEnd(20)}  ${nameText(key)}`
}

/** The heading of alignedRow, for a terminal. */
export function alignedHeading(): string {
  const what = `${'db'.padEnd(5)} ${'type'.padEnd(7)} ${'encoding'.padEnd(10)}`
  const sizes = `${'elements'.padStart(11)} ${'bytes'.padStart(10)}`
  return `${what} ${sizes}  ${'expires'.padEnd(20)}  key`
}

/** A snapshot-key event, as a proxy would tell it, without what only a link has. */
export function keyEventJson({ of, items, bytes: size }: RdbKeyEnd): string {
  const { db, key, type, encoding, expireAt, position } = of
  return JSON.stringify({
    v: 1,
    kind: 'snapshot-key',
    db,
    key: nameJson(key),
    type,
    encoding,
    items,
    bytes: size,
    position,
    ...(expireAt === undefined ? {} : { expireAt }),
  })
}

function nameText(name: RdbString): string {
  return typeof name === 'string' ? readable(name) : `${readable(name.preview)}… (${name.bytes} B)`
}

function timeText(expireAt: number | undefined): string {
  return expireAt === undefined ? '' : `${isoTime(expireAt * 1000).slice(0, 19)}Z`
}

function ttl(expireAt: number | undefined, now: number): number {
  return expireAt === undefined ? -1 : Math.max(0, Math.ceil((expireAt - now) / 1000))
}
