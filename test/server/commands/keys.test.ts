/** Commands on keys as such, beside a real Redis. */
import { beforeAll, it } from 'vitest'
import { type Pair, startPair } from '../../support/differential.ts'
import { describeWithRedis } from '../../support/real-redis.ts'

describeWithRedis('keys', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  it('are there or not, and go', async () => {
    await pair.same([
      'FLUSHALL',
      'APPEND a 1',
      'APPEND b x',
      'EXISTS a b a nokey',
      'TYPE a',
      'TYPE nokey',
      'TOUCH a nokey',
      'DEL a nokey a',
      'UNLINK b b',
      'DEL',
      'EXISTS',
      'DBSIZE',
      'RANDOMKEY',
      'APPEND only 1',
      'RANDOMKEY',
      'KEYS *',
      'KEYS o?l[x-z]',
      'KEYS',
    ])
  })

  it('get deadlines', async () => {
    await pair.same([
      'FLUSHALL',
      'EXPIRE nokey 100',
      'APPEND a 1',
      'TTL a',
      'PTTL nokey',
      'EXPIRE a 100',
      'TTL a',
      'PTTL a',
      'EXPIRETIME a',
      'EXPIRE a 50 GT',
      'EXPIRE a 200 gt',
      'EXPIRE a 300 LT',
      'EXPIRE a 20 LT XX',
      'EXPIRE a 20 NX',
      'EXPIRE a 20 NX XX',
      'EXPIRE a 20 GT LT',
      'EXPIRE a 20 NO',
      'EXPIRE a x',
      'EXPIRE a x NO',
      'EXPIRE a 9223372036854775807',
      'PEXPIRE a 9223372036854775807',
      'PEXPIREAT a 9223372036854775807',
      'EXPIREAT a 9223372036854775',
      'PEXPIRE a -9223372036854775808',
      'EXISTS a',
      'APPEND a 1',
      'PEXPIREAT a 4102444800000',
      'PEXPIRETIME a',
      'EXPIRETIME a',
      'PERSIST a',
      'PERSIST a',
      'PERSIST nokey',
      'PEXPIREAT a 4102444800000 XX',
      'PEXPIREAT a 4102444800000 GT',
      'PEXPIREAT a 4102444800000 LT',
      'expireat a 4102444800 nx',
      'EXPIRE a 0',
      'EXISTS a',
      'APPEND b 1',
      'EXPIREAT b 1',
    ])
  })

  it('are renamed, copied and moved', async () => {
    await pair.same([
      'FLUSHALL',
      'RENAME no b',
      'RENAMENX no no',
      'APPEND a 1',
      'PEXPIREAT a 4102444800000',
      'RENAME a a',
      'RENAMENX a a',
      'RENAME a b',
      'PEXPIRETIME b',
      'APPEND c 1',
      'RENAMENX b c',
      'RENAMENX b d',
      'RENAME d c',
      'COPY c c',
      'COPY c c DB 0',
      'COPY c c DB 99',
      'COPY c c DB x',
      'COPY c c DB',
      'COPY c e',
      'COPY c e',
      'COPY c e REPLACE',
      'COPY c c DB 3 REPLACE',
      'COPY nokey e REPLACE',
      'COPY c e NONSENSE',
      'OBJECT ENCODING e',
      'MOVE c 3',
      'MOVE e 3',
      'MOVE e 3',
      'MOVE c 0',
      'MOVE c 16',
      'MOVE c x',
      'SELECT 3',
      'KEYS *',
      'PEXPIRETIME e',
      'SELECT 0',
      'SWAPDB 0 3',
      'SWAPDB 0 0',
      'SWAPDB 0 x',
      'SWAPDB x 0',
      'SWAPDB 0 16',
      'KEYS *',
      'SWAPDB 0 3',
      'FLUSHDB',
      'FLUSHDB ASYNC',
      'FLUSHALL SYNC x',
      'FLUSHALL nonsense',
    ])
  })

  it('are scanned, and looked into', async () => {
    await pair.same([
      'FLUSHALL',
      'SCAN 0',
      'APPEND k 5',
      'SCAN 0 COUNT 100 MATCH * TYPE string',
      'SCAN 0 COUNT 100 TYPE hash',
      'SCAN 0 COUNT 100 MATCH z*',
      'SCAN x',
      'SCAN 0 COUNT 0',
      'SCAN 0 COUNT x',
      'SCAN 0 NONSENSE 1',
      'SCAN 0 MATCH',
      'SCAN 99999999999999999999999',
      'OBJECT ENCODING k',
      'OBJECT ENCODING nokey',
      'OBJECT REFCOUNT k',
      'OBJECT FREQ k',
      'OBJECT ENCODING',
      'OBJECT',
      'OBJECT FOO k',
      'OBJECT HELP',
      'INCR i',
      'OBJECT ENCODING i',
      'OBJECT REFCOUNT i',
      'OBJECT REFCOUNT nokey',
      'CONFIG SET maxmemory 100mb maxmemory-policy volatile-lru',
      'SET i 5',
      'OBJECT REFCOUNT i',
      'CONFIG SET maxmemory-policy allkeys-random',
      'SET i 5',
      'OBJECT REFCOUNT i',
      'CONFIG SET maxmemory 0 maxmemory-policy noeviction',
    ])
  })

  it.each([
    [['EXISTS s', 'TTL t']],
    [['SCAN 0']],
    [['KEYS *']],
    [['DEL s']],
    [['RANDOMKEY']],
    [['TYPE s']],
    [['TOUCH s']],
    [['APPEND s x']],
    [['RENAME s t']],
    [['APPEND u 1', 'RENAME u t']],
    [['EXPIRE s 100']],
    [['COPY s v']],
    [['OBJECT ENCODING s']],
  ])('expire on the way: %s', async (touching) => {
    const expiring = ['APPEND s v', 'PEXPIRE s 20', 'APPEND t v', 'PEXPIRE t 20']
    await pair.same(['FLUSHALL', 'DEBUG SET-ACTIVE-EXPIRE 0', ...expiring])
    await new Promise((resolve) => setTimeout(resolve, 40))
    await pair.same(touching, { sortedEffects: true })
  })
})
