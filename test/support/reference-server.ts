/**
 * The reference server on a real port, in the test's own process: for real replicas, masters and tools.
 *
 *   const reference = await serveReference({ 'repl-diskless-sync-delay': 0 })
 *   await reference.client.command('SET', 'k', 'v')
 *
 * It is stopped, and its directory removed, when the test is over.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { processFacts } from '../../src/io/process-facts.ts'
import { connectRedis, type RedisClient } from '../../src/io/redis-client.ts'
import { listenFor } from '../../src/io/server-socket.ts'
import { SnapshotStore } from '../../src/io/snapshot-store.ts'
import { socketDialer } from '../../src/io/socket-dialer.ts'
import { systemClock, systemRandom } from '../../src/io/system-clock.ts'
import { Settings } from '../../src/server/config/settings.ts'
import { RedisServer } from '../../src/server/server.ts'

export type ReferenceConfig = Readonly<Record<string, string | number>>

export type ServedReference = {
  readonly port: number
  readonly server: RedisServer
  readonly client: RedisClient
  readonly log: string[]
  digest(): Promise<unknown>
  stop(): Promise<void>
}

/** @param dir kept where it is given; a new one otherwise */
export async function serveReference(config: ReferenceConfig = {}, dir?: string): Promise<ServedReference> {
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
  const listening = await listenFor((peer) => server.accept(peer), {
    kind: 'tcp',
    host: '127.0.0.1',
    port: Number(config.port ?? 0),
  })
  settings.read('port', String(listening.port))
  const stopTurns = server.start()
  const client = await connectRedis({ host: '127.0.0.1', port: listening.port })
  let isStopped = false
  const stop = async (): Promise<void> => {
    if (isStopped) return
    isStopped = true
    await client.close()
    stopTurns()
    await listening.close()
    if (dir === undefined) rmSync(home, { recursive: true, force: true })
  }
  try {
    onTestFinished(stop)
  } catch {
    // Outside a test whoever started it stops it.
  }
  return { port: listening.port, server, client, log, digest: () => client.command('DEBUG', 'DIGEST'), stop }
}
