/** What the writer writes, loaded and restored by real servers, and beside what they write themselves. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { ByteString } from '../../../src/bytes/byte-string.ts'
import { encodeRdb, standardAux } from '../../../src/codec/rdb/encode.ts'
import { encodeDump } from '../../../src/codec/rdb/encode-dump.ts'
import type { RdbEntry, RdbValue } from '../../../src/codec/rdb/encode-model.ts'
import { type RdbLoss, type RdbVersion, WRITABLE_VERSIONS } from '../../../src/codec/rdb/encode-options.ts'
import { TYPE } from '../../../src/codec/rdb/format.ts'
import { connectRedis, type RedisClient } from '../../../src/io/redis-client.ts'
import { describeEachRedis, type RealServer, startRedis } from '../../support/real-redis.ts'
import { plainKey, plainValue, RandomValues } from './encode-dataset.ts'

const LIBRARY = "#!lua name=lib\nredis.register_function('f', function() return 42 end)\n" as ByteString

describeEachRedis('the RDB writer', (server) => {
  const own = ownVersion(server)
  const readable = WRITABLE_VERSIONS.filter((version) => version <= own)

  it.each(readable)('writes version %i files that the server loads, with every value', async (version) => {
    const random = new RandomValues(version)
    const databases = [
      { db: 0, entries: random.entries(150) },
      { db: 3, entries: random.entries(30, () => (version >= 12 ? random.expiringHash() : random.value())) },
    ]
    const losses: RdbLoss[] = []
    const file = writeFile(databases, version, losses)
    checkFile(server, file, own)

    const { client } = await load(server, file)
    const lost = new Set(losses.flatMap(({ what, db, key }) => (what === 'stream' ? [`${db} ${key}`] : [])))
    for (const { db, entries } of databases) {
      await client.command('SELECT', db)
      const kept = entries.filter((entry) => !lost.has(`${db} ${entry.key}`))
      expect(await client.command('DBSIZE')).toBe(kept.length)
      for (const entry of kept) await expectKey(client, entry, version >= 12)
    }
    const isStreamless = databases.every((d) => d.entries.every((e) => e.value.type !== 'stream'))
    expect(lost.size > 0).toBe(version < 9 && !isStreamless)
    expect(losses.some((loss) => loss.what === 'function')).toBe(version < 10)
    if (version >= 10) expect(await client.command('FCALL', 'f', 0)).toBe(42)
  })

  it('makes payloads that RESTORE takes, and that DUMP gives back byte for byte', async () => {
    const { client } = await start(server)
    const random = new RandomValues(42)
    for (let round = 0; round < 300; round++) {
      const value = random.value()
      const payload = encodeDump(value, { version: own })!
      await client.command('RESTORE', 'k', 0, payload, 'REPLACE')
      const entry = { key: 'k' as ByteString, value }
      await expectKey(client, entry, false)
      expectSameBody(payload, (await client.command('DUMP', 'k')) as Buffer, own)
    }
  })

  it('writes what the server writes for the same commands', async () => {
    const { client } = await start(server)
    const random = new RandomValues(7)
    for (let round = 0; round < 200; round++) {
      const value = random.value(random.pick(['string', 'list', 'hash', 'zset', 'set', 'stream'] as const))
      const groupless = value.type === 'stream' ? { ...value, groups: [] } : value
      await client.command('DEL', 'k')
      await build(client, groupless)
      const payload = encodeDump(groupless, { version: own })!
      const theirs = (await client.command('DUMP', 'k')) as Buffer
      expectSameBody(payload, theirs, own)
    }
  })
})

/** The newest version that a server both reads and we write. */
function ownVersion({ flavour, version }: RealServer): RdbVersion {
  const [major, minor] = version.split('.').map(Number) as [number, number]
  if (flavour === 'valkey') return 11
  if (major >= 8) return 12
  if (major === 7) return minor >= 4 ? 12 : minor >= 2 ? 11 : 10
  return 9
}

/**
 * The same bytes before the footer, whose version may be another. Beside what has no order or another one
 * (hash tables, skiplists) two things may differ: streams of 8.6 have a type of their own, and servers since
 * 7.2 print scores by an algorithm that is not always the shortest.
 */
