/** Clients that wait for lists, several at a time, beside a real Redis. */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Pair, startPair } from '../../support/differential.ts'
import { describeWithRedis } from '../../support/real-redis.ts'
import { startReference } from '../../support/reference.ts'
import { play } from '../../support/scenario.ts'

describeWithRedis('clients that wait for lists', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({
      server,
      config: { 'notify-keyspace-events': 'KEA' },
      reference: { settings: { notifyKeyspaceEvents: 'KEA' } },
    })
  })

  it('are served in the order in which they came, and tell what happened', async () => {
    await play(
      pair,
      `
      a: FLUSHALL
      n: PSUBSCRIBE __key*
      a: BLPOP k 0
      b: BRPOP k 0
      c: BLMPOP 0 2 j k LEFT COUNT 10
      d: RPUSH k 1
      d: RPUSH k 1 2 3 4
      a: BLMOVE k other LEFT RIGHT 0
      b: BRPOPLPUSH k other 0
      c: BLMOVE k k LEFT RIGHT 0
      d: LPUSH k x y z
      d: LRANGE other 0 -1
      d: DEL k
      a: BLPOP k 0
      b: BLPOP k 0
      d: RPUSH k 1
      d: RPUSH k 2
    `,
    )
  })

  it('get the key that is ready first', async () => {
    await play(
      pair,
      `
      d: FLUSHALL
      a: BLPOP k1 k2 k2 k3 0
      b: BLMPOP 0 3 k1 k2 k3 RIGHT COUNT 5
      d: MULTI; RPUSH k2 x y; RPUSH k1 z; EXEC
      a: BLPOP k1 0
      d: MULTI; RPUSH k1 x; DEL k1; EXEC
      d: MULTI; RPUSH k1 x; LPOP k1; RPUSH k1 y; EXEC
      a: BLPOP k1 k2 0
      b: BLPOP k2 k1 0
      d: MULTI; RPUSH k1 1; RPUSH k2 2; EXEC
      a: BLPOP k1 0
      d: MULTI; SADD k1 x; DEL k1; RPUSH k1 1 2 3; EXEC
      d: LRANGE k1 0 -1
    `,
    )
  })

  it('wait on while the key is something else', async () => {
    await play(
      pair,
      `
      d: FLUSHALL
      a: BLPOP k 0
      b: BLMOVE k target LEFT LEFT 0
      d: APPEND k x
      d: SADD s 1
      d: RENAME s k
      d: DEL k
      d: APPEND target x
      d: RPUSH k 1 2
      d: LRANGE k 0 -1
      d: DEL target k
      b: BLMOVE k target RIGHT LEFT 0
      c: BLPOP target 0
      d: RPUSH k 1
      b: BRPOPLPUSH k k 0
      d: RPUSH k 1
      d: LRANGE k 0 -1
    `,
    )
  })

  it('see keys that come by other ways', async () => {
    await play(
      pair,
      `
      d: FLUSHALL
      d: SELECT 1
      d: RPUSH l 1 2 3
      d: SELECT 0
      d: RPUSH from 1 2
      a: BLPOP k 0
      d: RENAME from k
      b: BLPOP from 0
      a: BLPOP from 0
      d: COPY k from
      d: RPUSH from 7
      a: BLPOP l 0
      d: SWAPDB 0 1
      b: BLPOP m 0
      d: RPUSH x 1
      d: MOVE x 1
      d: LMOVE l m LEFT LEFT
      d: SELECT 1
      d: RPUSH m 1
    `,
    )
  })

  it('run out of time, go away, and pipeline behind their wait', async () => {
    await play(
      pair,
      `
      d: FLUSHALL
      a: BLPOP k 0.02
      @ 50
      a: BLMOVE k j LEFT LEFT 0.02
      @ 50
      a: BRPOPLPUSH k j 0.02; LLEN k
      @ 50
      a: BLMPOP 0.02 1 k LEFT
      @ 50
      a: HELLO 3
      a: BLPOP k 0.02
      @ 50
      a: BLPOP k 0; RPUSH k again; BLPOP k 0; LLEN k
      b: BLPOP k 0; LLEN k
      d: RPUSH k 1
      d: RPUSH k 2
      e: BLPOP k 0
      f: BLPOP k 0
      x e
      d: RPUSH k 1
      d: LLEN k
    `,
    )
  })

  it('wait for one type: lists do not wake those who want sorted sets', async () => {
    await play(
      pair,
      `
      d: FLUSHALL
      a: BZPOPMIN k j 0
      b: BLPOP k 0
      c: BZMPOP 0 2 j k MAX COUNT 2
      d: ZADD j 1 x
      d: RPUSH k x
      d: ZADD k 1 a 2 b 3 c
      d: ZRANGE k 0 -1
      a: BZPOPMAX k1 k2 0
      d: MULTI; ZADD k2 2 b; ZADD k1 1 a; EXEC
      a: BLPOP k1 m 0
      d: MULTI; DEL k1; ZADD m 1 a; DEL m; RPUSH m 1; ZADD k1 1 b; EXEC
    `,
    )
  })

  it('do not wait within a transaction, and are served after one', async () => {
    await play(
      pair,
      `
      d: FLUSHALL
      a: BLPOP k 0
      b: BLPOP k 0
      d: MULTI; RPUSH k 1 2 3; LLEN k; BLPOP nokey 0; EXEC
      d: LRANGE k 0 -1
      a: MULTI; BLPOP k 0; BLPOP k 0; BLMOVE k j LEFT LEFT 0; EXEC
      a: BLPOP k 0
      b: BLPOP j 0
      d: MULTI; RPUSH k 1; RPUSH j 1; RPUSH k 2; EXEC
      a: BLMOVE k j LEFT LEFT 0
      b: BLMOVE j i LEFT LEFT 0
      c: BLPOP i 0
      d: RPUSH k chain
    `,
    )
  })
})

