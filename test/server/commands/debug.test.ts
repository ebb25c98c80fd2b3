/** DEBUG beside a real Redis. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { type Pair, startPair } from '../../support/differential.ts'
import { describeWithRedis } from '../../support/real-redis.ts'
import { startReference } from '../../support/reference.ts'

const TYPES =
  'string integer double bignum null array set map attrib verbatim true false push STRING nosuch'.split(' ')

describeWithRedis('DEBUG', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
  })

  it('tells about values', async () => {
    await pair.same([
      'SET x hello',
      'SET n 12',
      'RPUSH l 1 2 3',
      'HSET h a 1',
      'XADD s 1-1 a b',
      'DEBUG OBJECT',
      'DEBUG OBJECT x fast',
      'DEBUG OBJECT nokey',
      'DEBUG SDSLEN',
      'DEBUG SDSLEN l',
      'DEBUG SDSLEN n',
      'DEBUG SDSLEN nokey',
      'DEBUG LISTPACK h',
      'DEBUG LISTPACK x',
      'DEBUG LISTPACK nokey',
      'DEBUG LISTPACK s',
      'DEBUG QUICKLIST l 1',
      'DEBUG QUICKLIST x',
      'DEBUG HTSTATS',
      'DEBUG HTSTATS x',
      'DEBUG HTSTATS 99',
      'DEBUG HTSTATS 5',
      'DEBUG HTSTATS-KEY h',
      'DEBUG HTSTATS-KEY nokey',
      'DEBUG DIGEST x',
      'DEBUG DIGEST-VALUE',
      'DEBUG DIGEST-VALUE x l nokey',
    ])
    for (const key of ['x', 'n', 'l', 'h', 's']) {
      const words = async (reply: unknown) =>
        String((reply as { value: string }).value).match(/(?:refcount|encoding|serializedlength):\S+/g)
      const theirs = await words(await pair.real.command('DEBUG', 'OBJECT', key))
      expect(theirs).toHaveLength(3)
      expect(await words(pair.client.command('DEBUG', 'OBJECT', key))).toEqual(theirs)
    }
  })

  it('tells about what has expired and is still there', async () => {
    await pair.same(['DEBUG SET-ACTIVE-EXPIRE 0', 'SET gone hello PX 1'])
    await new Promise((resolve) => setTimeout(resolve, 10))
    await pair.same(['DEBUG LISTPACK gone', 'SET gone hello PX 1'])
    await new Promise((resolve) => setTimeout(resolve, 10))
    for (const client of [pair.real, pair.client]) {
      expect(await client.command('DEBUG', 'OBJECT', 'gone')).toMatchObject({ type: 'simple' })
      expect(await client.command('DEBUG', 'SDSLEN', 'gone')).toMatchObject({ type: 'simple' })
    }
    await pair.same(['EXISTS gone', 'DEBUG OBJECT gone', 'DEBUG SET-ACTIVE-EXPIRE 1'])
  })

  it('counts what is in the hash table of a value, and knows no chains', () => {
    const client = startReference().client()
    client.command('SADD', 's', 'a', 'b', 'c')
    expect(client.command('DEBUG', 'HTSTATS-KEY', 's')).toMatchObject({
      value: 'Hash table 0 stats (main hash table):\n number of elements: 3\n',
    })
  })

  it('makes keys out of nothing', async () => {
    await pair.same([
      'FLUSHALL',
      'DEBUG POPULATE 3',
      'DEBUG POPULATE 2 p 10',
      'DEBUG POPULATE 2 q 3',
      'DEBUG POPULATE x',
      'DEBUG POPULATE -1',
      'DEBUG POPULATE 1 a -1',
      'DEBUG POPULATE',
      'DEBUG POPULATE 1 a 1 x',
      'GET key:2',
      'GET p:1',
      'GET q:1',
      'DBSIZE',
    ])
  })

  it('changes how things are done', async () => {
    await pair.same([
      'DEBUG QUICKLIST-PACKED-THRESHOLD x',
      'DEBUG QUICKLIST-PACKED-THRESHOLD 5gb',
      'DEBUG QUICKLIST-PACKED-THRESHOLD 4293918721',
      'DEBUG QUICKLIST-PACKED-THRESHOLD 4293918720',
      'DEBUG QUICKLIST-PACKED-THRESHOLD 20b',
      `RPUSH l a ${'b'.repeat(30)} c`,
      'DUMP l',
      'DEBUG QUICKLIST-PACKED-THRESHOLD 0',
      'DEBUG CHANGE-REPL-ID',
      'DEBUG CHANGE-REPL-ID x',
      'DEBUG REPLYBUFFER PEAK-RESET-TIME now',
      'DEBUG REPLYBUFFER PEAK-RESET-TIME 100',
      'DEBUG REPLYBUFFER PEAK-RESET-TIME never',
      'DEBUG REPLYBUFFER RESIZING 0',
      'DEBUG REPLYBUFFER x y',
      'DEBUG REPLYBUFFER',
      'DEBUG SET-ACTIVE-EXPIRE x',
      'DEBUG SET-ACTIVE-EXPIRE 1',
      'DEBUG SET-ACTIVE-EXPIRE',
      'DEBUG SLEEP 0',
      'DEBUG SLEEP x',
      'DEBUG SLEEP 0.001 x',
      'DEBUG LOG hi',
      'DEBUG LEAK x',
      'DEBUG ERROR hi',
      ['DEBUG', 'ERROR', 'A b\nc'],
      'DEBUG STRUCTSIZE',
      'DEBUG HELP',
      'DEBUG HELP x',
      'DEBUG NOSUCH',
      'DEBUG STRINGMATCH-LEN a b',
      'DEBUG CLIENT-EVICTION',
      'DEBUG REPLICATE SET replicated 1',
      'DEBUG REPLICATE',
    ])
  })

  it.each([2, 3] as const)('replies in every type of RESP%d', async (resp) => {
    await pair.real.command('HELLO', String(resp))
    pair.client.command('HELLO', String(resp))
    for (const type of TYPES) {
      pair.real.takeRaw()
      pair.client.takeRaw()
      void pair.real.command('DEBUG', 'PROTOCOL', type)
      void pair.real.command('ECHO', 'end')
      await expect.poll(() => pair.real.raw).toMatch(/end\r\n$/)
      pair.real.clear()
      pair.client.command('DEBUG', 'PROTOCOL', type)
      pair.client.command('ECHO', 'end')
      pair.client.inbox.length = 0
      expect(pair.client.takeRaw()).toBe(pair.real.takeRaw())
    }
  })

  it('reloads what is on disk, over or beside what is here', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'syncscope-debug-'))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    pair.reference.server.state.settings.read('dir', dir)
    await pair.same(
      [
        'FLUSHALL',
        ...['SET a 1 PXAT 4102444800000', 'RPUSH l 1 2', 'SELECT 3', 'SADD s x', 'SELECT 0'],
        ...['DEBUG RELOAD', 'GET a', 'PEXPIRETIME a'],
        ...['SET a 2', 'SET b new', 'DEBUG RELOAD NOSAVE', 'GET a', 'GET b'],
        ...['SET a 3', 'SET b new', 'DEBUG RELOAD nosave noflush merge', 'GET a', 'GET b', 'DBSIZE'],
        ...['SELECT 3', 'SMEMBERS s', 'SELECT 0'],
        ...['DEBUG RELOAD FOO', 'DEBUG RELOAD NOSAVE FOO', 'DEBUG RELOAD MERGE', 'DBSIZE'],
        ...['FLUSHALL', 'DEBUG RELOAD NOSAVE NOFLUSH', 'DBSIZE', 'GET b'],
        'FLUSHALL',
      ],
      { effects: false },
    )
  })

  it('does not mix what is here with a snapshot that has the same keys', () => {
    const dir = mkdtempSync(join(tmpdir(), 'syncscope-debug-'))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    const reference = startReference()
    reference.server.state.settings.read('dir', dir)
    const client = reference.client()
    for (const command of ['SET a 1', 'SET z 1', 'SAVE', 'DEL a', 'SET z 2'])
      client.command(...command.split(' '))
    expect(client.command('DEBUG', 'RELOAD', 'NOSAVE', 'NOFLUSH')).toMatchObject({ type: 'error' })
    expect(client.command('KEYS', '*')).toMatchObject({ items: [{ value: 'z' }] })
    expect(client.command('GET', 'z')).toMatchObject({ value: '2' })
    const [watcher, other] = [reference.client(), reference.client()]
    watcher.command('WATCH', 'z')
    other.command('DEBUG', 'RELOAD', 'NOSAVE', 'NOFLUSH', 'MERGE')
    watcher.command('MULTI')
    expect(watcher.command('EXEC')).toMatchObject({ type: 'null' })
    expect(client.command('GET', 'z')).toMatchObject({ value: '1' })
  })

  it('does not save what is here so far while a snapshot is being loaded', () => {
    const dir = mkdtempSync(join(tmpdir(), 'syncscope-debug-'))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    const reference = startReference()
    const { server } = reference
    server.state.settings.read('dir', dir)
    const client = reference.client()
    for (const command of ['SET a 1', 'SAVE']) client.command(...command.split(' '))
    const before = readFileSync(join(dir, 'dump.rdb'))
    client.command('DEL', 'a')
    onTestFinished(server.loadInSlices(() => {}))
    expect(client.command('DEBUG', 'RELOAD')).toMatchObject({ value: expect.stringMatching(/^LOADING /) })
    expect(readFileSync(join(dir, 'dump.rdb'))).toEqual(before)
  })
})
