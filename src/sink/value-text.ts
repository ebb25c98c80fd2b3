/**
 * A value as redis-cli shows it, cut where it is long.
 *
 *   hash    1) "name"            list   1) "a"           string   "hello"
 *           2) "Ada"                    2) "b"
 *   stream  1) 1) "5-0"
 *              2) 1) "f"
 *                 2) "v"
 *
 * A stream's groups stand below its entries in our words: redis-cli has another command for them.
 */
import { type ByteString, byteString, quoted } from '../bytes/byte-string.ts'
import type { Bytes } from '../bytes/byte-writer.ts'
import type { Counted, RdbMember, RdbStream, RdbValue, StreamId } from '../codec/rdb/encode-model.ts'
import { count, counted } from './units.ts'

type Shown = string | readonly Shown[]

const ELEMENTS_MAX = 10
const TEXT_MAX = 200
/** Larger sorted sets are shown in the order in which they are stored. */
const SORTED_MAX = 10_000

/** Lines of a value; `(nil)` where there is none. */
export function valueLines(value: RdbValue | undefined): string[] {
  if (value === undefined) return ['(nil)']
  switch (value.type) {
    case 'string':
      return [stringText(value.value)]
    case 'list':
      return listed(value.items, value.items.length, (item) => [bytesText(item)])
    case 'set':
      return listed(value.members, value.members.length, (member) => [bytesText(member)])
    case 'hash':
      return listed(value.fields, value.fields.length, ({ field, value: of }) => [
        bytesText(field),
        bytesText(of),
      ])
    case 'zset':
      return listed(ascending(value.members), value.members.length, ({ member, score }) => [
        bytesText(member),
        `"${scoreText(score)}"`,
      ])
    case 'stream':
      return [
        ...listed(value.entries, value.entries.length, ({ id, fields }) => [
          [`"${idText(id)}"`, fields.map(bytesText)],
        ]),
        ...groupLines(value),
      ]
    case 'module':
      return [`(a value of the module ${value.name})`]
  }
}

/** Bytes as redis-cli quotes them, cut with their length. */
export function bytesText(bytes: Bytes): string {
  const text = typeof bytes === 'string' ? bytes : byteString(bytes)
  if (text.length <= TEXT_MAX) return quoted(text)
  return `${quoted(text.slice(0, TEXT_MAX)).slice(0, -1)}…" (${count(text.length)} B)`
}

function stringText(value: (RdbValue & { type: 'string' })['value']): string {
  if (typeof value === 'string' || Buffer.isBuffer(value) || !('pieces' in value)) return bytesText(value)
  return bytesText(Buffer.concat([...value.pieces]))
}

function listed<T>(items: Iterable<T>, length: number, show: (item: T) => readonly Shown[]): string[] {
  const shown: Shown[] = []
  let left = ELEMENTS_MAX
  for (const item of items) {
    if (left-- === 0) break
    shown.push(...show(item))
  }
  const lines = length === 0 ? ['(empty)'] : arrayLines(shown)
  return length > ELEMENTS_MAX ? [...lines, `… and ${count(length - ELEMENTS_MAX)} more`] : lines
}

/** As redis-cli prints arrays: numbered, those within those indented. */
function arrayLines(items: readonly Shown[]): string[] {
  const width = String(items.length).length
  return items.flatMap((item, i) => {
    const lines = typeof item === 'string' ? [item] : arrayLines(item)
    const number = `${String(i + 1).padStart(width)}) `
    return lines.map((line, at) => `${at === 0 ? number : ' '.repeat(number.length)}${line}`)
  })
}

/** Snapshots hold sorted sets from the highest score down; ZRANGE begins with the lowest. */
function ascending(members: Counted<RdbMember>): Iterable<RdbMember> {
  if (members.length > SORTED_MAX) return members
  return [...members].sort((a, b) => a.score - b.score || (bytesOf(a) < bytesOf(b) ? -1 : 1))
}

function bytesOf({ member }: RdbMember): string {
  return typeof member === 'string' ? member : byteString(member)
}

function groupLines({ groups }: RdbStream): string[] {
  const lines: string[] = []
  for (const { name, lastId, pending, consumers } of groups) {
    if (lines.length === ELEMENTS_MAX) return [...lines, `… of ${counted(groups.length, 'group')}`]
    const what = `${counted(consumers.length, 'consumer')}, ${count(pending.length)} pending`
    lines.push(`group ${bytesText(name)}: last id ${idText(lastId)}, ${what}`)
  }
  return lines
}

/** As redis-cli shows scores: the shortest text that is the same number. */
function scoreText(score: number): string {
  if (Number.isFinite(score)) return Object.is(score, -0) ? '-0' : String(score)
  return Number.isNaN(score) ? 'nan' : score > 0 ? 'inf' : '-inf'
}

function idText({ ms, seq }: StreamId): ByteString {
  return `${ms}-${seq}` as ByteString
}
