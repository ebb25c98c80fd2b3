/** C's long doubles beside C's long doubles: what INCRBYFLOAT of a real Redis makes of the same numerals. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addExtended, extendedText, parseExtended } from '../../src/server/extended-float.ts'
import { startPair } from '../support/differential.ts'
import { describeWithRedis } from '../support/real-redis.ts'

/** Numerals at every edge of the format, and texts that are none. */
const NUMERALS = [
  ...[
    '0',
    '-0',
    '+1',
    '1.',
    '.5',
    '-.5e1',
    '1e3',
    '1E+3',
    '3.0e3',
    '1e-17',
    '5e-18',
    '4.9e-18',
    '1e-18',
    '0e999999',
  ],
  ...[
    '0.1',
    '5.1',
    '3.14159265358979323846',
    '1e19',
    '18446744073709551615',
    '18446744073709551616.5',
    '1e22',
  ],
  ...[
    '36893488147419103233',
    '36893488147419103234',
    '9007199254740993',
    '0.30000000000000004',
    '1e300',
    '-1e300',
  ],
  ...['1.18973149535723176502e4932', '1.18973149535723176509e4932', '-1e4931', '1e4931', '1e4932', '1e5000'],
  ...[
    '3.6e-4951',
    '1e-4951',
    '1e-4952',
    '1e-4940',
    '0.0000000000000000000000001',
    '123456789012345678901234567890.12345',
  ],
  ...[
    '0x1p3',
    '0x.8',
    '-0x1.8p1',
    '0x',
    '0xg',
    '0x1p',
    '0x1p-16445',
    '0x1p-16446',
    '0x1p16383',
    '0x1p16384',
    '0X1F',
  ],
  ...['0x1.00000000000000001', '0x1.0000000000000001p0', '0x1.00000000000000018p0', '0x0p99999'],
  ...[
    'inf',
    '-inf',
    'Infinity',
    '+INF',
    'nan',
    '-nan',
    'nan(1)',
    'infx',
    '',
    ' 1',
    '1 ',
    '1e',
    '1e+',
    '.',
    '-',
    '1..2',
    'x',
  ],
  ...[
    '1_0',
    '1,5',
    '1\n',
    '1\0',
    `${'1'.repeat(5000)}`,
    `0.${'1'.repeat(5000)}`,
    `0.${'1'.repeat(5117)}`,
    '1'.repeat(4933),
  ],
]

describeWithRedis('long doubles', (server) => {
  it('are read, added and printed as the real server does', async () => {
    const pair = await startPair({ server })
    const commands: (readonly string[])[] = []
    for (const a of NUMERALS) {
      commands.push(['SET', 'k', a], ['INCRBYFLOAT', 'k', '0'], ['SET', 'k', '0'], ['INCRBYFLOAT', 'k', a])
      commands.push(['HSET', 'h', 'f', a], ['HINCRBYFLOAT', 'h', 'f', '1'])
    }
    const some = NUMERALS.filter((text) => text.length < 100)
    some.forEach((a, i) => {
      // Each with a third of the others, another third each time.
      const others = some.filter((_, j) => (i + j) % 3 === 0)
      for (const b of others) commands.push(['SET', 'k', a], ['INCRBYFLOAT', 'k', b])
    })
    await pair.same(commands, { effects: false, digest: false })
    await pair.same([
      'SET k 5.1',
      'INCRBYFLOAT k 0.1',
      'INCRBYFLOAT k -2.7',
      'HINCRBYFLOAT h x 0.1',
      'HGETALL h',
    ])
  })

  it('agree on random numerals', async () => {
    const pair = await startPair({ server })
    const digits = fc.stringMatching(/^\d{1,25}$/)
    const exponent = fc.oneof(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -4960, max: 4940 }))
    const numeral = fc
      .tuple(fc.constantFrom('', '-'), digits, digits, fc.option(exponent))
      .map(([sign, whole, part, e]) => `${sign}${whole}.${part}${e === null ? '' : `e${e}`}`)
    const pairs = fc.array(fc.tuple(numeral, numeral), { minLength: 200, maxLength: 200 })
    const property = fc.asyncProperty(pairs, (all) =>
      pair.same(
        all.flatMap(([a, b]) => [
          ['SET', 'k', a],
          ['INCRBYFLOAT', 'k', b],
          ['INCRBYFLOAT', 'k', '1'],
        ]),
      ),
    )
    await fc.assert(property, { numRuns: 4, seed: 76, endOnFailure: true })
  })
})

describe('long doubles alone', () => {
  it('round once, to even', () => {
    const text = (numeral: string) => extendedText(parseExtended(numeral)!)
    expect(text('36893488147419103233')).toBe('36893488147419103232')
    expect(text('36893488147419103234')).toBe('36893488147419103232')
    expect(text('36893488147419103238')).toBe('36893488147419103240')
  })

  it('have no number for the sum of both infinities', () => {
    const [plus, minus] = [parseExtended('inf')!, parseExtended('-inf')!]
    expect(addExtended(plus, minus)).toBeUndefined()
    expect(extendedText(addExtended(plus, plus)!)).toBe('inf')
  })
})
