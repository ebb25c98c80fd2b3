/** Connections: HELLO, AUTH, CLIENT, RESET, and what a server refuses, beside a real Redis. */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Pair, startPair } from '../../support/differential.ts'
import { RawClient } from '../../support/raw-client.ts'
import { describeWithRedis, startRedis } from '../../support/real-redis.ts'
import { startReference } from '../../support/reference.ts'

const TOLERANCES = { HELLO: 'shape', CLIENT: 'shape' } as const

describeWithRedis('a connection', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  it('says who it is and what it speaks', async () => {
    await pair.same(
      [
        'HELLO',
        'HELLO 3',
        'HELLO 3 SETNAME',
        'HELLO 4',
        'HELLO x',
        'HELLO 2 AUTH a',
        'HELLO 2 AUTH default x',
        'HELLO 2 AUTH foo x',
        'HELLO 2 FOO',
        ['HELLO', '3', 'SETNAME', 'a b'],
        'HELLO 3 AUTH default any SETNAME bob',
        'HELLO 2',
        'AUTH x',
        'AUTH default x',
        'AUTH foo x',
        'AUTH a b c',
        'AUTH',
        'RESET x',
        'HELLO 3 SETNAME c',
      ],
      { tolerances: TOLERANCES },
    )
    await pair.same(['CLIENT GETNAME', 'SELECT 3', 'RESET', 'CLIENT GETNAME', 'DBSIZE'], {})
  })

  it('asks about and names itself', async () => {
    await pair.same([
      'CLIENT GETNAME',
      ['CLIENT', 'SETNAME', 'a b'],
      ['CLIENT', 'SETNAME', 'a\n'],
      'CLIENT SETNAME bob',
      'CLIENT GETNAME',
      ['CLIENT', 'SETNAME', ''],
      'CLIENT GETNAME',
      'CLIENT ID x',
      'CLIENT HELP',
      'CLIENT',
      'CLIENT FOO',
      'CLIENT NO-EVICT on',
      'CLIENT NO-EVICT OFF',
      'CLIENT NO-EVICT x',
      'CLIENT REPLY x',
      'CLIENT REPLY ON',
    ])
  })

  it('is refused what makes no sense', async () => {
    await pair.same([
      'CLIENT KILL',
      'CLIENT KILL x',
      'CLIENT KILL 1.1.1.1:1',
      'CLIENT KILL ID 9999',
      'CLIENT KILL ID x',
      'CLIENT KILL ID 0',
      'CLIENT KILL TYPE x',
      'CLIENT KILL TYPE pubsub SKIPME no',
      'CLIENT KILL USER nobody',
      'CLIENT KILL USER',
      'CLIENT KILL ADDR 1.1.1.1:1 SKIPME maybe',
      'CLIENT KILL LADDR 1.1.1.1:1 SKIPME no',
      'CLIENT KILL ID 99 ADDR',
      'CLIENT KILL FOO bar',
      'CLIENT LIST TYPE',
      'CLIENT LIST TYPE foo',
      'CLIENT LIST TYPE pubsub',
      'CLIENT LIST ID',
      'CLIENT LIST ID x',
      'CLIENT LIST ID 0',
      'CLIENT LIST ID 99999',
      'CLIENT LIST FOO',
      'CLIENT LIST FOO BAR',
      'CLIENT PAUSE x',
      'CLIENT PAUSE -1',
      'CLIENT PAUSE 10 foo',
      'CLIENT PAUSE 10 WRITE x',
      'CLIENT PAUSE 0 WRITE',
      'CLIENT PAUSE 9223372036854775807',
      'CLIENT UNPAUSE',
      'CLIENT UNBLOCK x',
      'CLIENT UNBLOCK 99999',
      'CLIENT UNBLOCK 5 foo',
      'CLIENT UNBLOCK 5 ERROR x',
    ])
  })

  it('shows the same fields of a client', async () => {
    const names = (line: unknown): string[] =>
      String((line as { value: unknown }).value)
        .trim()
        .split(' ')
        .map((field) => field.split('=')[0]!)
    const theirs = await pair.real.command('CLIENT', 'INFO')
    expect(names(theirs)).toContain('resp')
    expect(names(pair.client.command('CLIENT', 'INFO'))).toEqual(names(theirs))
  })

  it('needs a password where one is set', async () => {
    const redis = await startRedis({ server, config: { 'enable-debug-command': 'yes' } })
    const admin = await RawClient.open(redis.port)
    await admin.command('CONFIG', 'SET', 'requirepass', 'secret')
    const reference = startReference()
    reference.client().command('CONFIG', 'SET', 'requirepass', 'secret')
    const real = await RawClient.open(redis.port)
    const client = reference.client()
    const commands = [
      'GET k',
      'NOSUCH',
      'GET',
      'PING',
      'HELLO 3',
      'MULTI',
      'AUTH wrong',
      'AUTH default wrong',
      'AUTH other secret',
      'HELLO 3 AUTH default wrong',
      'QUITX',
      'RESET',
      'HELLO 3 AUTH default secret SETNAME me',
      'CLIENT GETNAME',
      'RESET',
      'CLIENT GETNAME',
      'AUTH secret',
      'CLIENT GETNAME',
    ]
    for (const command of commands) {
      const words = command.split(' ')
      const [theirs, ours] = [await real.command(...words), client.command(...words)]
      if (theirs.type === 'map') expect(ours?.type).toBe('map')
      else expect([command, ours]).toEqual([command, theirs])
    }
  })
})

