/** Client-side caching and MONITOR, beside a real Redis. */

import { beforeAll, describe, expect, it } from 'vitest'
import type { ByteString } from '../../../src/bytes/byte-string.ts'
import { type Pair, startPair } from '../../support/differential.ts'
import { describeWithRedis } from '../../support/real-redis.ts'
import { startReference } from '../../support/reference.ts'
import { play } from '../../support/scenario.ts'

describeWithRedis('client-side caching', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  it('tells once of a key that was read', async () => {
    await play(
      pair,
      `
      b: FLUSHALL
      a: HELLO 3
      a: CLIENT TRACKINGINFO
      a: CLIENT GETREDIR
      a: CLIENT TRACKING ON
      a: CLIENT TRACKINGINFO
      a: CLIENT GETREDIR
      a: GET k; LRANGE l 0 -1; SMISMEMBER s 1; SINTERCARD 2 s t
      b: INCR k
      b: INCR k
      b: LPUSH l 1; SADD t 2; SADD s 1
      a: GET k; INCR k
      a: GET k; MULTI; INCR k; INCR k; EXEC
      a: GET k; LPUSH x 1; SADD y 1
      b: DEL nokey x k
      a: GET k; SMEMBERS y
      b: FLUSHALL
      a: GET k
      b: FLUSHDB
      a: GET k; FLUSHALL
      b: INCR k
      a: GET k
      a: CLIENT TRACKING OFF
      b: INCR k
      a: CLIENT TRACKING ON NOLOOP; GET k; INCR k
      a: GET k
      b: INCR k
      a: GET k
      b: EXPIRE k 100
      a: GET k
      b: RENAME k j
      a: GET j
      b: EXPIRE j -1
      a: LRANGE b 0 -1
      b: BLPOP b 0
      c: RPUSH b 1
      a: CLIENT TRACKINGINFO
    `,
    )
  })

  it('tells of expired keys', async () => {
    await play(
      pair,
      `
      b: DEBUG SET-ACTIVE-EXPIRE 0
      b: FLUSHALL; APPEND k x; APPEND j x
      a: HELLO 3
      a: CLIENT TRACKING ON
      a: GET k; GET j
      b: PEXPIRE k 300; PEXPIRE j 300
      a: GET k; GET j
      @ 400
      b: GET k
      a: GET j
      b: DEBUG SET-ACTIVE-EXPIRE 1
    `,
    )
  })

  it('can be opted into and out of', async () => {
    await play(
      pair,
      `
      b: FLUSHALL
      a: HELLO 3
      a: CLIENT CACHING YES
      a: CLIENT TRACKING ON OPTIN
      a: CLIENT CACHING NO
      a: CLIENT CACHING MAYBE
      a: GET k
      b: INCR k
      a: CLIENT CACHING YES
      a: CLIENT TRACKINGINFO
      a: GET k; GET j
      b: INCR k; INCR j
      a: CLIENT CACHING YES; MULTI; GET k; GET j; EXEC; GET i
      b: INCR k; INCR j; INCR i
      a: CLIENT CACHING YES; NOSUCH; GET k
      b: INCR k
      a: CLIENT TRACKING ON OPTOUT
      a: CLIENT TRACKING OFF
      a: CLIENT TRACKING ON OPTOUT
      a: CLIENT CACHING YES
      a: CLIENT CACHING NO
      a: CLIENT TRACKINGINFO
      a: GET k; GET j
      b: INCR k; INCR j
      a: CLIENT TRACKING ON OPTIN OPTOUT
      a: CLIENT TRACKING ON OPTIN
      a: CLIENT TRACKING ON BCAST
      a: CLIENT TRACKING ON BCAST OPTIN
      a: CLIENT TRACKING ON NOSUCH
      a: CLIENT TRACKING MAYBE
      a: CLIENT TRACKING ON REDIRECT 999999
      a: CLIENT TRACKING ON REDIRECT x
      a: CLIENT TRACKING ON REDIRECT
      a: CLIENT TRACKING
      a: CLIENT CACHING
      a: CLIENT TRACKING ON PREFIX x
      a: CLIENT TRACKING ON REDIRECT {b} REDIRECT {b}
    `,
    )
  })

  it('is broadcast by prefix', async () => {
    await play(
      pair,
      `
      c: FLUSHALL
      a: HELLO 3
      b: HELLO 3
      d: HELLO 3
      a: CLIENT TRACKING ON BCAST PREFIX user: PREFIX item:
      a: CLIENT TRACKING ON BCAST PREFIX user:1
      a: CLIENT TRACKING ON BCAST PREFIX other: PREFIX other:1
      a: CLIENT TRACKING ON BCAST PREFIX ""
      a: CLIENT TRACKING ON BCAST PREFIX more:
      a: CLIENT TRACKINGINFO
      b: CLIENT TRACKING ON BCAST NOLOOP
      b: CLIENT TRACKINGINFO
      c: INCR user:1
      c: INCR user:2; INCR item:1; INCR else:1; INCR user:0; INCR user:2
      a: INCR user:1; GET user:1
      b: INCR user:1; GET user:1
      b: INCR user:1; INCR mine
      c: MULTI; INCR more:1; DEL more:1; EXEC
      d: CLIENT TRACKING ON
      d: GET user:1
      d: CLIENT TRACKING OFF
      d: CLIENT TRACKING ON BCAST
      c: INCR user:1
      d: CLIENT TRACKING OFF
      c: FLUSHALL
      a: FLUSHALL
      a: CLIENT TRACKING OFF
      a: CLIENT TRACKINGINFO
      x b
      c: INCR user:1
    `,
    )
  })

  it('can be redirected', async () => {
    await play(
      pair,
      `
      b: FLUSHALL
      r: SUBSCRIBE __redis__:invalidate
      a: CLIENT TRACKING ON REDIRECT {r}
      a: CLIENT GETREDIR
      a: CLIENT TRACKINGINFO
      a: GET k
      b: INCR k
      a: GET k; INCR k
      a: GET k
      b: FLUSHALL
      a: GET k
      r: UNSUBSCRIBE
      b: INCR k
      r: HELLO 3
      a: GET k
      b: INCR k
      a: HELLO 3
      a: GET k
      x r
      b: INCR k
      a: CLIENT TRACKINGINFO
      a: GET k
      b: INCR k
      a: CLIENT TRACKING ON
      a: CLIENT TRACKINGINFO
      a: HELLO 2
      a: GET k
      b: INCR k
    `,
    )
  })
})

