/** `syncscope rdb stats`: a snapshot on one screen. */
import { BlockOutput } from '../io/block-output.ts'
import { openIfPlain } from '../io/seekable-file.ts'
import { systemNow } from '../io/system-clock.ts'
import { named } from '../rdb/late-names.ts'
import { Stats } from '../rdb/stats.ts'
import { statsJson, statsText } from '../rdb/stats-text.ts'
import { palette } from '../sink/palette.ts'
import { complainOfDamage, readSnapshot } from './rdb-reading.ts'
import { isColoured } from './session-options.ts'

export type StatsArguments = {
  readonly files: readonly string[]
  readonly json: boolean
  readonly color: string
}

/** @returns the exit status @throws UsageError */
export async function runRdbStats({ files, json, color }: StatsArguments): Promise<number> {
  const output = new BlockOutput()
  const paint = palette(isColoured(color))
  let status = 0
  for (const [index, file] of files.entries()) {
    const stats = new Stats()
    const begin = systemNow()
    const plain = openIfPlain(file)
    const detail = plain === undefined ? 'keys' : 'sizes'
    const reading = await readSnapshot(file, {
      detail,
      onEvent: (event) => stats.event(event),
      onRecord: (record) => stats.record(record),
    })
    const { header } = stats.origin
    if (plain !== undefined && header !== undefined) stats.name((end) => named(end, plain, header))
    plain?.close()
    const elapsed = systemNow() - begin
    const text = json
      ? JSON.stringify(statsJson(file, stats, elapsed))
      : `${index > 0 ? '\n' : ''}${statsText(file, stats, elapsed, paint)}`
    await output.write(`${text}\n`)
    if (complainOfDamage(file, reading) || stats.origin.end?.checksum === 'bad') status = 1
  }
  return status
}
