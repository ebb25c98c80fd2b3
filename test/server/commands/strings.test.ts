/** Commands on strings, beside a real Redis. */
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import type { ByteString } from '../../../src/bytes/byte-string.ts'
import type { ValueFacts } from '../../../src/server/dataset/value.ts'
import { type Pair, startPair } from '../../support/differential.ts'
import { describeWithRedis } from '../../support/real-redis.ts'
import type { Words } from '../../support/reference.ts'

const FAR = 4_000_000_000

describeWithRedis('strings', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  it('are set under every condition and with every kind of deadline', async () => {
    await pair.same([
      'FLUSHALL',
      'SET k v',
      'set k w nx',
      'SET k w XX',
      'SET new w XX',
      'SET new w NX',
      'SET k v GET',
      'set k v get GeT keepttl',
      'SET none v GET',
      'SET none2 v XX GET',
      'SET k v NX GET',
      'SET other v NX GET',
      'SET k v EX 100',
      'SET k v KEEPTTL',
      'SET k v KEEPTTL GET XX',
      'set k v ex 100 nx',
      'set k2 v nx ex 100 get',
      'SET k v PX 100000 XX',
      `SET k v EXAT ${FAR}`,
      `SET k v pxat ${FAR}000 get`,
      `SET k v PXAT ${FAR}000`,
      `SET k v EX 1 EX 200`,
      'SET k v',
      'SETEX k 100 v',
      'PSETEX k 100000 v',
      'SETNX k v',
      'SETNX k3 v',
      'GETSET k x',
      'GETSET k4 x',
      'MSET a 1 b 2 a 3',
      'MSETNX a 1 c 2',
      'MSETNX d 1 e 2 d 3',
      'MGET a b c d e k',
    ])
  })

  it('refuses what Redis refuses, in its order', async () => {
    await pair.same([
      'FLUSHALL',
      'PFADD hll a',
      'HSET h f v',
      'SET k v',
      'SET k v NX XX',
      'SET k v XX NX',
      'SET k v EX',
      'SET k v EX x',
      'SET k v EX 0',
      'SET k v PX -1',
      'SET k v EX 9223372036854775807',
      'SET k v PX 9223372036854775807',
      'SET k v EX 9223372036854775',
      'SET k v EX 10 PX 10',
      'SET k v EX 10 KEEPTTL',
      'SET k v KEEPTTL EX 10',
      'SET k v PERSIST',
      'SET k v foo',
      'SET h v EX x GET',
      'SET h v GET',
      'SET h v GET NX',
      'SETEX k 0 v',
      'SETEX k x v',
      'PSETEX k -5 v',
      'SETNX h v',
      'GET h',
      'GETSET h v',
      'GETDEL h',
      'GETEX h EX 0',
      'GETEX k EX 0',
      'GETEX k EX x',
      'GETEX nokey EX x',
      'GETEX k EX 10 PERSIST',
      'GETEX k PERSIST EX 10',
      'GETEX k KEEPTTL',
      'GETEX k NX',
      'GETEX k EX',
      'STRLEN h',
      'APPEND h x',
      'SETRANGE h 0 x',
      'SETRANGE h 0 ""',
      'SETRANGE h -1 x',
      'SETRANGE k x x',
      'SETRANGE k 536870912 x',
      'SETRANGE k 9223372036854775807 x',
      'SETRANGE k 536870912 ""',
      'GETRANGE h 0 1',
      'GETRANGE h x 1',
      'GETRANGE k 1 x',
      'SUBSTR h 0 1',
      'INCR h',
      'INCRBY h x',
      'INCRBY k 1',
      'INCRBY k x',
      'DECRBY k -9223372036854775808',
      'DECRBY nokey -9223372036854775808',
      'INCRBYFLOAT h 1',
      'INCRBYFLOAT k 1',
      'INCRBYFLOAT k x',
      'MGET h k nokey',
      'MSET a',
      'MSET a 1 b',
      'MSETNX a 1 b',
      'LCS h k',
      'LCS k nokey foo',
      'LCS k nokey LEN IDX',
      'LCS k nokey MINMATCHLEN',
      'LCS k nokey MINMATCHLEN x',
      ...wrongArities(),
    ])
  })

  it('expire, are taken and are read with what that does', async () => {
    await pair.same([
      'FLUSHALL',
      'SET k v',
      'GETEX k',
      'GETEX k PERSIST',
      'GETEX k EX 100',
      'GETEX k PX 100000',
      `getex k exat ${FAR}`,
      `GETEX k PXAT ${FAR}000`,
      'GETEX k persist persist',
      'GETEX k PXAT 1000',
      'GETEX k',
      'SET k v',
      'GETEX k EXAT 1',
      'GETDEL k',
      'SET k v',
      'GETDEL k',
      'GET k',
      'SET k v PXAT 1000',
      'GET k',
      'SET k v EX 100',
      'GETSET k w',
      'APPEND k x',
    ])
  })

  it('give the ranges asked for, on texts, integers and edited bytes', async () => {
    const bounds = [-100, -6, -5, -1, 0, 1, 4, 5, 6, 100]
    await pair.same([
      'FLUSHALL',
      'SET t Hello',
      'SET n 12345',
      'SET e Hell',
      'APPEND e o',
      'SETRANGE z 3 x',
      'APPEND fresh ""',
      'SETRANGE fresh2 0 ""',
      'STRLEN z',
      'GET z',
      'SETRANGE e 0 ""',
      'SETRANGE n 1 x',
      'APPEND n y',
      ...bounds.flatMap((a) => bounds.flatMap((b) => ['t', 'n', 'e'].map((k) => `GETRANGE ${k} ${a} ${b}`))),
      'GETRANGE nokey 0 -1',
      'GETRANGE t -9223372036854775808 9223372036854775807',
    ])
  })

  it('count in 64 bits', async () => {
    const edge = ['9007199254740991', '9007199254740993', '9223372036854775806', '9223372036854775807']
    const values = [...edge, ...edge.map((n) => `-${n}`), '0', '-9223372036854775808']
    await pair.same([
      'FLUSHALL',
      'INCR a',
      'INCRBY a 41',
      'DECR a',
      'DECRBY a 50',
      'DECR b',
      'DECRBY c -5',
      ...values.flatMap((value) =>
        [
          'INCR k',
          'INCR k',
          'DECR k',
          'DECR k',
          'DECR k',
          ...values.flatMap((by) => [`INCRBY k ${by}`, `DECRBY k ${by}`]),
        ].flatMap((command) => [`SET k ${value}`, command, 'GET k']),
      ),
      ...['01', '+1', ' 1', '1 ', '-0', '', '9223372036854775808', '1.0', '0x1'].flatMap((bad) => [
        `SET k "${bad}"`,
        'INCR k',
        `INCRBY a "${bad}"`,
      ]),
      'SETRANGE edited 0 41',
      'INCR edited',
    ])
  })

  it('say how they are kept', async () => {
    const keys: string[] = []
    const kept = async (key: string, ...commands: string[]) => {
      keys.push(key)
      await pair.same(commands)
    }
    await pair.same(['FLUSHALL'])
    await kept('int', 'SET int 20')
    await kept('int20', 'SET int20 -9223372036854775808')
    await kept('notint', 'SET notint 9223372036854775808')
    await kept('zeros', 'SET zeros 007')
    await kept('embstr', `SET embstr ${'x'.repeat(44)}`)
    await kept('raw', `SET raw ${'x'.repeat(45)}`)
    await kept('appended', 'SET appended 1', 'APPEND appended 2')
    await kept('first', 'APPEND first 12')
    await kept('set', 'SETRANGE set 0 12')
    await kept('float', 'SET float 1', 'INCRBYFLOAT float 1')
    await kept('again', 'SET again 1', 'APPEND again 1', 'INCR again')
    await kept('bit', 'SET bit 1', 'SETBIT bit 7 1')
    await kept('bitop', 'SET s 12', 'BITOP NOT bitop s')
    await kept('empty', 'SET empty ""')
    await kept('mset', 'MSET mset 1')
    const db = pair.reference.server.state.databases[0]!
    const limits = pair.reference.server.state.settings.limits
    for (const key of keys) {
      const real = await pair.real.command('OBJECT', 'ENCODING', key)
      const value: ValueFacts = db.peek(key as ByteString)!.value
      expect({ type: 'bulk', value: value.encoding(limits) }, key).toEqual(real)
    }
  })

  it('have common subsequences', async () => {
    const texts = ['ohmytext', 'mynewtext', 'abcabba', 'cbabac', 'aaaa', 'a', '', 'xaxbxcxaab']
    await pair.same([
      'FLUSHALL',
      ...texts.map((text, i) => `SET s${i} "${text}"`),
      ...texts.flatMap((_, i) =>
        texts.flatMap((_, j) =>
          ['', 'LEN', 'IDX', 'IDX MINMATCHLEN 2', 'IDX WITHMATCHLEN', 'idx minmatchlen -4 withmatchlen'].map(
            (options) => `LCS s${i} s${j} ${options}`,
          ),
        ),
      ),
      'LCS s0 nokey',
      'LCS s0 nokey IDX',
    ])
  })

  it('runs a transaction as one unit', async () => {
    const first = ['FLUSHALL', 'MULTI', 'INCR n', 'APPEND s 1', 'SET e v EX 100 GET', 'EXEC']
    await pair.same([...first, 'MULTI', 'INCR n', 'EXEC', 'MULTI', 'NOSUCH', 'EXEC'])
  })

  it('answer RESP3 alike', async () => {
    const three = await startPair({ server })
    await three.real.command('HELLO', 3)
    three.client.session.resp = 3
    await three.same([
      'SET a abc',
      'SET b xbcy',
      'GET no',
      'MGET a no',
      'LCS a b IDX WITHMATCHLEN',
      'SET a b NX',
    ])
    await three.same(['GETEX no', 'GETDEL no', 'INCRBYFLOAT f 1.5', 'GETSET no2 v', 'SET no3 v GET'])
  })

  it('behave alike in any order', async () => {
    const key = fc.constantFrom('a', 'b', 'c')
    const text = fc.constantFrom('', '0', '7', '-3', '9223372036854775800', '1.5', 'hello', 'x'.repeat(50))
    const small = fc.integer({ min: -8, max: 60 }).map(String)
    const command: fc.Arbitrary<Words> = fc.oneof(
      fc.tuple(fc.constantFrom('GET', 'STRLEN', 'INCR', 'DECR', 'GETDEL', 'GETEX'), key),
      fc.tuple(fc.constantFrom('SET', 'SETNX', 'GETSET', 'APPEND'), key, text),
      fc.tuple(fc.constantFrom('INCRBY', 'DECRBY', 'INCRBYFLOAT'), key, text),
      fc.tuple(fc.constant('SET'), key, text, fc.constantFrom('NX', 'XX', 'GET', 'KEEPTTL')),
      fc.tuple(fc.constant('SET'), key, text, fc.constantFrom('EX', 'PX'), fc.constant('100000')),
      fc.tuple(fc.constant('GETRANGE'), key, small, small),
      fc.tuple(fc.constant('SETRANGE'), key, small, text),
      fc.tuple(fc.constantFrom('MSET', 'MSETNX'), key, text, key, text),
      fc.tuple(fc.constantFrom('MGET', 'LCS'), key, key),
    )
    const sequences = fc.array(command, { minLength: 300, maxLength: 300 })
    const property = fc.asyncProperty(sequences, (commands) => pair.same(['FLUSHALL', ...commands]))
    await fc.assert(property, { numRuns: 8, seed: 71, endOnFailure: true })
  })
})

function wrongArities(): string[] {
  const names = 'GET SET SETNX SETEX PSETEX GETSET GETDEL GETEX MGET MSET MSETNX INCR DECR INCRBY DECRBY'
  return [
    ...names.split(' '),
    ...'INCRBYFLOAT APPEND STRLEN GETRANGE SUBSTR SETRANGE LCS'.split(' '),
  ].flatMap((name) => [name, `${name} k`, `${name} k 1 2 3 4 5`])
}
