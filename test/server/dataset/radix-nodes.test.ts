/** The radix tree that Redis would have, beside the one that it has. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { radixNodes } from '../../../src/server/dataset/radix-nodes.ts'
import { compareIds, u64 } from '../../../src/server/dataset/stream-id.ts'
import { RawClient } from '../../support/raw-client.ts'
import { describeWithRedis, startRedis } from '../../support/real-redis.ts'

describeWithRedis('radix nodes', (server) => {
  it('are as many as a real server counts', async () => {
    const redis = await startRedis({ server, config: { 'stream-node-max-entries': 1 } })
    const client = await RawClient.open(redis.port)
    const half = fc.oneof(fc.bigInt({ min: 0n, max: 700n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
    const id = fc
      .record({ ms: half.map(u64), seq: half.map(u64) })
      .filter(({ ms, seq }) => ms !== 0 || seq !== 0)
    await fc.assert(
      fc.asyncProperty(fc.array(id, { maxLength: 60 }), async (unordered) => {
        const ids = unordered
          .sort(compareIds)
          .filter((one, i) => i === 0 || compareIds(unordered[i - 1]!, one) !== 0)
        await client.command('FLUSHALL')
        await client.command('XGROUP', 'CREATE', 'x', 'g', '0', 'MKSTREAM')
        for (const { ms, seq } of ids) await client.command('XADD', 'x', `${ms}-${seq}`, 'f', 'v')
        const info = (await client.command('XINFO', 'STREAM', 'x')) as {
          items: readonly { value: unknown }[]
        }
        expect(info.items[3]!.value).toBe(ids.length)
        expect(radixNodes(ids)).toBe(info.items[5]!.value)
      }),
      { numRuns: 60, seed: 3, endOnFailure: true },
    )
    await client.close()
  })
})
