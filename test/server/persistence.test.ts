/**
 * What the reference writes, a real Redis loads, and the other way round: DUMP and RESTORE of every type and encoding, RDB files, with
 * equal digests.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BadSnapshot } from '../../src/server/persistence/damage.ts'
import { SnapshotWriter } from '../../src/server/persistence/snapshot-writer.ts'
import { type Pair, startPair } from '../support/differential.ts'
import { describeWithRedis, infoFields, startRedis } from '../support/real-redis.ts'
import { bytesOf, startReference, type Words } from '../support/reference.ts'

const range = (count: number, make: (i: number) => Words): Words[] =>
  Array.from({ length: count }, (_, i) => make(i))
const many = (count: number, ...parts: ((i: number) => string | number)[]): (string | number)[] =>
  Array.from({ length: count }, (_, i) => parts.map((part) => part(i))).flat()

/** Every type in every encoding that 7.0 knows. */
const DATASET: readonly Words[] = [
  ['SET', 'string', 'hello'],
  ['SET', 'string:int', '-9223372036854775808'],
  ['SET', 'string:long', 'x'.repeat(20_000)],
  ['SET', 'string:random', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251))],
  ['SET', Buffer.from([0, 255, 128, 10]), Buffer.from([1, 2, 3, 0])],
  ['APPEND', 'string:raw', '12'],
  ['SET', 'string:expires', 'v', 'PXAT', '4102444800000'],
  ['RPUSH', 'list', 'a', '1', '-70000', '', 'b'.repeat(100)],
  ['RPUSH', 'list:long', ...many(3000, (i) => `element ${i}`)],
  ['RPUSH', 'list:huge', 'y'.repeat(70_000), 'z'],
  ['SADD', 'set:int', '1', '-3', '70000', '9223372036854775807'],
  ['SADD', 'set', 'a', 'b', '1'],
  ['SADD', 'set:many', ...many(600, (i) => i)],
  ['HSET', 'hash', 'f', 'v', 'n', '12', '', ''],
  [
    'HSET',
    'hash:table',
    ...many(
      600,
      (i) => `f${i}`,
      (i) => i,
    ),
  ],
  ['HSET', 'hash:wide', 'f', 'v'.repeat(65)],
  ['ZADD', 'zset', '1', 'a', '-inf', 'b', 'inf', 'c', '3.5', 'd', '0.1', 'e'],
  [
    'ZADD',
    'zset:many',
    ...many(
      300,
      (i) => i / 3,
      (i) => `m${i}`,
    ),
  ],
  ['ZADD', 'zset:wide', '1', 'w'.repeat(65)],
  ['PFADD', 'hll', ...many(100, (i) => i)],
]

