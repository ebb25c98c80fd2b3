/** The conversions and the comparison, run to their end in memory. */
import type { RdbVersion } from '../../src/codec/rdb/encode-options.ts'
import { dialectOf } from '../../src/rdb/convert-dialect.ts'
import type { ConvertLoss } from '../../src/rdb/convert-loss.ts'
import { convertToRdb } from '../../src/rdb/convert-rdb.ts'
import { convertToResp } from '../../src/rdb/convert-resp.ts'
import { diffSnapshots } from '../../src/rdb/diff.ts'
import { differenceText } from '../../src/rdb/diff-text.ts'
import type { SnapshotBytes } from '../../src/rdb/reread.ts'

/** The blocks and the result of a conversion. Blocks are borrowed, so they are copied. */
function run<T>(steps: Generator<Buffer, T, void>): { bytes: Buffer; totals: T } {
  const blocks: Buffer[] = []
  for (;;) {
    const { value, done } = steps.next()
    if (done) return { bytes: Buffer.concat(blocks), totals: value }
    blocks.push(Buffer.from(value))
  }
}

export function toResp(bytes: SnapshotBytes, version = '7.0') {
  const losses: ConvertLoss[] = []
  const options = { dialect: dialectOf(version), onLoss: (loss: ConvertLoss) => losses.push(loss) }
  const { bytes: commands, totals } = run(convertToResp(bytes, options))
  return { commands, losses, totals }
}

export function toRdb(bytes: SnapshotBytes, version: RdbVersion) {
  const losses: ConvertLoss[] = []
  const { bytes: rdb, totals } = run(convertToRdb(bytes, { version, onLoss: (loss) => losses.push(loss) }))
  return { rdb, losses, totals }
}

/** The differences in words, at most 20. */
export function differences(a: SnapshotBytes, b: SnapshotBytes): string[] {
  const lines: string[] = []
  const onDifference = (one: Parameters<typeof differenceText>[0]) =>
    lines.push(differenceText(one, ['A', 'B']))
  diffSnapshots(a, b, { strict: false, limit: 20, onDifference })
  return lines
}
