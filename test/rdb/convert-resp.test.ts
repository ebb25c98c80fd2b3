import { describe, expect, it } from 'vitest'
import { dialectOf } from '../../src/rdb/convert-dialect.ts'
import type { ConvertLoss } from '../../src/rdb/convert-loss.ts'
import { convertToResp, type RespTotals } from '../../src/rdb/convert-resp.ts'
import { diffSnapshots } from '../../src/rdb/diff.ts'
import { differenceText } from '../../src/rdb/diff-text.ts'
import type { SnapshotBytes } from '../../src/rdb/reread.ts'
import { describeEachRedis, startRedis } from '../support/real-redis.ts'
import { pipe, randomDataset, saved } from './live-dataset.ts'

function resp(bytes: SnapshotBytes, version = '7.0') {
  const losses: ConvertLoss[] = []
  const blocks: Buffer[] = []
  const steps = convertToResp(bytes, { dialect: dialectOf(version), onLoss: (loss) => losses.push(loss) })
  for (;;) {
    const { value, done } = steps.next()
    if (done) return { commands: Buffer.concat(blocks), losses, totals: value as RespTotals }
    blocks.push(Buffer.from(value))
  }
}

function differences(a: SnapshotBytes, b: SnapshotBytes): string[] {
  const lines: string[] = []
  const onDifference = (one: Parameters<typeof differenceText>[0]) =>
    lines.push(differenceText(one, ['A', 'B']))
  diffSnapshots(a, b, { strict: false, limit: 20, onDifference })
  return lines
}

describeEachRedis('convert --to resp', (server) => {
  it('rebuilds a random dataset', async () => {
    const original = await randomDataset(server, 5)
    const snapshot = await saved(original)
    const { commands, losses } = resp(snapshot, `${server.flavour}-${server.version}`)
    expect(losses).toEqual([])
    const copy = await startRedis({ server })
    expect(await pipe(copy, commands)).toEqual([])
    expect(differences(snapshot, await saved(copy))).toEqual([])
    expect(await copy.digest()).toBe(await original.digest())
  })
})

describe('commands', () => {
  it('are for servers that understand them', () => {
    expect(dialectOf('6.0').createsConsumers).toBe(false)
  })
})
