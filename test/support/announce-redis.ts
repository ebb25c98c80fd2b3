/**
 * Before the first test: one loud line if the suites on real servers are going to be skipped.
 * A global set-up of vitest, because only it runs once for all files.
 */
import { defaultServer, HOW_TO_GET_REDIS, servers } from '../../src/io/redis-process.ts'

export function setup(): void {
  if (servers().length > 0 && defaultServer() !== undefined) return
  process.stderr.write(
    `\n*** NO REDIS SERVER: tests on real servers are SKIPPED. ${HOW_TO_GET_REDIS} ***\n\n`,
  )
}