function expectSameBody(ours: Buffer, theirs: Buffer, own: RdbVersion): void {
  const type = theirs[0]!
  if (type === TYPE.STREAM_LISTPACKS_4) return
  expect(type).toBe(ours[0])
  const isUnordered = type === TYPE.SET || type === TYPE.HASH || type === TYPE.ZSET_2
  if (isUnordered || (type === TYPE.ZSET_LISTPACK && own >= 11)) return
  expect(theirs.toString('hex', 0, theirs.length - 10)).toBe(ours.toString('hex', 0, ours.length - 10))
}

function writeFile(databases: { db: number; entries: RdbEntry[] }[], version: RdbVersion, losses: RdbLoss[]) {
  const dir = mkdtempSync(join(tmpdir(), 'syncscope-encode-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const sized = databases.map(({ db, entries }) => ({
    db,
    entries,
    sizes: { keys: entries.length, expires: entries.filter((e) => e.expireAt !== undefined).length },
  }))
  const aux = standardAux(
    { redisVersion: '7.0.15', createdAt: 1_700_000_000, usedMemory: 1_000_000 },
    version,
  )
  const snapshot = { aux, functions: [LIBRARY], databases: sized }
  const blocks = [...encodeRdb(snapshot, { version, onLoss: (loss) => losses.push(loss) })]
  const path = join(dir, 'ours.rdb')
  writeFileSync(path, Buffer.concat(blocks))
  return path
}

/** The server's own checker, where it is installed beside it. Throws with its words if it refuses. */
function checkFile(server: RealServer, file: string, own: RdbVersion): void {
  const checker = server.path.replace(/-server$/, '-check-rdb')
  if (existsSync(checker)) expect(execFileSync(checker, [file], { encoding: 'utf8' })).toContain('looks OK')
  else expect(own).toBeGreaterThan(0)
}

async function start(server: RealServer, config: Record<string, string | number> = {}) {
  const redis = await startRedis({ server, config })
  const client = await connectRedis({ host: redis.host, port: redis.port }, { buffers: true })
  onTestFinished(() => client.close())
  return { redis, client }
}

function load(server: RealServer, file: string) {
  return start(server, { dir: join(file, '..'), dbfilename: 'ours.rdb' })
}

async function expectKey(client: RedisClient, entry: RdbEntry, withTimes: boolean): Promise<void> {
  const key = entry.key as ByteString
  expect(await plainKey(client, key, withTimes)).toEqual(plainValue(entry.value))
  if (entry.expireAt === undefined) return
  const left = (await client.command('PTTL', Buffer.from(key, 'latin1'))) as number
  expect(Math.abs(Date.now() + left - entry.expireAt)).toBeLessThan(5000)
}

/** Makes a value by the commands that a client would send, one element at a time. */
async function build(client: RedisClient, value: RdbValue): Promise<void> {
  const sent = commandsFor(value).map((argv) => {
    const [name, ...rest] = argv.map((word) => Buffer.from(word, 'latin1'))
    return client.command(name!.toString(), ...rest)
  })
  await Promise.all(sent)
}

function commandsFor(value: RdbValue): string[][] {
  switch (value.type) {
    case 'string':
      return [['SET', 'k', value.value as string]]
    case 'list':
      return [...value.items].map((item) => ['RPUSH', 'k', item as string])
    case 'set':
      return [...value.members].map((member) => ['SADD', 'k', member as string])
    case 'hash':
      return [...value.fields].map((f) => ['HSET', 'k', f.field as string, f.value as string])
    case 'zset':
      return [...value.members].map((m) => ['ZADD', 'k', String(m.score), m.member as string])
    case 'stream': {
      const added = [...value.entries].map(({ id, fields }) => {
        return ['XADD', 'k', `${id.ms}-${id.seq}`, ...fields.map(String)]
      })
      return [...added, ['XSETID', 'k', `${value.lastId.ms}-${value.lastId.seq}`]]
    }
    default:
      throw new Error(`no commands for ${value.type}`)
  }
}
