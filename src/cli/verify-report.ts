/**
 * What `--verify` says, for people and for programs.
 *
 *   #1  DIVERGES  db0 hash user:1, field "name"
 *         reference  "Ada"
 *         replica    "Eve"
 *         compared at offset 4567, the same at offset 1200 or later; 1 command of the stream touched it since
 *         @1300..1350  HSET user:1 name Ada
 */
import { KeptCommand } from '../codec/resp/command.ts'
import type { Agreement, Divergence, VerificationListener } from '../shadow/findings.ts'
import { commandText } from '../sink/describe.ts'
import { bytesJson, type Json } from '../sink/json-bytes.ts'
import { argvJson, jsonLine, SCHEMA } from '../sink/json-event.ts'
import type { Palette } from '../sink/palette.ts'
import { clockTime, count, counted, isoTime } from '../sink/units.ts'
import { bytesText } from '../sink/value-text.ts'

export type ReportOptions = {
  readonly json: boolean
  readonly palette: Palette
  readonly link: () => number | undefined
  readonly now: () => number
  /** A line of the answer. */
  readonly line: (text: string) => void
  /** A line for the person at the terminal. */
  readonly say: (text: string) => void
}

export function verifyReport({ json, palette, link, now, line, say }: ReportOptions): VerificationListener {
  const object = (kind: string, fields: { [name: string]: Json }): void =>
    line(jsonLine({ v: SCHEMA, kind, link: link() ?? null, at: isoTime(now()), ...fields }))
  const name = () => `#${link() ?? '?'}  `
  return {
    begins: (offset, keys) => {
      say(`verify: link ${link() ?? '?'}: ${counted(keys, 'key')} at offset ${count(offset)} to compare with`)
    },
    agrees: (agreement) => {
      if (json) object('agreement', { ...agreement })
      else line(`${name()}${agreementText(agreement)}`)
    },
    diverges: (divergence) => {
      if (json) object('divergence', divergenceJson(divergence))
      else line(`${name()}${divergenceText(divergence, palette)}`)
    },
    passEnds: (pass, keys) => {
      say(`verify: pass ${pass} is over: ${counted(keys, 'key')} compared, and not all are the same`)
    },
    notice: (text) => say(`verify: ${text}`),
  }
}

function agreementText({ pass, from, to, keys, leftOut }: Agreement): string {
  const span = from === to ? `at offset ${count(to)}` : `at offset ${count(to)} (from ${count(from)} on)`
  const without = leftOut === 0 ? '' : `, ${counted(leftOut, 'key')} left out`
  return `verify: the replica agrees ${span}: ${counted(keys, 'key')}, pass ${pass}${without}`
}

function divergenceText(divergence: Divergence, palette: Palette): string {
  const { db, key, difference, offset, agreedAt, touches } = divergence
  const { kind, name, ours, theirs } = difference
  const element = name === '' ? '' : ` ${bytesText(name)}`
  const lines = [
    palette.bad(`DIVERGES  db${db} ${bytesText(key)}: ${KINDS[kind]}${element}`),
    `      reference  ${sideText(kind, ours)}`,
    `      replica    ${sideText(kind, theirs)}`,
    ...positionText(ours, theirs),
    `      compared at offset ${count(offset)}, the same at offset ${count(agreedAt)} or later`,
    `      ${touchesText(divergence)}`,
    ...touches.commands.map(
      ({ start, end, at, argv, missing }) =>
        `        ${clockTime(at)}  @${start + 1}..${end}  ` +
        commandText(new KeptCommand(argv, argv.length + missing)),
    ),
  ]
  return lines.join('\n')
}

const KINDS: Readonly<Record<Divergence['difference']['kind'], string>> = {
  missing: 'the replica has no such key',
  extra: 'a key that should not be there',
  type: 'type',
  value: 'value',
  item: 'list item',
  member: 'member',
  field: 'field',
  entry: 'entry',
  stream: 'stream:',
  group: 'group',
  consumer: 'consumer',
  pending: 'pending entry',
  expiry: 'deadline',
  unreadable: 'the value cannot be read',
  passing: 'differed a moment ago, and does not any longer',
}

function sideText(kind: Divergence['difference']['kind'], value: string | undefined): string {
  if (value === undefined) return kind === 'passing' ? '–' : '(nothing)'
  if (kind === 'expiry') return value === 'none' ? 'none' : `${isoTime(Number(value) * 1000)} (${value})`
  return PLAIN.has(kind) ? value : bytesText(value as never)
}

const PLAIN = new Set(['missing', 'extra', 'type', 'stream', 'group', 'pending', 'entry', 'unreadable'])
/** Shorter ones show for themselves where they differ. */
const LONG = 60

function positionText(ours: string | undefined, theirs: string | undefined): string[] {
  if (ours === undefined || theirs === undefined || Math.max(ours.length, theirs.length) < LONG) return []
  let at = 0
  while (at < ours.length && ours[at] === theirs[at]) at++
  return [`      they part at byte ${count(at)}`]
}

function touchesText({ touches }: Divergence): string {
  const { count: number, commands, incompleteUpTo } = touches
  const lost =
    incompleteUpTo === undefined
      ? ''
      : ` (those before offset ${count(incompleteUpTo)} may have been forgotten)`
  if (number === 0) {
    return incompleteUpTo === undefined
      ? 'no command of the stream touched it since: it was changed on the replica itself'
      : `no command of the stream is known to have touched it since${lost}`
  }
  const some = commands.length < number ? `, the first and last of them` : ''
  return `${counted(number, 'command')} of the stream touched it since${some}${lost}:`
}

function divergenceJson({ db, key, difference, offset, agreedAt, touches }: Divergence): {
  [name: string]: Json
} {
  const { kind, name, ours, theirs } = difference
  return {
    db,
    key: bytesJson(key),
    what: kind,
    ...(name === '' ? {} : { element: bytesJson(name) }),
    reference: ours === undefined ? null : bytesJson(ours),
    replica: theirs === undefined ? null : bytesJson(theirs),
    offset,
    agreedAt,
    commands: touches.commands.map(({ start, end, at, argv, missing }) => ({
      start,
      end,
      at: isoTime(at),
      argv: argvJson(new KeptCommand(argv, argv.length + missing)),
    })),
    commandCount: touches.count,
    ...(touches.incompleteUpTo === undefined ? {} : { incompleteUpTo: touches.incompleteUpTo }),
  }
}