describeWithRedis('INFO about clients that wait', (server) => {
  it('counts a call when it begins to wait, and as failed one whose wait was ended', async () => {
    const pair = await startPair({ server })
    const counted = async (): Promise<void> => {
      const sides: string[][] = []
      for (const side of [pair.real, pair.client]) {
        const reply = await side.command('INFO', 'commandstats', 'errorstats')
        const text = String(reply !== undefined && 'value' in reply && reply.value)
        const lines = text.split('\r\n').filter((line) => /stat_(bl|UNBL|client.unblock)/.test(line))
        sides.push(lines.map((line) => line.replace(/usec=.*?,usec_per_call=.*?,/, '')).sort())
      }
      expect(sides[1]).toEqual(sides[0])
      expect(sides[0]).not.toEqual([])
    }
    const scripts = [
      'a: BLPOP k 0',
      'a: BLPOP k 0\n d: RPUSH k 1',
      'a: BLPOP k 0\n b: CLIENT UNBLOCK {a} TIMEOUT',
      'a: BLMOVE k j LEFT LEFT 0\n b: CLIENT UNBLOCK {a} ERROR',
      'a: BLPOP k 0.01\n @ 40\n b: PING',
      'd: SET j string\n a: BLMOVE k j LEFT LEFT 0\n d: RPUSH k 1\n d: DEL k j',
    ]
    for (const script of scripts) {
      await play(pair, script)
      await counted()
    }
  })
})

