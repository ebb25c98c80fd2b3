/**
 * A difference in words, and as JSON.
 *
 *   only in A  db 0  string  foo
 *   differs    db 0  hash    user:1  field "name": "bob" in A, "alice" in B
 *   differs    db 3  list    queue   item 17: "x" in A, absent in B
 *
 * Where two long strings begin alike, they are shown from shortly before the byte in which they differ.
 */
import { quoted, readable, toJson } from '../bytes/byte-string.ts'
import type { RdbString } from '../codec/rdb/events.ts'
import type { Difference } from './diff.ts'
import type { Part } from './diff-digest.ts'
import type { FirstDifference, Told } from './diff-record.ts'

const SHOWN_BYTES = 40
/** Bytes that are alike, shown before the one that is not. */
const CONTEXT_BYTES = 8

/** Of the two snapshots, in text. */
export type Names = readonly [first: string, second: string]

/** One line without its end. */
export function differenceText(difference: Difference, names: Names): string {
  if (difference.kind === 'function') {
    const { library, line, first, second } = difference
    if (difference.in !== undefined)
      return `only in ${names[difference.in]}  function library ${readable(library)}`
    const told = sides({ first: first ?? null, second: second ?? null }, names)
    return `differs  function library ${readable(library)}  line ${line}: ${told}`
  }
  const place = `db ${difference.db}  ${difference.type}  ${name(difference.key)}`
  if (difference.kind === 'only') return `only in ${names[difference.in]}  ${place}`
  if (difference.kind === 'twice')
    return `twice in ${names[difference.in]}  ${place}  (the first was compared)`
  const { first } = difference
  if (first === undefined) return `differs  ${place}  in something that is too long to be told`
  return `differs  ${place}  ${placeText(first)}${sides(first, names, isTime(first) ? timeText : text)}`
}

/** As an object for one line of NDJSON; `first` and `second` are left out where there is nothing. */
export function differenceJson(difference: Difference): object {
  if (difference.kind === 'function') {
    const { library, line, first, second } = difference
    if (difference.in !== undefined) return { difference: 'only', in: side(difference.in), library }
    return { difference: 'function', library, line, first: jsonPart(first), second: jsonPart(second) }
  }
  const { db, type } = difference
  const place = { db, key: jsonPart(difference.key), type }
  if (difference.kind !== 'differs') return { difference: difference.kind, in: side(difference.in), ...place }
  const { first: told } = difference
  if (told === undefined) return { difference: 'differs', ...place }
  const { where, part } = told
  return {
    difference: 'differs',
    ...place,
    what: told.name,
    where: where.length > 0 ? where.map(jsonPart) : undefined,
    part: part === '' ? undefined : part,
    first: jsonPart(told.first),
    second: jsonPart(told.second),
    absent: told.first === null ? 'first' : told.second === null ? 'second' : undefined,
  }
}

function side(which: 0 | 1): string {
  return which === 0 ? 'first' : 'second'
}

function placeText({ name: what, where, part }: FirstDifference): string {
  const words = [what, ...where.map((one, i) => (isBare(what, i) ? String(one) : text(one)))]
  return `${words.join(' ')}${part === '' ? '' : `, ${part}`}: `
}

/** Ids and indexes are not quoted; of a pending entry the last is the id. */
function isBare(what: string, i: number): boolean {
  if (what === 'entry' || what === 'item' || what === 'module value' || what === 'metadata') return true
  return (what === 'pending entry' && i === 1) || (what === 'entry pending for consumer' && i === 2)
}

function isTime({ name: what, part }: FirstDifference): boolean {
  return what === 'expiry' || part === 'expiry' || part === 'delivered at' || /^(seen|active) at$/.test(part)
}

function sides(
  { first, second }: { readonly first: Told; readonly second: Told },
  names: Names,
  form: (part: Part, from: number) => string = text,
): string {
  const from = commonStart(first, second)
  const told = (one: Told, in_: string) =>
    one === null ? `absent in ${in_}` : one === undefined ? `none in ${in_}` : `${form(one, from)} in ${in_}`
  // Of a member there is no more to say than who has it.
  if (first === undefined && second === null) return `only in ${names[0]}`
  if (first === null && second === undefined) return `only in ${names[1]}`
  const at = from > 0 ? `from byte ${from}: ` : ''
  return `${at}${told(first, names[0])}, ${told(second, names[1])}`
}

/** From where on two strings are worth showing. */
function commonStart(first: Told, second: Told): number {
  if (typeof first !== 'string' || typeof second !== 'string') return 0
  let same = 0
  while (same < first.length && first[same] === second[same]) same++
  return same > SHOWN_BYTES - CONTEXT_BYTES ? same - CONTEXT_BYTES : 0
}

function timeText(part: Part): string {
  const date = new Date(Number(part))
  return Number.isNaN(date.getTime()) ? String(part) : date.toISOString()
}

function text(part: Part, from = 0): string {
  if (part === undefined) return 'none'
  if (typeof part === 'number' || typeof part === 'bigint') return String(part)
  if (typeof part !== 'string') {
    return `${quoted(part.preview.slice(0, SHOWN_BYTES))}… (${part.bytes} B, crc64 ${part.hash})`
  }
  if (part.length - from <= SHOWN_BYTES) return quoted(part.slice(from))
  return `${quoted(part.slice(from, from + SHOWN_BYTES))}… (${part.length} B)`
}

function name(key: RdbString): string {
  if (typeof key !== 'string') return text(key)
  return key.length > 4 * SHOWN_BYTES ? text(key) : readable(key)
}

function jsonPart(part: Told): unknown {
  if (part === null || part === undefined) return undefined
  if (typeof part === 'bigint') return String(part)
  if (typeof part === 'number') return Number.isFinite(part) ? part : String(part)
  if (typeof part === 'string') return toJson(part)
  return { bytes: part.bytes, preview: toJson(part.preview), crc64: part.hash }
}
