/**
 * The options of every verb that shows a session (proxy, decode, replay): how they are declared, and what
 * they mean.
 */
import { KEEP, type Keep } from '../codec/resp/limits.ts'
import type { CommandDetail } from '../replication/conversation.ts'
import type { SnapshotDetail } from '../replication/snapshot-reader.ts'
import { type Filter, parseFilter } from '../sink/filter.ts'
import { GROUPS, KINDS, Selection } from '../sink/kinds.ts'
import { UsageError } from '../usage-error.ts'

/** Of an option that is given several times yargs makes a list: the last one holds. */
export function last<T>(given: T | readonly T[]): T {
  return [given].flat().at(-1) as T
}

/** Of an option that is a whole number: NaN where it is none, an empty text too. */
export function wholeNumber(given: string | readonly string[] | undefined): number | undefined {
  const text = last(given)
  return text === undefined ? undefined : /^\d+$/.test(text) ? Number(text) : Number.NaN
}

/** Of an option that makes a list anyway: all of them hold. */
export function joined(by: string) {
  return (given: string | readonly string[] | undefined) =>
    given === undefined ? undefined : [given].flat().join(by)
}

export const COLOR_OPTION = {
  coerce: last<string>,
  choices: ['auto', 'always', 'never'],
  default: 'auto',
  describe: 'colour (NO_COLOR is honoured too)',
} as const

/** As yargs is told. */
export const SESSION_OPTIONS = {
  json: {
    type: 'boolean',
    coerce: last<boolean>,
    default: false,
    describe: 'one JSON object a line instead of text',
  },
  show: {
    type: 'string',
    coerce: joined(','),
    requiresArg: true,
    describe: `only these kinds: ${Object.keys(GROUPS).join(', ')}`,
  },
  hide: { type: 'string', coerce: joined(','), requiresArg: true, describe: 'all kinds but these' },
  filter: {
    type: 'string',
    coerce: joined(' '),
    requiresArg: true,
    describe: "what is printed: 'key=user:* cmd=set,del db=0 link=1 offset=100..200'",
  },
  keys: { type: 'boolean', coerce: last<boolean>, default: false, describe: 'print each key of a snapshot' },
  values: {
    type: 'boolean',
    coerce: last<boolean>,
    default: false,
    describe: 'with --json: each key with its value',
  },
  quiet: {
    type: 'boolean',
    coerce: last<boolean>,
    default: false,
    describe: 'no events, only the closing summary',
  },
  summary: {
    type: 'boolean',
    coerce: last<boolean>,
    default: true,
    describe: 'the closing summary (--no-summary leaves it out)',
  },
  color: COLOR_OPTION,
  'max-value': {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    default: '64kb',
    describe: 'longer values are told by length, beginning and hash',
  },
  'show-secrets': {
    type: 'boolean',
    coerce: last<boolean>,
    default: false,
    describe: 'do not redact passwords',
  },
} as const

/** Of verbs that read a capture, besides. */
export const DECODE_OPTIONS = {
  link: {
    type: 'number',
    coerce: last<number>,
    requiresArg: true,
    describe: "only this link's events; the summary lists all",
  },
  extract: {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    describe:
      'new directory for snapshots (.rdb) and command streams (.resp): the data as they are, secrets included',
  },
} as const

/** Of verbs that compare a replica with the reference. */
export const VERIFY_OPTIONS = {
  verify: {
    type: 'boolean',
    coerce: last<boolean>,
    default: false,
    describe: 'compare what the replica holds with what the stream makes of the snapshot',
  },
  against: {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    describe: '--verify: address of the replica (of a proxy, by default the one it announces)',
  },
  'verify-pause': {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    default: '10ms',
    describe: '--verify: rest between two questions to the replica',
  },
} as const

/** Of `decode`: one moment, or one key, of the past. */
export const PAST_OPTIONS = {
  at: {
    type: 'string',
    coerce: wholeNumber,
    requiresArg: true,
    describe: 'with --rdb-out: the dataset as it was at this replication offset',
  },
  'rdb-out': {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    describe: 'where --at writes the dataset, as a snapshot that Redis 7.0 and newer load',
  },
  history: {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    describe: 'each command that touched this key, and the value after it',
  },
  'rdb-in': {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    describe: 'a snapshot to begin with where the capture holds none; it must say its repl-offset',
  },
} as const

