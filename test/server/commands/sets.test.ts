/** Commands on sets, beside a real Redis. */
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { beginningOf, type MaybeLong } from '../../../src/bytes/long-bytes.ts'
import type { RespValue } from '../../../src/codec/resp/values.ts'
import { type Pair, startPair } from '../../support/differential.ts'
import { describeWithRedis } from '../../support/real-redis.ts'
import { startReference } from '../../support/reference.ts'

describeWithRedis('sets', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  it('gain and lose members', async () => {
    await pair.same([
      'FLUSHALL',
      'SADD s a b c a',
      'SADD s a',
      'SCARD s',
      'SCARD nokey',
      'SISMEMBER s a',
      'SISMEMBER s x',
      'SISMEMBER nokey x',
      'SMISMEMBER s a x b',
      'SMISMEMBER nokey x y',
      'SMEMBERS s',
      'SMEMBERS nokey',
      'SREM s a x',
      'SREM s x',
      'SREM nokey x',
      'SREM s b c d',
      'EXISTS s',
      'SADD s',
      'SREM s',
      'SMISMEMBER s',
      'SADD a 1 2 3',
      'SMOVE a b 1',
      'SMOVE a b 1',
      'SMOVE a b x',
      'SMOVE b a 1',
      'EXISTS b',
      'SMOVE a a 1',
      'SMOVE a a x',
      'SMOVE nokey a 1',
      'SADD b 2 x',
      'SMOVE a b 2',
      'SMOVE a b 3',
      'SMOVE a b 1',
      'EXISTS a',
      'SMEMBERS b',
    ])
  })

  it('of integers are kept sorted until they are too many, or something else comes', async () => {
    const exact = { SMEMBERS: 'exact' } as const
    await pair.same(
      [
        'FLUSHALL',
        'SADD s 3 1 2 -5 9223372036854775807 -9223372036854775808 100000 4294967296 9007199254740993',
        'OBJECT ENCODING s',
        'SMEMBERS s',
        'SISMEMBER s 9007199254740993',
        'SISMEMBER s 9007199254740992',
        'SISMEMBER s 03',
        'SISMEMBER s x',
        'SREM s 9007199254740993 x 03',
        'SSCAN s 0',
        'SSCAN s 0 COUNT 1 MATCH 1*',
        'SMEMBERS s',
      ],
      { tolerances: exact },
    )
    for (const odd of ['03', '+3', '-0', '9223372036854775808', ' 3', '1.0', 'x', '']) {
      await pair.same(['FLUSHALL', ['SADD', 's', '1', odd], 'OBJECT ENCODING s', 'SREM s 1', 'SREM s 1'])
    }
    const many = (from: number, count: number) => Array.from({ length: count }, (_, i) => String(from + i))
    await pair.same([
      'FLUSHALL',
      ['SADD', 's', ...many(0, 512)],
      'OBJECT ENCODING s',
      'SADD s 512',
      'OBJECT ENCODING s',
      'SREM s 512',
      'OBJECT ENCODING s',
      'SADD t 1',
      'SADD t x',
      'SREM t x',
      'OBJECT ENCODING t',
      'SINTERSTORE u s s',
      'OBJECT ENCODING u',
      'SDIFFSTORE u s nokey',
      'OBJECT ENCODING u',
      'SUNIONSTORE u t t',
      'OBJECT ENCODING u',
      'SDIFFSTORE u t',
      'OBJECT ENCODING u',
      'SADD v x 1 2 3 4 5 6',
      'SADD w x y z',
      'SDIFFSTORE u v w',
      'OBJECT ENCODING u',
      'SADD few a b c 1',
      ['SADD', 'first', '1', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
      'SADD o1 a b c d',
      'SADD o2 e',
      'SADD o3 f g h',
      'SDIFFSTORE u first o1 o2 o3',
      'OBJECT ENCODING u',
      'CONFIG SET set-max-intset-entries 3',
      'SADD x 1 2 3',
      'OBJECT ENCODING x',
      'SADD x 4',
      'OBJECT ENCODING x',
      'CONFIG SET set-max-intset-entries 512',
    ])
  })

  it('are cut, joined and told apart', async () => {
    await pair.same([
      'FLUSHALL',
      'SADD a 1 2 3 4 x y',
      'SADD b 3 4 5 y',
      'SADD c 4 y z',
      ...['SINTER', 'SUNION', 'SDIFF'].flatMap((name) => [
        `${name} a`,
        `${name} a b`,
        `${name} a b c`,
        `${name} a nokey`,
        `${name} nokey a`,
        `${name} nokey nokey2`,
        `${name} a a`,
        `${name}STORE d a b c`,
        'SMEMBERS d',
        `${name}STORE d a b`,
        'OBJECT ENCODING d',
        `${name}STORE d nokey`,
        'EXISTS d',
        `${name}STORE d nokey`,
        `${name}STORE a2 a`,
        `${name}STORE a2 a2 b`,
        'SMEMBERS a2',
        'APPEND d text',
        'EXPIRE d 100',
        `${name}STORE d a`,
        'TTL d',
        'TYPE d',
        `${name}STORE d`,
        name,
      ]),
      'SINTERCARD 2 a b',
      'SINTERCARD 2 a b LIMIT 1',
      'SINTERCARD 2 a b LIMIT 0',
      'SINTERCARD 2 a b limit 100',
      'SINTERCARD 2 a nokey',
      'SINTERCARD 2 a',
      'SINTERCARD 0 a',
      'SINTERCARD x a',
      'SINTERCARD 1 a LIMIT',
      'SINTERCARD 1 a LIMIT -1',
      'SINTERCARD 1 a LIMIT x',
      'SINTERCARD 1 a LIMIT 1 LIMIT 2',
      'SINTERCARD 1 a b',
    ])
  })

  it('are no other type', async () => {
    await pair.same([
      'FLUSHALL',
      'APPEND t x',
      'SADD s a',
      ...['SADD t a', 'SREM t a', 'SMOVE t s a', 'SMOVE s t a', 'SMOVE nokey t a', 'SISMEMBER t a'],
      ...['SMISMEMBER t a', 'SCARD t', 'SPOP t', 'SPOP t 1', 'SPOP t 0', 'SRANDMEMBER t', 'SRANDMEMBER t 1'],
      ...['SINTER s t', 'SINTER nokey t', 'SUNION s t', 'SDIFF s t', 'SINTERSTORE d s t', 'SMEMBERS t'],
      ...['SSCAN t 0', 'SINTERCARD 2 s t', 'SDIFFSTORE d t s'],
    ])
  })

  it('give random members, and what they gave is propagated', async () => {
    const tolerances = { SRANDMEMBER: 'shape', SPOP: 'unordered' } as const
    await pair.same(
      [
        'FLUSHALL',
        'SADD s only',
        'SRANDMEMBER s',
        'SRANDMEMBER s 5',
        'SRANDMEMBER s -5',
        'SRANDMEMBER s 0',
        'SRANDMEMBER nokey',
        'SRANDMEMBER nokey 1',
        'SRANDMEMBER nokey -9223372036854775808',
        'SRANDMEMBER nokey -9223372036854775807',
        'SRANDMEMBER s x',
        'SRANDMEMBER s 1 2',
        'SPOP s',
        'SPOP s',
        'SPOP s 1',
        'SADD s a b c',
        'SRANDMEMBER s 2',
        'SRANDMEMBER s 3',
        'SRANDMEMBER s 100',
        'SRANDMEMBER s -100',
        'SPOP s 0',
        'SPOP s -1',
        'SPOP s x',
        'SPOP s 1 2',
        'SPOP nokey 0',
        'SPOP nokey x',
        'SPOP s 3',
        'EXISTS s',
        'SADD s a b c',
        'SPOP s 100',
        'CONFIG SET lazyfree-lazy-server-del yes',
        'SADD s a b c',
        'SPOP s 100',
        'SADD s a',
        'SPOP s',
        'CONFIG SET lazyfree-lazy-server-del no',
      ],
      { tolerances },
    )
  })

  it('do the same for whatever is asked of them', async () => {
    const key = fc.constantFrom('a', 'b', 'c')
    const member = fc.oneof(
      fc.integer({ min: -20, max: 20 }).map(String),
      fc.constantFrom('x', 'y', 'z', '007'),
    )
    const members = fc.oneof(
      fc.array(member, { minLength: 1, maxLength: 5 }),
      fc
        .tuple(fc.nat(1000), fc.nat(600))
        .map(([from, n]) => Array.from({ length: n + 1 }, (_, i) => String(from + i))),
    )
    const keys = fc.array(key, { minLength: 1, maxLength: 3 })
    const command = fc.oneof(
      fc.tuple(fc.constantFrom('SADD', 'SREM', 'SMISMEMBER'), key, members).map(([c, k, m]) => [c, k, ...m]),
      fc.tuple(fc.constant('SMOVE'), key, key, member),
      fc.tuple(fc.constantFrom('SINTER', 'SUNION', 'SDIFF'), keys).map(([c, k]) => [c, ...k]),
      fc
        .tuple(fc.constantFrom('SINTERSTORE', 'SUNIONSTORE', 'SDIFFSTORE'), key, keys)
        .map(([c, d, k]) => [c, d, ...k]),
      fc.tuple(keys, fc.nat(10)).map(([k, n]) => ['SINTERCARD', String(k.length), ...k, 'LIMIT', String(n)]),
      fc.tuple(fc.constantFrom('SCARD', 'SMEMBERS'), key),
      fc.tuple(fc.constant('SPOP'), key, fc.constant('5000')),
      fc.tuple(fc.constant('OBJECT'), fc.constant('ENCODING'), key),
    )
    const tolerances = { SPOP: 'unordered' } as const
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 300, size: 'max' }), (commands) =>
        pair.same(['FLUSHALL', ...commands], { tolerances }),
      ),
      { numRuns: 10 },
    )
  })

  it('look the same over RESP3', async () => {
    const three = await startPair({ server })
    await three.real.command('HELLO', '3')
    three.client.session.resp = 3
    await three.same([
      'SADD s 1 2 3',
      'SMEMBERS s',
      'SMEMBERS nokey',
      'SINTER s nokey',
      'SUNION s nokey',
      'SDIFF s nokey',
      'SPOP nokey',
      'SPOP nokey 1',
      'SPOP s 0',
      'SRANDMEMBER nokey',
      'SRANDMEMBER nokey 1',
      'SRANDMEMBER s 0',
      'SSCAN s 0',
      'SMISMEMBER s 1 9',
      'SPOP s 9',
    ])
  })
})

