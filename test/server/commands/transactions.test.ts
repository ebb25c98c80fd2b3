/** MULTI, EXEC, DISCARD, WATCH, UNWATCH, beside a real Redis. */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Pair, startPair } from '../../support/differential.ts'
import { describeWithRedis } from '../../support/real-redis.ts'
import { startReference } from '../../support/reference.ts'
import { play } from '../../support/scenario.ts'

describeWithRedis('transactions', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  it('queue and run as one unit', async () => {
    await pair.same([
      'FLUSHALL',
      'EXEC',
      'DISCARD',
      'MULTI',
      'EXEC',
      'MULTI',
      'APPEND a x',
      'EXEC',
      'MULTI',
      'INCR n',
      'INCR n',
      'GET n',
      'LPUSH n wrong',
      'SADD s 1 2',
      'SPOP s 5',
      'EXEC',
      'MULTI',
      'INCR n',
      'DISCARD',
      'GET n',
      'MULTI',
      'MULTI',
      'WATCH n',
      'UNWATCH',
      'INCR n',
      'EXEC',
      'MULTI',
      'SELECT 1',
      'INCR n',
      'SELECT 0',
      'INCR n',
      'EXEC',
      'MULTI',
      'FLUSHALL',
      'EXEC',
    ])
  })

  it('are aborted by what was refused while queueing', async () => {
    const refused = ['NOSUCH x', 'GET', 'GET a b', 'CLIENT NOSUCH', 'EXEC x', 'MULTI x', 'SUBSCRIBE']
    await pair.same(['EXEC x', ...refused.flatMap((line) => ['MULTI', 'INCR n', line, 'INCR n', 'EXEC'])])
    await pair.same(refused.flatMap((line) => ['MULTI', line, 'DISCARD', 'GET n']))
  })

  it('fail if a watched key was touched', async () => {
    const touching = [
      'INCR k',
      'APPEND k x',
      'DEL k',
      'SADD k 1',
      'RENAME other k',
      'RENAME k elsewhere',
      'COPY other k REPLACE',
      'EXPIRE k 100',
      'PERSIST k',
      'MOVE k 1',
      'FLUSHALL',
      'FLUSHDB',
      'SWAPDB 0 1',
      'SWAPDB 1 0',
      'SWAPDB 1 2',
      'GET k',
      'APPEND unrelated x',
      'EXPIRE k -1',
      'SINTERSTORE k nokey',
      'SINTERSTORE k set',
      'DEL nokey',
    ]
    for (const [before, line] of touching.flatMap((one) => [
      ['PING', one],
      ['INCR k', one],
    ])) {
      await play(
        pair,
        `
        b: FLUSHALL
        b: APPEND other 5; SADD set 1; ${before}
        a: WATCH k
        b: ${line}
        a: MULTI; INCR n; EXEC
        a: MULTI; INCR n; EXEC
      `,
      )
    }
  })

  it('forget what they watched', async () => {
    await play(
      pair,
      `
      b: FLUSHALL
      a: WATCH k; UNWATCH
      b: INCR k
      a: MULTI; INCR n; EXEC
      a: WATCH k; MULTI
      a: DISCARD
      b: INCR k
      a: MULTI; INCR n; EXEC
      a: WATCH k k j; WATCH k
      b: INCR j
      a: WATCH other
      a: UNWATCH
      a: MULTI; INCR n; EXEC
      a: WATCH k
      a: INCR k
      a: MULTI; INCR n; EXEC
      a: WATCH k; MULTI; INCR n
      b: INCR k
      a: INCR n; EXEC
      a: WATCH k
      a: SELECT 1
      b: INCR k
      a: MULTI; INCR n; EXEC
      a: WATCH k
      b: INCR k
      a: MULTI; NOSUCH; EXEC
      a: MULTI; GET n; EXEC
      c: WATCH k
      x c
      b: INCR k
    `,
    )
  })

  it('fail if a watched key has expired since, and not if it had before', async () => {
    await play(
      pair,
      `
      b: FLUSHALL
      b: DEBUG SET-ACTIVE-EXPIRE 0
      b: INCR k; PEXPIRE k 300
      a: WATCH k
      @ 400
      a: MULTI; INCR n; EXEC
      b: INCR k; PEXPIRE k 1
      @ 20
      a: WATCH k
      a: MULTI; INCR n; EXEC
      b: INCR j; PEXPIRE j 1
      @ 20
      a: WATCH j
      b: GET j
      a: MULTI; INCR n; EXEC
      b: INCR j; PEXPIRE j 1
      @ 20
      a: WATCH j
      b: GET j; INCR j
      a: MULTI; INCR n; EXEC
      b: INCR e; PEXPIRE e 1
      @ 20
      a: WATCH e
      b: SWAPDB 0 1
      a: MULTI; INCR n; EXEC
      a: WATCH e
      b: SWAPDB 0 1
      a: MULTI; INCR n; EXEC
      b: INCR f; PEXPIRE f 1
      @ 20
      a: WATCH f
      b: FLUSHALL
      a: MULTI; INCR n; EXEC
      b: DEBUG SET-ACTIVE-EXPIRE 1
    `.replace(/(?<=GET j; )INCR j/, 'APPEND j x'),
    )
  })

  it('answer nothing but null over RESP3 too', async () => {
    await play(
      pair,
      `
      b: FLUSHALL
      a: HELLO 3
      a: WATCH k
      b: INCR k
      a: MULTI; INCR n; EXEC
      a: MULTI; SADD s 1; SMEMBERS s; SPOP s; LPOP nokey; EXEC
    `,
    )
  })
})

describe('a transaction', () => {
  it('that must fail keeps nothing of what it is sent', () => {
    const client = startReference().client()
    client.command('MULTI')
    client.command('NOSUCH')
    for (let i = 0; i < 10; i++) client.command('PING')
    expect(client.session.transaction!.queue).toHaveLength(0)
  })

  it('stands still in time', () => {
    let now = 1e15
    const clock = { now: () => (now += 60_000), after: () => () => {} }
    const client = startReference({ clock }).client()
    client.command('APPEND', 'k', 'x')
    client.command('PEXPIRE', 'k', 100)
    client.command('MULTI')
    for (let i = 0; i < 50; i++) client.command('EXISTS', 'k')
    expect(client.command('EXEC')).toMatchObject({ items: Array(50).fill({ value: 0 }) })
    client.command('APPEND', 'k', 'x')
    client.command('MULTI')
    client.command('PEXPIRE', 'k', 100)
    for (let i = 0; i < 50; i++) client.command('EXISTS', 'k')
    expect(client.command('EXEC')).toMatchObject({ items: Array(51).fill({ value: 1 }) })
  })
})
