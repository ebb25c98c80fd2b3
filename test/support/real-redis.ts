/**
 * Tests on real servers: the gate in front of them, and the broom behind them.
 *
 *   describeWithRedis('a full sync', (server) => {
 *     it('…', async () => {
 *       const master = await startRedis({ server, config: { 'repl-diskless-sync': 'no' } })
 *
 * A server started in a test ends with the test, one started in beforeAll with its file; nothing to tidy up.
 * Where no server is installed the suite is skipped, and announce-redis.ts says so once for the whole run;
 * with CI=true that is a failure. describeEachRedis runs the suite on every version of REDIS_SERVERS.
 */
import { afterAll, describe, it, onTestFinished } from 'vitest'
import {
  defaultServer,
  HOW_TO_GET_REDIS,
  type RealRedis,
  type RealServer,
  type StartOptions,
  servers,
  startRedis as startProcess,
} from '../../src/io/redis-process.ts'

export {
  caughtUp,
  defaultServer,
  freePort,
  infoFields,
  type RealRedis,
  type RealServer,
  type StartOptions,
  servers,
  waitFor,
} from '../../src/io/redis-process.ts'

// vitest runs each file in a process that outlives an interrupted run: without its parent it must end too.
process.once('disconnect', () => process.exit(1))

const started = new Set<RealRedis>()
afterAll(async () => {
  await Promise.all([...started].map((redis) => redis.stop()))
})

/** Starts a server that answers PING; it is stopped when the test (outside a test: the file) is over. */
export async function startRedis(options: StartOptions = {}): Promise<RealRedis> {
  const redis = await startProcess(options)
  started.add(redis)
  try {
    onTestFinished(() => redis.stop())
  } catch {
    // Not inside a test: the file's afterAll stops it.
  }
  return redis
}

/** A suite on the default server; skipped, or with CI=true failed, where there is none. */
export function describeWithRedis(name: string, suite: (server: RealServer) => void): void {
  const server = defaultServer()
  if (server === undefined) withoutRedis(name)
  else describe(name, () => suite(server))
}

/** The same suite on the default server and on each of REDIS_SERVERS. */
export function describeEachRedis(name: string, suite: (server: RealServer) => void): void {
  const all = servers()
  if (all.length === 0) withoutRedis(name)
  for (const server of all) describe(`${name} (${server.name})`, () => suite(server))
}

function withoutRedis(name: string): void {
  describe(name, () => {
    if (process.env.CI === 'true') {
      it('has a redis-server to run on', () => {
        throw new Error(`no redis-server found: ${HOW_TO_GET_REDIS}`)
      })
    } else it.skip(`needs a redis-server: ${HOW_TO_GET_REDIS}`)
  })
}
