/** Commands on hashes, beside a real Redis. */
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { type Pair, startPair } from '../../support/differential.ts'
import { describeWithRedis } from '../../support/real-redis.ts'
import type { Words } from '../../support/reference.ts'

const IN_ORDER = { HGETALL: 'exact', HKEYS: 'exact', HVALS: 'exact' } as const

describeWithRedis('hashes', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  it('are set, read and taken apart, small ones in order', async () => {
    await pair.same(
      [
        'FLUSHALL',
        'HSET h b 1 a 2 b 3 c ""',
        'HSET h a 2',
        'HSET h a 5 d 6',
        'HMSET h e 7 f 8',
        'HSETNX h e 9',
        'HSETNX h g 9',
        'HSETNX h2 g 9',
        'HGETALL h',
        'HKEYS h',
        'HVALS h',
        'HGET h a',
        'HGET h no',
        'HGET nokey a',
        'HMGET h a no b a',
        'HMGET nokey a b',
        'HLEN h',
        'HLEN nokey',
        'HSTRLEN h c',
        'HSTRLEN h g',
        'HSTRLEN h no',
        'HSTRLEN nokey a',
        'HEXISTS h a',
        'HEXISTS h no',
        'HEXISTS nokey no',
        'HDEL h no',
        'HDEL nokey a',
        'HDEL h a no b a',
        'HGETALL h',
        'HSET h b 1',
        'HGETALL h',
        'HSCAN h 0',
        'HSCAN nokey 0',
        'HGETALL nokey',
        'HKEYS nokey',
        'HVALS nokey',
        'HDEL h b c d e f g h i',
        'HGETALL h',
        'GET h',
      ],
      { tolerances: IN_ORDER },
    )
  })

  it('refuse what Redis refuses, in its order', async () => {
    const names =
      'HSET HMSET HSETNX HGET HMGET HDEL HLEN HSTRLEN HEXISTS HKEYS HVALS HGETALL HINCRBY HINCRBYFLOAT'
    await pair.same([
      'FLUSHALL',
      'SET s v',
      'HSET h f v i 10 x 1.5',
      ...[...names.split(' '), 'HRANDFIELD', 'HSCAN'].flatMap((name) => [
        name,
        `${name} s`,
        `${name} s f`,
        `${name} s f 1`,
        `${name} s f 1 g`,
        `${name} s f 1 g 2`,
      ]),
      'HSCAN s 0',
      'HSCAN s x',
      ...['x', '""', '-1', '+3', '18446744073709551615', '18446744073709551616', '1.5', '" 1"'].map(
        (cursor) => `HSCAN h ${cursor}`,
      ),
      'HSCAN h 0 COUNT 0',
      'HSCAN h 0 COUNT x',
      'HSCAN h 0 COUNT',
      'HSCAN h 0 MATCH',
      'HSCAN h 0 FOO 1',
      'HSCAN h 0 TYPE hash',
      'HSCAN nokey 0 FOO 1',
      'HSCAN h 0 COUNT 1 MATCH ?',
      'HSCAN h 0 match i count 100',
      'HSCAN h 0 MATCH nothing',
      'HINCRBY h f 1',
      'HINCRBY h x 1',
      'HINCRBY h i x',
      'HINCRBY s i x',
      'HINCRBY h i 9223372036854775807',
      'HINCRBY h i 9223372036854775808',
      'HINCRBYFLOAT h f 1',
      'HINCRBYFLOAT h x y',
      'HINCRBYFLOAT h x inf',
      'HINCRBYFLOAT s x nan',
      'HINCRBYFLOAT new x -inf',
      'HINCRBYFLOAT h x 1e4932',
      'HSET h huge 1e4932',
      'HINCRBYFLOAT h huge 1e4932',
      'HSET h infinite inf',
      'HINCRBYFLOAT h infinite 1',
      'HRANDFIELD h x',
      'HRANDFIELD h 9223372036854775808',
      'HRANDFIELD h -9223372036854775808',
      'HRANDFIELD nokey -9223372036854775807',
      'HRANDFIELD nokey -4611686018427387903 WITHVALUES',
      'HRANDFIELD h 4611686018427387904 WITHVALUES',
      'HRANDFIELD h -4611686018427387904 WITHVALUES',
      'HRANDFIELD h 1 FOO',
      'HRANDFIELD h 1 WITHVALUES x',
      'HRANDFIELD s',
      'HRANDFIELD s 1',
      'HRANDFIELD nokey',
      'HRANDFIELD nokey 5',
      'HRANDFIELD nokey 5 WITHVALUES',
      'HRANDFIELD h 0',
    ])
  })

  it('count', async () => {
    const edges = ['9007199254740991', '9223372036854775807', '-9223372036854775808', '-1', '0']
    await pair.same([
      'FLUSHALL',
      'HINCRBY h n 5',
      'HINCRBY h n -7',
      'HINCRBYFLOAT h n 0.1',
      'HINCRBYFLOAT h m 3.0e3',
      ...edges.flatMap((value) =>
        edges.flatMap((by) => [
          `HSET h e ${value}`,
          `HINCRBY h e ${by}`,
          `HINCRBYFLOAT h e ${by}`,
          'HGET h e',
        ]),
      ),
    ])
  })

  it('leave the packed form exactly when Redis does', async () => {
    const fields = (n: number) => Array.from({ length: n }, (_, i) => `f${i} ${i}`).join(' ')
    const [long, longer] = ['x'.repeat(64), 'x'.repeat(65)]
    await pair.same([
      'FLUSHALL',
      `HSET n512 ${fields(512)}`,
      `HSET n513 ${fields(513)}`,
      `HSET back ${fields(513)}`,
      `HDEL back ${fields(512)}`,
      `HSET at64 ${long} ${long}`,
      `HSET field65 ${longer} v`,
      `HSET value65 f ${longer}`,
      `HSETNX nx f ${longer}`,
      'HSET old f v',
      `HSETNX old f ${longer}`,
      `HINCRBY counted ${longer} 1`,
      `HINCRBYFLOAT float f 1e100`,
      `HSET dup ${'f v '.repeat(600)}`,
    ])
    const keys = 'n512 n513 back at64 field65 value65 nx old counted float dup copy1 copy2'.split(' ')
    await pair.same(['COPY back copy1', 'COPY old copy2', ...keys.map((key) => `OBJECT ENCODING ${key}`)])
  })

  it('are scanned whole, whatever happens meanwhile', () => {
    const { client } = pair
    client.command('FLUSHALL')
    for (let i = 0; i < 1000; i++) client.command('HSET', 'big', `f${i}`, `v${i}`)
    const seen = new Set<string>()
    let cursor = '0'
    let turns = 0
    do {
      const reply = client.command('HSCAN', 'big', cursor, 'COUNT', 7) as unknown as Scanned
      const [next, found] = reply.items
      cursor = next.value
      expect(found.items.length).toBeLessThanOrEqual(14)
      found.items.forEach(({ value }, i) => {
        if (i % 2 === 0) seen.add(value)
      })
      client.command('HDEL', 'big', `f${turns * 3}`)
      client.command('HSET', 'big', `new${turns++}`, 'v')
    } while (cursor !== '0')
    expect(turns).toBeGreaterThan(100)
    const deleted = new Set(Array.from({ length: turns }, (_, i) => `f${i * 3}`))
    for (let i = 0; i < 1000; i++) expect(seen.has(`f${i}`) || deleted.has(`f${i}`), `f${i}`).toBe(true)
  })

  it('give random fields, different ones where asked', async () => {
    const tolerances = { HRANDFIELD: 'shape' } as const
    const fields = Array.from({ length: 600 }, (_, i) => `f${i} v${i}`).join(' ')
    const commands = ['FLUSHALL', `HSET big ${fields}`, 'HSET small a 1 b 2 c 3']
    for (const key of ['big', 'small']) {
      for (const count of [1, 2, 3, 5, 150, 600, 700, -1, -5, -700]) {
        commands.push(
          `HRANDFIELD ${key}`,
          `HRANDFIELD ${key} ${count}`,
          `HRANDFIELD ${key} ${count} withvalues`,
        )
      }
    }
    await pair.same(commands, { tolerances })
    const names = (reply: unknown) => (reply as Scanned['items'][1]).items.map(({ value }) => value)
    for (const count of [2, 50, 150, 599, 600]) {
      const drawn = names(pair.client.command('HRANDFIELD', 'big', count))
      expect(new Set(drawn).size).toBe(count)
    }
    const often = names(pair.client.command('HRANDFIELD', 'small', -3000))
    for (const field of ['a', 'b', 'c']) {
      expect(often.filter((name) => name === field).length).toBeGreaterThan(800)
    }
    expect(pair.client.command('HRANDFIELD', 'small', '-99999999999')).toMatchObject({ type: 'error' })
  })

  it('answer RESP3 alike', async () => {
    const three = await startPair({ server })
    await three.real.command('HELLO', 3)
    three.client.session.resp = 3
    const commands = [
      'HSET h a 1 b 2',
      'HGETALL h',
      'HGETALL no',
      'HKEYS h',
      'HVALS h',
      'HGET h no',
      'HMGET h no a',
    ]
    await three.same([...commands, 'HSCAN h 0', 'HRANDFIELD no', 'HRANDFIELD no 1', 'HINCRBYFLOAT h a 1.5'])
    const random = [
      'HRANDFIELD h 2 WITHVALUES',
      'HRANDFIELD h -5 WITHVALUES',
      'HRANDFIELD h 2',
      'HRANDFIELD h',
    ]
    await three.same(random, { tolerances: { HRANDFIELD: 'shape' } })
  })

  it('behave alike in any order', async () => {
    const key = fc.constantFrom('a', 'b')
    const field = fc.integer({ min: 0, max: 12 }).map((n) => `f${n}`)
    const value = fc.constantFrom('', '0', '-17', '3.5', 'text', '9223372036854775800', 'x'.repeat(64))
    const command: fc.Arbitrary<Words> = fc.oneof(
      fc.tuple(fc.constant('HSET'), key, field, value, field, value),
      fc.tuple(fc.constantFrom('HSET', 'HSETNX', 'HMSET', 'HINCRBY', 'HINCRBYFLOAT'), key, field, value),
      fc.tuple(fc.constantFrom('HGET', 'HDEL', 'HEXISTS', 'HSTRLEN', 'HMGET'), key, field),
      fc.tuple(fc.constant('HDEL'), key, field, field, field),
      fc.tuple(fc.constantFrom('HGETALL', 'HKEYS', 'HVALS', 'HLEN'), key),
    )
    const sequences = fc.array(command, { minLength: 300, maxLength: 300 })
    const options = { tolerances: IN_ORDER }
    const property = fc.asyncProperty(sequences, (commands) => pair.same(['FLUSHALL', ...commands], options))
    await fc.assert(property, { numRuns: 8, seed: 74, endOnFailure: true })
  })

  it('behave alike in any order when they are large', async () => {
    const field = fc.integer({ min: 0, max: 1200 }).map((n) => `f${n}`)
    const command: fc.Arbitrary<Words> = fc.oneof(
      { weight: 3, arbitrary: fc.tuple(fc.constant('HSET'), fc.constant('h'), field, field, field, field) },
      { weight: 2, arbitrary: fc.tuple(fc.constantFrom('HGET', 'HDEL', 'HEXISTS'), fc.constant('h'), field) },
      {
        weight: 1,
        arbitrary: fc.tuple(fc.constantFrom('HGETALL', 'HKEYS', 'HVALS', 'HLEN'), fc.constant('h')),
      },
    )
    const sequences = fc.array(command, { minLength: 400, maxLength: 400 })
    const all = Array.from({ length: 500 }, (_, i) => `f${i} v`).join(' ')
    const property = fc.asyncProperty(sequences, (commands) =>
      pair.same(['FLUSHALL', `HSET h ${all}`, ...commands]),
    )
    await fc.assert(property, { numRuns: 2, seed: 75, endOnFailure: true })
  })
})

type Scanned = { items: [{ value: string }, { items: { value: string }[] }] }
