/** `syncscope rdb keys`: the keys of snapshot files, one line each, without their values. */
import type { RdbEvent } from '../codec/rdb/events.ts'
import { BlockOutput } from '../io/block-output.ts'
import { systemNow } from '../io/system-clock.ts'
import { alignedHeading, alignedRow, keyEventJson, type Row, rowTemplate } from '../rdb/row-template.ts'
import { UsageError } from '../usage-error.ts'
import { type FilterArguments, keyFilter, limitOf } from './rdb-options.ts'
import { complainOfDamage, readSnapshot } from './rdb-reading.ts'

export type KeysArguments = FilterArguments & {
  readonly files: readonly string[]
  readonly format?: string | undefined
  readonly json: boolean
}

/** @returns the exit status @throws UsageError */
export async function runRdbKeys(args: KeysArguments): Promise<number> {
  const now = systemNow() / 1000
  const filter = keyFilter(args, now)
  const row = rowOf(args, now)
  const output = new BlockOutput()
  let left = limitOf(args)
  let lines: string[] = []
  if (row === alignedRow && process.stdout.isTTY) lines.push(alignedHeading())
  const onEvent = (event: RdbEvent) => {
    if (event.kind !== 'key-end' || left === 0) return
    if (!filter.mayWant(event.of) || !filter.wants(event)) return
    left--
    lines.push(row(event))
  }
  const afterChunk = async () => {
    if (lines.length > 0) await output.write(`${lines.join('\n')}\n`)
    lines = []
    return left > 0 && !output.isClosed
  }
  let status = 0
  for (const file of args.files) {
    const reading = await readSnapshot(file, { detail: 'keys', onEvent, afterChunk })
    await afterChunk()
    if (output.isClosed) break
    if (complainOfDamage(file, reading)) status = 1
  }
  return status
}

function rowOf({ json, format }: KeysArguments, now: number): Row {
  if (json && format !== undefined) throw new UsageError('--json and --format exclude each other')
  if (json) return keyEventJson
  return format === undefined ? alignedRow : rowTemplate(format, now)
}
