/**
 * The bar of two-connection syncs: many mixed keys, writes going on, two replicas at once and clients among them.
 *
 *   writers ──────────────┐                                              ┌─► events of the proxy: all adds up
 *   replica ──► proxy ──► master ◄── replica        tcpdump at the master ┤
 *                │ tap                                                   └─► decode: the same; with packets lost: nothing wrong
 *
 * A small form is part of the tests; `npm run soak` runs it with 200,000 keys and says what was seen.
 */
import { expect, it, onTestFinished } from 'vitest'
import { fill } from '../../bench/dataset.ts'
import { connectRedis } from '../../src/io/redis-client.ts'
import { LinkBook } from '../../src/replication/link-book.ts'
import { itWith } from '../support/capture-tools.ts'
import { mulberry32 } from '../support/every-split.ts'
import { captureLoopback, decodeBook } from '../support/live-capture.ts'
import { withoutSegments } from '../support/pcap-losses.ts'
import { caughtUp, describeEachRedis, type RealRedis, startRedis, waitFor } from '../support/real-redis.ts'
import { type LinkAudit, SyncAudit } from '../support/sync-audit.ts'
import { watchedProxy } from '../support/watched-proxy.ts'

const KEYS = Number(process.env.SOAK_KEYS ?? 3000)
const IS_LONG = KEYS > 50_000
const ROUNDS = IS_LONG ? 6 : 4
const TIMEOUT_MS = IS_LONG ? 600_000 : 60_000

/** Writes without end, in batches of a pipeline; resolves with the number of commands when it is told to stop. */
function pump(port: number, name: string): () => Promise<number> {
  let isOver = false
  let written = 0
  const run = async () => {
    const client = await connectRedis({ host: '127.0.0.1', port })
    while (!isOver) {
      const batch = [['SELECT', written % 3]] as (string | number)[][]
      for (let i = 0; i < 20; i++) batch.push(['SET', `${name}:${written++}`, 'x'.repeat(written % 300)])
      batch.push(['MULTI'], ['INCR', `${name} n`], ['RPUSH', `${name} l`, written], ['EXEC'])
      for (const reply of await client.pipeline(batch)) if (reply instanceof Error) throw reply
      await new Promise((resolve) => setTimeout(resolve, IS_LONG ? 4 : 10))
    }
    await client.close()
    return written
  }
  const running = run()
  return () => {
    isOver = true
    return running
  }
}

async function sizes(master: RealRedis): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  for (const [name, text] of Object.entries(await master.info('keyspace'))) {
    if (/^db\d+$/.test(name)) found[name.slice(2)] = Number(/keys=(\d+)/.exec(text)![1])
  }
  return found
}

function expectWhole(link: LinkAudit, keys: Record<string, number>, offset: number): void {
  expect(link).toMatchObject({ syncs: 1, lives: 1, holes: [], withoutOffset: [], missing: 0 })
  expect([...link.roles]).toEqual(['replica'])
  expect(link.connections.size).toBe(2)
  expect(link.checksum).toMatch(/good|absent/)
  expect(link.snapshotKeys).toBeGreaterThanOrEqual(KEYS)
  expect(link.sizes).toEqual(keys)
  expect(link.end).toBe(offset)
}

/** What `decode` makes of a capture. */
function decoded(capture: Buffer): SyncAudit {
  const audit = new SyncAudit()
  expect(decodeBook([capture], new LinkBook({ emit: audit.event }))).toEqual([])
  return audit
}

/** Each command that is told is one of the session's, where it was said; only the beginning of another link's may be unknown. */
function expectNoJunk(link: LinkAudit, truth: LinkAudit): void {
  const texts = new Set([...truth.told.values()].map(({ text }) => text.replace(/^\S+ (?:db\d+ )?/, '')))
  const wrong: string[] = []
  for (const [start, { end, text }] of link.told) {
    if (start < truth.offset!) continue
    const known = truth.told.get(start)
    // Behind a gap the database is unknown until the next SELECT.
    const isSame = text === known?.text || text === known?.text.replace(/^\d+ (?:db\d+ )?/, 'undefined ')
    if (known?.end !== end || !isSame) wrong.push(`${start}..${end} ${text}`)
  }
  for (const text of link.withoutOffset) {
    if (!texts.has(text.replace(/^\S+ (?:db\d+ )?/, ''))) wrong.push(text)
  }
  expect(wrong.slice(0, 5)).toEqual([])
}

