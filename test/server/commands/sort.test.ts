/** SORT, beside a real Redis. */
import { beforeAll, it } from 'vitest'
import { type Pair, startPair } from '../../support/differential.ts'
import { describeWithRedis } from '../../support/real-redis.ts'

describeWithRedis('SORT', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  it('orders, limits, looks up and stores', async () => {
    await pair.same([
      'SORT nokey',
      'SET s x',
      'SORT s',
      'RPUSH l 3 1 2 10 a',
      'SORT l',
      'SORT l ALPHA',
      'SORT l LIMIT 1 2 alpha',
      'SORT l LIMIT 1',
      'SORT l BY w_*',
      'SORT l BY nosort',
      'SORT l BY nosort GET # GET nokey_* GET h_*->f',
      'SORT l foo',
      'SORT l LIMIT a b',
      'SORT_RO l STORE d',
      'SORT_RO l ALPHA DESC',
      'SORT l ALPHA STORE d',
      'LRANGE d 0 -1',
      'SORT nokey STORE d',
      'EXISTS d',
      'SORT nokey STORE d',
      'SORT l LIMIT -1 100 ALPHA',
      'SORT l LIMIT 3 -5 ALPHA',
      'SORT l LIMIT 100 5 ALPHA',
      'ZADD z 3 a 1 b 2 c',
      'SORT z BY nosort',
      'SORT z BY nosort DESC',
      'SORT z BY nosort LIMIT 1 1 DESC',
      'SORT z ALPHA DESC',
      'SADD st 3 2 1',
      'SORT st BY nosort STORE d2',
      'LRANGE d2 0 -1',
      'SORT st DESC STORE d2',
      'LRANGE d2 0 -1',
      'MSET w_1 5 w_2 x w_3 1',
      'RPUSH l2 1 2 3',
      'SORT l2 BY w_*',
      'SORT l2 BY w_* ALPHA',
      'SORT l2 BY h*->f->g',
      'HSET u:1 age 30 name ada',
      'HSET u:2 age 20 name bob',
      'HSET u:3 age 25',
      'SORT l2 BY u:*->age GET u:*->name GET #',
      'SORT l2 BY u:*->age DESC GET u:*->name',
      'SORT l2 BY u:*->name ALPHA',
      'SORT l2 GET x*y*z',
      'SORT l2 GET ""',
      'RPUSH numbers inf -inf 1e3 0x10 -1.5 +2',
      'SORT numbers',
      'RPUSH numbers nan',
      'SORT numbers',
      'SORT l2 STORE l2 GET # GET w_*',
      'LRANGE l2 0 -1',
      'SORT l2 ALPHA STORE s',
      'TYPE s',
      'COMMAND GETKEYS SORT l BY w_* LIMIT 0 5 GET STORE STORE d',
    ])
  })
})
