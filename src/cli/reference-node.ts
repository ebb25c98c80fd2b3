/**
 * A reference server within this very process, on a port of its own: the two that `demo` shows, and the
 * servers of many tests. (`diff` runs the reference as a process, as any other subject.)
 *
 * It has a real socket, a real clock and a directory that goes with it; its log is kept, not printed.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processFacts } from '../io/process-facts.ts'
import { connectRedis, type RedisClient } from '../io/redis-client.ts'
import { infoFields } from '../io/redis-process.ts'
import { listenFor } from '../io/server-socket.ts'
import { SnapshotStore } from '../io/snapshot-store.ts'
import { socketDialer } from '../io/socket-dialer.ts'
import { systemClock, systemRandom } from '../io/system-clock.ts'
import { Settings } from '../server/config/settings.ts'
import { RedisServer } from '../server/server.ts'

/** Parameters by their names in redis.conf. */
export type NodeConfig = Readonly<Record<string, string | number>>

export type ReferenceNode = {
  readonly port: number
  readonly client: RedisClient
  readonly server: RedisServer
  /** The fields of an INFO section (all sections where none is named). */
  info(section?: string): Promise<Record<string, string>>
  /** DEBUG DIGEST: equal for equal datasets. */
  digest(): Promise<string>
  /** Lines so far. */
  readonly log: readonly string[]
  /** May be called twice. */
  stop(): Promise<void>
}

const HOST = '127.0.0.1'

/** @param dir where its snapshots are; one that goes with it where none is given */
export async function startReferenceNode(config: NodeConfig = {}, dir?: string): Promise<ReferenceNode> {
  const home = dir ?? mkdtempSync(join(tmpdir(), 'syncscope-reference-'))
  const settings = new Settings()
  const all = { 'enable-debug-command': 'yes', save: '', dir: home, ...config }
  for (const [name, value] of Object.entries(all)) settings.read(name, String(value))
  const log: string[] = []
  const server = new RedisServer(
    {
      clock: systemClock,
      random: systemRandom,
      store: new SnapshotStore(),
      dialer: socketDialer,
      facts: processFacts,
      log: (_level, line) => log.push(line),
      shutdown: () => {},
      sleep: () => {},
    },
    settings,
  )
  server.load()
  const address = { kind: 'tcp', host: HOST, port: Number(config.port ?? 0) } as const
  const listening = await listenFor((peer) => server.accept(peer), address)
  settings.read('port', String(listening.port))
  const stopTurns = server.start()
  const client = await connectRedis({ host: HOST, port: listening.port })
  let isStopped = false
  return {
    port: listening.port,
    client,
    server,
    info: async (section = 'everything') => infoFields(String(await client.command('INFO', section))),
    digest: async () => String(await client.command('DEBUG', 'DIGEST')),
    log,
    stop: async () => {
      if (isStopped) return
      isStopped = true
      await client.close()
      stopTurns()
      await listening.close()
      if (dir === undefined) rmSync(home, { recursive: true, force: true })
    },
  }
}
