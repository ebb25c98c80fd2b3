/**
 * What stands between a replica and its master while we measure.
 *
 *   client or replica ──► subject (127.0.0.1:Q) ──► target (127.0.0.1:P)
 *
 *   direct     nothing: the target's own port
 *   haproxy    mode tcp, one thread (a link is served by one thread anyway, and syncscope has one)
 *   socat      a process per connection; 64 KiB blocks instead of its default 8 KiB, which would be slower
 *   syncscope  proxy with decoding on, summary only. SYNCSCOPE_BIN=/other/bin/syncscope.js measures another build
 *
 * TCP_NODELAY wherever it can be asked for. Linux only: listening and memory are read from /proc.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, onPath, spawnTied, waitFor } from '../src/io/redis-process.ts'

export const SUBJECTS = ['direct', 'haproxy', 'socat', 'syncscope'] as const
export type SubjectName = (typeof SUBJECTS)[number]

/** A subject at work. */
export type Subject = {
  readonly name: SubjectName
  /** Where to connect instead of the target's port. */
  readonly port: number
  stop(): Promise<void>
}

/** Their logs and configurations. The processes themselves end with us, by the kernel's hand. */
const directories = new Set<string>()
process.on('exit', () => {
  for (const dir of directories) rmSync(dir, { recursive: true, force: true })
})

/** Highest resident memory of any syncscope process so far, bytes, by what was measured. */
export const syncscopePeaks = new Map<string, number>()

/** The programs that are missing to measure with, and the Debian packages that bring them. */
export function missingTools(): { tools: string[]; packages: string[] } {
  const wanted = {
    haproxy: 'haproxy',
    socat: 'socat',
    'redis-server': 'redis-server',
    'redis-benchmark': 'redis-tools',
  }
  const missing = Object.entries(wanted).filter(([tool]) => executable(tool) === undefined)
  return { tools: missing.map(([tool]) => tool), packages: missing.map(([, name]) => name) }
}

/** An executable on the PATH or where Debian puts daemons, which is not on everybody's PATH. */
export function executable(name: string): string | undefined {
  return onPath(name) ?? onPath(name, '/usr/sbin:/usr/local/sbin')
}

/**
 * Starts a subject in front of a port of 127.0.0.1 and waits until it listens.
 * @param during the scenario, under which the memory is noted
 */
export async function startSubject(name: SubjectName, target: number, during: string): Promise<Subject> {
  if (name === 'direct') return { name, port: target, stop: async () => {} }
  const port = await freePort()
  const dir = mkdtempSync(join(tmpdir(), 'syncscope-bench-'))
  directories.add(dir)
  const [path, args] = commandLine(name, port, target, dir)
  const log = join(dir, 'log')
  const output = openSync(log, 'w')
  const child = spawnTied(path, args, output)
  closeSync(output)
  const exited = new Promise<void>((resolve) =>
    child.once('close', () => resolve()).once('error', () => resolve()),
  )
  const stop = async () => {
    if (child.pid !== undefined && child.exitCode === null) {
      if (name === 'syncscope') notePeak(during, child.pid)
      for (const pid of [...childrenOf(child.pid), child.pid]) end(pid)
    }
    await exited
    rmSync(dir, { recursive: true, force: true })
    directories.delete(dir)
  }
  try {
    await waitFor(
      () => {
        if (child.exitCode !== null) throw new Error(`${name} ended by itself:\n${readFileSync(log, 'utf8')}`)
        return listens(port)
      },
      { what: `${name} to listen on port ${port}` },
    )
  } catch (error) {
    await stop()
    throw error
  }
  return { name, port, stop }
}

function commandLine(name: SubjectName, port: number, target: number, dir: string): [string, string[]] {
  if (name === 'haproxy') {
    const config = join(dir, 'haproxy.cfg')
    writeFileSync(config, haproxyConfig(port, target))
    return [executable('haproxy') as string, ['-db', '-q', '-f', config]]
  }
  if (name === 'socat') {
    const listen = `TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork,nodelay`
    return [executable('socat') as string, ['-b', '65536', listen, `TCP:127.0.0.1:${target},nodelay`]]
  }
  const bin = process.env.SYNCSCOPE_BIN ?? 'bin/syncscope.js'
  const where = ['--master', `127.0.0.1:${target}`, '--listen', `127.0.0.1:${port}`]
  return [process.execPath, [bin, 'proxy', ...where, '--quiet']]
}

function haproxyConfig(port: number, target: number): string {
  return `global
  nbthread 1
  maxconn 1000
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
listen relay
  bind 127.0.0.1:${port}
  server target 127.0.0.1:${target}
`
}

/** Notes VmHWM, the highest resident memory the process ever had. */
function notePeak(during: string, pid: number): void {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const bytes = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
  syncscopePeaks.set(during, Math.max(bytes, syncscopePeaks.get(during) ?? 0))
}

/** Is there a listener on this TCP port? Asked of the kernel, because a trial connection would be forwarded. */
function listens(port: number): boolean {
  const address = `:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`
  return readFileSync('/proc/net/tcp', 'utf8').includes(address)
}

/** The processes it forked: socat's connections outlive their parent. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself meanwhile.
  }
}
