/** Publish, subscribe and keyspace events, beside a real Redis. */
import { beforeAll, it } from 'vitest'
import { type Pair, startPair } from '../../support/differential.ts'
import { describeWithRedis } from '../../support/real-redis.ts'
import { play } from '../../support/scenario.ts'

describeWithRedis('subscribers', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  for (const resp of [2, 3]) {
    it(`hear what is published, over RESP${resp}`, async () => {
      await play(
        pair,
        `
        a: HELLO ${resp}
        b: HELLO ${resp}
        a: SUBSCRIBE one two one
        b: PSUBSCRIBE o* nob*y
        c: HELLO ${resp}
        c: PSUBSCRIBE [xyz] t?o *e
        p: PUBLISH one 1
        p: PUBLISH two 2
        p: PUBLISH y 3
        p: PUBLISH nobody 4
        p: MULTI; PUBLISH one in; PUBLISH two out; INCR n; EXEC
        a: SSUBSCRIBE one shard
        b: SSUBSCRIBE shard
        p: SPUBLISH shard hello
        p: SPUBLISH one hello
        p: PUBLISH shard hello
        p: PUBSUB CHANNELS o*
        p: PUBSUB NUMSUB one two nobody
        p: PUBSUB NUMSUB
        p: PUBSUB NUMPAT
        p: PUBSUB SHARDCHANNELS s*
        p: PUBSUB SHARDNUMSUB shard one nobody
        p: PUBSUB SHARDNUMSUB
        p: PUBSUB HELP
        p: PUBSUB
        p: PUBSUB NOSUCH
        p: PUBSUB NUMPAT x
        p: PUBSUB CHANNELS a b
        p: PUBSUB SHARDCHANNELS a b
        a: PING
        a: PING hello
        a: PING hello there
        a: GET k
        a: NOSUCH
        a: SUBSCRIBE
        a: UNSUBSCRIBE one nobody
        a: PUNSUBSCRIBE nobody
        a: PUNSUBSCRIBE
        a: UNSUBSCRIBE
        a: GET k
        a: SUNSUBSCRIBE shard nobody
        a: SUNSUBSCRIBE
        a: GET k
        a: PING
        a: UNSUBSCRIBE; PUNSUBSCRIBE; SUNSUBSCRIBE
        b: PUNSUBSCRIBE o* nobody
        p: PUBLISH one 1
        x b
        p: PUBLISH one 1
        p: PUBSUB CHANNELS
        p: PUBSUB NUMPAT
        p: PUBLISH
        p: SPUBLISH a
      `,
      )
    })

    it(`publish to themselves and in transactions, over RESP${resp}`, async () => {
      await play(
        pair,
        `
        a: HELLO ${resp}
        a: MULTI; SUBSCRIBE x y; PSUBSCRIBE z; SSUBSCRIBE s; MONITOR; UNSUBSCRIBE y; PING; EXEC
        a: PUBLISH x hello
        a: MULTI
        a: PUBLISH x hello
        a: UNSUBSCRIBE; PUNSUBSCRIBE
        a: DISCARD
        a: EXEC
      `,
      )
    })
  }

  it('get pipelined messages in order', async () => {
    await play(
      pair,
      `
      a: SUBSCRIBE c
      b: SUBSCRIBE c d
      p: PUBLISH c 1; PUBLISH d 2; PUBLISH c 3; PING; PUBLISH c 4
    `,
    )
  })
})

describeWithRedis('keyspace events', (server) => {
  it('are told by their classes', async () => {
    const pair = await startPair({ server })
    const all = 'g$lshzxetdnmKE'
    for (const letters of ['KEA', 'K$', 'El', 'Ks', 'Eg', 'EKn', 'EKm', 'A', 'E', 'Kx', 'AnKE', all, '']) {
      await play(
        pair,
        `
        a: CONFIG SET notify-keyspace-events "${letters}"
        a: CONFIG GET notify-keyspace-events
        n: PSUBSCRIBE __key*
        a: APPEND k x; DEL k; DEL k; GET k
        a: SELECT 3
        a: LPUSH l 1 2; RPOP l; LPOP l 5; RPUSH l a b; LMOVE l m LEFT RIGHT; LTRIM m 0 0; LTRIM m 5 9
        a: RPUSH l a a c; LREM l 0 a; LSET l 0 x; LINSERT l BEFORE x y; RPOPLPUSH l l; LMPOP 1 l LEFT COUNT 9
        a: SADD s 1 2 3; SADD s 1; SREM s 1 9; SMOVE s t 2; SPOP s; SPOP t 5; SPOP t 5; SRANDMEMBER s
        a: SADD s a b; SINTERSTORE d s; SUNIONSTORE d nokey; SDIFFSTORE d s; SADD t a; SMOVE t d a
        a: APPEND e 1; EXPIRE e 100; PERSIST e; RENAME e f; COPY f g; MOVE g 4; EXPIRE f -1
        a: SISMEMBER nokey x; LRANGE nokey 0 1; LLEN nokey; SMEMBERS nokey; BLPOP l nokey 0.001
        @ 20
        a: DEBUG SET-ACTIVE-EXPIRE 0
        a: APPEND p x; PEXPIRE p 20
        @ 60
        a: GET p
        a: DEBUG SET-ACTIVE-EXPIRE 1
        a: FLUSHALL
      `,
      )
    }
  })
})
