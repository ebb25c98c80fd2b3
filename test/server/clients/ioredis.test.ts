/** ioredis, unchanged, on a tour through a real Redis and the reference: all steps come out the same. */
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { describeWithRedis, type RealServer, startRedis } from '../../support/real-redis.ts'
import { SERVE } from '../../support/serve.ts'
import { Tour, until } from './tour.ts'

async function tour(server: RealServer, protocol: 2 | 3): Promise<string[]> {
  await using redis = await startRedis({ server })
  const { step, unordered, told } = bound(new Tour())
  const client = new Redis({ port: redis.port, protocol, lazyConnect: true })
  const other = client.duplicate()
  await client.connect()
  await other.connect()

  await step('set', () => client.set('s', 'héllo', 'EX', 100, 'NX'))
  await step('set again', () => client.set('s', 'x', 'NX'))
  await step('get', () => client.get('s'))
  await step('getBuffer', () => client.getBuffer('s'))
  await step('binary', () => client.set(Buffer.from([0, 255]), Buffer.from([1, 254, 13, 10])))
  await step('binary get', () => client.getBuffer(Buffer.from([0, 255])))
  await step('mset', () => client.mset({ a: 1, b: 2 }))
  await step('mget', () => client.mget('a', 'b', 'nokey'))
  await step('incrbyfloat', () => client.incrbyfloat('f', 1.5))
  await step('setbit', () => client.setbit('bits', 7, 1))
  await step('bitcount', () => client.bitcount('bits'))
  await step('bitfield', () => client.call('bitfield', 'bits', 'SET', 'u8', '0', '255', 'GET', 'u4', '0'))
  await step('pfadd', () => client.pfadd('hll', 'a', 'b', 'c'))
  await step('pfcount', () => client.pfcount('hll'))
  await step('hset', () => client.hset('h', { name: 'x', age: 3 }))
  await step('hgetall', () => client.hgetall('h'))
  await step('hgetall of nothing', () => client.hgetall('nokey'))
  await step('hincrby', () => client.hincrby('h', 'age', 2))
  await step('hrandfield', async () => (await client.hrandfield('h', 2))?.length)
  await step('rpush', () => client.rpush('l', 'a', 'b', 'c'))
  await step('lrange', () => client.lrange('l', 0, -1))
  await step('lpos', () => client.lpos('l', 'c'))
  await step('lmove', () => client.lmove('l', 'l2', 'LEFT', 'RIGHT'))
  await step('lmpop', () => client.lmpop(2, 'l', 'l2', 'LEFT', 'COUNT', 2))
  await step('sadd', () => client.sadd('set', 'x', 'y', 'z'))
  await unordered('smembers', () => client.smembers('set'))
  await step('smismember', () => client.smismember('set', 'x', 'q'))
  await step('zadd', () => client.zadd('z', '1', 'one', '2.5', 'two', '+inf', 'inf'))
  await step('zrange', () => client.zrange('z', '0', '-1', 'WITHSCORES'))
  await step('zrangebyscore', () => client.zrangebyscore('z', '(1', '+inf'))
  await step('zpopmin', () => client.zpopmin('z'))
  await step('geoadd', () =>
    client.geoadd('geo', 13.361389, 38.115556, 'Palermo', 15.087269, 37.502669, 'Catania'),
  )
  await step('geosearch', () =>
    client.geosearch('geo', 'FROMLONLAT', 15, 37, 'BYRADIUS', 200, 'km', 'ASC', 'WITHDIST', 'WITHCOORD'),
  )
  await step('xadd', () => client.xadd('x', '1-1', 'f', 'v'))
  await step('xgroup', () => client.xgroup('CREATE', 'x', 'g', '0'))
  await step('xreadgroup', () => client.xreadgroup('GROUP', 'g', 'me', 'COUNT', 10, 'STREAMS', 'x', '>'))
  await step('xpending', () => client.xpending('x', 'g'))
  await step('xack', () => client.xack('x', 'g', '1-1'))
  await step('xinfo', () => client.xinfo('STREAM', 'x'))
  await step('copy', () => client.copy('h', 'h2'))
  await step('type', () => client.type('h2'))
  await step('dump and restore', async () => client.restore('h3', 0, (await client.dumpBuffer('h')) as never))
  await step('sort', () => client.sort('set', 'LIMIT', 0, 2, 'DESC', 'ALPHA'))
  await step('object', () => client.object('ENCODING', 'h'))
  await step('expire', () => client.expire('a', 100))
  await step('wrong type', () => client.lpush('s', 'x'))
  await step('unknown', () => client.call('nosuch', 'x'))
  await step('wrong arity', () => client.call('get'))

  await step('pipeline', () => client.pipeline().incr('n').incr('n').lpush('n', 'x').get('n').exec())
  await step('long pipeline', async () => {
    const pipeline = client.pipeline()
    for (let i = 0; i < 5000; i++) pipeline.set(`many:${i}`, i)
    return (await pipeline.exec())?.filter(([error]) => error !== null)
  })
  await step('multi', () => client.multi().set('m', 1).incr('m').get('m').exec())
  await step('multi with an error', () => client.multi().set('m', 'x').incr('m').exec())
  await step('watch', async () => {
    await client.watch('m')
    await other.set('m', 'changed')
    return client.multi().set('m', 'mine').exec()
  })
  await step('discard', async () => {
    const multi = client.multi({ pipeline: false })
    await multi
    await client.set('m', 'no')
    return client.discard()
  })
  await unordered('scanStream', async () => {
    const keys: string[] = []
    for await (const page of client.scanStream({ match: 'many:*', count: 500 }))
      keys.push(...(page as string[]))
    return new Set(keys)
  })
  await unordered('hscanStream', async () => {
    const fields: string[] = []
    for await (const page of client.hscanStream('h')) fields.push(...(page as string[]))
    return fields
  })
  await step('subscribe', async () => {
    const heard: unknown[] = []
    other.on('message', (...words) => heard.push(words))
    other.on('pmessage', (...words) => heard.push(words))
    await other.subscribe('c1', 'c2')
    await other.psubscribe('c*')
    await client.publish('c1', 'hello')
    await client.publish('c9', 'pattern')
    await until(() => heard.length === 3)
    await other.unsubscribe('c1', 'c2')
    await other.punsubscribe('c*')
    return [heard, await other.ping()]
  })
  await step('blpop', async () => {
    const waiting = other.blpop('queue', 'queue2', 0)
    await client.rpush('queue2', 'job')
    return waiting
  })
  await step('blpop in vain', () => other.blpop('queue', 0.05))
  await step('bzpopmin', async () => {
    const waiting = other.bzpopmin('zqueue', 0)
    await client.zadd('zqueue', 3, 'job')
    return waiting
  })
  await step('xread blocks', async () => {
    const waiting = other.xread('BLOCK', 0, 'STREAMS', 'x', '$')
    await until(() => true)
    await new Promise((resolve) => setTimeout(resolve, 20))
    await client.xadd('x', '2-1', 'g', 'w')
    return waiting
  })
  await step('monitor', async () => {
    const monitor = await client.monitor()
    const heard: string[] = []
    monitor.on('monitor', (_time: string, words: string[]) => heard.push(words.join(' ')))
    await client.set('seen', 'by monitor')
    await until(() => heard.length > 0)
    monitor.disconnect()
    return heard
  })
  await step('client', async () => {
    await client.client('SETNAME', 'me')
    return client.client('GETNAME')
  })
  await step('select', async () => {
    await other.select(3)
    await other.set('elsewhere', 1)
    return [await other.dbsize(), await client.get('elsewhere')]
  })
  await step('config', () => client.config('GET', 'maxmemory'))
  await step('info', async () => /redis_version:7\.0\.15/.test(await client.info()))
  await step('dbsize', () => client.dbsize())
  await step('digest', () => client.call('DEBUG', 'DIGEST'))
  await step('flushall', () => client.flushall())
  client.disconnect()
  other.disconnect()
  return told
}

