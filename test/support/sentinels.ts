/**
 * Real Sentinels: three processes that watch a master, and one of them to be asked what they think.
 *
 *   const sentinels = await startSentinels(server, master.port)
 *   await sentinels.field('num-slaves')        '2'
 *   await sentinels.masterPort()               who they say is the master
 *
 * They are ended, and their files removed, when the test is over.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { connectRedis, type RedisClient } from '../../src/io/redis-client.ts'
import { spawnTied } from '../../src/io/redis-process.ts'
import { freePort, type RealServer, waitFor } from './real-redis.ts'

const COUNT = 3
const QUORUM = 2
/** A busy machine must not look like a dead one. */
const DOWN_AFTER_MS = 1500
const FAILOVER_TIMEOUT_MS = 10_000

export class Sentinels {
  readonly #clients: readonly RedisClient[]
  readonly #logs: readonly string[]

  constructor(clients: readonly RedisClient[], logs: readonly string[]) {
    this.#clients = clients
    this.#logs = logs
  }

  /** A field of SENTINEL MASTER, as each of them sees it. */
  async fields(name: string): Promise<string[]> {
    return Promise.all(
      this.#clients.map(async (client) => {
        const pairs = (await client.command('SENTINEL', 'MASTER', 'mymaster')) as string[]
        return pairs[pairs.indexOf(name) + 1]!
      }),
    )
  }

  /** Whom they send clients to. */
  async masterPort(): Promise<number> {
    const address = await this.#clients[0]!.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster')
    return Number((address as string[])[1])
  }

  /** All that they logged. */
  get log(): string[] {
    return this.#logs.flatMap((path) => readFileSync(path, 'utf8').trimEnd().split('\n'))
  }
}

/** @param server whose executable can be a Sentinel @param port the master's */
export async function startSentinels(server: RealServer, port: number): Promise<Sentinels> {
  const dir = mkdtempSync(join(tmpdir(), 'syncscope-sentinels-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const logs: string[] = []
  const clients: RedisClient[] = []
  for (let i = 0; i < COUNT; i++) {
    const own = await freePort()
    const file = join(dir, `sentinel-${i}.conf`)
    const lines = [
      `port ${own}`,
      'bind 127.0.0.1',
      `dir "${dir}"`,
      `sentinel monitor mymaster 127.0.0.1 ${port} ${QUORUM}`,
      `sentinel down-after-milliseconds mymaster ${DOWN_AFTER_MS}`,
      `sentinel failover-timeout mymaster ${FAILOVER_TIMEOUT_MS}`,
      'sentinel parallel-syncs mymaster 1',
    ]
    writeFileSync(file, `${lines.join('\n')}\n`)
    const log = join(dir, `sentinel-${i}.log`)
    const output = openSync(log, 'w')
    const child = spawnTied(server.path, [file, '--sentinel'], output)
    closeSync(output)
    onTestFinished(() => void child.kill('SIGKILL'))
    logs.push(log)
    const client = await waitFor(
      () => connectRedis({ host: '127.0.0.1', port: own }).catch(() => undefined),
      {
        what: 'a sentinel to answer',
      },
    )
    onTestFinished(() => client.close())
    clients.push(client)
  }
  return new Sentinels(clients, logs)
}
