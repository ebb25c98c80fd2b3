/** Commands on strings, beside a real Redis. */
import { beforeAll, it } from 'vitest'
import { type Pair, startPair } from '../../support/differential.ts'
import { describeWithRedis } from '../../support/real-redis.ts'

describeWithRedis('strings', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  it('counts, appends and refuses', async () => {
    await pair.same([
      'FLUSHALL',
      'INCR a',
      'GET a',
      'APPEND a x',
      'GET a',
      'INCR a',
      'GET',
      'NOSUCH a "b c"',
      'SELECT 99',
    ])
  })

  it('runs a transaction as one unit', async () => {
    await pair.same([
      'FLUSHALL',
      'MULTI',
      'INCR n',
      'APPEND s 1',
      'EXEC',
      'MULTI',
      'INCR n',
      'EXEC',
      'MULTI',
      'NOSUCH',
      'EXEC',
    ])
  })
})
