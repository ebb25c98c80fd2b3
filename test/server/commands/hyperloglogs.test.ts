/** HyperLogLogs, beside a real Redis: replies, and the bytes of the values themselves. */
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { type Pair, startPair } from '../../support/differential.ts'
import { describeWithRedis } from '../../support/real-redis.ts'
import type { Words } from '../../support/reference.ts'

describeWithRedis('HyperLogLogs', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  it('hash elements of every length', async () => {
    const bytes = Buffer.from(Array.from({ length: 70 }, (_, i) => (i * 37 + 200) % 256))
    const commands: (string | Words)[] = ['FLUSHALL']
    for (let length = 0; length <= 70; length++) {
      const element = bytes.subarray(0, length)
      commands.push(['PFADD', 'all', element], ['PFADD', `one${length}`, element], `GET one${length}`)
    }
    await pair.same([...commands, 'GET all', 'PFCOUNT all', 'GET all', 'PFDEBUG DECODE all'])
  })

  it('grow byte for byte as in Redis, sparse, then dense', async () => {
    const commands: string[] = ['FLUSHALL', 'PFADD h', 'PFADD h', 'GET h', 'PFCOUNT h', 'GET h']
    for (let i = 0; i < 3000; i++) {
      commands.push(`PFADD h e${i}`)
      if (i % 100 === 0) commands.push('GET h', 'PFDEBUG ENCODING h', 'PFCOUNT h', 'PFCOUNT h', 'GET h')
    }
    await pair.same([...commands, 'PFDEBUG DECODE h', 'PFDEBUG GETREG h', 'GET h'])
  })

  it('estimate as Redis does, small and large', async () => {
    const commands: string[] = ['FLUSHALL']
    for (let i = 0, n = 0; i < 60; i++) {
      const elements = Array.from({ length: Math.ceil(1.17 ** i) }, () => `x${n++}`)
      commands.push(`PFADD h ${elements.join(' ')}`, 'PFCOUNT h')
    }
    await pair.same(commands)
  })

  it('take ranks that only the dense form can hold', async () => {
    // Their hashes have more than 32 zeros: PFADD cannot be made to find one, registers can be made by hand.
    const dense = Buffer.alloc(12304, 0xff)
    dense.write('HYLL\0\0\0\0\0\0\0\0\0\0\0\x80', 'latin1')
    await pair.same(['FLUSHALL', ['SET', 'd', dense], 'PFCOUNT d', 'PFMERGE m d', 'GET m', 'PFCOUNT m d'])
  })

  it('are merged and counted together', async () => {
    const words = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => prefix + i).join(' ')
    await pair.same([
      'FLUSHALL',
      `PFADD a ${words('a', 100)}`,
      `PFADD b ${words('b', 300)}`,
      `PFADD big ${words('c', 5000)}`,
      'PFCOUNT a b nokey',
      'PFCOUNT a big',
      'PFCOUNT nokey nokey2',
      'PFCOUNT nokey',
      'PFMERGE d a b',
      'GET d',
      'PFCOUNT d',
      'PFMERGE d',
      'GET d',
      'PFMERGE fresh',
      'GET fresh',
      'PFMERGE d big',
      'GET d',
      'PFMERGE big2 a big',
      'GET big2',
      'PFMERGE a',
      'GET a',
      'PFDEBUG TODENSE a',
      'PFDEBUG TODENSE a',
      'GET a',
      'PFDEBUG ENCODING a',
      'PFDEBUG DECODE a',
      'PFDEBUG GETREG b',
      'PFDEBUG ENCODING b',
      'PFSELFTEST',
    ])
  })

  it('refuse what is none, and what is corrupt', async () => {
    const header = (encoding: string, rest: string) =>
      Buffer.from(`HYLL${encoding}\0\0\0\0\0\0\0\0\0\0\x80${rest}`, 'latin1')
    const strange: Record<string, Buffer> = {
      short: header('\x01', '').subarray(0, 15),
      bare: header('\x01', ''),
      unknown: header('\x02', ''),
      dense: header('\0', 'x'),
      few: header('\x01', '\x01'),
      many: header('\x01', '\x7f\xff\x01'),
      cut: header('\x01', '\x7f\xfe\x40'),
      overflow: header('\x01', '\x7f\xfe\x83'),
      beyond: header('\x01', '\x7f\xff\x83'),
      zero: header('\x01', '\x7f\xff'),
      cached: Buffer.concat([
        header('\x01', '\x7f\xff').subarray(0, 8),
        Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 127, 255]),
      ]),
      other: Buffer.from('HYLX\x01\0\0\0\0\0\0\0\0\0\0\x80\x7f\xff', 'latin1'),
    }
    const commands: (string | Words)[] = ['FLUSHALL', 'HSET hash f v', 'SET n 12', 'PFADD good a']
    for (const [key, bytes] of Object.entries(strange)) {
      const set: Words = ['SET', key, bytes]
      commands.push(set, `PFCOUNT ${key}`, `PFCOUNT ${key} nokey`, `PFMERGE m ${key}`)
      commands.push(`PFADD ${key}`, `PFADD ${key} b c`, `GET ${key}`, `PFDEBUG ENCODING ${key}`)
      commands.push(set, `PFDEBUG TODENSE ${key}`, `PFMERGE ${key} good`, `GET ${key}`)
    }
    for (const key of ['hash', 'n', 'nokey']) {
      commands.push(`PFADD ${key} a`, `PFCOUNT ${key}`, `PFCOUNT good ${key}`, `PFMERGE m ${key}`)
      commands.push(`PFMERGE ${key} good`, `PFDEBUG GETREG ${key}`, `PFDEBUG FOO ${key}`)
    }
    commands.push(
      'PFDEBUG FOO good',
      'PFDEBUG GETREG',
      'PFDEBUG GETREG good x',
      'PFADD',
      'PFCOUNT',
      'PFMERGE',
    )
    await pair.same(commands)
  })

  it('behave alike in any order', async () => {
    const key = fc.constantFrom('a', 'b', 'c')
    const elements = fc.array(fc.integer({ min: 0, max: 5000 }).map(String), { maxLength: 30 })
    const command: fc.Arbitrary<Words> = fc.oneof(
      { weight: 8, arbitrary: fc.tuple(key, elements).map(([k, rest]) => ['PFADD', k, ...rest]) },
      { weight: 2, arbitrary: fc.tuple(fc.constantFrom('PFCOUNT', 'GET'), key) },
      { weight: 1, arbitrary: fc.tuple(fc.constantFrom('PFCOUNT', 'PFMERGE'), key, key, key) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('GETDEL'), key) },
    )
    const sequences = fc.array(command, { minLength: 300, maxLength: 300 })
    const property = fc.asyncProperty(sequences, (commands) => pair.same(['FLUSHALL', ...commands]))
    await fc.assert(property, { numRuns: 6, seed: 73, endOnFailure: true })
  })

  it('go over to the dense form where the setting says', async () => {
    const small = await startPair({
      server,
      config: { 'hll-sparse-max-bytes': 60 },
      reference: { settings: { hllSparseBytesMax: 60 } },
    })
    const commands = Array.from({ length: 40 }, (_, i) => [
      `PFADD h ${i}`,
      'PFDEBUG ENCODING h',
      'GET h',
    ]).flat()
    await small.same(commands)
    expect(small.client.command('PFDEBUG', 'ENCODING', 'h')).toMatchObject({ value: 'dense' })
  })
})
