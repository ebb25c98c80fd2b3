/**
 * tcpdump and tshark as judges of what we write. Where they are not installed the tests that need them are
 * skipped, with a word; under CI=true they fail instead, because there the tools must be present.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { it } from 'vitest'

export type CaptureTool = 'tcpdump' | 'tshark'

/** Whether all of them are installed; under CI=true they must be. */
export function hasTools(tools: readonly CaptureTool[]): boolean {
  return (
    process.env.CI === 'true' || tools.every((tool) => spawnSync(tool, ['--version']).error === undefined)
  )
}

/** `it`, for a test that needs these tools. */
export function itWith(
  tools: readonly CaptureTool[],
  name: string,
  test: () => void | Promise<void>,
  timeoutMs?: number,
): void {
  const missing = tools.filter((tool) => spawnSync(tool, ['--version']).error !== undefined)
  if (missing.length === 0) {
    it(name, test, timeoutMs)
    return
  }
  const why = `${missing.join(' and ')} not installed (apt-get install tcpdump tshark)`
  if (process.env.CI === 'true') {
    it(name, () => {
      throw new Error(why)
    })
  } else it.skip(`${name}: ${why}`, test)
}

/** Runs a tool; fails where it fails. Returns what it printed on both outputs. */
export function runTool(tool: CaptureTool, options: readonly string[]): { stdout: string; stderr: string } {
  const { stdout, stderr, status } = spawnSync(tool, options, {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(`${tool} ${options.join(' ')}: exit ${status}: ${stderr}`)
  return { stdout, stderr }
}

/** The bytes of each side of each TCP connection, as tshark follows them. */
export function followStreams(file: string): [Buffer, Buffer][] {
  const numbers = execFileSync('tshark', ['-r', file, '-T', 'fields', '-e', 'tcp.stream'], {
    encoding: 'utf8',
  })
  const count = new Set(numbers.split('\n').filter((line) => line !== '')).size
  return Array.from({ length: count }, (_, i) => {
    const sides: [string[], string[]] = [[], []]
    const { stdout } = runTool('tshark', ['-r', file, '-q', '-z', `follow,tcp,raw,${i}`])
    for (const line of stdout.split('\n')) {
      if (/^\t?[0-9a-f]+$/.test(line)) sides[line.startsWith('\t') ? 1 : 0].push(line.trim())
    }
    return [Buffer.from(sides[0].join(''), 'hex'), Buffer.from(sides[1].join(''), 'hex')]
  })
}
