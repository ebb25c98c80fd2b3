/** maxmemory: what goes under each policy, who is refused, and what replicas and watchers are told. */
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../src/ports.ts'
import { type Reference, type ReferenceClient, startReference } from '../support/reference.ts'

const POLICIES = ['allkeys-lru', 'allkeys-lfu', 'allkeys-random', 'volatile-lru', 'volatile-lfu'] as const
const VALUE = 'v'.repeat(1000)

function asked(client: ReferenceClient, ...words: string[]): unknown {
  const reply = client.command(...words)
  return reply !== undefined && 'value' in reply ? reply.value : reply
}

/** What the server and its clients (three at most) take by themselves, about. */
const BARE = 1024 * 1024 + 3 * 37_700

/** A server that has room for about so many keys of VALUE. */
function small(
  policy: string,
  keys: number,
  clock?: Clock,
): { reference: Reference; client: ReferenceClient } {
  const reference = startReference(clock === undefined ? {} : { clock })
  const client = reference.client()
  client.command('CONFIG', 'SET', 'maxmemory-policy', policy)
  client.command('CONFIG', 'SET', 'maxmemory', String(BARE - 2 * 37_700 + keys * 1150))
  return { reference, client }
}

function clockAt(): Clock & { micros: number } {
  return {
    micros: 1_700_000_000_000_000,
    now() {
      return this.micros
    },
    after: () => () => {},
  }
}