describeWithRedis('DUMP and RESTORE', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
    await pair.same(DATASET)
  })

  const keys = DATASET.map((words) => words[1]!)
  it.each(keys.map((key) => [String(key), key] as const))('of %s go both ways', async (_, key) => {
    const theirs = await pair.real.command('DUMP', key)
    const ours = pair.client.command('DUMP', key)!
    const payload = (reply: unknown) => Buffer.from((reply as { value: string }).value, 'latin1')
    await pair.same([
      ['DEL', 'copy:theirs', 'copy:ours'],
      ['RESTORE', 'copy:theirs', '0', payload(theirs)],
      ['RESTORE', 'copy:ours', '0', payload(ours)],
      ['OBJECT', 'ENCODING', 'copy:theirs'],
      ['OBJECT', 'ENCODING', 'copy:ours'],
      ['DEBUG', 'DIGEST-VALUE', 'copy:theirs', 'copy:ours', key],
    ])
  })

  it('refuse what is no payload', async () => {
    const good = await pair.real.command('DUMP', 'hash')
    const bytes = Buffer.from((good as { value: string }).value, 'latin1')
    const damaged = Buffer.from(bytes)
    damaged[3]! ^= 1
    await pair.same([
      'DUMP nokey',
      'RESTORE list 0 xx',
      'RESTORE list x y',
      'RESTORE newk -1 y',
      'RESTORE newk 0 y foo',
      'RESTORE newk 0 y idletime -1',
      'RESTORE newk 0 y freq 256',
      'RESTORE newk 0 y idletime 1 freq 1',
      'RESTORE newk 0 y',
      ['RESTORE', 'newk', '0', damaged],
      ['RESTORE', 'newk', '0', bytes.subarray(0, 20)],
      ['RESTORE', 'list', '0', bytes],
      ['RESTORE', 'list', '0', bytes, 'REPLACE'],
      ['RESTORE', 'newk', '100000', bytes],
      ['RESTORE', 'newk', '4102444800000', bytes, 'ABSTTL', 'REPLACE'],
      ['RESTORE', 'newk', '1', bytes, 'ABSTTL', 'REPLACE'],
      ['RESTORE', 'newk', '1', bytes, 'ABSTTL'],
      ['RESTORE', 'newk', '0', bytes, 'IDLETIME', '100'],
      'OBJECT IDLETIME newk',
      ['RESTORE', 'newk', '0', bytes, 'REPLACE', 'FREQ', '100'],
    ])
  })
})

describeWithRedis('RDB files', (server) => {
  const dir = mkdtempSync(join(tmpdir(), 'syncscope-rdb-'))
  afterAll(() => rmSync(dir, { recursive: true }))
  const dataset = [
    ...DATASET,
    ['SELECT', '9'],
    ...range(2000, (i) => ['SET', `key:${i}`, `value ${i}`]),
    ['PEXPIREAT', 'key:7', '4102444800000'],
  ] as const

  function reference(name: string) {
    const started = startReference()
    started.server.state.settings.read('dir', dir)
    started.server.state.settings.read('dbfilename', name)
    return started
  }

  it('of the reference are loaded by a real server', async () => {
    const ours = reference('ours.rdb')
    const client = ours.client()
    for (const words of dataset) client.command(...words)
    expect(client.command('SAVE')).toEqual({ type: 'simple', value: 'OK' })
    const digest = client.command('DEBUG', 'DIGEST')
    await using redis = await startRedis({ server, config: { 'enable-debug-command': 'yes' } })
    writeFileSync(join(redis.dir, 'dump.rdb'), readFileSync(join(dir, 'ours.rdb')))
    await redis.client.command('DEBUG', 'RELOAD', 'NOSAVE')
    expect(await redis.digest()).toBe((digest as { value: string }).value)
  })

  it('of a real server are loaded by the reference', async () => {
    await using redis = await startRedis({ server, config: { 'enable-debug-command': 'yes' } })
    for (const words of dataset) {
      await redis.client.command(...bytesOf(words).map((word) => Buffer.from(word, 'latin1')))
    }
    await redis.client.command('SAVE')
    writeFileSync(join(dir, 'theirs.rdb'), readFileSync(join(redis.dir, 'dump.rdb')))
    const ours = reference('theirs.rdb')
    ours.server.load()
    const digest = ours.client().command('DEBUG', 'DIGEST')
    expect((digest as { value: string }).value).toBe(await redis.digest())
  })

  it('that are damaged change nothing', () => {
    const ours = reference('damaged.rdb')
    const client = ours.client()
    client.command('SET', 'k', 'v')
    client.command('SAVE')
    const bytes = readFileSync(join(dir, 'damaged.rdb'))
    for (let i = 0; i < bytes.length; i++) {
      const damaged = Buffer.from(bytes)
      damaged[i]! ^= 0x55
      writeFileSync(join(dir, 'damaged.rdb'), damaged)
      expect(() => ours.server.load(), `byte ${i}`).toThrow()
      expect(client.command('GET', 'k')).toEqual({ type: 'bulk', value: 'v' })
    }
  })
})

