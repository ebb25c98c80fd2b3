import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import { encodeRdb } from '../../src/codec/rdb/encode.ts'
import { type RdbVersion, WRITABLE_VERSIONS } from '../../src/codec/rdb/encode-options.ts'
import type { SnapshotBytes } from '../../src/rdb/reread.ts'
import { RandomValues } from '../codec/rdb/encode-dataset.ts'
import { fixtureNames } from '../support/rdb-document.ts'
import { describeEachRedis, type RealRedis, type RealServer, servers } from '../support/real-redis.ts'
import { differences, toRdb } from './convert.ts'
import { hasFieldExpiry, loadedWith, randomDataset, saved } from './live-dataset.ts'
import { fixture, inMemory, snapshotOf } from './snapshot-of.ts'

/** The newest version of ours that a server loads. */
function newest(server: RealServer): RdbVersion {
  if (server.flavour === 'valkey') return 11
  if (hasFieldExpiry(server)) return 12
  return server.major >= 7 ? 10 : 9
}

/** Losses that change nothing of what DEBUG DIGEST looks at. */
const INVISIBLE = ['stream-counters', 'consumer-active-time', 'function', 'aux']

/**
 * What DEBUG DIGEST of the dataset is in a server. Scores have entered it as shortest text since 7.2, so the two
 * generations do not agree about the same data: the newer is asked about the original file.
 */
async function digestIn(target: RealServer, original: RealRedis, snapshot: SnapshotBytes) {
  const isNew = ({ flavour, major }: RealServer) => flavour === 'valkey' || major > 7
  if (isNew(target) === isNew(original.server)) return original.digest()
  if (!isNew(target)) return undefined
  const bytes = Buffer.alloc(snapshot.size)
  snapshot.read(bytes, 0)
  const native = await loadedWith(target, bytes)
  const digest = await native.digest()
  await native.stop()
  return digest
}

describeEachRedis('convert --to rdb', (server) => {
  it('writes what every server loads, with the same digest', async () => {
    const original = await randomDataset(server, 11)
    const snapshot = await saved(original)
    for (const target of servers()) {
      const version = newest(target)
      const { rdb, losses, totals } = toRdb(snapshot, version)
      expect(totals.keys).toBeGreaterThan(190)
      const visible = losses.filter(({ what }) => !INVISIBLE.includes(what))
      const losesExpiry = hasFieldExpiry(server) && version < 12
      expect(visible.map(({ what }) => what)).toEqual(losesExpiry ? ['field-expiry', 'field-expiry'] : [])
      const copy = await loadedWith(target, rdb)
      const lines = differences(snapshot, await saved(copy)).filter(
        (line) => !losesExpiry || !line.includes('expiring'),
      )
      const hasCounters = version >= 10 && Number(server.version.split('.')[0]) >= 7
      if (hasCounters) expect(lines).toEqual([])
      else expect(lines.filter((line) => !line.includes('function library'))).toEqual([])
      const expected = await digestIn(target, original, snapshot)
      // Redis and Valkey digest fields that expire each in a way of its own.
      const isComparable = server.flavour === target.flavour || !hasFieldExpiry(server)
      if (!losesExpiry && isComparable && expected !== undefined) {
        expect([target.name, await copy.digest()]).toEqual([target.name, expected])
      }
      await copy.stop()
    }
  }, 60_000)
})

describe('convert --to rdb', () => {
  it.each(fixtureNames())('keeps all of %s in the newest version it can be written in', (name) => {
    const snapshot = fixture(name)
    const { rdb, losses } = toRdb(snapshot, 12)
    const allowed = ['module-aux', 'key-metadata', 'idempotence']
    expect(losses.filter(({ what }) => !allowed.includes(what))).toEqual([])
    const lost = new Set(losses.map(({ key }) => String(key)))
    const lines = differences(snapshot, inMemory(rdb))
    expect(lines.filter((line) => ![...lost].some((key) => line.includes(key)))).toEqual([])
  })

  it.each(WRITABLE_VERSIONS)('says what version %i cannot hold, and keeps the rest', (version) => {
    const snapshot = fixture('redis-8.0.6-all')
    const { rdb, losses, totals } = toRdb(snapshot, version)
    const kinds = new Set(losses.map(({ what }) => what))
    expect(kinds.has('field-expiry')).toBe(version < 12)
    expect(kinds.has('function')).toBe(version < 10)
    expect(kinds.has('stream')).toBe(version < 9)
    expect(kinds.has('module')).toBe(version < 8)
    expect(totals.losses).toBe(losses.length)
    const reported = new Set(losses.map(({ key }) => String(key)))
    const lines = differences(snapshot, inMemory(rdb)).filter((line) => !line.includes('function library'))
    expect(lines.filter((line) => ![...reported].some((key) => line.includes(key)))).toEqual([])
  })

  it('reads values again that are too large to be kept', () => {
    const items = Array.from({ length: 40_000 }, (_, i) => `item ${i}` as ByteString)
    const random = new RandomValues(3)
    const snapshot = snapshotOf([
      { key: 'list' as ByteString, value: { type: 'list', items } },
      { key: 'set' as ByteString, value: { type: 'set', members: items } },
      {
        key: 'zset' as ByteString,
        value: { type: 'zset', members: items.map((member, score) => ({ member, score })) },
      },
      {
        key: 'hash' as ByteString,
        value: { type: 'hash', fields: items.map((field) => ({ field, value: field })) },
      },
      { key: 'stream' as ByteString, value: random.stream(40_000, () => random.text(20)) },
      { key: 'string' as ByteString, value: { type: 'string', value: Buffer.alloc(3_000_000, 'abc') } },
      {
        key: 'field' as ByteString,
        value: {
          type: 'hash',
          fields: [{ field: 'f' as ByteString, value: Buffer.alloc(2_000_000, 'abc') }],
        },
      },
    ])
    for (const version of [9, 12] as const) {
      const { rdb, totals } = toRdb(snapshot, version)
      expect(totals.keys).toBe(7)
      expect(differences(snapshot, inMemory(rdb))).toEqual([])
    }
  })

  it('written twice is the same file', () => {
    const databases = [{ db: 3, entries: new RandomValues(9).entries(60) }]
    const ours = Buffer.concat([...encodeRdb({ databases }, { version: 10 })])
    expect(toRdb(inMemory(ours), 10).rdb.equals(ours)).toBe(true)
  })
})
