/**
 * `syncscope decode FILE --at OFFSET --rdb-out F`: the dataset as it was at that offset.
 *
 * The answer is one line (or one JSON object); what it could not be is said in one line too.
 */
import { isStandardInput } from '../io/file-input.ts'
import { OutputFile } from '../io/output-file.ts'
import { Past } from '../shadow/past.ts'
import { bytesJson, type Json } from '../sink/json-bytes.ts'
import { jsonLine, SCHEMA } from '../sink/json-event.ts'
import { count, counted, bytes as sizeText } from '../sink/units.ts'
import { UsageError } from '../usage-error.ts'
import { readCaptures } from './capture-reading.ts'
import type { DecodeArguments } from './decode.ts'
import { beginningOf, Following } from './following.ts'
import { sessionOptions } from './session-options.ts'
import { SessionOutput } from './session-output.ts'

const EXIT_FOUND = 1
const FAILURES_SHOWN = 5

/** @returns the exit status @throws UsageError where the dataset of that offset cannot be had */
export async function runPast(args: DecodeArguments, wanted: number): Promise<number> {
  const { rdbOut, rdbIn } = args
  if (rdbOut === undefined)
    throw new UsageError('--at goes with --rdb-out FILE: where the dataset is written')
  if (isStandardInput(rdbOut)) throw new UsageError('--rdb-out: the name of a file; - is none')
  if (!Number.isSafeInteger(wanted) || wanted < 0)
    throw new UsageError('--at: an offset, a whole number from 0')
  const output = new SessionOutput({ ...sessionOptions(args), quiet: true, summary: false }, 'file')
  const say = (line: string) => output.notice(`syncscope: ${line}`)
  let failures = 0
  const past = new Past(wanted, {
    onFailure: ({ name, start }, why) => {
      if (++failures <= FAILURES_SHOWN) say(`${name} at offset ${start} is not applied: ${why}`)
    },
  })
  const following = new Following(past, args)
  if (rdbIn !== undefined) following.beginWith(await beginningOf(rdbIn))
  const { isDamaged, isInterrupted } = await readCaptures(args.files, {
    book: following.book,
    reader: {
      notice: output.notice,
      progress: output.progress,
      room: () => output.room(),
      // The dataset is written even if nobody listens to what is said.
      get isClosed() {
        return past.isFound || following.isTooLarge
      },
    },
  })
  if (isInterrupted) return 0
  following.check()
  if (!past.isFound) throw new UsageError(whyNot(past, wanted, rdbIn !== undefined))
  if (failures > FAILURES_SHOWN) say(`… and ${counted(failures - FAILURES_SHOWN, 'command')} more`)
  const { shadow, within } = past
  if (within !== undefined) {
    say(
      `offset ${wanted} lies within ${withinText(within)} (${within.start}..${within.end}): ` +
        `the dataset is that of offset ${shadow.offset}, the boundary before it`,
    )
  }
  const { keys, length } = written(past, rdbOut)
  const { offset, replid } = shadow
  if (args.json) {
    const json: { [name: string]: Json } = {
      v: SCHEMA,
      kind: 'dataset',
      link: following.link ?? null,
      replid: replid === undefined ? null : bytesJson(replid),
      offset,
      asked: wanted,
      keys,
      bytes: length,
      failed: failures,
    }
    await output.answer(jsonLine(json))
  } else {
    const whose = `offset ${count(offset)}${replid === undefined ? '' : ` of ${replid}`}`
    await output.answer(`${rdbOut}: the dataset at ${whose}: ${counted(keys, 'key')}, ${sizeText(length)}`)
  }
  return isDamaged || failures > 0 ? EXIT_FOUND : 0
}

function withinText({ names, isTransaction }: NonNullable<Past['within']>): string {
  if (isTransaction) return `a transaction of ${counted(names.length, 'command')}`
  return names[0] === undefined ? 'a command of the protocol (PING, SELECT …)' : `a ${names[0]}`
}

/** @throws UsageError where it cannot be written */
function written({ shadow }: Past, path: string): { keys: number; length: number } {
  const file = new OutputFile(path)
  let length = 0
  try {
    for (const block of shadow.snapshot()) {
      file.write(block)
      length += block.length
    }
    file.commit()
  } catch (error) {
    file.abandon()
    throw error
  }
  return { keys: shadow.databases.reduce((sum, { size }) => sum + size, 0), length }
}

/** Why there is no dataset of that offset. */
function whyNot({ ranges, losses }: Past, wanted: number, hadFile: boolean): string {
  const loss = losses.at(-1)
  const first = ranges[0]
  if (first === undefined) {
    if (loss !== undefined) return `there is no dataset to begin with: ${loss.why}`
    return 'no snapshot passed: there is no dataset to begin with; --rdb-in FILE may give one'
  }
  const held = ranges.map(({ from, to }) => `${from}..${to}`).join(', ')
  const least = Math.min(...ranges.map(({ from }) => from))
  const start = hadFile ? 'where the dataset begins' : 'the first snapshot'
  if (wanted < least) return `offset ${wanted} lies before ${start} (offset ${least})`
  const most = Math.max(...ranges.map(({ to }) => to))
  const why =
    loss === undefined ? '' : `; ${loss.why}${loss.offset === undefined ? '' : ` behind ${loss.offset}`}`
  if (wanted > most) return `offset ${wanted} lies beyond the end: offsets ${held} are here${why}`
  return `offset ${wanted} is not here: offsets ${held} are${why}`
}