describe('a snapshot that is loaded', () => {
  const dir = mkdtempSync(join(tmpdir(), 'syncscope-rdb-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  /** @param parts what stands between the head and the end; the checksum is none unless told */
  function load(parts: (string | number[])[], checksum = Buffer.alloc(8)) {
    const bytes = ['REDIS0009', [0xfe, 0], ...parts, [0xff]].map((part) =>
      Buffer.from(part as string, 'latin1'),
    )
    writeFileSync(join(dir, 'dump.rdb'), Buffer.concat([...bytes, checksum]))
    const reference = startReference()
    reference.server.state.settings.read('dir', dir)
    return { reference, load: () => reference.server.load() }
  }

  it('loses its empty keys, which are told', () => {
    const empty = [2, 4].flatMap((type) => [[type], `\x04key${type}`, [0]])
    const { reference, load: run } = load([...empty, [0], '\x01k\x01v'])
    run()
    expect(reference.client().command('DBSIZE')).toEqual({ type: 'integer', value: 1 })
    expect(reference.log).toContain('rdbLoadObject skipping empty key: key2')
    expect(reference.log).toContain('rdbLoadObject skipping empty key: key4')
    expect(reference.log).toContain(
      'Done loading RDB, keys loaded: 1, keys expired: 0, empty keys skipped: 2.',
    )
  })

  it.each(['no', 'yes'])('may have a wrong checksum with rdbchecksum %s, or not', (rdbchecksum) => {
    const { reference, load: run } = load([[0], '\x01k\x01v'], Buffer.alloc(8, 7))
    reference.server.state.settings.read('rdbchecksum', rdbchecksum)
    if (rdbchecksum === 'yes') expect(run).toThrow('RDB CRC error')
    else run()
  })

  it.each<[string, (string | number[])[], string, boolean]>([
    ['a checksum', [[0], '\x01k\x01v'], 'RDB CRC error', true],
    ['a member twice', [[2], '\x01s', [2], '\x01a\x01a'], 'Duplicate set members detected', false],
    ['a ziplist', [[13], '\x01h', [4], '\x16\x00\x00\x00'], 'Hash ziplist integrity check failed', false],
    ['an end', [[2], '\x01s', [1], '\x3ca'], 'Unexpected EOF reading RDB file', false],
  ])('is reported where it is damaged: %s', (_, parts, what, hasChecksum) => {
    const { load: run } = load(parts, Buffer.alloc(8, hasChecksum ? 7 : 0))
    let report: readonly string[] = []
    try {
      run()
    } catch (error) {
      report = (error as BadSnapshot).report
    }
    expect(report[0]).toMatch(new RegExp(`^Internal error in RDB reading offset \\d+ -> .*${what}`))
    expect(report.filter((line) => line.includes(what))).toHaveLength(2)
    expect(report.at(-1)).toBe('Terminating server after rdb file reading failure.')
  })
})

describe('a background save', () => {
  it('is the dataset of one moment, whatever is written meanwhile', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'syncscope-rdb-'))
    const started = startReference()
    const { state } = started.server
    state.settings.read('dir', dir)
    const client = started.client()
    for (let i = 0; i < 60_000; i++) client.command('SET', `key:${i}`, `value ${i}`)
    // Values of several blocks are written in steps.
    for (let i = 0; i < 5; i++) {
      client.command('SADD', `set:${i}`, ...many(20_000, (j) => `member ${i} ${j}`))
      client.command('RPUSH', `list:${i}`, ...many(20_000, (j) => `element ${i} ${j}`))
    }
    client.command('SELECT', '3')
    client.command('HSET', 'h', 'f', 'v')
    client.command('SELECT', '0')
    const digest = client.command('DEBUG', 'DIGEST')
    client.command('BGSAVE')
    let writes = 0
    while (state.saver.isRunning) {
      const i = (writes * 7919) % 60_000
      client.command('SET', `key:${i}`, 'changed')
      client.command('DEL', `key:${(i + 1) % 60_000}`)
      client.command('RENAME', `key:${(i + 2) % 60_000}`, `renamed:${writes}`)
      client.command('INCR', `new:${writes}`)
      client.command('SADD', `set:${writes % 5}`, 'late')
      client.command('RPUSH', `list:${writes % 5}`, 'late')
      if (writes === 2) client.command('SWAPDB', '0', '3')
      if (writes === 4) client.command('FLUSHDB')
      if (writes === 6) client.command('SWAPDB', '3', '0')
      writes++
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    expect(writes).toBeGreaterThan(1)
    expect(state.saver.lastStatus).toBe('ok')
    started.server.load()
    expect(client.command('DEBUG', 'DIGEST')).toEqual(digest)
    rmSync(dir, { recursive: true })
  })

  it('tells what it had to copy, and how far it is', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'syncscope-rdb-'))
    const started = startReference()
    const { state } = started.server
    state.settings.read('dir', dir)
    const client = started.client()
    const fields = () => infoFields((client.command('INFO', 'persistence') as { value: string }).value)
    for (let i = 0; i < 100; i++) client.command('SET', `key:${i}`, 'x'.repeat(500))
    expect(fields()).toMatchObject({ current_cow_size: '0', rdb_last_cow_size: '0' })
    client.command('BGSAVE')
    for (let i = 0; i < 16; i++) client.command('SETRANGE', `key:${i}`, '0', 'y')
    const { current_cow_size: copied, current_fork_perc: percent } = fields()
    expect(Number(copied)).toBeGreaterThan(16 * 500)
    expect(percent).toBe('16.00')
    while (state.saver.isRunning) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(fields()).toMatchObject({
      current_cow_size: '0',
      rdb_last_cow_size: copied,
      current_fork_perc: '0.00',
    })
    rmSync(dir, { recursive: true })
  })

  it.each<[string, Words, Words]>([
    ['a set', ['SADD', 'k', ...many(300, (i) => `${i}`.repeat(500))], ['SPOP', 'k']],
    ['a list', ['RPUSH', 'k', ...many(300, (i) => `${i}`.repeat(500))], ['LTRIM', 'k', '100', '200']],
    ['a hash', ['HSET', 'k', ...many(600, (i) => `${i}`.repeat(500))], ['HSET', 'k', 'new', '1']],
    [
      'a sorted set',
      [
        'ZADD',
        'k',
        ...many(
          300,
          (i) => i,
          (i) => `${i}`.repeat(500),
        ),
      ],
      ['ZPOPMIN', 'k'],
    ],
    ['a key', ['RPUSH', 'k', ...many(300, (i) => `${i}`.repeat(500))], ['RENAME', 'k', 'l']],
  ])('is of that moment too where %s changes that is half written', async (_what, fill, change) => {
    const dir = mkdtempSync(join(tmpdir(), 'syncscope-rdb-'))
    const started = startReference()
    const { state } = started.server
    state.settings.read('dir', dir)
    const client = started.client()
    client.command(...fill)
    const digest = client.command('DEBUG', 'DIGEST')
    const facts = { version: '7.0.15', createdAt: 0, usedMemory: 0, functions: [] }
    const writer = new SnapshotWriter(state.snapshotting, state.databases, facts, { compress: false })
    const blocks = writer.step()!
    expect(state.snapshotting.partial).toBeDefined()
    client.command(...change)
    client.command('RPOP', 'l')
    for (let more = writer.step(); more !== undefined; more = writer.step()) blocks.push(...more)
    expect(client.command('DEBUG', 'DIGEST')).not.toEqual(digest)
    writeFileSync(join(dir, 'dump.rdb'), Buffer.concat(blocks))
    started.server.load()
    expect(client.command('DEBUG', 'DIGEST')).toEqual(digest)
    rmSync(dir, { recursive: true })
  })
})
