/** The answer of `rdb check`, for people and for programs. */
import { toJson } from '../bytes/byte-string.ts'
import type { RdbFault } from '../codec/rdb/decode.ts'
import { namesOf } from '../codec/rdb/encoding.ts'
import type { RdbString } from '../codec/rdb/events.ts'
import type { Micros } from '../replication/events.ts'
import { bytes, counted, duration } from '../sink/units.ts'
import { checksumText, damageText } from './damage.ts'
import type { Origin } from './origin.ts'

/** What was found in one file. */
export type Checked = {
  readonly file: string
  readonly origin: Origin
  readonly fault: RdbFault | undefined
  /** Elements of the damaged value that are good; undefined where they were not counted. */
  readonly elements: number | undefined
  /** Bytes behind the snapshot. */
  readonly extra: number
  readonly elapsed: Micros
}

export function isGood({ fault, origin }: Checked): boolean {
  return fault === undefined && origin.end?.checksum !== 'bad'
}

/** One line for a good file, two for a damaged one. */
export function checkText(checked: Checked): string {
  const { file, origin, fault, elements, extra, elapsed } = checked
  if (fault !== undefined) return damageText(file, fault, elements)
  const end = origin.end!
  if (end.checksum === 'bad') return checksumText(file, end)
  const functions =
    origin.functions > 0 ? `, ${counted(origin.functions, 'function library', LIBRARIES)}` : ''
  const what = `${counted(end.keys, 'key')} in ${counted(origin.databases.size, 'db')}${functions}`
  const checksum = end.checksum === 'good' ? 'checksum good' : 'no checksum'
  const size = `${bytes(end.bytes)} in ${duration(elapsed)}`
  const more = extra > 0 ? `; ${counted(extra, 'byte')} after its end belong to something else` : ''
  return `${file}: good. ${what}, ${origin.versionText}, ${checksum}, ${size}${more}`
}

const LIBRARIES = 'function libraries'

export function checkJson(checked: Checked): object {
  const { file, origin, fault, elements, extra, elapsed } = checked
  const { header, end } = origin
  return {
    file,
    good: isGood(checked),
    keys: origin.keys,
    databases: origin.databases.size,
    functions: origin.functions,
    rdbVersion: header?.version ?? null,
    family: header?.family ?? null,
    knownVersion: header?.known ?? null,
    writer: origin.writer ?? null,
    checksum: end?.checksum ?? null,
    bytes: end?.bytes ?? null,
    extraBytes: extra,
    ms: Math.round(elapsed / 1000),
    ...(end?.checksum === 'bad' ? { expected: end.expected, computed: end.computed } : {}),
    ...(fault === undefined ? {} : { fault: faultJson(fault, elements) }),
  }
}

/** @param elements of the damaged value that are good, where they were counted */
export function faultJson(fault: RdbFault, elements: number | undefined): object {
  const { code, detail, position, reading, db, key, rdbType, keys } = fault
  const names = rdbType === undefined ? undefined : namesOf(rdbType)
  const where = { code, detail, position, reading, keysBefore: keys }
  if (key === undefined) return where
  const element = elements === undefined ? {} : { element: elements + 1 }
  return {
    ...where,
    db,
    key: nameJson(key),
    type: names?.type,
    encoding: names?.encoding,
    rdbType,
    ...element,
  }
}

/** A name in our JSON; of one too long to hold, what is known of it. */
export function nameJson(name: RdbString): unknown {
  if (typeof name === 'string') return toJson(name)
  return { bytes: name.bytes, preview: toJson(name.preview), crc64: name.hash }
}
