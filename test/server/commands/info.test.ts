/** INFO has the sections and fields of a real Redis, in its order. */
import { expect, it } from 'vitest'
import { RawClient } from '../../support/raw-client.ts'
import { describeWithRedis, startRedis } from '../../support/real-redis.ts'
import { startReference } from '../../support/reference.ts'

describeWithRedis('INFO', (server) => {
  it.each([[['everything']], [[]], [['server', 'foo', 'keyspace']], [['foo']]])('%s', async (sections) => {
    const redis = await startRedis({ server })
    const real = await RawClient.open(redis.port)
    const client = startReference().client()
    const commands = [['APPEND', 'k', '1'], ['PEXPIRE', 'k', 10_000], ['NOSUCH']]
    for (const command of commands) {
      await real.command(...command)
      client.command(...command)
    }
    const [theirs, ours] = [await real.command('INFO', ...sections), client.command('INFO', ...sections)!]
    const names = (reply: unknown) => namesIn((reply as { value: string }).value)
    expect(names(ours)).toEqual(names(theirs))
  })
})

/** Statistics of commands depend on what the test asked. */
function namesIn(text: string): string[] {
  return text
    .split('\r\n')
    .map((line) => line.split(':', 1)[0]!)
    .filter((name) => !/^(cmdstat|latency_percentiles)/.test(name))
}