describe('maxmemory', () => {
  it.each(POLICIES)('keeps the dataset small with %s', (policy) => {
    const { reference, client } = small(policy, 100)
    for (let i = 0; i < 500; i++) {
      expect(asked(client, 'SET', `k${i}`, VALUE, 'EX', '1000')).toBe('OK')
    }
    const size = Number(asked(client, 'DBSIZE'))
    expect(size).toBeGreaterThan(80)
    expect(size).toBeLessThan(110)
    expect(reference.server.state.stats.evicted).toBe(500 - size)
    expect(reference.effects.filter((line) => line.startsWith('DEL '))).toHaveLength(500 - size)
    expect(reference.effects).not.toContain('MULTI')
  })

  it('spares what is used, with lru', () => {
    const clock = clockAt()
    const { client } = small('allkeys-lru', 100, clock)
    client.command('CONFIG', 'SET', 'maxmemory-samples', '10')
    for (let i = 0; i < 90; i++) {
      clock.micros += 1_000_000
      client.command('SET', `old${i}`, VALUE)
    }
    for (let i = 0; i < 60; i++) {
      clock.micros += 1_000_000
      for (let hot = 0; hot < 10; hot++) client.command('GET', `old${hot}`)
      client.command('SET', `new${i}`, VALUE)
    }
    const hot = Array.from({ length: 10 }, (_, i) => `old${i}`)
    expect(asked(client, 'EXISTS', ...hot)).toBe(10)
  })

  it('spares what is used often, with lfu', () => {
    const { client } = small('allkeys-lfu', 100)
    for (let i = 0; i < 90; i++) client.command('SET', `k${i}`, VALUE)
    for (let round = 0; round < 50; round++) {
      for (let i = 0; i < 10; i++) client.command('GET', `k${i}`)
    }
    for (let i = 0; i < 300; i++) client.command('SET', `new${i}`, VALUE)
    const hot = Array.from({ length: 10 }, (_, i) => `k${i}`)
    expect(asked(client, 'EXISTS', ...hot)).toBe(10)
  })

  it('takes what expires soonest, with volatile-ttl', () => {
    const { client } = small('volatile-ttl', 100)
    client.command('CONFIG', 'SET', 'maxmemory-samples', '64')
    for (let i = 0; i < 90; i++) client.command('SET', `k${i}`, VALUE, 'EX', String(1000 + i * 10))
    for (let i = 0; i < 30; i++) client.command('SET', `last${i}`, VALUE)
    expect(asked(client, 'EXISTS', 'k0', 'k1', 'k2', 'k3', 'k4')).toBe(0)
    expect(asked(client, 'EXISTS', 'k89', 'k88', 'k87', 'k86', 'k85', 'last0')).toBe(6)
  })

  it('never takes what does not expire, with volatile policies', () => {
    const { client } = small('volatile-random', 50)
    let refused = 0
    for (let i = 0; i < 100; i++) if (asked(client, 'SET', `k${i}`, VALUE) !== 'OK') refused++
    expect(refused).toBeGreaterThan(40)
    expect(Number(asked(client, 'DBSIZE'))).toBe(100 - refused)
  })

  it('refuses writes that take memory, with noeviction', () => {
    const { client } = small('noeviction', 10)
    const OOM = "OOM command not allowed when used memory > 'maxmemory'."
    const replies = Array.from({ length: 30 }, (_, i) => asked(client, 'SET', `k${i}`, VALUE))
    expect(replies.at(-1)).toBe(OOM)
    expect(asked(client, 'GET', 'k1')).toBe(VALUE)
    expect(asked(client, 'MULTI')).toBe('OK')
    expect(asked(client, 'GET', 'k1')).toBe(OOM)
    expect(asked(client, 'EXEC')).toBe('EXECABORT Transaction discarded because of previous errors.')
    expect(asked(client, 'DEL', 'k1', 'k2', 'k3')).toBe(3)
    expect(asked(client, 'SET', 'k', 'small')).toBe('OK')
  })

  it('tells subscribers and watchers', () => {
    const { reference, client } = small('allkeys-random', 20)
    client.command('CONFIG', 'SET', 'maxmemory', String(BARE + 20 * 1150))
    client.command('CONFIG', 'SET', 'notify-keyspace-events', 'Ee')
    client.command('SET', 'watched', VALUE)
    const [listener, watcher] = [reference.client(), reference.client()]
    listener.command('SUBSCRIBE', '__keyevent@0__:evicted')
    watcher.command('WATCH', 'watched')
    for (let i = 0; i < 300; i++) client.command('SET', `k${i}`, VALUE)
    expect(listener.inbox.length).toBeGreaterThan(250)
    watcher.command('MULTI')
    expect(watcher.command('EXEC')).toMatchObject({ type: 'null' })
  })

  it('makes room when it is lowered, though nobody asks for anything, and says so', () => {
    const { reference, client } = small('allkeys-random', 1000)
    for (let i = 0; i < 100; i++) client.command('SET', `k${i}`, VALUE)
    client.command('MULTI')
    client.command('SET', 'last', VALUE)
    client.command('CONFIG', 'SET', 'maxmemory', '1138000')
    client.command('SET', 'k0', 'v')
    reference.effects = []
    client.command('EXEC')
    const { databases } = reference.server.state
    expect(databases[0]!.size).toBeLessThan(60)
    expect(reference.effects.slice(0, 5).map((line) => line.split(' ')[0])).toEqual([
      'MULTI',
      'SET',
      'SET',
      'EXEC',
      'DEL',
    ])
    expect(reference.log.at(-1)).toMatch(
      /^WARNING: the new maxmemory value set via CONFIG SET \(1138000\) is smaller than the current memory usage/,
    )
  })

  it('waits while clients are paused', () => {
    const { client } = small('allkeys-random', 20)
    client.command('CONFIG', 'SET', 'maxmemory', '0')
    for (let i = 0; i < 100; i++) client.command('SET', `k${i}`, VALUE)
    client.command('CLIENT', 'PAUSE', '1000000', 'WRITE')
    client.command('CONFIG', 'SET', 'maxmemory', '1138000')
    expect(asked(client, 'DBSIZE')).toBe(100)
    client.command('CLIENT', 'UNPAUSE')
    expect(Number(asked(client, 'DBSIZE'))).toBeLessThan(60)
  })
})
