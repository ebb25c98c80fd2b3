/**
 * `syncscope rdb diff A B`: which keys are only in one of two snapshots, and what the others differ in
 * first.
 */
import { BlockOutput } from '../io/block-output.ts'
import { isStandardInput } from '../io/file-input.ts'
import { type DiffTotals, diffSnapshots } from '../rdb/diff.ts'
import { differenceJson, differenceText, type Names } from '../rdb/diff-text.ts'
import { count, counted } from '../sink/units.ts'
import { UsageError } from '../usage-error.ts'
import { wholeNumber } from './rdb-options.ts'
import { withSnapshots } from './rdb-reread.ts'

const NAMES: Names = ['A', 'B']

export type DiffArguments = {
  readonly first: string
  readonly second: string
  readonly strict: boolean
  readonly limit: string
  readonly json: boolean
}

/** @returns the exit status: 0 equal, 1 not @throws UsageError */
export async function runRdbDiff(args: DiffArguments): Promise<number> {
  const { first, second, strict, json } = args
  const limit = wholeNumber('--limit', args.limit)
  if (isStandardInput(first) && isStandardInput(second)) {
    throw new UsageError('only one of the two snapshots can come from standard input')
  }
  const output = new BlockOutput()
  return withSnapshots([first, second], async ([a, b], progress) => {
    const lines: string[] = []
    const totals = diffSnapshots(a!, b!, {
      strict,
      limit,
      onDifference: (one) =>
        lines.push(json ? JSON.stringify(differenceJson(one)) : differenceText(one, NAMES)),
      onProgress: progress.show,
    })
    progress.clear()
    lines.push(json ? JSON.stringify({ summary: totalsJson(totals) }) : totalsText(totals, args))
    await output.write(`${lines.join('\n')}\n`)
    return isEqual(totals) ? 0 : 1
  })
}

function isEqual({ only, different, twice, functions, badChecksum }: DiffTotals): boolean {
  const counts = [...only, different, ...twice, functions]
  return counts.every((each) => each === 0) && !badChecksum.includes(true)
}

function totalsText(totals: DiffTotals, { first, second }: DiffArguments): string {
  const { keys, only, different, functions } = totals
  const libraries = counted(functions, 'function library', 'function libraries')
  const lines = [
    `A ${first}: ${counted(keys[0], 'key')}   B ${second}: ${counted(keys[1], 'key')}`,
    `${count(totals.equal)} equal, ${count(only[0])} only in A, ${count(only[1])} only in B, ` +
      `${count(different)} ${different === 1 ? 'differs' : 'differ'}` +
      (functions > 0 ? `; ${libraries} not equal` : ''),
  ]
  for (const [i, name] of NAMES.entries()) {
    const twice = totals.twice[i]!
    if (twice > 0) lines.push(`${counted(twice, 'key')} of ${name} stood there before`)
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
