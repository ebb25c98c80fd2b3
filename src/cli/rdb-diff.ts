/** `syncscope rdb diff A B`: which keys are only in one of two snapshots, and what the others differ in first. */
import { openSeekable } from '../io/seekable-file.ts'
import { type DiffTotals, diffSnapshots } from '../rdb/diff.ts'
import { differenceJson, differenceText, type Names } from '../rdb/diff-text.ts'
import { DamagedSnapshot } from '../rdb/reread.ts'
import { count, counted } from '../sink/units.ts'
import { UsageError } from '../usage-error.ts'
import { damageText, RereadProgress } from './rdb-reread.ts'

const STDIN = '-'

/** As yargs is told. */
export const RDB_DIFF_OPTIONS = {
  strict: {
    type: 'boolean',
    default: false,
    describe: 'encodings, and when consumers were last seen, are differences too',
  },
  limit: {
    type: 'number',
    default: 100,
    requiresArg: true,
    describe: 'how many differences are shown; all are counted',
  },
  json: { type: 'boolean', default: false, describe: 'one JSON object a line' },
} as const

export type RdbDiffArguments = {
  readonly first: string
  readonly second: string
  readonly strict: boolean
  readonly limit: number
  readonly json: boolean
}

/** @returns the exit status: 0 equal, 1 not @throws UsageError */
export async function runRdbDiff(args: RdbDiffArguments): Promise<number> {
  const { strict, limit, json } = args
  if (!(limit >= 0)) throw new UsageError(`--limit: ${limit} is no number of differences`)
  if (args.first === STDIN && args.second === STDIN) {
    throw new UsageError('only one of the two snapshots can come from standard input')
  }
  const first = await openSeekable(args.first)
  const second = await openSeekable(args.second)
  const progress = new RereadProgress()
  const names: Names = ['A', 'B']
  const print = (line: string) => {
    progress.clear()
    process.stdout.write(`${line}\n`)
  }
  try {
    const totals = diffSnapshots(first, second, {
      strict,
      limit,
      onDifference: (one) => print(json ? JSON.stringify(differenceJson(one)) : differenceText(one, names)),
      onProgress: progress.show,
    })
    print(json ? JSON.stringify({ summary: totalsJson(totals) }) : totalsText(totals, args))
    return isEqual(totals) ? 0 : 1
  } catch (error) {
    if (!(error instanceof DamagedSnapshot)) throw error
    progress.clear()
    process.stderr.write(`${damageText(error)}\n`)
    return 1
  } finally {
    first.close()
    second.close()
  }
}

function isEqual({ only, different, twice, functions, badChecksum }: DiffTotals): boolean {
  const counts = [...only, different, ...twice, functions]
  return counts.every((each) => each === 0) && !badChecksum.includes(true)
}

function totalsText(totals: DiffTotals, { first, second }: RdbDiffArguments): string {
  const { keys, only, different, functions } = totals
  const lines = [
    `A ${first}: ${counted(keys[0], 'key')}   B ${second}: ${counted(keys[1], 'key')}`,
    `${count(totals.equal)} equal, ${count(only[0])} only in A, ${count(only[1])} only in B, ` +
      `${count(different)} ${different === 1 ? 'differs' : 'differ'}` +
      (functions > 0 ? `; ${counted(functions, 'function library', 'function libraries')} not equal` : ''),
  ]
  for (const [i, name] of ['A', 'B'].entries()) {
    const twice = totals.twice[i]!
    if (twice > 0) lines.push(`${counted(twice, 'key')} of ${name} more than once`)
    if (totals.badChecksum[i]) lines.push(`the checksum of ${name} is wrong`)
  }
  if (totals.byHash > 0) {
    lines.push(
      `${counted(totals.byHash, 'element')} longer than 4 MiB compared by length, beginning and CRC-64`,
    )
  }
  return lines.join('\n')
}

function totalsJson(totals: DiffTotals): object {
  const { keys, only, twice, badChecksum } = totals
  const pair = <T>([first, second]: readonly [T, T]) => ({ first, second })
  return {
    ...totals,
    keys: pair(keys),
    only: pair(only),
    twice: pair(twice),
    badChecksum: pair(badChecksum),
    isEqual: isEqual(totals),
  }
}
