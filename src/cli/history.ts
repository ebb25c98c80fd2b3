/**
 * `syncscope decode FILE --history KEY`: each command that touched a key, and what it held after it.
 *
 *   09:29:37.957  snapshot, offset 0         db0  (nil)
 *   09:29:38.101  @24..50    HSET user:1 name Ada     db0
 *                   1) "name"
 *                   2) "Ada"
 */
import { type ByteString, fromText } from '../bytes/byte-string.ts'
import { KeptCommand } from '../codec/resp/command.ts'
import { splitInline } from '../codec/resp/inline.ts'
import { type Holding, KeyHistory } from '../shadow/key-history.ts'
import type { UnitCommand } from '../shadow/unit.ts'
import { commandText } from '../sink/describe.ts'
import { bytesJson, type Json } from '../sink/json-bytes.ts'
import { argvJson, jsonLine, SCHEMA } from '../sink/json-event.ts'
import { storedJson } from '../sink/stored-json.ts'
import { clockTime, counted, isoTime } from '../sink/units.ts'
import { valueLines } from '../sink/value-text.ts'
import { UsageError } from '../usage-error.ts'
import { readCaptures, readerUntil } from './capture-reading.ts'
import type { DecodeArguments } from './decode.ts'
import { beginningOf, Following } from './following.ts'
import { sessionOptions } from './session-options.ts'
import { SessionOutput } from './session-output.ts'

const EXIT_FOUND = 1
const COLUMN = 64

/** @returns the exit status @throws UsageError */
export async function runHistory(args: DecodeArguments, text: string): Promise<number> {
  const key = keyOf(text)
  const output = new SessionOutput({ ...sessionOptions(args), quiet: true, summary: false }, 'file')
  const say = (line: string) => output.notice(`syncscope: ${line}`)
  let touches = 0
  let hasBegun = false
  let isLost = false
  const following: Following = new Following(
    new KeyHistory(
      key,
      {
        begins: (offset, at, holdings) => {
          hasBegun = true
          for (const holding of holdings.length === 0 ? [NO_HOLDING] : holdings) {
            const fields = { snapshot: offset }
            if (args.json) output.line(json(key, following.link, at, fields, holding))
            else output.line(shown(`${clockTime(at)}  snapshot, offset ${offset}`, holding, undefined))
          }
        },
        touched: (command, holding, why) => {
          touches++
          if (args.json) output.line(json(key, following.link, command.at, fieldsOf(command, why), holding))
          else output.line(shown(headOf(command), holding, why))
        },
        lost: (why, offset) => {
          isLost = true
          const where = offset === undefined ? '' : ` behind offset ${offset}`
          say(`${why}${where}: what the key holds from there on is not known`)
        },
      },
      undefined,
    ),
    args,
  )
  if (args.rdbIn !== undefined) following.beginWith(await beginningOf(args.rdbIn))
  const { isDamaged } = await readCaptures(args.files, {
    book: following.book,
    reader: readerUntil(output, () => following.isTooLarge),
  })
  following.check()
  if (!hasBegun) {
    throw new UsageError(
      isLost
        ? 'there is no dataset to begin with'
        : 'no snapshot passed: there is no dataset to begin with; --rdb-in FILE may give one',
    )
  }
  if (!args.json && touches === 0) output.line('no command touched it')
  else if (!args.json) output.line(`\n${counted(touches, 'command')} touched it`)
  await output.drained()
  return isDamaged || isLost ? EXIT_FOUND : 0
}

const NO_HOLDING: Holding = { db: 0, value: undefined, expireAt: undefined }

/** The key as it was typed; or, in quotes, as redis-cli shows bytes. @throws UsageError */
export function keyOf(text: string): ByteString {
  if (!/^".*"$/s.test(text)) return fromText(text)
  const words = splitInline(fromText(text))
  if (words?.length !== 1) throw new UsageError(`--history: ${text} is not one quoted key`)
  return words[0]!
}

function headOf(command: UnitCommand): string {
  const { start, end, at, argv, name, tx } = command
  const inside = tx === undefined ? '' : `  (transaction ${tx})`
  const text = commandText(new KeptCommand(argv, argv.length, name))
  return `${clockTime(at)}  @${start + 1}..${end}  ${text}${inside}`
}

function shown(head: string, { db, value, expireAt }: Holding, why: string | undefined): string {
  const expiry = expireAt === undefined ? '' : `  expires ${isoTime(expireAt * 1000)}`
  const failed = why === undefined ? '' : `  fails: ${why}`
  const lines = valueLines(value?.rdb()).map((line) => `              ${line}`)
  return [`${head.padEnd(COLUMN)}  db${db}${expiry}${failed}`, ...lines].join('\n')
}

type Fields = { readonly [name: string]: Json }

function fieldsOf({ argv, name, start, end, tx }: UnitCommand, why: string | undefined): Fields {
  return {
    argv: argvJson(new KeptCommand(argv, argv.length, name)),
    start,
    end,
    ...(tx === undefined ? {} : { tx }),
    ...(why === undefined ? {} : { error: why }),
  }
}

function json(
  key: ByteString,
  link: number | undefined,
  at: number,
  fields: Fields,
  { db, value, expireAt }: Holding,
): string {
  return jsonLine({
    v: SCHEMA,
    kind: 'history',
    link: link ?? null,
    at: isoTime(at),
    db,
    key: bytesJson(key),
    ...fields,
    type: value?.type ?? null,
    value: storedJson(value?.rdb()),
    ...(expireAt === undefined ? {} : { expireAt }),
  })
}
