/** Values are shown as redis-cli shows them: the real one says so. */
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { fromText } from '../../src/bytes/byte-string.ts'
import type { RdbValue } from '../../src/codec/rdb/encode-model.ts'
import { connectRedis } from '../../src/io/redis-client.ts'
import { decodedValue } from '../../src/shadow/judge.ts'
import { storedJson } from '../../src/sink/stored-json.ts'
import { valueLines } from '../../src/sink/value-text.ts'
import { describeWithRedis, startRedis } from '../support/real-redis.ts'

describeWithRedis('a value as text', (server) => {
  it('is what redis-cli --no-raw prints', async () => {
    const { client, port } = await startRedis({ server })
    await client.pipeline([
      ['SET', 's', 'a "quoted"\n\u00e9 value'],
      ['RPUSH', 'l', 'a', '', 'c\x00d', ...'efghij'],
      ['SADD', 'set', 'only'],
      ['HSET', 'h', 'name', 'Ada', 'born', '1815'],
      ['ZADD', 'z', '0.25', 'a', '1.5', 'b', 'inf', 'c', '1e30', 'd', '-7', 'e'],
      ['XADD', 'x', '5-0', 'f', 'v', 'g', 'w'],
      ['XADD', 'x', '6-1', 'h', ''],
    ])
    const buffers = await connectRedis({ host: '127.0.0.1', port }, { buffers: true })
    const questions: [string, string[]][] = [
      ['s', ['GET', 's']],
      ['l', ['LRANGE', 'l', '0', '-1']],
      ['set', ['SMEMBERS', 'set']],
      ['h', ['HGETALL', 'h']],
      ['z', ['ZRANGE', 'z', '0', '-1', 'WITHSCORES']],
      ['x', ['XRANGE', 'x', '-', '+']],
    ]
    for (const [key, words] of questions) {
      const dump = (await buffers.command('DUMP', key)) as Buffer
      const value = decodedValue(dump) as RdbValue
      const cli = spawnSync('redis-cli', ['-p', String(port), '--no-raw', ...words], { encoding: 'utf8' })
      expect(`${valueLines(value).join('\n')}\n`).toBe(cli.stdout)
    }
    await buffers.close()
  })
})

describe('a long value', () => {
  const many = Array.from({ length: 25 }, (_, i) => fromText(`m${i}`))

  it('is cut, and says by how much', () => {
    const lines = valueLines({ type: 'list', items: many })
    expect(lines).toHaveLength(11)
    expect(lines.at(-1)).toBe('… and 15 more')
    expect(valueLines({ type: 'string', value: fromText('x'.repeat(1000)) })[0]).toMatch(
      /^"x{200}…" \(1,000 B\)$/,
    )
    expect(valueLines(undefined)).toEqual(['(nil)'])
  })

  it('as JSON too', () => {
    const items = Array.from({ length: 1002 }, (_, i) => fromText(String(i)))
    const list = storedJson({ type: 'list', items }) as unknown[]
    expect([list.length, list.at(-1)]).toEqual([1001, { more: 2 }])
    const fields = [{ field: fromText('f'), value: fromText('v') }]
    expect(storedJson({ type: 'hash', fields })).toEqual({ f: 'v' })
    expect(storedJson(undefined)).toBeNull()
  })
})
