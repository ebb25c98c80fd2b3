/**
 * What a master answers to replicas, byte for byte: the same words to a real Redis and to the reference.
 * Ids are random, so each is replaced by what it stands for.
 */
import { beforeAll, expect, it } from 'vitest'
import { describeWithRedis, type RealServer, startRedis } from '../../support/real-redis.ts'
import { type ReferenceConfig, serveReference } from '../../support/reference-server.ts'
import { WireClient } from '../../support/wire-client.ts'

const CONFIG = { 'repl-diskless-sync-delay': 0, 'repl-ping-replica-period': 3600, save: '' } as const

type Master = { readonly port: number; readonly stop: () => Promise<void> }

async function masters(server: RealServer, config: ReferenceConfig = {}): Promise<Master[]> {
  const all = { ...CONFIG, ...config }
  return [await startRedis({ server, config: all }), await serveReference(all)]
}

/** Runs the script on both and compares what it gives. */
async function same<T>(
  both: readonly Master[],
  script: (port: number, which: number) => Promise<T>,
): Promise<void> {
  const [real, ours] = await Promise.all(both.map(({ port }, which) => script(port, which)))
  expect(ours).toEqual(real)
}

/** What a new replica of a master with history sees: enough commands that the stream has 77 bytes. */
async function synced(port: number): Promise<{ replid: string; first: WireClient }> {
  const first = await WireClient.open(port)
  first.send('REPLCONF capa eof capa psync2')
  await first.until('+OK\r\n')
  first.send('PSYNC ? -1')
  const line = await first.until(/\+FULLRESYNC ([0-9a-f]{40}) (\d+)\r\n/)
  await first.until(/\$EOF:([0-9a-f]{40})\r\n[\s\S]*\1$/)
  const client = await WireClient.open(port)
  client.send('SET k v')
  client.send('SET k w')
  await client.until('+OK\r\n+OK\r\n')
  client.close()
  // The real server takes no ACK before it has noticed that its child is done.
  for (let left = 100; left > 0 && !first.said.endsWith('$1\r\nw\r\n'); left--) {
    first.send('REPLCONF ACK 0')
    await first.quiet()
  }
  return { replid: /[0-9a-f]{40}/.exec(line)![0], first }
}

describeWithRedis('PSYNC', (server) => {
  let both: Master[]
  const ids: string[] = []
  const offset = 77
  beforeAll(async () => {
    both = await masters(server)
    for (const { port } of both) ids.push((await synced(port)).replid)
    return async () => {
      for (const { stop } of both) await stop()
    }
  })

  const asked: readonly (readonly [string, (id: string) => string])[] = [
    ['the next byte', (id) => `PSYNC ${id} ${offset + 1}`],
    ['one byte too far', (id) => `PSYNC ${id} ${offset + 2}`],
    ['the last byte', (id) => `PSYNC ${id} ${offset}`],
    ['all bytes', (id) => `PSYNC ${id} 1`],
    ['byte 0', (id) => `PSYNC ${id} 0`],
    ['byte -1', (id) => `PSYNC ${id} -1`],
    ['an id in upper case', (id) => `PSYNC ${id.toUpperCase()} 1`],
    ['another id', () => `PSYNC ${'e'.repeat(40)} 1`],
    ['no id', () => `PSYNC ${'0'.repeat(40)} 1`],
    ['a short id', () => 'PSYNC abc 1'],
    ['everything', () => 'PSYNC ? -1'],
    ['an offset that is none', (id) => `PSYNC ${id} x`],
    ['too few words', () => 'PSYNC ?'],
    ['FAILOVER of a master', (id) => `PSYNC ${id} 1 FAILOVER`],
    ['within MULTI', () => 'MULTI\r\nPSYNC ? -1'],
    ['SYNC', () => 'SYNC'],
  ]
  for (const capabilities of ['', 'REPLCONF capa eof capa psync2', 'REPLCONF capa eof']) {
    it.each(asked)(`${capabilities || 'without capabilities'}: %s`, async (_what, request) => {
      await same(both, async (port, which) => {
        const id = ids[which]!
        const replica = await WireClient.open(port)
        if (capabilities !== '') {
          replica.send(capabilities)
          await replica.until('+OK\r\n')
        }
        replica.send(request(id))
        const first = await replica.quiet()
        if (/FULLRESYNC|^\s*$/.test(first)) await replica.until(/\nREDIS/)
        const answer = await replica.quiet()
        replica.close()
        // A snapshot differs in its bytes; its framing does not. Newlines are sent while one waits.
        return answer
          .replace(/(^|\n)\n+/g, '$1')
          .replaceAll(id, '<id>')
          .replace(/\$EOF:([0-9a-f]{40})\r\nREDIS[\s\S]*\1/, '<snapshot by mark>')
          .replace(/\$\d+\r\nREDIS[\s\S]*$/, '<snapshot by length>')
      })
    })
  }
})

/** What a replica is disconnected for: it would be answered. */
const CLOSING: ReadonlySet<string> = new Set(['PING', 'GET k', 'SET k v', 'INFO'])

describeWithRedis('REPLCONF', (server) => {
  it.each([
    'REPLCONF',
    'REPLCONF capa',
    'REPLCONF listening-port 6380',
    'REPLCONF listening-port x',
    'REPLCONF LISTENING-PORT 6380 ip-address 1.2.3.4',
    `REPLCONF ip-address ${'1'.repeat(300)}`,
    'REPLCONF capa whatever capa eof',
    'REPLCONF capa eof nonsense 1',
    'REPLCONF rdb-only 2',
    'REPLCONF rdb-only x',
    'REPLCONF rdb-filter-only keys',
    'REPLCONF rdb-filter-only functions',
    'REPLCONF ack 17',
    'REPLCONF getack *',
    'REPLCONF __proto__ x',
    'REPLCONF constructor x',
    'REPLCONF fack 17',
    'REPLCONF rdb-filter-only functions\r\nPSYNC ? -1',
  ])('%s', async (line) => {
    const both = await masters(server)
    await same(both, async (port) => {
      const client = await WireClient.open(port)
      client.send(line)
      client.send('PING')
      await client.until('+PONG\r\n')
      const said = await client.quiet()
      client.close()
      return said
    })
  })

  it('is no place for anything that is answered, once it follows', async () => {
    const both = await masters(server)
    await same(both, async (port) => {
      const outcomes: string[] = []
      for (const line of ['PING', 'GET k', 'SET k v', 'PSYNC ? -1', 'REPLCONF ack 1', 'INFO', '']) {
        const { first } = await synced(port)
        first.said = ''
        first.send(line)
        if (CLOSING.has(line)) await first.end()
        const said = await first.quiet()
        outcomes.push(`${line}: ${said} ${first.isClosed ? 'closed' : 'open'}`)
        first.close()
      }
      return outcomes
    })
  })
})

describeWithRedis('PSYNC to a replica', (server) => {
  it('is refused while its own link is down', async () => {
    const both = await masters(server, { 'replica-serve-stale-data': 'yes' })
    await same(both, async (port) => {
      const client = await WireClient.open(port)
      // Nobody listens there.
      client.send('REPLICAOF 127.0.0.1 1')
      await client.until('+OK\r\n')
      client.said = ''
      client.send('PSYNC ? -1')
      client.send('SYNC')
      const said = await client.quiet()
      client.close()
      return said
    })
  })
})
