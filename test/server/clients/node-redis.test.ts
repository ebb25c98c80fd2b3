/** node-redis, unchanged, in RESP2 and RESP3, through a real Redis and the reference: all comes out the same. */
import { createClient } from 'redis'
import { expect, it } from 'vitest'
import { describeWithRedis, type RealServer, startRedis } from '../../support/real-redis.ts'
import { SERVE } from '../../support/serve.ts'
import { Tour, until } from './tour.ts'

async function tour(server: RealServer, RESP: 2 | 3): Promise<string[]> {
  await using redis = await startRedis({ server })
  const { step, unordered, told } = bound(new Tour())
  const options = { socket: { port: redis.port, host: '127.0.0.1' }, RESP } as const
  const client = createClient(options)
  const other = createClient(options)
  for (const each of [client, other]) {
    each.on('error', (error) => told.push(String(error)))
    await each.connect()
  }
  await step('ping', () => client.ping())
  await step('set', () =>
    client.set('s', 'héllo', { expiration: { type: 'EX', value: 100 }, condition: 'NX' }),
  )
  await step('get', () => client.get('s'))
  await step('getEx', () => client.getEx('s', { type: 'PERSIST' }))
  await step('setRange', () => client.setRange('s', 1, 'xyz'))
  await step('lcs', async () => {
    await client.mSet({ one: 'ohmytext', two: 'mynewtext' })
    return client.lcs('one', 'two')
  })
  await step('lcsIdx', () => client.lcsIdx('one', 'two'))
  await step('incrByFloat', () => client.incrByFloat('f', 1.5))
  await step('hSet', () => client.hSet('h', { a: '1', b: '2' }))
  await step('hGetAll', () => client.hGetAll('h'))
  await step('hRandFieldCountWithValues', async () => (await client.hRandFieldCountWithValues('h', 5)).length)
  await step('hIncrByFloat', () => client.hIncrByFloat('h', 'a', 0.5))
  await step('rPush', () => client.rPush('l', ['a', 'b', 'c']))
  await step('lPosCount', () => client.lPosCount('l', 'a', 1))
  await step('lmPop', () => client.lmPop('l', 'LEFT'))
  await step('sAdd', () => client.sAdd('set', ['x', 'y', '1']))
  await unordered('sMembers', () => client.sMembers('set'))
  await step('sInterCard', () => client.sInterCard(['set', 'set']))
  await step('zAdd', () =>
    client.zAdd('z', [
      { score: 1.5, value: 'a' },
      { score: 3, value: 'b' },
    ]),
  )
  await step('zAddIncr', () => client.zAddIncr('z', { score: 1, value: 'a' }))
  await step('zRangeWithScores', () => client.zRangeWithScores('z', 0, -1))
  await step('zScore', () => client.zScore('z', 'a'))
  await step('zmScore', () => client.zmScore('z', ['a', 'q']))
  await step('zRankWithScore', () => client.zRank('z', 'b'))
  await step('zmPop', () => client.zmPop('z', 'MIN'))
  await step('zUnionWithScores', () => client.zUnionWithScores(['z', 'z']))
  await step('geoAdd', () =>
    client.geoAdd('geo', { longitude: 13.361389, latitude: 38.115556, member: 'Palermo' }),
  )
  await step('geoPos', () => client.geoPos('geo', ['Palermo', 'nowhere']))
  await step('geoSearchWith', () =>
    client.geoSearchWith('geo', { longitude: 13, latitude: 38 }, { radius: 100, unit: 'km' }, ['WITHDIST']),
  )
  await step('xAdd', () => client.xAdd('x', '1-1', { f: 'v' }))
  await step('xGroupCreate', () => client.xGroupCreate('x', 'g', '0'))
  await step('xReadGroup', () => client.xReadGroup('g', 'me', { key: 'x', id: '>' }, { COUNT: 5 }))
  await step('xPending', () => client.xPending('x', 'g'))
  await step('xRange', () => client.xRange('x', '-', '+'))
  await step('xRead', () => client.xRead({ key: 'x', id: '0' }))
  await step('xInfoStream', () => client.xInfoStream('x'))
  await step('xInfoGroups', () => client.xInfoGroups('x'))
  await step('xAutoClaim', () => client.xAutoClaim('x', 'g', 'you', 0, '0'))
  await step('bitField', () =>
    client.bitField('bits', [{ operation: 'SET', encoding: 'u8', offset: 0, value: 7 }]),
  )
  await step('pfAdd', () => client.pfAdd('hll', ['a', 'b']))
  await step('exists', () => client.exists(['s', 'nokey']))
  await step('copy', () => client.copy('h', 'h2'))
  await step('expire', () => client.expire('h2', 100, 'NX'))
  await step('expireTime', async () => (await client.expireTime('h2')) > 1_000_000_000)
  await step('objectEncoding', () => client.objectEncoding('h'))
  await step('sort', () => client.sort('set', { ALPHA: true, DIRECTION: 'DESC' }))
  await step('wrong type', () => client.lPush('s', 'x'))
  await step('unknown', () => client.sendCommand(['NOSUCH', 'x']))
  await step('raw double', () => client.sendCommand(['ZSCORE', 'z', 'b']))
  await step('raw map', () => client.sendCommand(['HGETALL', 'h']))
  await step('raw null', () => client.sendCommand(['GET', 'nokey']))
  await step('debug protocol', async () => {
    const types = ['string', 'integer', 'double', 'null', 'array', 'set', 'map', 'verbatim', 'true', 'false']
    const replies: unknown[] = []
    for (const type of types) replies.push(await client.sendCommand(['DEBUG', 'PROTOCOL', type]))
    return replies
  })
  await step('pipelined', () =>
    Promise.all(Array.from({ length: 3000 }, () => client.incr('n'))).then((n) => n.at(-1)),
  )
  await step('multi', () => client.multi().set('m', '1').incr('m').hGetAll('h').exec())
  await step('watch', async () => {
    await client.watch('m')
    await other.set('m', '9')
    return client.multi().set('m', 'mine').exec()
  })
  await unordered('scanIterator', async () => {
    const found = new Set<string>()
    for await (const keys of client.scanIterator({ MATCH: '?', COUNT: 3 }))
      for (const key of keys) found.add(key)
    return found
  })
  await unordered('zScanIterator', async () => {
    const found: unknown[] = []
    for await (const members of client.zScanIterator('z')) found.push(members)
    return found
  })
  await step('subscribe', async () => {
    const heard: string[] = []
    const listener = other.duplicate()
    await listener.connect()
    await listener.subscribe('c', (message, channel) => heard.push(`${channel} ${message}`))
    await listener.pSubscribe('c*', (message, channel) => heard.push(`p ${channel} ${message}`))
    await listener.sSubscribe('shard', (message, channel) => heard.push(`s ${channel} ${message}`))
    const receivers = [await client.publish('c', 'one'), await client.sPublish('shard', 'two')]
    await until(() => heard.length === 3)
    // Over RESP3 a subscriber may ask for anything.
    if (RESP === 3) heard.push(String(await listener.get('s')))
    await listener.unsubscribe()
    await listener.pUnsubscribe()
    await listener.sUnsubscribe()
    listener.destroy()
    return [receivers, heard.sort()]
  })
  await step('blPop', async () => {
    const waiting = other.blPop(['q1', 'q2'], 0)
    await client.rPush('q2', 'job')
    return waiting
  })
  await step('bzmPop', async () => {
    const waiting = other.bzmPop(0, ['zq'], 'MAX')
    await client.zAdd('zq', { score: 2, value: 'job' })
    return waiting
  })
  await step('blmPop in vain', () => other.blmPop(0.05, ['q1'], 'LEFT'))
  await step('clientInfo', async () => {
    await client.clientSetName('me')
    const { name, resp, db } = (await client.clientInfo()) as unknown as Record<string, unknown>
    return [name, resp, db]
  })
  await step('configGet', () => client.configGet('maxmemory'))
  await step('commandCount', async () => (await client.commandCount()) > 200)
  await step('commandInfo', async () => (await client.commandInfo(['get', 'xread'])).map((each) => each))
  await step('memoryUsage', async () => ((await client.memoryUsage('s')) ?? 0) > 10)
  await step('dbSize', () => client.dbSize())
  await step('digest', () => client.sendCommand(['DEBUG', 'DIGEST']))
  await client.close()
  await other.close()
  return told
}

