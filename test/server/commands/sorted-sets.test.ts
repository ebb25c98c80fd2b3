/** Commands on sorted sets, beside a real Redis. */
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Pair, startPair } from '../../support/differential.ts'
import { RawClient } from '../../support/raw-client.ts'
import { describeWithRedis } from '../../support/real-redis.ts'

const FIVE = 'ZADD z 1 a 2 b 3 c 4.5 d 1e30 e'

describeWithRedis('sorted sets', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  for (const resp of [2, 3] as const) {
    describe(`RESP${resp}`, () => {
      const same = async (...commands: string[]) => {
        await pair.real.command('HELLO', resp)
        pair.client.session.resp = resp
        await pair.same(['FLUSHALL', ...commands])
      }

      it('adds members and scores', async () => {
        await same(
          'ZADD z 1 a 2 b',
          'ZADD z 1 a 3 b 4 c',
          'ZADD z CH 1 a 5 b 6 d',
          'ZADD z NX 9 a 9 n',
          'ZADD z XX 7 a 9 m',
          'ZADD z GT 6 a',
          'ZADD z GT CH 8 a 9 o',
          'ZADD z LT 9 a',
          'ZADD z LT CH 2 a',
          'ZADD z xx gt ch 50 a',
          'ZADD z INCR 1.5 a',
          'ZADD z NX INCR 1 a',
          'ZADD z XX INCR 1 nobody',
          'ZADD z GT INCR -1 a',
          'ZADD none XX 1 a',
          'ZADD none XX INCR 1 a',
          'ZCARD none',
          'ZINCRBY z 2 a',
          'ZINCRBY z 0 a',
          'ZINCRBY z 1 new',
          'ZADD z -0 minus 0 plus',
          'ZADD z 0 minus -0 plus',
          'ZSCORE z minus',
          'ZADD z inf i -inf j +inf k Infinity l 0x10 h 1e3 e .5 f 5. g',
          'ZINCRBY z -inf i',
          'ZINCRBY z nan i',
          'ZRANGE z 0 -1 WITHSCORES',
          'ZADD z 0.1 a 0.30000000000000004 b 1e21 c 123456789012345680 d 1e-7 e 3.14 f',
          'ZRANGE z 0 -1 WITHSCORES',
          'ZMSCORE z a b c d e f nobody',
        )
      })

      it('refuses what is no ZADD', async () => {
        await same(
          'ZADD',
          'ZADD z 1',
          'ZADD z 1 a 2',
          'ZADD z NX',
          'ZADD z NX XX 1 a',
          'ZADD z GT NX 1 a',
          'ZADD z GT LT 1 a',
          'ZADD z INCR 1 a 2 b',
          'ZADD z x a',
          'ZADD z 1 a x b',
          'ZADD z 1e400 a',
          'ZADD z 1e-400 a',
          'ZADD z constructor 1 a',
          ['ZADD z', '""', 'a'].join(' '),
          'ZADD z " 1" a',
          'ZCARD z',
          'APPEND s x',
          'ZADD s 1 a',
          'ZADD s x a',
          'ZINCRBY s 1 a',
          'ZINCRBY z a a',
          'ZCARD s',
          'ZRANGE s 0 -1',
          'ZREM s a',
          'ZPOPMIN s',
          'ZUNION 1 s',
          'ZUNIONSTORE d 2 z s',
          'ZRANDMEMBER s',
          'ZRANGESTORE d s 0 -1',
        )
      })

      it('tells scores, ranks and counts', async () => {
        await same(
          FIVE,
          'ZCARD z',
          'ZCARD none',
          'ZADD ties 9.00144195556640625 a 9.00144195556640635 b 0.500000476837158203125 c',
          'ZRANGE ties 0 -1 WITHSCORES',
          'ZSCORE z d',
          'ZSCORE z x',
          'ZSCORE none x',
          'ZMSCORE z a x e',
          'ZMSCORE none a b',
          'ZRANK z c',
          'ZRANK z x',
          'ZRANK none x',
          'ZREVRANK z c',
          'ZREVRANK z x',
          'ZREVRANK none x',
          'ZCOUNT z 2 4.5',
          'ZCOUNT z (2 (4.5',
          'ZCOUNT z -inf +inf',
          'ZCOUNT z (1 (1',
          'ZCOUNT z 5 1',
          'ZCOUNT z a 1',
          'ZCOUNT none 1 2',
          'ZCOUNT z "" " 2"',
          'ZCOUNT z nan 1',
          'ZLEXCOUNT z - +',
          'ZLEXCOUNT z [a (c',
          'ZLEXCOUNT z a c',
          'ZLEXCOUNT none - +',
          'ZRANK z',
        )
      })

      it('gives ranges by rank', async () => {
        await same(
          FIVE,
          ...['0 -1', '1 2', '-2 -1', '3 1', '-100 1', '2 100', '7 9', '-3 -100'].flatMap((ranks) => [
            `ZRANGE z ${ranks}`,
            `ZRANGE z ${ranks} REV`,
            `ZREVRANGE z ${ranks} WITHSCORES`,
            `ZRANGE z ${ranks} REV WITHSCORES`,
          ]),
          'ZRANGE none 0 -1',
          'ZRANGE z a 1',
          'ZRANGE z 0 1.5',
          'ZRANGE z 0 -1 LIMIT 0 1',
          'ZRANGE z 0 -1 LIMIT 1 -1',
          'ZRANGE z 0 -1 FOO',
          'ZRANGE z 0 -1 REV REV',
          'ZREVRANGE z 0 -1 REV',
          'ZREVRANGE z 0 -1 LIMIT 1 1',
        )
      })

      it('gives ranges by score', async () => {
        const bounds = ['-inf +inf', '2 4.5', '(2 (4.5', '(1 2', '5 6', '3 1', '-5 1', '(1e30 inf', '4.5 4.5']
        await same(
          FIVE,
          ...bounds.flatMap((range) => {
            const [low, high] = range.split(' ')
            return [
              `ZRANGEBYSCORE z ${low} ${high}`,
              `ZRANGEBYSCORE z ${low} ${high} WITHSCORES LIMIT 1 2`,
              `ZREVRANGEBYSCORE z ${high} ${low}`,
              `ZREVRANGEBYSCORE z ${high} ${low} LIMIT 1 1 WITHSCORES`,
              `ZRANGE z ${low} ${high} BYSCORE LIMIT 0 2`,
              `ZRANGE z ${high} ${low} REV BYSCORE WITHSCORES LIMIT 1 -1`,
            ]
          }),
          'ZRANGEBYSCORE z 1 3 LIMIT -1 2',
          'ZREVRANGEBYSCORE z 3 1 LIMIT -1 2',
          'ZRANGEBYSCORE z 1 3 LIMIT 0 0',
          'ZRANGEBYSCORE z 1 3 LIMIT 9 1',
          'ZRANGEBYSCORE z 1 3 LIMIT a 1',
          'ZRANGEBYSCORE z 1 3 LIMIT 1',
          'ZRANGEBYSCORE z 1 x',
          'ZRANGEBYSCORE z 1 3 REV',
          'ZRANGE z 1 3 BYSCORE BYSCORE',
          'ZRANGE z 1 3 BYSCORE BYLEX',
        )
      })

      it('gives ranges by bytes', async () => {
        const bounds = [
          '- +',
          '[a [c',
          '(a (c',
          '[b +',
          '- (b',
          '+ -',
          '[c [a',
          '(b (b',
          '[b [b',
          '- -',
          '+ +',
          '[ [bb',
        ]
        for (const members of ['0 a 0 b 0 bb 0 c 0 d', '5 a 4 b 3 bb 2 c 1 d', '1 b 2 d 3 a 4 c']) {
          await same(
            `ZADD z ${members}`,
            ...bounds.flatMap((range) => {
              const [low, high] = range.split(' ')
              return [
                `ZRANGEBYLEX z ${low} ${high}`,
                `ZREVRANGEBYLEX z ${high} ${low} LIMIT 1 2`,
                `ZRANGE z ${high} ${low} BYLEX REV`,
                `ZLEXCOUNT z ${low} ${high}`,
              ]
            }),
            'ZRANGE z - + BYLEX WITHSCORES',
            'ZRANGEBYLEX z a b',
            'ZRANGEBYLEX z -a +',
            'ZREMRANGEBYLEX z [b (c',
            'ZREMRANGEBYLEX z x y',
            'ZREMRANGEBYLEX z - +',
            'ZCARD z',
          )
        }
      })

      it('stores ranges', async () => {
        await same(
          FIVE,
          'APPEND d text',
          'ZRANGESTORE d z 1 2',
          'ZRANGE d 0 -1 WITHSCORES',
          'ZRANGESTORE d z (1 3 BYSCORE LIMIT 1 5',
          'ZRANGESTORE d z 1 2 REV',
          'ZRANGE d 0 -1',
          'ZRANGESTORE d none 0 -1',
          'ZCARD d',
          'ZRANGESTORE d none 0 -1',
          'ZRANGESTORE z z 9 9',
          'ZCARD z',
          'ZRANGESTORE d z 0 -1 WITHSCORES',
          'ZRANGESTORE d z - + BYLEX',
          'ZRANGESTORE d z',
        )
      })

      it('removes', async () => {
        await same(
          FIVE,
          'ZREM z a a x',
          'ZREM z x',
          'ZREM none x',
          'ZREMRANGEBYRANK z 0 0',
          'ZREMRANGEBYRANK z 9 9',
          'ZREMRANGEBYRANK z a 9',
          'ZREMRANGEBYSCORE z (3 5',
          'ZREMRANGEBYSCORE z x 5',
          'ZREMRANGEBYSCORE none 1 5',
          'zremrangebyscore z -inf inf',
          'ZCARD z',
          FIVE,
          'ZREM z a b c d e',
          'ZCARD z',
        )
      })

      it('pops', async () => {
        await same(
          FIVE,
          'ZPOPMIN z',
          'ZPOPMAX z',
          'ZPOPMIN z 0',
          'ZPOPMIN z 1',
          'ZPOPMAX z 9',
          'ZPOPMAX z',
          'ZPOPMAX z 2',
          'ZCARD z',
          FIVE,
          'ZMPOP 2 none z MIN',
          'ZMPOP 2 none z max count 2',
          'BZMPOP 0 1 z MIN',
          'BZPOPMIN none z 0',
          'ZCARD z',
          'ZMPOP 1 none MIN',
          FIVE,
          'BZPOPMAX z 0.1',
          'BZMPOP 1.5 2 none z MIN COUNT 10',
          'MULTI',
          'BZPOPMIN none 0',
          'BZMPOP 0 1 none MIN',
          'EXEC',
          'APPEND s x',
          'BZPOPMIN none s 0',
          'BZMPOP 0 2 none s MIN',
          'ZPOPMIN z -1',
          'ZPOPMIN z x',
          'ZPOPMIN z 1 2',
          'ZMPOP 0 z MIN',
          'ZMPOP x z MIN',
          'ZMPOP 2 z MIN',
          'ZMPOP 1 z UP',
          'ZMPOP 1 z MIN COUNT 0',
          'ZMPOP 1 z MIN COUNT',
          'ZMPOP 1 z MIN COUNT 1 COUNT 2',
          'ZMPOP 1 z MIN FOO 1',
          'BZPOPMIN z x',
          'BZPOPMIN z -1',
          'BZPOPMIN z 1e30',
          'BZMPOP x 1 z MIN',
          'BZMPOP x 1 z DOWN',
        )
      })

      it('combines', async () => {
        await same(
          'ZADD a 1 x 2 y 3 z',
          'ZADD b 10 x 20 y 30 w 0 v',
          'ZADD c inf x -inf y 0.1 z',
          'ZADD n 0 v',
          ...['ZUNION', 'ZINTER', 'ZDIFF'].flatMap((name) => [
            `${name} 2 a b`,
            `${name} 2 a b WITHSCORES`,
            `${name} 2 b a WITHSCORES`,
            `${name} 3 a b c WITHSCORES`,
            `${name} 2 a a WITHSCORES`,
            `${name} 2 a none WITHSCORES`,
            `${name} 2 none a WITHSCORES`,
            `${name} 1 none`,
            `${name} 2 a b WEIGHTS 2 -1.5 WITHSCORES`,
            `${name} 2 a b AGGREGATE MAX WITHSCORES`,
            `${name} 3 a b c WEIGHTS 1 0 0 AGGREGATE min WITHSCORES`,
            `${name} 1 n WEIGHTS -1 WITHSCORES`,
            `${name} 2 a b WEIGHTS 1`,
            `${name} 2 a b WEIGHTS 1 x`,
            `${name} 2 a b AGGREGATE AVG`,
            `${name} 2 a b AGGREGATE constructor`,
            `${name} 2 a b AGGREGATE`,
            `${name} 0 a`,
            `${name} x a`,
            `${name} 5 a`,
            `${name} 1 a LIMIT 1`,
            `${name}STORE d 2 a b`,
            'ZRANGE d 0 -1 WITHSCORES',
            `${name}STORE d 2 a c WEIGHTS 3 1 AGGREGATE MAX`,
            `${name}STORE d 1 a WITHSCORES`,
            `${name}STORE d 1 n`,
            `${name}STORE d 0 n`,
            `${name}STORE d 1 none`,
            `${name}STORE d 1 none`,
            'ZCARD d',
          ]),
          'ZINTERCARD 2 a b',
          'ZINTERCARD 2 a b LIMIT 1',
          'ZINTERCARD 2 a b LIMIT 0',
          'ZINTERCARD 2 a none LIMIT 1',
          'ZINTERCARD 2 a b LIMIT -1',
          'ZINTERCARD 2 a b LIMIT x',
          'ZINTERCARD 2 a b LIMIT',
          'ZINTERCARD 2 a b WITHSCORES',
          'ZINTERCARD 0 a',
        )
      })

      it('chooses by chance', async () => {
        await same(
          FIVE,
          'ZRANDMEMBER z 100',
          'ZRANDMEMBER z 5 WITHSCORES',
          'ZRANDMEMBER z 0',
          'ZRANDMEMBER none',
          'ZRANDMEMBER none 3',
          'ZRANDMEMBER z x',
          'ZRANDMEMBER z -9223372036854775808',
          'ZRANDMEMBER z -9223372036854775807 WITHSCORES',
          'ZRANDMEMBER nokey -9223372036854775807',
          'ZRANDMEMBER nokey -4611686018427387903 WITHSCORES',
          'ZRANDMEMBER nokey -4611686018427387904 WITHSCORES',
          'ZRANDMEMBER z 1 WITHSCORE',
          'ZRANDMEMBER z 1 WITHSCORES x',
        )
        const shape = { tolerances: { ZRANDMEMBER: 'shape' } } as const
        await pair.same(['ZRANDMEMBER z', 'ZRANDMEMBER z 3', 'ZRANDMEMBER z -7 WITHSCORES'], shape)
      })
    })
  }
  it('changes its encoding where Redis does, and never back', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => `${i} m${i}`).join(' ')
    await pair.same([
      'FLUSHALL',
      `ZADD z ${many(128)}`,
      'OBJECT ENCODING z',
      'ZADD z 5 m5',
      'OBJECT ENCODING z',
      'ZADD z 5 more',
      'OBJECT ENCODING z',
      'ZREM z more m1 m2',
      'OBJECT ENCODING z',
      'ZADD z -0 m7',
      'ZSCORE z m7',
      'ZRANDMEMBER z 1000',
      `ZADD l 1 ${'x'.repeat(64)}`,
      'OBJECT ENCODING l',
      `ZADD l 1 ${'x'.repeat(65)}`,
      'OBJECT ENCODING l',
      'ZUNIONSTORE d 1 l',
      'OBJECT ENCODING d',
      'ZRANGESTORE d z 0 5',
      'OBJECT ENCODING d',
      'COPY z c',
      'OBJECT ENCODING c',
      'ZSCAN d 0',
      'ZSCAN d 0 MATCH m[12] COUNT 1',
      'ZSCAN none 5',
      'ZSCAN d x',
      'ZSCAN d 0 COUNT 0',
      'ZSCAN d 0 FOO 1',
      'ZSCAN d 0 MATCH',
    ])
  })

  it('finds all members by cursors while others come and go', async () => {
    const { client } = pair
    await pair.same(['FLUSHALL'])
    for (let i = 0; i < 500; i++) client.command('ZADD', 'z', i % 7, `m${i}`)
    const seen = new Set<unknown>()
    let cursor = '0'
    let turn = 0
    do {
      const reply = client.command('ZSCAN', 'z', cursor, 'COUNT', 20) as unknown as {
        items: readonly [{ value: string }, { items: readonly { value: unknown }[] }]
      }
      cursor = reply.items[0].value
      for (const [i, { value }] of reply.items[1].items.entries()) if (i % 2 === 0) seen.add(value)
      client.command('ZREM', 'z', `m${400 + turn}`, `m${499 - turn}`)
      client.command('ZADD', 'z', 1, `new${turn}`, turn, `m${turn}`)
      turn++
    } while (cursor !== '0' && turn < 50)
    for (let i = 0; i < 400; i++) expect(seen.has(`m${i}`)).toBe(true)
  })

  it('agrees on whatever comes, compact or indexed', async () => {
    const member = fc.integer({ min: 0, max: 40 }).map((n) => `m${n}`)
    const score = fc.constantFrom('-inf', '-1.5', '0', '-0', '1', '1', '2', '2.25', '1e17', 'inf')
    const key = fc.constantFrom('a', 'b', 'c')
    const command = fc.oneof(
      {
        weight: 8,
        arbitrary: fc
          .tuple(key, fc.constantFrom('', 'NX ', 'XX CH ', 'GT ', 'LT CH '), score, member, score, member)
          .map(([k, how, s, m, t, n]) => `ZADD ${k} ${how}${s} ${m} ${t} ${n}`),
      },
      { weight: 3, arbitrary: fc.tuple(key, score, member).map(([k, s, m]) => `ZINCRBY ${k} ${s} ${m}`) },
      { weight: 2, arbitrary: fc.tuple(key, member, member).map(([k, m, n]) => `ZREM ${k} ${m} ${n}`) },
      {
        weight: 1,
        arbitrary: fc.tuple(key, score, score).map(([k, s, t]) => `ZREMRANGEBYSCORE ${k} ${s} (${t}`),
      },
      {
        weight: 1,
        arbitrary: fc.tuple(key, fc.nat(30)).map(([k, n]) => `ZREMRANGEBYRANK ${k} ${n} ${n + 1}`),
      },
      { weight: 1, arbitrary: fc.tuple(key, fc.nat(2)).map(([k, n]) => `ZPOPMIN ${k} ${n}`) },
      { weight: 1, arbitrary: key.map((k) => `ZPOPMAX ${k}`) },
      { weight: 3, arbitrary: fc.tuple(key, member).map(([k, m]) => `ZRANK ${k} ${m}`) },
      { weight: 1, arbitrary: fc.tuple(key, member).map(([k, m]) => `ZREVRANK ${k} ${m}`) },
      {
        weight: 2,
        arbitrary: fc.tuple(key, score, score).map(([k, s, t]) => `ZRANGE ${k} (${s} ${t} BYSCORE LIMIT 1 5`),
      },
      { weight: 2, arbitrary: fc.tuple(key, score, score).map(([k, s, t]) => `ZCOUNT ${k} ${s} (${t}`) },
      { weight: 1, arbitrary: key.map((k) => `ZRANGE ${k} 2 -3 REV WITHSCORES`) },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom('UNION', 'INTER', 'DIFF'), key, key, key)
          .map(([name, d, k, l]) => `Z${name}STORE ${d} 2 ${k} ${l}`),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(key, key)
          .map(([k, l]) => `ZUNION 3 ${k} ${l} s WEIGHTS 2 -1 3 AGGREGATE MIN WITHSCORES`),
      },
    )
    for (const entries of [128, 4]) {
      await pair.same(['FLUSHALL', `CONFIG SET zset-max-listpack-entries ${entries}`])
      await fc.assert(
        fc.asyncProperty(fc.array(command, { minLength: 250, maxLength: 300 }), async (commands) => {
          await pair.same(['FLUSHALL', 'SADD s m1 m2 m3', ...commands, 'OBJECT ENCODING a', 'ZRANGE a 0 -1'])
        }),
        { numRuns: 4, seed: 5, endOnFailure: true },
      )
    }
    await pair.same(['CONFIG SET zset-max-listpack-entries 128'])
  })

  it('serves those who wait, in their order', async () => {
    const waits = ['BZPOPMIN z y 0', 'BZPOPMAX z 0', 'BZMPOP 0 2 y z MIN COUNT 2', 'BZPOPMIN z 0.05']
    await pair.same(['FLUSHALL'])
    const real = await Promise.all(waits.map(() => RawClient.open(pair.redis.port)))
    const mine = waits.map(() => pair.reference.client())
    const replies: Promise<unknown>[] = []
    for (const [i, wait] of waits.entries()) {
      replies.push(real[i]!.command(...wait.split(' ')))
      expect(mine[i]!.command(...wait.split(' '))).toBeUndefined()
      await pair.real.command('PING')
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
    await pair.same(['APPEND y text', 'APPEND z text', 'DEL y z', 'ZADD z 1 a 2 b 3 c', 'ZADD y 5 q 6 r 7 s'])
    expect(mine.map(({ inbox }) => inbox[0])).toEqual(await Promise.all(replies))
    for (const client of real) await client.close()
  })
})