describe('the table of keys that were read', () => {
  it('stays as large as it may be: the oldest keys are invalidated', () => {
    const reference = startReference()
    reference.server.state.settings.read('tracking-table-max-keys', '10')
    const client = reference.client()
    client.session.resp = 3
    client.command('CLIENT', 'TRACKING', 'ON')
    const replies = Array.from({ length: 25 }, (_, i) => client.command('GET', `k${i}`))
    expect(reference.server.state.tracking.counts.keys).toBe(10)
    expect([...replies, ...client.inbox].filter((reply) => reply?.type === 'push')).toHaveLength(15)
    client.session.closed()
    reference.client().command('FLUSHALL')
    expect(reference.server.state.tracking.counts).toMatchObject({ keys: 0, items: 0, clients: 0 })
  })
})

describeWithRedis('MONITOR', (server) => {
  it('shows what is run, and no secrets', async () => {
    const pair = await startPair({ server })
    await play(
      pair,
      `
      m: MONITOR
      b: APPEND k "x\\r\\n\\x00\\"y"; GET k; NOSUCH; GET; CONFIG GET databases
      b: MULTI; INCR n; GET k; EXEC; SELECT 5; GET k
      b: MULTI; INCR n; NOSUCH; EXEC
      b: BLPOP l 0
      c: RPUSH l 1
      c: PUBLISH x y; SUBSCRIBE x
      b: AUTH wrong; AUTH me wrong; HELLO 3 AUTH me wrong; HELLO 2 AUTH me wrong SETNAME x
      b: MIGRATE 127.0.0.1 1 nokey 0 1; MIGRATE 127.0.0.1 1 nokey 0 1 AUTH secret
      b: MIGRATE 127.0.0.1 1 nokey 0 1 AUTH2 me secret
      m: MONITOR; GET k; APPEND k x; MULTI; EXEC
      x m
      b: GET k
    `,
    )
  })
})

describe('what monitors see', () => {
  it('has no passwords in it', () => {
    const reference = startReference()
    const monitor = reference.client()
    monitor.command('MONITOR')
    const words = ['HELLO', '3', 'AUTH', 'default', 'hunter2'] as ByteString[]
    const { state, executor } = reference.server
    executor.visit(() =>
      state.monitors.feed(monitor.session, executor.resolve(['PING' as ByteString])!, words),
    )
    expect(monitor.inbox).toHaveLength(1)
    expect(JSON.stringify(monitor.inbox)).toMatch(/HELLO.*redacted/)
    expect(JSON.stringify(monitor.inbox)).not.toContain('hunter2')
  })
})
