/**
 * The two servers that are compared, started alike: on a free port, in a directory of their own, without save
 * points.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectRedis, type RedisClient } from '../../src/io/redis-client.ts'
import { freePort, spawnTied, waitFor } from '../../src/io/redis-process.ts'
import { executable } from '../subjects.ts'

export const SERVERS = ['redis-server', 'syncscope'] as const
export type ServerName = (typeof SERVERS)[number]

export type Server = {
  readonly name: ServerName
  readonly port: number
  readonly client: RedisClient
  residentBytes(): number
  stop(): Promise<void>
}

const directories = new Set<string>()
process.on('exit', () => {
  for (const dir of directories) rmSync(dir, { recursive: true, force: true })
})

/** Starts both, gives them to `measure`, and ends them whatever happens. */
export async function withServers<T>(measure: (servers: readonly Server[]) => Promise<T>): Promise<T> {
  const running: Server[] = []
  try {
    for (const name of SERVERS) running.push(await start(name))
    return await measure(running)
  } finally {
    for (const server of running) await server.stop()
  }
}

/** Both of them, in an order that turns with the rounds. */
export function inTurn<T>(servers: readonly T[], round: number): readonly T[] {
  return servers.map((_, i) => servers[(i + round) % servers.length]!)
}

/** @param more parameters of redis.conf, as arguments */
export async function start(name: ServerName, more: readonly string[] = []): Promise<Server> {
  const port = await freePort()
  const dir = mkdtempSync(join(tmpdir(), 'syncscope-bench-'))
  directories.add(dir)
  const [path, first] =
    name === 'redis-server'
      ? [executable('redis-server') as string, []]
      : [process.execPath, [process.env.SYNCSCOPE_BIN ?? 'bin/syncscope.js', 'serve']]
  const child = spawnTied(path, [...first, '--port', String(port), '--dir', dir, '--save', '', ...more])
  const client = await waitFor(() => connectRedis({ host: '127.0.0.1', port }).catch(() => undefined), {
    what: `${name} to listen on port ${port}`,
  })
  return {
    name,
    port,
    client,
    residentBytes: () =>
      Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) * 1024,
    stop: async () => {
      await client.close()
      const exited = new Promise((resolve) => child.once('close', resolve))
      child.kill('SIGKILL')
      await exited
      rmSync(dir, { recursive: true, force: true })
      directories.delete(dir)
    },
  }
}