describe('CLIENT REPLY', () => {
  it('silences one reply, or all', () => {
    const client = startReference().client()
    expect(client.command('CLIENT', 'REPLY', 'SKIP')).toBeUndefined()
    expect(client.command('PING')).toBeUndefined()
    expect(client.command('ECHO', 'there')).toMatchObject({ value: 'there' })
    expect(client.command('CLIENT', 'REPLY', 'OFF')).toBeUndefined()
    expect(client.command('PING')).toBeUndefined()
    expect(client.command('CLIENT', 'REPLY', 'SKIP')).toBeUndefined()
    expect(client.command('PING')).toBeUndefined()
    expect(client.command('CLIENT', 'REPLY', 'ON')).toMatchObject({ value: 'OK' })
  })
})

describe('CLIENT KILL', () => {
  it('ends those whom all filters let through', () => {
    const reference = startReference()
    const [one, two, three] = [reference.client(), reference.client(), reference.client()]
    two.command('SUBSCRIBE', 'c')
    expect(one.command('CLIENT', 'KILL', 'TYPE', 'pubsub', 'USER', 'default')).toMatchObject({ value: 1 })
    expect([one.isClosed, two.isClosed, three.isClosed]).toEqual([false, true, false])
    expect(one.command('CLIENT', 'KILL', 'USER', 'default', 'SKIPME', 'no')).toMatchObject({ value: 2 })
    expect([one.isClosed, three.isClosed]).toEqual([true, true])
  })
})

describeWithRedis('CLIENT LIST', (server) => {
  it('tells the last command of a client, also one that was refused or has to wait', async () => {
    const pair = await startPair({ server })
    const others = [await RawClient.open(pair.redis.port), pair.reference.client()]
    const seen = async (i: 0 | 1): Promise<string> => {
      const reply = await [pair.real, pair.client][i]!.command('CLIENT', 'LIST')
      return JSON.stringify(reply, ['value'])
        .match(/cmd=\S+/g)!
        .at(-1)!
    }
    const lines = ['GET', 'GET a', 'NOSUCH', 'OBJECT FOO', 'OBJECT ENCODING', 'CLIENT', 'MULTI', 'NOSUCH']
    for (const line of [...lines, 'DISCARD', 'CLIENT PAUSE 10000 WRITE']) {
      for (const other of others) await other.command(...line.split(' '))
      expect(`${line}: ${await seen(1)}`).toBe(`${line}: ${await seen(0)}`)
    }
    for (const other of others) void other.command('SET', 'a', 'b')
    for (const i of [0, 1] as const) await expect.poll(() => seen(i)).toBe('cmd=set')
  })
})

describe('CLIENT PAUSE', () => {
  it('holds writes, or everything, and lets them go in order', () => {
    const reference = startReference()
    const [admin, client] = [reference.client(), reference.client()]
    admin.command('SET', 'gone', 'v', 'PX', '1')
    admin.command('CLIENT', 'PAUSE', '100000', 'WRITE')
    expect(client.command('GET', 'k')).toMatchObject({ type: 'null' })
    expect(client.command('SET', 'k', 'v')).toBeUndefined()
    expect(client.command('GET', 'k')).toBeUndefined()
    expect(String((admin.command('INFO', 'clients') as { value: string }).value)).toContain(
      'blocked_clients:1',
    )
    expect(admin.command('CLIENT', 'UNPAUSE')).toMatchObject({ value: 'OK' })
    expect(client.inbox.map((reply) => ('value' in reply ? reply.value : reply))).toEqual(['OK', 'v'])
  })

  it('is never made shorter', async () => {
    const client = startReference().client()
    client.command('CLIENT', 'PAUSE', '100000', 'WRITE')
    client.command('CLIENT', 'PAUSE', '1', 'WRITE')
    client.send(Buffer.from('SET k v\r\n'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(client.inbox).toEqual([])
  })

  it('is over when its time is', async () => {
    const client = startReference().client()
    client.command('CLIENT', 'PAUSE', '30')
    expect(client.command('PING')).toBeUndefined()
    await expect.poll(() => client.inbox.length).toBe(1)
  })
})
