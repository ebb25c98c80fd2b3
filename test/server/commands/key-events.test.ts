/** What commands on strings and hashes tell beside their reply: keyspace events, and how much they changed. */
import { beforeAll, expect, it } from 'vitest'
import { splitInline } from '../../../src/codec/resp/inline.ts'
import type { RespValue } from '../../../src/codec/resp/values.ts'
import { type Pair, startPair } from '../../support/differential.ts'
import { RawClient } from '../../support/raw-client.ts'
import { describeWithRedis } from '../../support/real-redis.ts'

const COMMANDS = [
  ...[
    'SET a 1',
    'SET a 1 NX',
    'SET a 2 EX 100 GET',
    'SET a 3 KEEPTTL',
    'SETNX b 1',
    'SETEX c 100 v',
    'GETSET a 5',
  ],
  ...[
    'MSET a 1 b 2 z 3',
    'MSETNX a 1 y 2',
    'MSETNX w 1 x 2',
    'GETEX a EX 100',
    'GETEX a PERSIST',
    'GETEX a PERSIST',
  ],
  ...[
    'GETEX a PXAT 1',
    'GETDEL b',
    'GET gone',
    'MGET gone c',
    'STRLEN gone',
    'INCR n',
    'DECRBY n 5',
    'INCRBYFLOAT n 1.5',
  ],
  ...[
    'APPEND s x',
    'APPEND s y',
    'SETRANGE s 5 z',
    'SETRANGE s 5 ""',
    'SETRANGE gone 5 ""',
    'GETRANGE gone 0 1',
    'LCS s gone',
  ],
  ...[
    'SETBIT bits 7 1',
    'SETBIT bits 7 1',
    'SETBIT bits 99 0',
    'GETBIT gone 1',
    'BITCOUNT gone',
    'BITPOS gone 1',
  ],
  ...[
    'BITOP NOT d bits',
    'BITOP AND d gone',
    'BITOP AND d gone',
    'BITFIELD f SET u8 0 0 SET u8 8 0',
    'BITFIELD f GET u8 0',
  ],
  ...[
    'BITFIELD f SET u8 0 1 SET u8 8 0 INCRBY u8 16 1',
    'BITFIELD gone GET u8 0',
    'BITFIELD f OVERFLOW FAIL SET u2 0 9',
  ],
  ...[
    'PFADD p',
    'PFADD p a b c',
    'PFADD p a',
    'PFCOUNT p',
    'PFCOUNT p',
    'PFCOUNT p gone',
    'PFMERGE q p gone',
    'PFMERGE q',
  ],
  ...['PFDEBUG TODENSE p', 'PFDEBUG TODENSE p', 'PFDEBUG GETREG q', 'PFDEBUG ENCODING gone'],
  ...['HSET h a 1 b 2 c 3', 'HSET h a 1', 'HMSET h d 4 e 5', 'HSETNX h a 1', 'HSETNX h f 1', 'HINCRBY h a 5'],
  ...[
    'HINCRBYFLOAT h a 0.5',
    'HGET gone a',
    'HGETALL gone',
    'HRANDFIELD gone',
    'HSCAN gone 0',
    'HDEL gone a',
    'HDEL h a b no',
  ],
  ...['HDEL h c d e f', 'HSET a f v', 'GET a', 'SET h v', 'HGET h f', 'HINCRBY h f 1'],
]

describeWithRedis('keyspace events', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server, config: { save: '' } })
  })

  it('are told as Redis tells them, and changes counted as there', async () => {
    const { real, client, reference } = pair
    await real.command('CONFIG', 'SET', 'notify-keyspace-events', 'KEAmn')
    client.command('CONFIG', 'SET', 'notify-keyspace-events', 'KEAmn')
    const listener = await RawClient.open(pair.redis.port)
    await listener.command('PSUBSCRIBE', '__key*')
    const ours = reference.client()
    ours.command('PSUBSCRIBE', '__key*')
    for (const command of COMMANDS) {
      const words = splitInline(command)!
      await real.command(...words)
      client.command(...words)
      expect(changes(client.command('INFO', 'persistence')), command).toBe(
        changes(await real.command('INFO', 'persistence')),
      )
      await real.command('PUBLISH', '__key-end', command)
      client.command('PUBLISH', '__key-end', command)
      const expected: RespValue[] = []
      do expected.push(await listener.next())
      while (!text(expected.at(-1)).includes('__key-end'))
      expect(ours.inbox.splice(0).map(text), command).toEqual(expected.map(text))
    }
  })
})

function text(message: RespValue | undefined): string {
  return JSON.stringify(message)
}

function changes(info: unknown): string {
  return /rdb_changes_since_last_save:(\d+)/.exec((info as { value: string }).value)?.[1] ?? 'none'
}
