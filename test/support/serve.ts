/**
 * `syncscope serve` as a process, wherever a real redis-server can stand: startRedis({ server: SERVE }).
 * It is run from source.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import type { RealServer } from './real-redis.ts'

export const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const TSX = fileURLToPath(import.meta.resolve('tsx'))

const dir = mkdtempSync(join(tmpdir(), 'syncscope-serve-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** An executable that takes redis-server's arguments. */
const path = join(dir, 'serve')
writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" --import "${TSX}" "${MAIN}" serve "$@"\n`)
chmodSync(path, 0o755)

export const SERVE: RealServer = {
  path,
  name: 'syncscope serve',
  flavour: 'redis',
  version: '7.0.15',
  major: 7,
}
