/**
 * What random lines (random-lines.test.ts) and the table of effects once found different, each by itself,
 * beside a real Redis.
 */
import { beforeAll, it } from 'vitest'
import { type Pair, startPair } from '../support/differential.ts'
import { describeWithRedis } from '../support/real-redis.ts'

describeWithRedis('odd arguments', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
    // What was set into the past stays until it is asked for.
    await pair.real.command('DEBUG', 'SET-ACTIVE-EXPIRE', '0')
  })

  it('end at a zero byte where C reads them', async () => {
    await pair.same([
      'ZADD z 1 a 2 b',
      'ZCOUNT z "\\x00" "2\\x00x"',
      'ZCOUNT z "" " 2"',
      'ZREMRANGEBYSCORE nokey +inf "\\x00"',
      'SET k v "N\\x00X"',
      'SET k v "NX\\x00no"',
      'PEXPIRE k 100000 "\\x00"',
      'PEXPIRE k 100000 "foo\\x00bar"',
      'RPUSH l 1 "\\x00" "" "2\\x003"',
      'SORT l',
      'SSCAN nokey "\\x00" MATCH a',
      'SSCAN nokey "0\\x00x"',
      'XGROUP SETID nokey "g\\x00h" 0',
      '"no\\x00such" "a\\x00b" c',
      'OBJECT "no\\x00such" k',
    ])
  })

  it('may leave 32 or 64 bits', async () => {
    await pair.same([
      'SET k v',
      'MOVE k 9223372036854775807',
      'COPY k k2 DB 2147483648',
      'SELECT 4294967296',
      'SWAPDB 4294967296 0',
      'SWAPDB 44 a',
      'SWAPDB 44 55',
      'SWAPDB a 55',
      'COMMAND INFO config|get|key get|key',
      'COMMAND GETKEYSANDFLAGS SORT k1 STORE k2',
      'COMMAND GETKEYSANDFLAGS SORT k1 BY a GET b',
      'CONFIG RESETSTAT',
      'CONFIG get_xx',
      'CONFIG',
      'RPUSH l a "" b ""',
      'LREM l -9223372036854775808 ""',
      'SORT l LIMIT -9223372036854775808 3 ALPHA',
      'MULTI',
      'XREADGROUP GROUP g c BLOCK 9223372036854775807 STREAMS nokey >',
      'EXEC',
      'BLPOP nokey 1e300',
      'BLPOP nokey -1',
      'CONFIG SET stream-node-max-bytes 99999999999999999999',
      'CONFIG SET auto-aof-rewrite-min-size 9223372036854775808',
      'CONFIG SET maxmemory 99999999999999999999',
      'CONFIG GET maxmemory',
      'CONFIG SET maxmemory ""',
      'CONFIG SET maxmemory kb',
      'CONFIG GET maxmemory',
    ])
  })

  it('of RESTORE may lie in the past, or beyond all time', async () => {
    await pair.same(['FLUSHALL', 'SET k 41'])
    const dumped = await pair.real.command('DUMP', 'k')
    const payload = Buffer.from((dumped as { value: string }).value, 'latin1')
    await pair.same([
      ['RESTORE', 'a', '9223372036854775807', payload],
      ['RESTORE', 'b', '9223372036854775807', payload, 'ABSTTL'],
      ['RESTORE', 'b', '9223372036854775807', payload, 'REPLACE'],
      'EXISTS a b',
      'CONFIG SET lazyfree-lazy-server-del yes lazyfree-lazy-expire yes',
      ['RESTORE', 'k', '1', payload, 'ABSTTL', 'REPLACE'],
      'SET k v',
      'EXPIRE k -1',
      'CONFIG SET lazyfree-lazy-server-del no lazyfree-lazy-expire no',
    ])
  })

  it('of sorted sets', async () => {
    const long = 'z'.repeat(65)
    await pair.same([
      'FLUSHALL',
      'ZADD z 0 a 0 b',
      'ZINCRBY z XX 1.5',
      'ZINCRBY z CH 1.5',
      'ZINCRBY z 1.5 CH',
      'ZUNIONSTORE small 1 z WEIGHTS -1',
      'ZRANGE small 0 -1 WITHSCORES',
      `ZADD z 0 ${long}`,
      'ZUNIONSTORE large 1 z WEIGHTS -1',
      'ZRANGE large 0 -1 WITHSCORES',
      'ZADD g 3479099956230698 a',
      'ZINTERSTORE big 1 g WEIGHTS 0x10',
      'ZRANGE big 0 -1 WITHSCORES',
      'ZADD n 9007199254740994 a 99999999999999984 b 1e17 c -34616923759173248 d',
      'ZRANGE n 0 -1 WITHSCORES',
      'GEOADD g -0 86 x',
      'ZADD s 1 a 2 b',
      'OBJECT ENCODING s',
      'SORT_RO s BY nosort',
      'OBJECT ENCODING s',
    ])
  })

  it('of lists, streams and others', async () => {
    const tolerances = { LOLWUT: 'kind' } as const
    await pair.same(
      [
        'FLUSHALL',
        'RPUSH l 3 1 2',
        'SORT l BY nosort DESC',
        'SORT l BY nosort DESC LIMIT 1 1 STORE d',
        'LRANGE d 0 -1',
        'XADD x 1-1 a 1',
        'XGROUP CREATE nokey g $ MKSTREAM ENTRIESREAD 1 ENTRIESREAD 1',
        'XGROUP CREATE x g 0 ENTRIESREAD 1 ENTRIESREAD 1',
        'XGROUP CREATE x g 0 ENTRIESREAD 1 MKSTREAM',
        'pexpireat l 4102444800000',
        'pexpire l 100000',
        'LOLWUT VERSION x',
        'LOLWUT VERSION 5 x',
        'LOLWUT VERSION 6 1 1 x',
        'LOLWUT VERSION 7 x',
        'client unblock 1 ERROR x',
        'CONFIG SET hz 0',
        'CONFIG GET hz',
        'CONFIG SET hz 501',
        'CONFIG GET hz',
        'CONFIG SET latency-tracking-info-percentiles "0x10 33.3333333333 1e1"',
        'CONFIG GET latency-tracking-info-percentiles',
        'CONFIG SET latency-tracking-info-percentiles "50  99"',
        'CONFIG SET latency-tracking-info-percentiles 101',
        'CONFIG SET proc-title-template "{title} {nosuch}"',
        'CONFIG SET proc-title-template {title}',
        'CONFIG SET proc-title-template "{{title} {port}"',
      ],
      { tolerances },
    )
  })

  it('meet values packed under other limits', async () => {
    const payloads: [string, Buffer][] = []
    await pair.real.command('FLUSHALL')
    await pair.real.command('CONFIG', 'SET', 'hash-max-listpack-value', '1000')
    await pair.real.command('CONFIG', 'SET', 'zset-max-listpack-value', '1000')
    await pair.real.command('HSET', 'h', 'f', 'v'.repeat(500))
    await pair.real.command('ZADD', 'z', '1', 'm'.repeat(500), '2', 'n')
    await pair.real.command('CONFIG', 'SET', 'hash-max-listpack-value', '64')
    await pair.real.command('CONFIG', 'SET', 'zset-max-listpack-value', '64')
    await pair.real.command('ZADD', 'minus', '0', 'k'.repeat(65), '-0', 'b')
    for (const key of ['h', 'z', 'minus']) {
      const dumped = await pair.real.command('DUMP', key)
      payloads.push([key, Buffer.from((dumped as { value: string }).value, 'latin1')])
    }
    await pair.same([
      'FLUSHALL',
      ...payloads.flatMap(([key, payload]) => [
        ['RESTORE', key, '0', payload],
        ['OBJECT', 'ENCODING', key],
      ]),
      'ZRANGE minus 0 -1 WITHSCORES',
      'HSET h g 1',
      'ZADD z 3 o',
      'OBJECT ENCODING h',
      'OBJECT ENCODING z',
    ])
  })
})
