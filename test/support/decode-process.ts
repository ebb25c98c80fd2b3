/** `syncscope decode …` as a process that is waited for. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export function decodeProcess(...args: readonly string[]) {
  const run = spawnSync(process.execPath, ['--import', 'tsx', MAIN, 'decode', ...args], { encoding: 'utf8' })
  return { status: run.status, stdout: run.stdout, stderr: run.stderr }
}
