/** The filters of `rdb keys` and `rdb json`: how they are declared, and what they mean. */

import type { ByteString } from '../bytes/byte-string.ts'
import { fromText, toText } from '../bytes/byte-string.ts'
import { globMatcher } from '../bytes/glob.ts'
import type { RdbValueType } from '../codec/rdb/format.ts'
import { systemNow } from '../io/system-clock.ts'
import { KeyFilter, type Range } from '../rdb/key-filter.ts'
import { UsageError } from '../usage-error.ts'
import { last, parseSize } from './session-options.ts'

const TYPES: readonly RdbValueType[] = ['string', 'list', 'set', 'zset', 'hash', 'stream', 'module']

/** As yargs is told. */
export const FILTER_OPTIONS = {
  match: {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    describe: "keys that match a glob: 'user:*'",
  },
  regex: {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    describe: "keys that match a regular expression: '^user:[0-9]+$'",
  },
  type: {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    describe: `only these types: ${TYPES.join(', ')}`,
  },
  db: {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    describe: 'only this database, or a range: 0..3',
  },
  expires: {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    describe: 'none, any, or a range of times or of durations from now: 2026-01-01..2026-02-01, ..1h',
  },
  items: {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    describe: 'number of elements: 1000.., ..5, 3',
  },
  bytes: {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    describe: 'serialized size: 1mb.., 10kb..1mb',
  },
  limit: { type: 'string', coerce: last<string>, requiresArg: true, describe: 'no more keys than this' },
} as const

/** As yargs gives them. */
export type FilterArguments = {
  readonly match?: string | undefined
  readonly regex?: string | undefined
  readonly type?: string | undefined
  readonly db?: string | undefined
  readonly expires?: string | undefined
  readonly items?: string | undefined
  readonly bytes?: string | undefined
  readonly limit?: string | undefined
}

/** @param now unix ms, from which durations count @throws UsageError */
export function keyFilter(args: FilterArguments, now = systemNow() / 1000): KeyFilter {
  const { match, regex, type, db, expires, items, bytes } = args
  return new KeyFilter({
    names: [
      ...(match === undefined ? [] : [globMatcher(fromText(match))]),
      ...(regex === undefined ? [] : [regexMatcher(regex)]),
    ],
    types: type === undefined ? undefined : typesOf(type),
    databases: db === undefined ? undefined : rangeOf('--db', db, wholeNumber),
    expires: expires === undefined ? undefined : expiryOf(expires, now),
    items: items === undefined ? undefined : rangeOf('--items', items, wholeNumber),
    bytes: bytes === undefined ? undefined : rangeOf('--bytes', bytes, parseSize),
  })
}

/** @throws UsageError */
export function limitOf({ limit }: FilterArguments): number {
  return limit === undefined ? Number.POSITIVE_INFINITY : wholeNumber('--limit', limit)
}

/** `low..high`, `low..`, `..high`, or one value. @throws UsageError */
export function rangeOf(
  option: string,
  text: string,
  parse: (option: string, text: string) => number,
): Range {
  const dots = text.indexOf('..')
  if (dots < 0) {
    const value = parse(option, text)
    return { low: value, high: value }
  }
  const [from, to] = [text.slice(0, dots).trim(), text.slice(dots + 2).trim()]
  const low = from === '' ? Number.NEGATIVE_INFINITY : parse(option, from)
  const high = to === '' ? Number.POSITIVE_INFINITY : parse(option, to)
  if (low > high) throw new UsageError(`${option}: "${text}" is empty, ${from} lies behind ${to}`)
  return { low, high }
}

/** @throws UsageError */
export function wholeNumber(option: string, text: string): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(value)) throw new UsageError(`${option}: "${text}" is no whole number`)
  return value
}

function typesOf(list: string): Set<RdbValueType> {
  const names = list.split(',').map((name) => name.trim().toLowerCase())
  for (const name of names) {
    if (!(TYPES as readonly string[]).includes(name)) {
      throw new UsageError(`--type: "${name}" is no type; there are ${TYPES.join(', ')}`)
    }
  }
  return new Set(names as RdbValueType[])
}

/** Matches the text of a name, or where it is not UTF-8 its bytes as characters. */
function regexMatcher(pattern: string): (name: string) => boolean {
  let regex: RegExp
  try {
    regex = new RegExp(pattern, 'u')
  } catch (error) {
    throw new UsageError(`--regex: ${(error as Error).message}`)
  }
  return (name) => regex.test(toText(name as ByteString) ?? name)
}

function expiryOf(text: string, now: number): 'none' | 'any' | Range {
  if (text === 'none' || text === 'any') return text
  if (!text.includes('..')) {
    throw new UsageError(`--expires: "${text}" is neither none, any, nor a range like ..1h or 2026-01-01..`)
  }
  return rangeOf('--expires', text, (option, end) => timeOf(option, end, now))
}

const DURATIONS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/**
 * A time as unix milliseconds: a duration from now (`90s`, `1h`), a date (`2026-01-01`), or such a number.
 */
function timeOf(option: string, text: string, now: number): number {
  const duration = /^(-?\d+)(ms|s|m|h|d)$/.exec(text)
  if (duration !== null) return now + Number(duration[1]) * DURATIONS[duration[2]!]!
  if (/^\d{11,}$/.test(text)) return Number(text)
  const date = /^\d{4}-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(date)) {
    throw new UsageError(
      `${option}: "${text}" is no time; write 90s, 1h, 2026-01-31, 2026-01-31T12:00Z or unix ms`,
    )
  }
  return date
}