/** Of `replay`, besides. */
export const REPLAY_OPTIONS = {
  as: {
    type: 'string',
    coerce: last<string>,
    choices: ['master', 'replica'],
    describe: 'which side to play',
  },
  listen: {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    describe: '--as master: where replicas connect (default :6380)',
  },
  to: {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    describe: '--as replica: address of the master',
  },
  apply: {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    describe: 'apply snapshot and commands to the server at this address',
  },
  link: {
    type: 'number',
    coerce: last<number>,
    requiresArg: true,
    describe: 'which link, where there are several',
  },
  speed: {
    type: 'string',
    coerce: last<string>,
    requiresArg: true,
    default: '1',
    describe: 'how many times as fast as it was recorded, or max',
  },
  force: {
    type: 'boolean',
    coerce: last<boolean>,
    default: false,
    describe: '--apply: also to a server that is not empty',
  },
} as const

/** As yargs gives them. */
export type SessionArguments = {
  readonly json: boolean
  readonly show?: string | undefined
  readonly hide?: string | undefined
  readonly filter?: string | undefined
  readonly keys: boolean
  readonly values: boolean
  readonly quiet: boolean
  readonly summary: boolean
  readonly color: string
  readonly maxValue: string
  readonly showSecrets: boolean
}

/** What they mean. */
export type SessionOptions = {
  readonly json: boolean
  readonly quiet: boolean
  readonly summary: boolean
  readonly coloured: boolean
  readonly selection: Selection
  readonly filter: Filter
  readonly keep: Keep
  readonly snapshot: SnapshotDetail
  readonly commands: CommandDetail
  readonly showSecrets: boolean
}

/** @throws UsageError */
export function sessionOptions(args: SessionArguments): SessionOptions {
  const { json, quiet, summary, showSecrets } = args
  return {
    json,
    quiet,
    summary,
    coloured: !json && isColoured(args.color),
    selection: new Selection(kinds('--show', args.show), hidden(args)),
    snapshot: snapshotDetail(args),
    commands: quiet ? 'counted' : 'told',
    filter: parseFilter(args.filter ?? ''),
    keep: keep(parseSize('--max-value', args.maxValue), json && !quiet),
    showSecrets,
  }
}

/** Names and values cost time on the link: they are read where they are printed. */
function snapshotDetail({ quiet, keys, values }: SessionArguments): SnapshotDetail {
  if (quiet || (!keys && !values)) return 'sizes'
  return values ? 'values' : 'keys'
}

/** Keys of a snapshot are only printed to those who ask for them: there may be millions. */
function hidden(args: SessionArguments): string[] {
  const list = kinds('--hide', args.hide) ?? []
  return args.keys || args.values ? list : [...list, 'snapshot-key']
}

/** Shorter values are always held: ids, offsets and options of the protocol itself are among them. */
const VALUE_MIN = 512
/** A value that is held is a string of ours, several times over: memory is what this bounds. */
const VALUE_MAX = 64 * 1024 ** 2

/** @param hash only the JSON form shows a hash, so only it pays for one */
function keep(valueBytes: number, hash: boolean): Keep {
  if (valueBytes < VALUE_MIN || valueBytes > VALUE_MAX)
    throw new UsageError('--max-value: must be between 512 and 64mb')
  return { ...KEEP, valueBytes, totalBytes: Math.max(KEEP.totalBytes, valueBytes), hash }
}

function kinds(option: string, list: string | undefined): string[] | undefined {
  if (list === undefined) return undefined
  const names = list.split(',').map((name) => name.trim().toLowerCase())
  const known = [...Object.keys(GROUPS), ...KINDS]
  for (const name of names) {
    if (!known.includes(name)) {
      throw new UsageError(`${option}: "${name}" is no kind; there are ${known.join(', ')}`)
    }
  }
  return names
}

/** What --color means here. */
export function isColoured(choice: string): boolean {
  if (choice === 'always') return true
  if (choice === 'never' || (process.env.NO_COLOR ?? '') !== '') return false
  return process.stdout.isTTY === true
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1024,
  m: 1e6,
  mb: 1024 ** 2,
  g: 1e9,
  gb: 1024 ** 3,
}

/** A size as redis.conf writes it: `64kb`, `1mb`, `1000`. @throws UsageError */
export function parseSize(option: string, text: string): number {
  const match = /^(\d+)([kmg]?b?)$/i.exec(text.trim())
  const unit = UNITS[match?.[2]?.toLowerCase() ?? '?']
  const size = Number(match?.[1]) * (unit ?? Number.NaN)
  if (!Number.isSafeInteger(size))
    throw new UsageError(`${option}: "${text}" is no size; write 64kb, 1mb or 1000`)
  return size
}

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 }

/** A span of time in milliseconds: `10ms`, `2s`, `1m`. @throws UsageError */
export function parseDuration(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/i.exec(text.trim())
  const span = Number(match?.[1]) * (MILLISECONDS[match?.[2]?.toLowerCase() ?? '?'] ?? Number.NaN)
  if (!Number.isFinite(span))
    throw new UsageError(`${option}: "${text}" is no duration; write 10ms, 2s or 1m`)
  return span
}
