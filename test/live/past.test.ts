/**
 * The past of a recorded session, beside real replicas that were stopped in it: at each of their offsets
 * `decode --at` writes what they hold.
 */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectRedis, type Reply } from '../../src/io/redis-client.ts'
import { Secrets } from '../../src/replication/secrets.ts'
import { Recorder } from '../../src/sink/recorder.ts'
import { decodeProcess } from '../support/decode-process.ts'
import { describeWithRedis, freePort, type RealRedis, startRedis, waitFor } from '../support/real-redis.ts'
import { MemoryRecording } from '../support/recordings.ts'
import { steadyWrites } from '../support/steady-writes.ts'
import { watchedProxy } from '../support/watched-proxy.ts'

type Stopped = { readonly offset: number; readonly digest: string; readonly streams: string }

/** A replica of its own, parted from its master in the middle of the writes; it stays a replica. */
async function stoppedReplica(master: RealRedis): Promise<Stopped> {
  const replica = await startRedis({
    server: master.server,
    config: { replicaof: `127.0.0.1 ${master.port}` },
  })
  await waitFor(async () => (await replica.info('replication')).master_link_status === 'up', { what: 'sync' })
  await new Promise((resolve) => setTimeout(resolve, 300))
  await replica.client.command('REPLICAOF', '127.0.0.1', await freePort())
  const offset = Number((await replica.info('replication')).slave_repl_offset)
  const stopped = { offset, digest: await replica.digest(), streams: await streamsOf(replica) }
  await replica.stop()
  return stopped
}

/** What DEBUG DIGEST leaves out of streams: groups, consumers, what is pending. */
async function streamsOf({ client }: RealRedis, isSameWay = false): Promise<string> {
  const keys = (await client.command('KEYS', 'x:*')) as string[]
  const described = await Promise.all(
    keys.sort().map((key) => client.command('XINFO', 'STREAM', key, 'FULL', 'COUNT', 1000)),
  )
  return JSON.stringify(
    described.map((reply) => withoutTimes(reply, isSameWay)),
    undefined,
    1,
  )
}

const VOLATILE = new Set(['seen-time', 'radix-tree-keys', 'radix-tree-nodes'])
/** XREADGROUP does not tell replicas; a snapshot does: so it depends on when a replica synced. */
const BY_WAY_OF_SYNC = new Set(['entries-read', 'lag'])

function withoutTimes(reply: Reply, isSameWay: boolean): Reply {
  if (!Array.isArray(reply)) return reply
  return reply.map((item, i) => {
    const name = String(reply[i - 1])
    if (VOLATILE.has(name) || (!isSameWay && BY_WAY_OF_SYNC.has(name))) return 0
    // Pending entries of a group: id, consumer, delivery time, count; of a consumer: id, time, count.
    const isTime = typeof item === 'number' && item > 1e12
    return isTime ? 0 : withoutTimes(item, isSameWay)
  })
}

describeWithRedis('the past of a recording', (server) => {
  const dir = mkdtempSync(join(tmpdir(), 'syncscope-past-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))
  const file = join(dir, 'session.pcapng')
  const stops: Stopped[] = []
  let last: Stopped

  beforeAll(async () => {
    const config = { 'repl-diskless-sync-delay': 0, 'repl-backlog-size': '16mb' }
    const master = await startRedis({ server, config })
    const recording = new MemoryRecording()
    const secrets = new Secrets({ blanks: true })
    const recorder = new Recorder(recording, 'syncscope test', secrets)
    const proxy = await watchedProxy(`127.0.0.1:${master.port}`, { emit: () => {}, secrets, recorder })
    const writer = await connectRedis({ host: '127.0.0.1', port: master.port })
    const writes = steadyWrites(writer)
    // With its backlog the master begins to count.
    await stoppedReplica(master)
    const recorded = await startRedis({ server, config: { ...config, replicaof: `127.0.0.1 ${proxy.port}` } })
    await waitFor(async () => (await recorded.info('replication')).master_link_status === 'up', {
      what: 'the recorded replica',
    })
    stops.push(await stoppedReplica(master))
    stops.push(await stoppedReplica(master))
    // It comes back: its history is joined.
    await master.client.command('CLIENT', 'KILL', 'TYPE', 'replica')
    stops.push(await stoppedReplica(master))
    await recorded.client.command('REPLICAOF', '127.0.0.1', await freePort())
    const offset = Number((await recorded.info('replication')).slave_repl_offset)
    last = { offset, digest: await recorded.digest(), streams: await streamsOf(recorded, true) }
    await writes.stop()
    await writer.close()
    await proxy.close()
    writeFileSync(file, recording.file)
  }, 60_000)

  it('is what a replica holds that was stopped there, for each of several', async () => {
    // A replica loads what has expired too.
    const loading = await startRedis({ server, config: { replicaof: `127.0.0.1 ${await freePort()}` } })
    const loaded = async ({ offset, digest, streams }: Stopped, isSameWay: boolean) => {
      const out = join(dir, `${offset}.rdb`)
      const { status, stdout, stderr } = decodeProcess(file, '--at', String(offset), '--rdb-out', out)
      expect([stderr, status]).toEqual(['', 0])
      expect(stdout).toContain('the dataset at offset')
      copyFileSync(out, join(loading.dir, 'dump.rdb'))
      await loading.client.command('DEBUG', 'RELOAD', 'NOSAVE')
      expect(await loading.digest()).toBe(digest)
      expect(await streamsOf(loading, isSameWay)).toBe(streams)
    }
    for (const stopped of stops) await loaded(stopped, false)
    await loaded(last, true)
    expect(new Set([...stops, last].map(({ digest }) => digest)).size).toBe(stops.length + 1)
  }, 60_000)

  it('says what there is where the offset is not', () => {
    const out = join(dir, 'none.rdb')
    const beyond = decodeProcess(file, '--at', String(last.offset + 10_000_000), '--rdb-out', out)
    expect(beyond.status).toBe(2)
    expect(beyond.stderr).toMatch(/^syncscope: offset \d+ lies beyond the end: offsets \d+\.\.\d+ are here$/m)
    const before = decodeProcess(file, '--at', '0', '--rdb-out', out)
    expect([before.status, before.stderr]).toEqual([
      2,
      expect.stringMatching(/offset 0 lies before the first snapshot \(offset \d+\)/),
    ])
  })
})