function bound(made: Tour) {
  return { told: made.told, step: made.step.bind(made), unordered: made.unordered.bind(made) }
}

describeWithRedis('node-redis', (server) => {
  it.each([2, 3] as const)('sees no difference in RESP%d', async (resp) => {
    const [theirs, ours] = await Promise.all([tour(server, resp), tour(SERVE, resp)])
    expect(ours).toEqual(theirs)
    expect(
      theirs.filter((line) => line.includes(' failed: ')).map((line) => line.split(' failed')[0]),
    ).toEqual(['wrong type', 'unknown', 'watch'])
  })

  it('caches what it read, until it hears that it changed', async () => {
    await using redis = await startRedis({ server: SERVE })
    const client = createClient({
      socket: { port: redis.port, host: '127.0.0.1' },
      RESP: 3,
      clientSideCache: { ttl: 0, maxEntries: 100, evictPolicy: 'LRU' },
    })
    await client.connect()
    await redis.client.command('SET', 'k', 'one')
    const reads = async () =>
      Number(/cmdstat_get:calls=(\d+)/.exec(String(await redis.client.command('INFO', 'commandstats')))?.[1])
    expect([await client.get('k'), await client.get('k'), await client.get('k')]).toEqual([
      'one',
      'one',
      'one',
    ])
    expect(await reads()).toBe(1)
    await redis.client.command('SET', 'k', 'two')
    await expect.poll(() => client.get('k')).toBe('two')
    expect(await reads()).toBe(2)
    await client.close()
  })

  it('comes back when the server does', async () => {
    const first = await startRedis({ server: SERVE })
    const { port } = first
    const client = createClient({
      socket: { port, host: '127.0.0.1', reconnectStrategy: 50 },
      RESP: 3,
      database: 2,
    })
    client.on('error', () => {})
    const subscriber = client.duplicate()
    subscriber.on('error', () => {})
    const heard: string[] = []
    await Promise.all([client.connect(), subscriber.connect()])
    await subscriber.subscribe('c', (message) => heard.push(message))
    await first.stop()
    await startRedis({ server: SERVE, port })
    expect(await client.set('k', 'v')).toBe('OK')
    expect(String(await client.sendCommand(['CLIENT', 'INFO']))).toContain(' db=2 ')
    await expect.poll(() => client.publish('c', 'again')).toBe(1)
    await until(() => heard.length > 0)
    expect(heard[0]).toBe('again')
    await client.close()
    await subscriber.close()
  })
})
