/** What we write for the datasets of real servers, beside what those servers wrote: the same bytes. */
import { describe, expect, it } from 'vitest'
import { RdbWriter } from '../../../src/codec/rdb/encode.ts'
import type { RdbEntry, RdbValue } from '../../../src/codec/rdb/encode-model.ts'
import type { PackingLimits, RdbVersion } from '../../../src/codec/rdb/encode-options.ts'
import { TYPE } from '../../../src/codec/rdb/format.ts'
import { bytesOf, type FixtureKey, readFixture, valueFrom } from './encode-fixture.ts'

const FILES: readonly (readonly [string, RdbVersion])[] = [
  ['redis-6.0.16-all', 9],
  ['redis-7.0.15-all', 10],
  ['valkey-8.1.1-all', 11],
  ['redis-8.0.6-all', 12],
]

/** Settings under which the server made these keys. */
const LIMITS: Record<string, Partial<PackingLimits>> = {
  'list:multinode': { listNodeSize: 4 },
  'list:compressed': { listNodeSize: 20 },
  'list:plain': { listPlainSize: 100 },
  'stream:same': { streamNodeEntries: 3 },
  'stream:groups': { streamNodeEntries: 3 },
}

it.each(['redis-7.0.15-lru', 'redis-7.0.15-lfu'])('writes the eviction hints of %s', (name) => {
  const { keys, file } = readFixture(name)
  const hinted = keys.filter((key) => key.rdb_idle_s !== null || key.rdb_freq !== null)
  expect(hinted.length).toBeGreaterThan(0)
  for (const key of hinted) {
    const ours = encode({ key: bytesOf(key.key), value: valueFrom(key)!, ...attributesOf(key) }, 10, {})
    expect(file.toString('hex').includes(ours), ours).toBe(true)
  }
})

describe.each(FILES)('%s', (name, version) => {
  const { keys, file } = readFixture(name)
  const compared = keys.filter((key) => valueFrom(key) !== undefined && !isHistory(key))

  it('has values of every type', () => {
    const types = new Set(compared.map((key) => key.type))
    expect([...types].sort()).toEqual(['hash', 'list', 'set', 'stream', 'string', 'zset'])
    expect(compared.length).toBeGreaterThan(50)
  })

  it.each(compared.map((key) => [String(bytesOf(key.key)), key] as const))('%j', (text, key) => {
    const limits = LIMITS[text] ?? {}
    const [at, valueSize] = key.rdb_value_offset_len
    const head = encode({ key: bytesOf(key.key), value: { type: 'string', value: bytesOf('') } }, version, {})
    const valueAt = at + head.length / 2 - 1
    const ours = ordersOf(valueFrom(key)!, key.rdb_type, file.subarray(valueAt)).map((value) => {
      return encode({ key: bytesOf(key.key), value, ...attributesOf(key) }, version, limits)
    })
    // Expiry and eviction hints stand before the type byte.
    const end = valueAt + valueSize
    const theirs = file.toString('hex', end - ours[0]!.length / 2, end)
    if (ours.length > 1) expect(ours).toContain(theirs)
    else expect(ours[0]).toBe(theirs)
  })
})

function attributesOf(key: FixtureKey): Pick<RdbEntry, 'expireAt' | 'idleSeconds' | 'frequency'> {
  return {
    expireAt: key.expire_ms ?? undefined,
    idleSeconds: key.rdb_idle_s ?? undefined,
    frequency: key.rdb_freq ?? undefined,
  }
}

/** Nodes that once held entries since deleted are not made again from what is left. */
function isHistory(key: FixtureKey): boolean {
  return (key.rdb_deleted ?? []).length > 0
}

function encode(entry: RdbEntry, version: RdbVersion, limits: Partial<PackingLimits>): string {
  const losses: string[] = []
  const writer = new RdbWriter({ version, limits, onLoss: (loss) => losses.push(loss.what) })
  writer.take()
  for (const _ of writer.entry(entry) ?? []);
  return writer.take().toString('hex')
}

/**
 * Hash tables write in an order of their own: then every order of the elements is acceptable. Skiplists write
 * from the end. The earliest expiry that a server remembers may be long gone: it is taken from its file.
 */
function ordersOf(value: RdbValue, type: number, bytes: Buffer): RdbValue[] {
  if (value.type === 'zset' && type === TYPE.ZSET_2) {
    return [{ ...value, members: [...value.members].reverse() }]
  }
  if (value.type === 'hash' && type === TYPE.HASH_LISTPACK_EX) {
    return [{ ...value, minExpireAt: Number(bytes.readBigInt64LE()) }]
  }
  if (value.type === 'set' && type !== TYPE.SET_INTSET) {
    return permutations([...value.members]).map((members) => ({ ...value, members }))
  }
  if (value.type === 'hash' && (type === TYPE.HASH || type === TYPE.HASH_METADATA)) {
    return permutations([...value.fields]).map((fields) => ({ ...value, fields }))
  }
  return [value]
}

function permutations<T>(list: T[]): T[][] {
  if (list.length <= 1) return [list]
  if (list.length > 5) throw new Error('too many orders')
  return list.flatMap((first, i) => permutations(list.toSpliced(i, 1)).map((rest) => [first, ...rest]))
}
