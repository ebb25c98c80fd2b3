/**
 * `syncscope diff A B`: two recorded sessions, message by message: two versions, two days, before and after.
 *
 *   A ─► LinkBook ─► SessionReader ─► rules ─┐
 *   B ─► LinkBook ─► SessionReader ─► rules ─┴─► compare ─► the first difference, side by side
 */
import { basename } from 'node:path'
import { compare, differingFields } from '../diff/compare.ts'
import type { Message } from '../diff/message.ts'
import { type Normalised, normalise, type Use } from '../diff/normalise.ts'
import { SessionReader } from '../diff/session.ts'
import { BlockOutput } from '../io/block-output.ts'
import { LinkBook } from '../replication/link-book.ts'
import type { Json } from '../sink/json-bytes.ts'
import { jsonLine, SCHEMA } from '../sink/json-event.ts'
import { palette } from '../sink/palette.ts'
import { count, counted } from '../sink/units.ts'
import { UsageError } from '../usage-error.ts'
import { readCaptures } from './capture-reading.ts'
import type { DiffArguments } from './diff-options.ts'
import { besides } from './diff-text.ts'
import { isColoured } from './session-options.ts'

const EXIT_FOUND = 1
/** Differences that are told whole in JSON. */
const TOLD_MAX = 100

type Session = {
  readonly reader: SessionReader
  readonly seen: Normalised
  readonly uses: readonly Use[]
  readonly isDamaged: boolean
}

/** @returns the exit status: 1 where anything differs @throws UsageError */
export async function runDiffSessions(args: DiffArguments, files: readonly string[]): Promise<number> {
  const [fileA, fileB, ...others] = files
  if (fileA === undefined || fileB === undefined || others.length > 0)
    throw new UsageError('diff compares two sessions: diff A B')
  const forServers = [args.list, args.random > 0, args.only, args.role, args.html].some(Boolean)
  if (forServers)
    throw new UsageError(
      '--list, --random, --only, --role and --html are for scenarios, not for two sessions',
    )
  const a = await sessionOf(fileA, args.strict)
  const b = await sessionOf(fileB, args.strict)
  const comparison = compare(a.seen.messages, b.seen.messages)
  const { rows, differences, first } = comparison
  const names = namesOf(fileA, fileB)
  const output = new BlockOutput()
  const print = (text: string) => output.print(text)
  if (args.json) {
    const told = rows.filter((row) => !row.isEqual).slice(0, TOLD_MAX)
    print(
      jsonLine({
        v: SCHEMA,
        kind: 'session-diff',
        a: fileA,
        b: fileB,
        outcome: first === undefined ? 'equal' : 'differs',
        messages: rows.length,
        differences,
        told: told.map((row) => ({
          message: row.number,
          lane: row.lane,
          a: messageJson(row.a),
          b: messageJson(row.b),
          fields: differingFields(row.a, row.b),
        })),
        normalised: { a: a.uses.map(useJson), b: b.uses.map(useJson) },
        leftOut: { a: a.reader.left, b: b.reader.left },
      }),
    )
  } else if (first === undefined) {
    print(`equal: ${counted(rows.length, 'message')} ${normalisedText(a.uses, b.uses)}`)
  } else {
    const paint = palette(isColoured(args.color))
    print(` message ${first.number} of ${count(rows.length)}, ${first.lane}`)
    print(besides(comparison, first, names, paint))
    print(
      ` ${counted(differences, 'difference')} among ${counted(rows.length, 'message')} ` +
        normalisedText(a.uses, b.uses),
    )
  }
  await output.end()
  return first !== undefined || a.isDamaged || b.isDamaged ? EXIT_FOUND : 0
}

/** @throws UsageError */
async function sessionOf(file: string, isStrict: boolean): Promise<Session> {
  const reader = new SessionReader(isStrict)
  const notice = (line: string) => void process.stderr.write(`${line}\n`)
  const { isDamaged } = await readCaptures([file], {
    book: new LinkBook({ emit: reader.event, snapshot: 'values', commands: 'told' }),
    reader: { notice, progress: () => {}, room: () => undefined, isClosed: false },
  })
  const observation = reader.end()
  if (observation.messages.length === 0) throw new UsageError(`${file} holds no replication link`)
  if (reader.left > 0) {
    const held = count(observation.messages.length)
    notice(`syncscope: ${file}: the first ${held} messages are compared, ${count(reader.left)} are left out`)
  }
  const seen = normalise(observation, [], isStrict)
  const uses = reader.pings.aside > 0 ? [...seen.uses, reader.pings] : seen.uses
  return { reader, seen, uses, isDamaged }
}

/** Names of the sides, as short as they can be told apart. */
function namesOf(a: string, b: string): readonly [string, string] {
  const [x, y] = [basename(a), basename(b)]
  return x === y ? ['a', 'b'] : [x, y]
}

/** What was taken out before they were compared, by the rules that did it. */
function normalisedText(a: readonly Use[], b: readonly Use[]): string {
  const names = [...new Set([...a, ...b].map(({ name }) => name))]
  return names.length === 0 ? '(nothing normalised)' : `(normalised: ${names.join(', ')}; --strict: nothing)`
}

function messageJson(message: Message | undefined): Json {
  return message === undefined ? null : { from: message.from, kind: message.kind, ...message.fields }
}

function useJson({ name, changed, aside }: Use): Json {
  return { rule: name, changed, aside }
}