describe('a set without a real server beside it', () => {
  const members = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`)

  it('propagates each member that SPOP took, and those are gone', () => {
    const reference = startReference()
    const client = reference.client()
    client.command('SADD', 's', ...members('m', 100))
    const taken = texts(client.command('SPOP', 's', 40))
    expect(new Set(taken).size).toBe(40)
    expect(reference.effects.slice(1)).toEqual(['MULTI', ...taken.map((m) => `SREM s ${m}`), 'EXEC'])
    expect(client.command('SCARD', 's')).toMatchObject({ value: 60 })
    expect(client.command('SMISMEMBER', 's', ...taken)).toMatchObject({
      items: taken.map(() => ({ value: 0 })),
    })
  })

  it('shows all that is there from beginning to end of a scan, whatever comes and goes meanwhile', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.tuple(fc.boolean(), fc.nat(200)), { maxLength: 100 }),
        fc.nat(100),
        (count, changes, kept) => {
          const client = startReference().client()
          client.command('SADD', 's', ...members('kept', kept + 1), ...members('other', 100))
          const seen = new Set<string>()
          let cursor = '0'
          do {
            const [next, ...found] = texts(client.command('SSCAN', 's', cursor, 'COUNT', count))
            cursor = next!
            for (const member of found) seen.add(member)
            const change = changes.pop()
            if (change !== undefined) client.command(change[0] ? 'SADD' : 'SREM', 's', `other${change[1]}`)
          } while (cursor !== '0')
          expect(members('kept', kept + 1).every((member) => seen.has(member))).toBe(true)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('gives every member an equal chance', () => {
    const client = startReference({ seed: 7 }).client()
    client.command('SADD', 's', ...members('m', 20))
    const counts = new Map<string, number>()
    const draws = 400
    for (let i = 0; i < draws; i++) {
      const drawn = texts(client.command('SRANDMEMBER', 's', 5))
      expect(new Set(drawn).size).toBe(5)
      for (const member of drawn) counts.set(member, (counts.get(member) ?? 0) + 1)
    }
    // 100 each are expected, with a deviation of 8.7.
    for (const count of counts.values()) expect(Math.abs(count - (draws * 5) / 20)).toBeLessThan(45)
    expect(counts.size).toBe(20)
  })

  it('refuses to repeat random members without end', () => {
    const client = startReference().client()
    client.command('SADD', 's', 'a')
    expect(client.command('SRANDMEMBER', 's', '-4611686018427387904')).toMatchObject({ type: 'error' })
  })
})

/** The strings of a reply, however deep they are. */
function texts(reply: RespValue | undefined): string[] {
  if (reply === undefined) return []
  if ('items' in reply) return reply.items.flatMap(texts)
  return [String(beginningOf((reply as { value: MaybeLong }).value))]
}
