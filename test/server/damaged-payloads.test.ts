/**
 * RESTORE of payloads in which bytes are wrong, as a real server with sanitize-dump-payload takes them: what it refuses
 * we refuse, and what both take is the same value. (It reads lengths into the footer and is content; we are not.)
 */
import { beforeAll, describe, expect, it } from 'vitest'
import type { RespValue } from '../../src/codec/resp/values.ts'
import { type Pair, startPair } from '../support/differential.ts'
import { mulberry32 } from '../support/every-split.ts'
import { describeWithRedis } from '../support/real-redis.ts'
import type { Words } from '../support/reference.ts'

const PAYLOADS = 1500
const LIMITS = [
  'list-max-listpack-size',
  'hash-max-listpack-entries',
  'zset-max-listpack-entries',
  'stream-node-max-entries',
]
const SKIP = ['DEBUG', 'SET-SKIP-CHECKSUM-VALIDATION', '1']

/** Small and large values of every type, in every encoding of 7.0. */
function* dataset(): Generator<Words> {
  yield ['SET', 'int', '12']
  yield ['SET', 'text', 'str']
  yield ['SET', 'compressed', 'x'.repeat(300)]
  for (const count of [3, 10]) {
    for (let i = 0; i < count; i++) {
      const value = i % 2 === 0 ? String(i) : `_${i}`
      yield ['HSET', `hash${count}`, value, i]
      yield ['RPUSH', `list${count}`, value]
      yield ['ZADD', `zset${count}`, i / 2, value]
      yield ['SADD', `set${count}`, value]
      yield ['SADD', `intset${count}`, i * 70_000]
      yield ['XADD', `stream${count}`, `${i + 1}-0`, 'item', i, value, 'v']
    }
    yield ['XGROUP', 'CREATE', `stream${count}`, 'g', '0']
    yield ['XREADGROUP', 'GROUP', 'g', 'Alice', 'COUNT', '2', 'STREAMS', `stream${count}`, '>']
    yield ['XDEL', `stream${count}`, '1-0']
  }
}

function bytes(reply: RespValue | undefined): Buffer {
  return Buffer.from((reply as { value: string }).value, 'latin1')
}

describeWithRedis('a damaged payload', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server, config: { 'sanitize-dump-payload': 'yes' } })
    for (const name of LIMITS) {
      await pair.real.command('CONFIG', 'SET', name, '5')
      pair.reference.server.state.settings.read(name, '5')
    }
    await pair.same([SKIP])
  })

  it('is refused where Redis refuses it, and otherwise the same value', { timeout: 60_000 }, async () => {
    const { real, client } = pair
    for (const words of dataset()) await real.command(...words)
    const payloads: Buffer[] = []
    const names = (await real.command('KEYS', '*')) as { items: readonly RespValue[] }
    for (const name of names.items) payloads.push(bytes(await real.command('DUMP', bytes(name))))
    const random = mulberry32(7)
    const below = (n: number) => Math.floor(random() * n)
    let refused = 0
    let taken = 0
    for (let i = 0; i < PAYLOADS; i++) {
      const payload = Buffer.from(payloads[below(payloads.length)]!)
      for (let left = below(10) === 0 ? 2 : 1; left > 0; left--) payload[below(payload.length)] = below(256)
      const words = ['RESTORE', 'k', '0', payload, 'REPLACE']
      const [expected, got] = [await real.command(...words), client.command(...words)]
      const what = payload.toString('hex')
      if (expected.type === 'error') expect(got, what).toEqual(expected)
      if (got!.type === 'error') {
        refused++
        continue
      }
      taken++
      const digest = ['DEBUG', 'DIGEST-VALUE', 'k']
      expect(client.command(...digest), what).toEqual(await real.command(...digest))
      await pair.same(['OBJECT ENCODING k'], { effects: false, digest: false })
    }
    expect(Math.min(refused, taken)).toBeGreaterThan(PAYLOADS / 4)
  })

  it('may have a wrong checksum only where DEBUG says so', async () => {
    await pair.same([['SET', 'k', 'v']], { effects: false, digest: false })
    const payload = bytes(await pair.real.command('DUMP', 'k'))
    payload.fill(0xaa, payload.length - 8)
    const restore = ['RESTORE', 'k', '0', payload, 'REPLACE']
    const later = Buffer.from(payload)
    later[later.length - 10] = 11
    await pair.same(
      [restore, ['RESTORE', 'k', '0', later, 'REPLACE'], [...SKIP.slice(0, 2), '0'], restore, SKIP, restore],
      { effects: false, digest: false },
    )
  })

  describe('is told in the log', () => {
    /** A payload without a checksum, version 9. */
    const payload = (...parts: (number[] | string)[]) =>
      Buffer.concat([
        ...parts.map((part) => Buffer.from(part as string, 'latin1')),
        Buffer.of(9, 0),
        Buffer.alloc(8),
      ])

    it.each<[string, Buffer, string]>([
      ['a field of a hash twice', payload([4, 2], '\x01a\x01b\x01a\x01d'), 'Duplicate hash fields detected'],
      ['a member of a set twice', payload([2, 2], '\x01a\x01a'), 'Duplicate set members detected'],
      ['a ziplist that is cut', payload([13, 4], '\x16\x00\x00\x00'), 'Hash ziplist integrity check failed'],
      ['a zipmap without fields', payload([9, 2, 0, 0xff]), 'Zipmap integrity check failed'],
      [
        'a score that is no number',
        payload([5, 1], '\x01a', [0, 0, 0, 0, 0, 0, 0xf8, 0x7f]),
        'Zset with NAN score detected',
      ],
    ])('%s', (_, damaged, line) => {
      const { client, reference } = pair
      reference.log.length = 0
      const reply = client.command('RESTORE', 'new', '0', damaged)
      expect(reply).toEqual({ type: 'error', value: 'ERR Bad data format' })
      expect(reference.log.join('\n')).toContain(`Internal error in RDB reading offset 0 -> ${line}`)
    })
  })
})