describe('a wait', () => {
  it('can be ended from outside', () => {
    const reference = startReference()
    const { blocked } = reference.server.state
    const [a, b] = [reference.client(), reference.client()]
    expect(a.command('BLPOP', 'k', 0)).toBeUndefined()
    expect(b.command('BLPOP', 'k', 0)).toBeUndefined()
    expect(blocked.count).toBe(2)
    expect(blocked.unblock(a.session, 'timeout')).toBe(true)
    expect(blocked.unblock(a.session, 'timeout')).toBe(false)
    expect(blocked.unblock(b.session, 'error')).toBe(true)
    expect(a.inbox).toEqual([{ type: 'null' }])
    expect(b.inbox).toMatchObject([{ type: 'error', value: 'UNBLOCKED client unblocked via CLIENT UNBLOCK' }])
    expect(blocked.count).toBe(0)
  })

  it('lasts as long as was asked for, to the millisecond, and costs nothing while others are served', () => {
    let now = 0
    const timers = new Map<object, { at: number; run: () => void }>()
    const clock = {
      now: () => now,
      after: (delay: number, run: () => void) => {
        const timer = {}
        timers.set(timer, { at: now + delay, run })
        return () => void timers.delete(timer)
      },
    }
    const reference = startReference({ clock })
    const client = reference.client()
    client.command('BLPOP', 'k', '0.0101')
    expect([...timers.values()].map(({ at }) => at)).toEqual([11_000])
    now = 11_000
    for (const { run } of [...timers.values()]) run()
    expect(client.inbox).toHaveLength(1)
    client.inbox.length = 0
    client.command('BLPOP', 'k', '1')
    expect(reference.client().command('RPUSH', 'k', 'x')).toMatchObject({ value: 1 })
    expect(client.inbox).toHaveLength(1)
    expect(reference.server.state.blocked.count).toBe(0)
  })

  it('of thousands of clients for one key is served one by one, each at little cost', () => {
    const reference = startReference()
    const clients = Array.from({ length: 3000 }, () => reference.client())
    for (const client of clients) client.command('BLPOP', 'k', 0)
    const pusher = reference.client()
    for (const _ of clients) pusher.command('RPUSH', 'k', 'x')
    expect(clients.every(({ inbox }) => inbox.length === 1)).toBe(true)
    expect(reference.server.state.blocked.count).toBe(0)
  })
})

describeWithRedis('clients that wait for streams', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  it.each<[string, string]>([
    ['is deleted', 'DEL s'],
    ['is unlinked', 'UNLINK s'],
    ['is overwritten', 'SET s v'],
    ['is another value after a transaction', 'MULTI; DEL s; SADD s e; EXEC'],
    ['is another stream after a transaction', 'MULTI; DEL s; XADD s 700-0 f v; EXEC'],
    ['is renamed', 'RENAME s other'],
    ['is overwritten by a copy', 'COPY list s REPLACE'],
    ['is flushed with its database', 'FLUSHDB'],
    ['is flushed with all', 'FLUSHALL'],
    ['is swapped away', 'SWAPDB 0 5'],
    ['is swapped for something else', 'SWAPDB 0 4'],
    ['loses its group', 'XGROUP DESTROY s g'],
    ['is expired', 'PEXPIRE s -1'],
    ['is moved', 'MOVE s 7'],
    ['is overwritten by a rename', 'RENAME list s'],
    ['is overwritten by an order', 'SORT list ALPHA STORE s'],
    ['is deleted by an empty result', 'SUNIONSTORE s nokey'],
    ['is renamed and comes back in a transaction', 'MULTI; RENAME s other; RENAME other s; EXEC'],
    ['is swapped away and back in a transaction', 'MULTI; SWAPDB 0 5; SWAPDB 0 5; EXEC'],
    ['is overwritten by another stream', 'COPY twin s REPLACE'],
    ['is trimmed', 'XTRIM s MAXLEN 0'],
  ])('are told when it %s', async (_, line) => {
    await play(
      pair,
      `
      d: FLUSHALL
      d: CONFIG RESETSTAT
      d: SELECT 4
      d: LPUSH s a
      d: SELECT 0
      d: RPUSH list a
      d: XADD s 666-0 f v
      d: XGROUP CREATE s g $
      d: COPY s twin
      a: XREADGROUP GROUP g Alice BLOCK 0 STREAMS s >
      c: XREADGROUP GROUP g Carol BLOCK 0 STREAMS twin s >  >
      b: XREAD BLOCK 0 STREAMS s $
      d: ${line}
      d: INFO errorstats
      d: DEL s
      d: XADD s 900-0 f v
      d: XADD twin 900-0 f v
      b: PING
      c: PING
    `,
    )
  })
})
