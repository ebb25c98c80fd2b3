/** A program run to its end, measured: how long it took, and the most memory it held. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

const POLL_MS = 10

/** How a process ended up. `isWhole` is false where it was stopped because it took too long. */
export type Run = { readonly seconds: number; readonly peakBytes: number; readonly isWhole: boolean }

/**
 * Runs a program with its output to nowhere. Rejects if it does not end well.
 * @param limitSeconds it is stopped then, and what it took is the limit
 */
export function run(path: string, args: readonly string[], limitSeconds = 3600): Promise<Run> {
  return new Promise((resolve, reject) => {
    const begin = performance.now()
    const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let complaint = ''
    child.stderr.on('data', (chunk) => (complaint += chunk))
    let peakBytes = 0
    let isWhole = true
    const poll = setInterval(() => {
      // VmHWM only grows, so that what is missed is what was needed in the last few milliseconds.
      peakBytes = Math.max(peakBytes, peakOf(child.pid))
    }, POLL_MS)
    const limit = setTimeout(() => {
      isWhole = false
      child.kill('SIGKILL')
    }, limitSeconds * 1000)
    child.once('error', reject)
    child.once('exit', (status) => {
      const seconds = (performance.now() - begin) / 1000
      clearInterval(poll)
      clearTimeout(limit)
      if (status === 0 || !isWhole) resolve({ seconds, peakBytes, isWhole })
      else reject(new Error(`${path} ${args.join(' ')} ended with status ${status}: ${complaint}`))
    })
  })
}

/** Syncscope as it is built, or as SYNCSCOPE_BIN names it. */
export function syncscope(...args: readonly string[]): Promise<Run> {
  return run(process.execPath, [process.env.SYNCSCOPE_BIN ?? 'bin/syncscope.js', ...args])
}

function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
