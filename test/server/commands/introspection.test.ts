/** SLOWLOG, LATENCY, MEMORY and the like, beside a real Redis. */
import { beforeAll, expect, it } from 'vitest'
import { type Pair, startPair } from '../../support/differential.ts'
import { describeWithRedis } from '../../support/real-redis.ts'

const TOLERANCES = { SLOWLOG: 'shape', LATENCY: 'shape', MEMORY: 'shape' } as const

describeWithRedis('looking into the server', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  it('SLOWLOG', async () => {
    await pair.same(
      [
        // Nothing but what the test wants must be slow, however busy the machine is.
        'CONFIG SET slowlog-log-slower-than 100000000',
        'SLOWLOG RESET',
        'SLOWLOG GET x',
        'SLOWLOG GET -2',
        'SLOWLOG GET 1 2',
        'SLOWLOG LEN',
        'SLOWLOG RESET x',
        'SLOWLOG',
        'SLOWLOG NO',
        'SLOWLOG HELP',
        'CONFIG SET slowlog-log-slower-than 0',
        'APPEND k v',
        `DEL ${'x '.repeat(40)}`,
        `APPEND ${'long'.repeat(100)} v`,
        'CONFIG SET slowlog-log-slower-than 100000000',
        'SLOWLOG GET',
        'SLOWLOG GET 2',
        'SLOWLOG GET 0',
        'SLOWLOG GET -1',
        'SLOWLOG LEN',
        'SLOWLOG RESET',
        'SLOWLOG LEN',
      ],
      { tolerances: TOLERANCES },
    )
  })

  it('keeps the same words of long commands', async () => {
    const commands = [
      ['CONFIG', 'SET', 'slowlog-log-slower-than', '0'],
      ['DEL', ...Array.from({ length: 40 }, (_, i) => `key${i}`)],
      ['DEL', ...Array.from({ length: 31 }, (_, i) => `key${i}`)],
      ['APPEND', 'k'.repeat(200), 'v'.repeat(128)],
      ['AUTH', 'me', 'wrong'],
      ['CONFIG', 'SET', 'slowlog-log-slower-than', '100000000'],
    ]
    for (const command of commands) {
      await pair.real.command(...command)
      pair.client.command(...command)
    }
    const words = (reply: unknown) =>
      (reply as { items: { items: unknown[] }[] }).items.map(({ items }) => items[3])
    const theirs = await pair.real.command('SLOWLOG', 'GET', '4')
    expect(words(pair.client.command('SLOWLOG', 'GET', '4'))).toEqual(words(theirs))
  })

  it('LATENCY', async () => {
    await pair.same(
      [
        'LATENCY LATEST',
        'LATENCY HISTORY x',
        'LATENCY HISTORY',
        'LATENCY GRAPH x',
        'LATENCY RESET',
        'LATENCY RESET a b',
        'LATENCY HELP',
        'LATENCY NO',
        'LATENCY HISTOGRAM nosuch',
        'CONFIG SET latency-tracking no',
        'LLEN nobody',
        'LATENCY HISTOGRAM llen',
        'CONFIG SET latency-tracking yes',
        'LLEN nobody',
        'LATENCY HISTOGRAM llen',
        'LATENCY DOCTOR',
      ],
      { tolerances: TOLERANCES },
    )
  })

  it('MEMORY and others', async () => {
    await pair.same(
      [
        'APPEND k v',
        'MEMORY USAGE k',
        'MEMORY USAGE nokey',
        'MEMORY USAGE k SAMPLES 0',
        'MEMORY USAGE k SAMPLES -1',
        'MEMORY USAGE k SAMPLES',
        'MEMORY USAGE k NO 1',
        'MEMORY USAGE',
        'MEMORY STATS',
        'MEMORY DOCTOR',
        'MEMORY MALLOC-STATS',
        'MEMORY PURGE',
        'MEMORY HELP',
        'MEMORY NO',
        'TIME',
        'TIME x',
        'LOLWUT',
        'LOLWUT VERSION 1',
        'DBSIZE',
        'DBSIZE x',
      ],
      { tolerances: TOLERANCES },
    )
  })
})
