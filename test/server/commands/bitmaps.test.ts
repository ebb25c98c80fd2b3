/** Commands on strings as bitmaps, beside a real Redis. */
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { encodeCommand } from '../../../src/codec/resp/encode.ts'
import { type Pair, startPair } from '../../support/differential.ts'
import { describeWithRedis } from '../../support/real-redis.ts'
import { bytesOf, type Words } from '../../support/reference.ts'

const BOUNDS = [-100, -33, -3, -1, 0, 1, 2, 7, 8, 15, 31, 32, 40, 100]
const LIMITS_64 = ['9223372036854775807', '-9223372036854775808']

describeWithRedis('bitmaps', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  it('are set and read bit by bit', async () => {
    await pair.same([
      'FLUSHALL',
      'SETBIT b 0 0',
      'SETBIT b 0 0',
      'SETBIT b 7 1',
      'SETBIT b 7 1',
      'SETBIT b 7 0',
      'SETBIT b 100 1',
      'SETBIT b 100 1',
      'GET b',
      'STRLEN b',
      'SET n 12',
      'SETBIT n 1 1',
      'GET n',
      ...[0, 1, 7, 8, 100, 101, 4294967295].flatMap((at) => [`GETBIT b ${at}`, `GETBIT n ${at}`]),
      'GETBIT nokey 3',
      'SET text hello',
      'GETBIT text 3',
      'GETBIT text 39',
      'GETBIT text 40',
    ])
  })

  it('are counted and searched in every range', async () => {
    const keys = { t: 'foobar', zeros: '\0\0\0\0', ones: '\xff\xff\xff', mixed: '\xff\xf0\0\0\x01', one: '1' }
    const commands: (string | Words)[] = ['FLUSHALL', 'SET empty ""']
    for (const [key, text] of Object.entries(keys)) commands.push(['SET', key, Buffer.from(text, 'latin1')])
    for (const key of [...Object.keys(keys), 'empty', 'nokey']) {
      commands.push(`BITCOUNT ${key}`, `BITPOS ${key} 0`, `BITPOS ${key} 1`)
      for (const a of BOUNDS) {
        commands.push(`BITPOS ${key} 0 ${a}`, `BITPOS ${key} 1 ${a}`)
        for (const b of BOUNDS) {
          const unit = (a + b) % 3 === 0 ? '' : (a + b) % 3 === 1 ? 'BYTE' : 'bit'
          commands.push(`BITCOUNT ${key} ${a} ${b} ${unit}`, `BITCOUNT ${key} ${a} ${b} BIT`)
          commands.push(`BITPOS ${key} 0 ${a} ${b} ${unit}`, `BITPOS ${key} 1 ${a} ${b} ${unit}`)
          commands.push(`BITPOS ${key} 0 ${a} ${b} BIT`, `BITPOS ${key} 1 ${a} ${b} BIT`)
        }
      }
    }
    await pair.same(commands)
  })

  it('are joined', async () => {
    const commands: (string | Words)[] = [
      'FLUSHALL',
      'SET a "hello world"',
      'SET n 12345',
      'SET empty ""',
      ['SET', 'bin', Buffer.from([255, 0, 170, 85])],
    ]
    for (const op of ['AND', 'or', 'Xor']) {
      for (const sources of ['a', 'a n', 'n a bin', 'nokey a', 'a nokey bin', 'nokey', 'empty', 'a a']) {
        commands.push(`BITOP ${op} d ${sources}`, 'GET d')
      }
    }
    commands.push(
      'BITOP NOT d bin',
      'GET d',
      'BITOP NOT d nokey',
      'BITOP NOT d nokey',
      'BITOP NOT a a',
      'GET a',
    )
    commands.push('SET d v EX 100', 'BITOP NOT d a', 'HSET h f v', 'BITOP OR h a', 'GET h')
    await pair.same(commands)
  })

  it('are joined by the hundred thousand', () => {
    const { client } = pair
    client.command('SET', 'a', 'foobar')
    const sources = new Array<string>(300_000).fill('a')
    client.send(encodeCommand(bytesOf(['BITOP', 'AND', 'd', ...sources])))
    expect(client.inbox.splice(0)).toEqual([{ type: 'integer', value: 6 }])
    expect(client.command('GETDEL', 'd')).toEqual({ type: 'bulk', value: 'foobar' })
    pair.reference.effects = []
    client.command('FLUSHALL')
  })

  it('hold fields of every width, with every overflow', async () => {
    const commands: string[] = ['FLUSHALL']
    const values = ['0', '1', '-1', '127', '128', '-128', '-129', '255', '256', ...LIMITS_64]
    for (const type of ['u1', 'i1', 'u7', 'i8', 'u8', 'i33', 'u63', 'i63', 'i64']) {
      for (const overflow of ['WRAP', 'SAT', 'FAIL']) {
        for (const value of values) {
          commands.push(
            `BITFIELD k OVERFLOW ${overflow} SET ${type} 3 ${value} GET ${type} 3 INCRBY ${type} 3 ${value}`,
            `BITFIELD k OVERFLOW ${overflow} INCRBY ${type} #1 ${value} INCRBY ${type} #1 100 GET u8 #2`,
          )
        }
      }
    }
    commands.push('GET k', 'BITFIELD k', 'BITFIELD nokey GET u8 0', 'BITFIELD k GET i64 100000')
    commands.push(
      'BITFIELD_RO k GET u8 0 GET i5 #3',
      'BITFIELD_RO nokey',
      'SET n 12',
      'BITFIELD_RO n GET u16 0',
    )
    commands.push(
      'BITFIELD fresh SET u8 0 0',
      'BITFIELD fresh SET u8 0 0',
      'BITFIELD fresh SET u8 0 1 SET u8 0 1',
    )
    commands.push('BITFIELD fresh SET u8 8 0 SET u8 0 1', 'BITFIELD f2 OVERFLOW FAIL SET u2 0 9', 'GET f2')
    await pair.same(commands)
  })

  it('refuse what Redis refuses, in its order', async () => {
    const far = 512 * 1024 * 1024 * 8
    await pair.same([
      'FLUSHALL',
      'HSET h f v',
      'SET k abc',
      ...['x', '-1', '1.5', '', far, '9223372036854775807', '9223372036854775808', '#1'].flatMap((at) => [
        `SETBIT k "${at}" 1`,
        `GETBIT k "${at}"`,
        `BITFIELD k GET u8 "${at}"`,
      ]),
      'BITFIELD k GET u8 #-1',
      'BITFIELD k GET u8 #',
      'BITFIELD k GET u8 #536870912',
      'BITFIELD k GET u8 #9223372036854775807',
      ...['x', '2', '-1', '', '4294967296'].map((bit) => `SETBIT h 0 "${bit}"`),
      'SETBIT h 0 1',
      'GETBIT h 0',
      'BITCOUNT h',
      'BITCOUNT h x y',
      'BITCOUNT k 0',
      'BITCOUNT k x 1',
      'BITCOUNT k 0 x',
      'BITCOUNT k 0 1 foo',
      'BITCOUNT k -1 -2 foo',
      'BITCOUNT k x -2 foo',
      'BITCOUNT k 0 1 BIT more',
      'BITPOS h 1',
      'BITPOS h 2',
      'BITPOS k x',
      'BITPOS k 1 x',
      'BITPOS k 1 0 x',
      'BITPOS k 1 0 x foo',
      'BITPOS k 1 x 0 foo',
      'BITPOS k 1 -1 -2 foo',
      'BITPOS k 1 0 1 BIT more',
      'BITPOS nokey 1 0 1 foo',
      'BITOP FOO d k',
      'BITOP NOT d k k',
      'BITOP AND d k h',
      'BITOP NOT d h',
      ...['u64', 'i65', 'u0', 'i0', 'x8', 'u', '', 'U8', 'u08', 'u-1', 'i99999999999'].map(
        (type) => `BITFIELD k GET "${type}" 0`,
      ),
      'BITFIELD k FOO',
      'BITFIELD k GET u8',
      'BITFIELD k SET u8 0',
      'BITFIELD k SET u8 0 x',
      'BITFIELD k SET u8 x x',
      'BITFIELD k OVERFLOW',
      'BITFIELD k OVERFLOW FOO',
      'BITFIELD k SET u8 0 5 GET u8 0 FOO',
      'BITFIELD h GET u8 0',
      'BITFIELD h SET u8 0 1',
      'BITFIELD_RO h GET u8 0',
      'BITFIELD_RO h SET u8 0 1',
      'BITFIELD_RO k INCRBY u8 0 x',
      ...'SETBIT GETBIT BITCOUNT BITPOS BITOP BITFIELD BITFIELD_RO'
        .split(' ')
        .flatMap((name) => [name, `${name} k`]),
      'SETBIT k 1 1 1',
      'GETBIT k 1 1',
      'BITOP AND d',
    ])
  })

  it('behave alike in any order', async () => {
    const key = fc.constantFrom('a', 'b', 'c')
    const at = fc.integer({ min: 0, max: 200 }).map(String)
    const bound = fc.integer({ min: -40, max: 200 }).map(String)
    const type = fc.tuple(fc.constantFrom('u', 'i'), fc.integer({ min: 1, max: 63 })).map((t) => t.join(''))
    const value = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)
    const overflow = fc.constantFrom('WRAP', 'SAT', 'FAIL')
    const unit = fc.constantFrom('BIT', 'BYTE')
    const command: fc.Arbitrary<Words> = fc.oneof(
      fc.tuple(fc.constant('SETBIT'), key, at, fc.constantFrom('0', '1')),
      fc.tuple(fc.constant('GETBIT'), key, at),
      fc.tuple(fc.constant('BITCOUNT'), key, bound, bound, unit),
      fc.tuple(fc.constant('BITPOS'), key, fc.constantFrom('0', '1'), bound, bound, unit),
      fc.tuple(fc.constant('BITOP'), fc.constantFrom('AND', 'OR', 'XOR'), key, key, key),
      fc.tuple(fc.constant('BITOP'), fc.constant('NOT'), key, key),
      fc
        .tuple(key, overflow, fc.constantFrom('SET', 'INCRBY'), type, at, value, type, at)
        .map(([k, how, op, t, to, by, t2, from]) => [
          ...['BITFIELD', k, 'OVERFLOW', how, op, t, to, by, 'GET', t2, from],
        ]),
      fc.tuple(fc.constant('SET'), key, fc.constantFrom('hello', '17', '')),
    )
    const sequences = fc.array(command, { minLength: 300, maxLength: 300 })
    const property = fc.asyncProperty(sequences, (commands) => pair.same(['FLUSHALL', ...commands]))
    await fc.assert(property, { numRuns: 8, seed: 72, endOnFailure: true })
  })
})