function bound(made: Tour) {
  return { told: made.told, step: made.step.bind(made), unordered: made.unordered.bind(made) }
}

describeWithRedis('ioredis', (server) => {
  it.each([2, 3] as const)('sees no difference in RESP%d', async (protocol) => {
    const [theirs, ours] = await Promise.all([tour(server, protocol), tour(SERVE, protocol)])
    expect(ours).toEqual(theirs)
    expect(theirs.filter((line) => line.includes(' failed: ')).length).toBeLessThan(8)
  })

  it('comes back when the server does, and takes up where it was', async () => {
    const first = await startRedis({ server: SERVE })
    const { port } = first
    const client = new Redis({ port, retryStrategy: () => 50, maxRetriesPerRequest: null })
    client.on('error', () => {})
    const heard: string[] = []
    const subscriber = client.duplicate()
    subscriber.on('error', () => {})
    subscriber.on('message', (_, message: string) => heard.push(message))
    await subscriber.subscribe('c')
    await client.select(2)
    await client.set('k', 'v')
    await first.stop()
    const pending = client.set('late', 'x')
    await startRedis({ server: SERVE, port })
    expect(await pending).toBe('OK')
    expect(
      String(await client.client('LIST'))
        .split('\n')
        .find((line: string) => line.includes(' cmd=client|list ')),
    ).toContain(' db=2 ')
    while ((await client.publish('c', 'again')) === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    await until(() => heard.length > 0)
    expect(heard[0]).toBe('again')
    client.disconnect()
    subscriber.disconnect()
  })
})
