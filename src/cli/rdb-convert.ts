/**
 * `syncscope rdb convert FILE --to resp|rdb`: commands that rebuild a snapshot, or a snapshot for other
 * servers.
 */
import { readable } from '../bytes/byte-string.ts'
import { type RdbVersion, WRITABLE_VERSIONS } from '../codec/rdb/encode-options.ts'
import { BlockOutput } from '../io/block-output.ts'
import { OutputFile } from '../io/output-file.ts'
import { dialectOf } from '../rdb/convert-dialect.ts'
import type { ConvertLoss } from '../rdb/convert-loss.ts'
import { convertToRdb } from '../rdb/convert-rdb.ts'
import { convertToResp, type RespTotals } from '../rdb/convert-resp.ts'
import type { SnapshotBytes } from '../rdb/reread.ts'
import { counted } from '../sink/units.ts'
import { UsageError } from '../usage-error.ts'
import { wholeNumber } from './rdb-options.ts'
import { type RereadProgress, withSnapshots } from './rdb-reread.ts'

/** Losses of one kind that are named; all are counted. */
const NAMED_MAX = 100
const KEY_SHOWN = 60

export type ConvertArguments = {
  readonly file: string
  readonly to: string
  readonly output?: string | undefined
  readonly rdbVersion: string
  readonly targetVersion: string
  readonly lossy: boolean
}

type Totals = Pick<RespTotals, 'losses' | 'checksum' | 'modules'>

/** @returns the exit status: 1 where something was lost or is damaged @throws UsageError */
export async function runRdbConvert(args: ConvertArguments): Promise<number> {
  const conversion = conversionOf(args)
  return withSnapshots([args.file], async ([file], progress) => {
    const report = new LossLines(progress)
    const totals = await written(conversion(file!, report, progress), args.output)
    if (totals === undefined) return 0
    report.end()
    for (const [module, keys] of totals.modules) {
      complain(`${counted(keys, 'value')} of module ${module}: only a server that has it loads them`)
    }
    if (totals.checksum === 'bad')
      complain(`${args.file}: the checksum is wrong; what was read was converted`)
    return totals.checksum === 'bad' || (totals.losses > 0 && !args.lossy) ? 1 : 0
  })
}

type Conversion = (
  file: SnapshotBytes,
  report: LossLines,
  progress: RereadProgress,
) => Generator<Buffer, Totals, void>

/** @throws UsageError */
function conversionOf({ to, rdbVersion, targetVersion }: ConvertArguments): Conversion {
  const show = (progress: RereadProgress) => (position: number, size: number) =>
    progress.show('converting', position, size)
  if (to === 'rdb') {
    const version = wholeNumber('--rdb-version', rdbVersion) as RdbVersion
    if (!WRITABLE_VERSIONS.includes(version)) {
      throw new UsageError(
        `--rdb-version: ${version} cannot be written; there are ${WRITABLE_VERSIONS.join(', ')}`,
      )
    }
    return (file, { onLoss }, progress) => convertToRdb(file, { version, onLoss, onProgress: show(progress) })
  }
  const dialect = dialectOf(targetVersion)
  return function* (file, { onLoss }, progress) {
    const totals = yield* convertToResp(file, { dialect, onLoss, onProgress: show(progress) })
    tellHints(totals)
    return totals
  }
}

function tellHints({ evictionHints }: RespTotals): void {
  if (evictionHints > 0)
    complain(`idle times and access counters of ${counted(evictionHints, 'key')} are not kept`)
}

/** Writes the blocks. @returns undefined where the reader went away */
async function written(blocks: Generator<Buffer, Totals, void>, path: string | undefined) {
  const file = path === undefined ? undefined : new OutputFile(path)
  const output = new BlockOutput()
  try {
    for (;;) {
      const { value, done } = blocks.next()
      if (done) {
        file?.commit()
        return value
      }
      if (file !== undefined) file.write(value)
      else await output.write(value)
      if (output.isClosed) return undefined
    }
  } catch (error) {
    file?.abandon()
    throw error
  }
}

/** Names what is lost, key by key, as long as it is not too much to read. */
class LossLines {
  readonly #counts = new Map<string, number>()
  readonly #progress: RereadProgress

  constructor(progress: RereadProgress) {
    this.#progress = progress
  }

  readonly onLoss = ({ what, db, key, detail }: ConvertLoss): void => {
    const times = (this.#counts.get(what) ?? 0) + 1
    this.#counts.set(what, times)
    if (times > NAMED_MAX) return
    this.#progress.clear()
    const name = typeof key === 'string' ? key : (key?.preview ?? '')
    const shown = name.length > KEY_SHOWN ? `${readable(name.slice(0, KEY_SHOWN))}…` : readable(name)
    complain(`lost: ${key === undefined ? '' : `db ${db} ${shown}: `}${detail}`)
  }

  end(): void {
    for (const [what, times] of this.#counts) {
      if (times > NAMED_MAX) complain(`lost: ${counted(times, 'time')} in all: ${what}`)
    }
  }
}

function complain(line: string): void {
  process.stderr.write(`syncscope: ${line}\n`)
}
