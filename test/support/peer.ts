/**
 * Peer: a server to replicate with, real or the reference, asked in one way.
 *
 *   const master = await startPeer('reference', { 'repl-backlog-size': '1mb' })
 *   const replica = await startPeer(server, { replicaof: `127.0.0.1 ${master.port}` })
 *   await master.write('SET', 'k', 'v')
 *   await expectSame(master, [replica])
 *
 * References run in the test's own process; where a process is wanted, it is a real server like any other
 * (serve.ts). All are stopped when the test is over.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { RedisClient } from '../../src/io/redis-client.ts'
import { type Difference, diffSnapshots } from '../../src/rdb/diff.ts'
import { differenceText } from '../../src/rdb/diff-text.ts'
import type { SnapshotBytes } from '../../src/rdb/reread.ts'
import { type RealServer, startRedis, waitFor } from './real-redis.ts'
import { type ReferenceConfig, serveReference } from './reference-server.ts'

export type Peer = {
  /** For titles and messages. */
  readonly name: string
  readonly port: number
  readonly client: RedisClient
  info(section?: string): Promise<Record<string, string>>
  config(name: string, value: string | number): Promise<unknown>
  digest(): Promise<unknown>
  /** Lines of its log. */
  log(): readonly string[]
  stop(): Promise<void>
}

export type PeerKind = RealServer | 'reference'

export const nameOf = (kind: PeerKind): string => (kind === 'reference' ? kind : kind.name)

const SHARED: ReferenceConfig = { 'repl-diskless-sync-delay': 0, save: '' }

export async function startPeer(kind: PeerKind, config: ReferenceConfig = {}): Promise<Peer> {
  const all = { ...SHARED, ...config }
  if (kind !== 'reference') {
    const real = await startRedis({
      server: kind,
      config: all,
      ...(config.port ? { port: +config.port } : {}),
    })
    return { ...real, name: kind.name, log: () => real.log(10_000).split('\n') }
  }
  const reference = await serveReference(all)
  const { client } = reference
  return {
    name: kind,
    port: reference.port,
    client,
    info: reference.info,
    config: (name, value) => client.command('CONFIG', 'SET', name, value),
    digest: reference.digest,
    log: () => reference.log,
    stop: reference.stop,
  }
}

const PATIENCE_MS = 30_000

/** Until a replica's link is up and its master has it online. */
export async function linked(master: Peer, replica: Peer, count = 1): Promise<void> {
  await waitFor(
    async () => {
      const [here, there] = await Promise.all([master.info('replication'), replica.info('replication')])
      const online = Object.entries(here).filter(([k, v]) => /^slave\d/.test(k) && /state=online/.test(v))
      return there.master_link_status === 'up' && online.length >= count
    },
    { timeoutMs: PATIENCE_MS, what: 'the link to be up' },
  ).catch((error: Error) => {
    const logs = [master, replica].map((peer) => `${peer.name}:\n${peer.log().slice(-15).join('\n')}`)
    throw new Error(`${error.message}\n${logs.join('\n')}`)
  })
}

/** Waits until a peer has logged what contains this. @param from lines to leave out at the beginning */
export async function logged(peer: Peer, text: string, from = 0): Promise<void> {
  await waitFor(
    () =>
      peer
        .log()
        .slice(from)
        .some((line) => line.includes(text)),
    {
      what: `${peer.name} to log "${text}"`,
      timeoutMs: PATIENCE_MS,
    },
  ).catch((error: Error) => {
    throw new Error(`${error.message}:\n${peer.log().slice(from).slice(-40).join('\n')}`)
  })
}

/**
 * Equal offsets, then equal data: by digest, and by snapshots, which tell of consumer groups too.
 * Writers must be quiet; from now on nothing expires by itself.
 * @param digests false: snapshots are enough, or digests are made otherwise in another generation
 */
export async function expectSame(master: Peer, replicas: readonly Peer[], digests = true): Promise<void> {
  const all = [master, ...replicas]
  // What expires while they are asked would have them asked again.
  await master.client.command('DEBUG', 'SET-ACTIVE-EXPIRE', 0)
  await master.config('repl-ping-replica-period', 3600)
  const offsets = (): Promise<string[]> =>
    Promise.all(all.map(async (peer) => (await peer.info('replication')).master_repl_offset!))
  const isOne = (list: readonly string[]): boolean => new Set(list).size === 1
  await waitFor(
    async () => {
      const before = await offsets()
      if (!isOne(before)) return false
      const found = digests ? await Promise.all(all.map((peer) => peer.digest())) : []
      const snapshots: SnapshotBytes[] = []
      for (const peer of all) snapshots.push(await snapshotOf(peer))
      const after = await offsets()
      // What was seen is not of one moment.
      if (!isOne([...before, ...after])) return false
      for (const snapshot of snapshots.slice(1)) expect(differences(snapshots[0]!, snapshot)).toEqual([])
      expect(found.slice(1)).toEqual(found.slice(1).map(() => found[0]))
      return true
    },
    { timeoutMs: PATIENCE_MS, what: `${all.map(({ name }) => name).join(', ')} to be at the same offset` },
  )
  const ids = await Promise.all(all.map(async (peer) => (await peer.info('replication')).master_replid))
  expect(ids.slice(1)).toEqual(ids.slice(1).map(() => ids[0]))
}

async function snapshotOf(peer: Peer): Promise<SnapshotBytes> {
  await peer.client.command('SAVE')
  const [, dir] = (await peer.client.command('CONFIG', 'GET', 'dir')) as string[]
  const bytes = readFileSync(join(dir!, 'dump.rdb'))
  return {
    name: `${peer.name} on port ${peer.port}`,
    size: bytes.length,
    read: (into, position) => bytes.copy(into, 0, position),
  }
}

/**
 * In 7.0 XREADGROUP tells replicas who has what, but not how many entries a group has read; 6.0 sends the time
 * that is left to a key, not its end.
 */
const NOT_REPLICATED = /group "[^"]*", entries read: /
const NOT_REPLICATED_BY_6 = /, entries read: | {2}expiry: /

function differences(first: SnapshotBytes, second: SnapshotBytes): string[] {
  const found: Difference[] = []
  diffSnapshots(first, second, { strict: false, limit: 100, onDifference: (one) => found.push(one) })
  const lines = found.map((one) => differenceText(one, [first.name, second.name]))
  const except = /^redis 6/.test(first.name) ? NOT_REPLICATED_BY_6 : NOT_REPLICATED
  return lines.filter((line) => !except.test(line))
}
