/** Commands on lists, beside a real Redis. */
import fc from 'fast-check'
import { beforeAll, it } from 'vitest'
import { type Pair, startPair } from '../../support/differential.ts'
import { describeWithRedis } from '../../support/real-redis.ts'

describeWithRedis('lists', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  it('are pushed and popped at both ends', async () => {
    await pair.same([
      'FLUSHALL',
      'LPUSH l a b c',
      'RPUSH l d e',
      'LPUSHX l f',
      'RPUSHX l g',
      'LPUSHX nokey f',
      'RPUSHX nokey f g',
      'OBJECT ENCODING l',
      'LRANGE l 0 -1',
      'LPOP l',
      'RPOP l',
      'LPOP l 2',
      'RPOP l 2',
      'RPOP l 0',
      'LPOP nokey',
      'LPOP nokey 0',
      'LPOP nokey 1',
      'LPOP l x',
      'LPOP l -1',
      'LPOP l 99999999999999999999',
      'LPOP l 1 2',
      'LPOP l 100',
      'EXISTS l',
      'RPUSH l a',
      'LPOP l 9223372036854775807',
      'LLEN l',
      'LPUSH',
      'LPUSH l',
      'RPOP',
    ])
  })

  it('are read and edited in the middle', async () => {
    await pair.same([
      'FLUSHALL',
      'RPUSH l a b c a b c a',
      ...[0, 3, 6, 7, -1, -7, -8].flatMap((i) => [`LINDEX l ${i}`, `LSET l ${i} x${i}`]),
      'LINDEX l x',
      'LINDEX nokey x',
      'LSET l x y',
      'LSET nokey x y',
      'LINSERT l BEFORE b B',
      'LINSERT l after c C',
      'LINSERT l AFTER nothing C',
      'LINSERT nokey AFTER a C',
      'LINSERT nokey MIDDLE a C',
      'LRANGE l 0 -1',
      'LRANGE l 2 4',
      'LRANGE l -3 -2',
      'LRANGE l 5 1',
      'LRANGE l -100 100',
      'LRANGE l 100 200',
      'LRANGE l -9223372036854775808 9223372036854775807',
      'LRANGE l x 1',
      'LRANGE l 1 x',
      'LRANGE nokey 0 x',
      'LRANGE nokey 0 1',
      'LREM l 1 a',
      'LREM l -1 b',
      'LREM l 0 nothing',
      'LREM l x a',
      'LREM nokey x a',
      'LREM l -9223372036854775808 a',
      'LRANGE l 0 -1',
      'LTRIM l 1 -2',
      'LTRIM l 0 -1',
      'LTRIM l x 0',
      'LTRIM nokey 0 x',
      'LTRIM nokey 0 1',
      'LRANGE l 0 -1',
      'LTRIM l 5 1',
      'EXISTS l',
      'RPUSH l a a a',
      'LREM l 0 a',
      'EXISTS l',
    ])
  })

  it('are searched', async () => {
    await pair.same([
      'FLUSHALL',
      'RPUSH l a b c 1 2 3 c c',
      'LPOS l c',
      'LPOS l c RANK 2',
      'LPOS l c RANK -1',
      'LPOS l c RANK -2',
      'LPOS l c RANK 4',
      'LPOS l c COUNT 2',
      'LPOS l c COUNT 0',
      'LPOS l c rank -1 count 2',
      'LPOS l c RANK 2 COUNT 0',
      'LPOS l c RANK -2 COUNT 0 MAXLEN 3',
      'LPOS l c COUNT 0 MAXLEN 3',
      'LPOS l c MAXLEN 2',
      'LPOS l c MAXLEN 0',
      'LPOS l c MAXLEN 9223372036854775807 COUNT 9223372036854775807',
      'LPOS l x',
      'LPOS l x COUNT 1',
      'LPOS nokey x',
      'LPOS nokey x COUNT 1',
      'LPOS l a RANK 0',
      'LPOS l a RANK x',
      'LPOS l a COUNT -1',
      'LPOS l a COUNT x',
      'LPOS l a MAXLEN -1',
      'LPOS l a RANK',
      'LPOS l a FOO 1',
      'LPOS l a FOO',
    ])
  })

  it('give elements to each other', async () => {
    await pair.same([
      'FLUSHALL',
      'RPUSH a 1 2 3 4 5',
      'LMOVE a b LEFT RIGHT',
      'LMOVE a b right left',
      'LMOVE a a LEFT RIGHT',
      'RPOPLPUSH a a',
      'RPOPLPUSH a b',
      'RPOPLPUSH nokey b',
      'LMOVE nokey b LEFT LEFT',
      'LMOVE a b UP LEFT',
      'LMOVE a b LEFT DOWN',
      'LRANGE a 0 -1',
      'LRANGE b 0 -1',
      'LMPOP 1 a LEFT',
      'LMPOP 3 nokey a b RIGHT COUNT 2',
      'LMPOP 2 nokey b LEFT COUNT 100',
      'LMPOP 1 nokey LEFT',
      'LMPOP 0 a LEFT',
      'LMPOP x a LEFT',
      'LMPOP 2 a LEFT',
      'LMPOP 1 a UP',
      'LMPOP 1 a LEFT COUNT',
      'LMPOP 1 a LEFT COUNT 0',
      'LMPOP 1 a LEFT COUNT 1 COUNT 2',
      'LMPOP 1 a LEFT FOO 1',
      'LMPOP 1',
      'RPUSH a only',
      'LMOVE a a LEFT LEFT',
      'LMOVE a b LEFT LEFT',
      'EXISTS a',
    ])
  })

  it('are no other type', async () => {
    await pair.same([
      'FLUSHALL',
      'APPEND s x',
      'RPUSH l a',
      ...['LPUSH s a', 'RPUSHX s a', 'LPOP s', 'LPOP s 0', 'LLEN s', 'LRANGE s 0 1', 'LINDEX s x'],
      ...[
        'LSET s x a',
        'LINSERT s AFTER a b',
        'LREM s 0 a',
        'LTRIM s 0 1',
        'LPOS s a',
        'LMOVE s l LEFT LEFT',
      ],
      ...['LMOVE l s LEFT LEFT', 'RPOPLPUSH l s', 'LMPOP 2 s l LEFT', 'LMPOP 2 l s LEFT', 'BLPOP s 0'],
      ...['BLMPOP 0 1 s LEFT', 'BLMOVE s l LEFT LEFT 0', 'BRPOPLPUSH s l 0', 'BLPOP nokey s 0'],
    ])
  })

  it('do not block where there is something to take', async () => {
    await pair.same(
      [
        'FLUSHALL',
        'RPUSH a 1 2 3 4 5 6',
        'BLPOP nokey a 0',
        'BRPOP a nokey 0',
        'BLMPOP 0 2 nokey a RIGHT COUNT 2',
        'BLMOVE a b LEFT right 0',
        'BRPOPLPUSH a b 0',
        'BLPOP a x',
        'BLPOP a -1',
        'BLPOP a 1e300',
        'BLPOP a inf',
        'BLPOP a nan',
        'BLPOP a 9223372036854775.9',
        'BLMPOP 0 0 a LEFT',
        'BLMPOP x 1 a UP',
        'BLMPOP x 1 a LEFT',
        'BLMPOP -1 1 a LEFT',
        'BLMPOP 0 2 a LEFT',
        'BLMOVE a b UP LEFT x',
        'BLMOVE a b LEFT LEFT x',
        'BRPOPLPUSH a b x',
        'BLPOP nokey 0.001',
        'BLMPOP 0.001 1 nokey LEFT',
        'MULTI',
        'BLPOP nokey 0',
        'BLMPOP 0 1 nokey LEFT',
        'BLMOVE nokey b LEFT LEFT 0',
        'BRPOPLPUSH nokey b 0',
        'EXEC',
      ].filter((line) => !line.includes('0.001')),
    )
  })

  it('do the same for whatever is asked of them, long or short', async () => {
    const key = fc.constantFrom('a', 'b')
    const element = fc.oneof(fc.nat(5).map(String), fc.constant('x'.repeat(100)))
    const index = fc.integer({ min: -12, max: 400 }).map(String)
    const small = fc.integer({ min: -3, max: 3 }).map(String)
    const end = fc.constantFrom('LEFT', 'RIGHT')
    const many = fc.tuple(element, fc.constantFrom(1, 2, 300)).map(([e, n]) => Array<string>(n).fill(e))
    const command = fc.oneof(
      fc.tuple(fc.constantFrom('LPUSH', 'RPUSH'), key, many).map(([c, k, e]) => [c, k, ...e]),
      fc.tuple(fc.constantFrom('LPOP', 'RPOP'), key),
      fc.tuple(fc.constantFrom('LPOP', 'RPOP'), key, index),
      fc.tuple(fc.constant('LINDEX'), key, index),
      fc.tuple(fc.constant('LSET'), key, index, element),
      fc.tuple(fc.constant('LINSERT'), key, fc.constantFrom('BEFORE', 'AFTER'), element, element),
      fc.tuple(fc.constant('LREM'), key, small, element),
      fc.tuple(fc.constant('LTRIM'), key, small, index),
      fc.tuple(fc.constant('LRANGE'), key, index, index),
      fc.tuple(fc.constant('LPOS'), key, element, fc.constant('COUNT'), fc.constantFrom('0', '2')),
      fc
        .tuple(key, element, small, small)
        .map(([k, e, r, m]) => ['LPOS', k, e, 'RANK', r, 'MAXLEN', m, 'COUNT', '0']),
      fc.tuple(fc.constant('LMOVE'), key, key, end, end),
      fc.tuple(fc.constant('LMPOP'), fc.constant('2'), key, key, end, fc.constant('COUNT'), index),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 300, size: 'max' }), (commands) =>
        pair.same(['FLUSHALL', ...commands]),
      ),
      { numRuns: 10 },
    )
  })

  it('look the same over RESP3', async () => {
    const three = await startPair({ server })
    await three.real.command('HELLO', '3')
    three.client.session.resp = 3
    await three.same([
      'RPUSH l a b c',
      'LRANGE l 0 -1',
      'LPOP nokey',
      'LPOP nokey 1',
      'LPOP l 2',
      'LMPOP 1 nokey LEFT',
      'LPOS l x',
      'LINDEX l 9',
    ])
  })
})
