/**
 * The reference server in the test's own process, with real sockets, a directory of its own and its clock
 * running: for what it does with real servers.
 *
 *   const replica = await liveReference({ replicaof: `127.0.0.1 ${master.port}` })
 *   await replica.linkUp()
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { parseAddress } from '../../src/io/address.ts'
import { waitFor } from '../../src/io/redis-process.ts'
import { listenFor } from '../../src/io/server-socket.ts'
import { Settings } from '../../src/server/config/settings.ts'
import { type Reference, type ReferenceClient, startReference, type Words } from './reference.ts'

export type LiveReference = {
  readonly reference: Reference
  readonly client: ReferenceClient
  readonly port: number
  readonly dir: string
  readonly log: readonly string[]
  /** A reply as text. */
  say(...words: Words): string
  info(section: string): Record<string, string>
  digest(): string
  /** Waits until the link to its master is up. */
  linkUp(): Promise<void>
  /** Waits until a line of the log contains `text`, behind the first `from` lines. */
  logged(text: string, from?: number): Promise<void>
  /** May be called twice. */
  stop(): Promise<void>
}

/** @param config parameters as redis.conf has them. @param dir one that was there before (a restart) */
export async function liveReference(
  config: Readonly<Record<string, string | number>> = {},
  dir = mkdtempSync(join(tmpdir(), 'syncscope-reference-')),
): Promise<LiveReference> {
  const settings = new Settings()
  const all = { 'enable-debug-command': 'yes', save: '', dir, ...config }
  for (const [name, value] of Object.entries(all)) settings.read(name, String(value))
  const reference = startReference({ settings })
  const { server } = reference
  server.load()
  const listening = await listenFor((peer) => server.accept(peer), parseAddress('127.0.0.1:0', 'port'))
  settings.read('port', String(listening.port))
  const end = server.start()
  const client = reference.client()
  let isStopped = false
  const stop = async (): Promise<void> => {
    if (isStopped) return
    isStopped = true
    end()
    await listening.close()
  }
  onTestFinished(async () => {
    await stop()
    rmSync(dir, { recursive: true, force: true })
  })
  const say = (...words: Words): string => {
    const reply = client.command(...words)
    return reply === undefined ? '' : 'value' in reply ? String(reply.value) : JSON.stringify(reply)
  }
  const info = (section: string): Record<string, string> =>
    Object.fromEntries(
      say('INFO', section)
        .split('\r\n')
        .map((line) => line.split(/:(.*)/, 2) as [string, string]),
    )
  return {
    reference,
    client,
    port: listening.port,
    dir,
    log: reference.log,
    say,
    info,
    digest: () => say('DEBUG', 'DIGEST'),
    linkUp: () =>
      waitFor(async () => server.state.replication.master.isUp || undefined, {
        what: `the link to come up; the log:\n${reference.log.join('\n')}`,
        timeoutMs: 20_000,
      }).then(() => {}),
    logged: (text, from = 0) =>
      waitFor(async () => reference.log.slice(from).some((line) => line.includes(text)) || undefined, {
        what: `the log to say "${text}"`,
        timeoutMs: 20_000,
      }).then(() => {}),
    stop,
  }
}
