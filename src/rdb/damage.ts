/**
 * Damage in words: where, while reading what, of which key, and how much is good before it.
 *
 *   broken.rdb: damaged at byte 1,048,601 while reading field 3 of hash "user:1042" (type 16, listpack): …
 *   4,102 keys before it are good.
 */
import { quoted } from '../bytes/byte-string.ts'
import type { RdbFault } from '../codec/rdb/decode.ts'
import { namesOf } from '../codec/rdb/encoding.ts'
import type { RdbEnd, RdbEvent, RdbString } from '../codec/rdb/events.ts'
import { count, counted } from '../sink/units.ts'

const KEY_SHOWN = 60

/** What the elements of a type are called. */
const ELEMENT: Readonly<Record<string, string>> = {
  list: 'item',
  set: 'member',
  zset: 'member',
  hash: 'field',
  stream: 'entry',
  module: 'value',
}

/** Counts the elements of the present key, so that damage can be told to the element. */
export class ElementCount {
  elements = 0

  event(event: RdbEvent): void {
    if (event.kind === 'key') this.elements = 0
    else if (event.kind === 'stream-entry') this.elements += event.more ? 0 : 1
    else if (isElement(event.kind)) this.elements++
  }
}

function isElement(kind: RdbEvent['kind']): boolean {
  return (
    kind === 'list-item' ||
    kind === 'set-member' ||
    kind === 'zset-member' ||
    kind === 'hash-field' ||
    kind === 'module-value'
  )
}

/**
 * @param file as the user named it
 * @param elements of the damaged value that were read before the damage, where that was counted
 */
export function damageText(file: string, fault: RdbFault, elements: number | undefined): string {
  const where = `${file}: damaged at byte ${count(fault.position)} while reading ${whatText(fault, elements)}`
  return `${where}: ${grouped(fault.detail)}.\n${goodBefore(fault.keys)}`
}

/** A snapshot that was read to its end and is not what was written. */
export function checksumText(file: string, end: RdbEnd): string {
  const sums = `the file says ${end.expected}, its bytes make ${end.computed}`
  const keys = `All ${counted(end.keys, 'key')} could be read, none can be trusted.`
  return `${file}: the checksum is wrong: ${sums}. ${keys}`
}

function goodBefore(keys: number): string {
  if (keys === 0) return 'No key before it is good.'
  return keys === 1 ? '1 key before it is good.' : `${count(keys)} keys before it are good.`
}

function whatText({ reading, db, key, rdbType }: RdbFault, elements: number | undefined): string {
  const names = rdbType === undefined ? undefined : namesOf(rdbType)
  if (key === undefined || names === undefined) return reading
  const part = ELEMENT[names.type]
  const place = elements === undefined || part === undefined ? '' : `${part} ${count(elements + 1)} of `
  const database = db === 0 ? '' : ` in db ${db}`
  return `${place}${names.type} ${keyText(key)}${database} (type ${rdbType}, ${names.encoding})`
}

function keyText(key: RdbString): string {
  const text = typeof key === 'string' ? key : key.preview
  return text.length <= KEY_SHOWN ? quoted(text) : `${quoted(text.slice(0, KEY_SHOWN))}…`
}

/** Numbers of four digits and more with separators. */
function grouped(text: string): string {
  return text.replace(/\b\d{4,15}\b/g, (digits) => count(Number(digits)))
}