describeEachRedis('a large sync over two connections', (server) => {
  if (server.major < 8) {
    it('is not known to this server', () => expect(server.major).toBeLessThan(8))
    return
  }
  const own = server.flavour === 'valkey' ? 'dual-channel-replication-enabled' : 'repl-rdb-channel'
  const config = {
    [own]: 'yes',
    'repl-diskless-sync': 'yes',
    'client-output-buffer-limit': 'replica 0 0 0',
    'repl-backlog-size': '200mb',
    // PINGs would move the offset after all is told.
    'repl-ping-replica-period': 3600,
    // Microseconds: so the snapshot lasts while writes go on.
    'rdb-key-save-delay': IS_LONG ? 20 : 200,
  }

  itWith(
    ['tcpdump'],
    `of ${KEYS} keys adds up, live and from a capture, with packets lost too`,
    async () => {
      const master = await startRedis({ server, config })
      await fill(master.client, KEYS)
      const live = new SyncAudit()
      const proxy = await watchedProxy(`127.0.0.1:${master.port}`, { emit: live.event })
      onTestFinished(proxy.close)
      const watching = await captureLoopback([master.port])
      const stops = [pump(proxy.port, 'through'), pump(master.port, 'direct')]
      const began = performance.now()
      const attach = (port: number) => ({ server, config: { ...config, replicaof: `127.0.0.1 ${port}` } })
      const replicas = [await startRedis(attach(proxy.port)), await startRedis(attach(master.port))]
      const link = await waitFor(() => live.replicas.find(({ lives }) => lives > 0), {
        what: 'the replica to be live',
        timeoutMs: TIMEOUT_MS / 3,
      })
      const seconds = (performance.now() - began) / 1000
      for (const stop of stops) expect(await stop()).toBeGreaterThan(100)
      for (const replica of replicas) await caughtUp(master, replica, TIMEOUT_MS / 3)
      const digest = await master.digest()
      for (const replica of replicas) expect(await replica.digest()).toBe(digest)
      const offset = Number((await master.info('replication')).master_repl_offset)
      const keys = await sizes(master)
      await waitFor(() => link.end === offset, { what: 'the last byte' })
      const capture = await watching.stop()
      await proxy.close()

      expect(live.faults).toEqual([])
      expect(live.replicas).toEqual([link])
      expectWhole(link, keys, offset)

      const whole = decoded(capture)
      expect(whole.faults).toEqual([])
      expect(whole.replicas).toHaveLength(2)
      for (const each of whole.replicas) {
        expectWhole(each, keys, offset)
        expectNoJunk(each, link)
      }
      // The one of the proxy is known by its stream's beginning; where both began at once, either will do.
      const same = whole.replicas.find((each) => each.offset === link.offset)!
      expect([...same.told]).toEqual([...link.told])

      const lost = withLosses(capture, master.port, whole)
      if (IS_LONG) report(server.name, seconds, link, capture.length, lost)
    },
    TIMEOUT_MS,
  )
})

type Lost = { packets: number; bytes: number; told: number; of: number }

/** Loses packets of all connections of replicas, with seeds; first of one replica alone, then of both. */
function withLosses(capture: Buffer, port: number, whole: SyncAudit): Lost {
  const sum: Lost = { packets: 0, bytes: 0, told: 0, of: 0 }
  const portsOf = (links: readonly LinkAudit[]) =>
    new Set(links.flatMap(({ connections }) => [...connections].map((c) => Number(c.split(':')[1]))))
  const [one, other] = whole.replicas
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const isAlone = seed % 2 === 1
    const random = mulberry32(seed)
    const watched = portsOf(isAlone ? [one!] : [one!, other!])
    const hidden = portsOf(isAlone ? [other!] : [])
    const without = withoutSegments(capture, port, ({ clientPort }) => hidden.has(clientPort)).file
    // The words of a handshake are few: they are lost more often.
    const chance = (index: number) => (index < 12 ? 0.1 : 0.02)
    const { file, packets, bytes } = withoutSegments(
      without,
      port,
      ({ clientPort, index }) => watched.has(clientPort) && random() < chance(index),
    )
    const seen = decoded(file)
    const what = `seed ${seed}`
    expect(seen.faults, what).toEqual([])
    const links = seen.replicas.filter(({ connections }) =>
      [...connections].some((c) => watched.has(Number(c.split(':')[1]))),
    )
    if (isAlone) expect(links.length, what).toBe(1)
    expect(
      links.reduce((total, { missing }) => total + missing, 0),
      what,
    ).toBe(bytes)
    for (const each of links) {
      const replicas = new Set([...each.connections].map((c) => whole.of(c)!))
      expect(replicas.size, `${what}: no two replicas in one link`).toBe(1)
      expectNoJunk(each, [...replicas][0]!)
      sum.told += each.told.size
    }
    for (const client of seen.links.values()) {
      if (!links.includes(client)) expect([...client.roles].join(), what).toMatch(/^(client|unknown)$|^$/)
    }
    sum.packets += packets
    sum.bytes += bytes
    sum.of += (isAlone ? [one!] : [one!, other!]).reduce((total, { told }) => total + told.size, 0)
  }
  return sum
}

function report(name: string, seconds: number, link: LinkAudit, captured: number, lost: Lost): void {
  const n = (value: number) => value.toLocaleString('en-US')
  process.stderr.write(
    `${name}: ${n(link.snapshotKeys)} keys in the snapshot, ${n(link.commands)} commands from offset ${n(link.offset!)} ` +
      `to ${n(link.end!)}, live after ${seconds.toFixed(1)} s; capture of ${n(captured)} B: the same; with ` +
      `${n(lost.packets)} packets (${n(lost.bytes)} B) lost in ${ROUNDS} runs ${n(lost.told)} of ${n(lost.of)} commands, none wrong\n`,
  )
}
